# SPDX-License-Identifier: ISC
"""What feed readers make of every feed: Newsboat as Debian has it, python3-
feedparser, and two judges, jing with the RELAX NG schema of RFC 4287 for Atom
and the text of JSON Feed 1.1."""

import email.utils
import base64
import datetime
import html.parser
import json
import os
import re
import sqlite3
import subprocess
import tarfile
import urllib.parse
import xml.etree.ElementTree as ElementTree

import pytest

from desk import DATA, SHARED, Feed, wait_for

KINDS = ["personal", "subscription", "list", "thread", "kb", "status"]
ATOM = "{http://www.w3.org/2005/Atom}"
STACK = """Traceback (most recent call last):
  File "/srv/app/pool.py", line 7, in <module>
\tstd::vector<std::pair<int,char>> & __init__ `x` *y* [a](javascript:1)
ValueError: ]]> <![CDATA[ &amp; &lt; <!-- --> <?php ?> \u2028 \U0001f4a9"""


# --- a desk with something in every feed

class World:
    """Its feeds by kind: the address without ending, and who may read it."""

    def __init__(self, server):
        self.server = server
        self.ana, self.bo = server.person("ana"), server.person("bo")
        self.wide = self.ana.subscribe("all", "")
        self.narrow = self.ana.subscribe("databases & more", "#db")
        self.numbers = [
            server.report("Pool <exhausted> & \U0001f4a5", body=STACK,
                          tags=["db"], name="Eve", email="eve@example.org"),
            server.report("Plain question", body="How?", tags=["howto"]),
            self.bo.report("Taken by telephone", tags=["db"])]
        first = self.numbers[0]
        self.bo.join(first)
        self.bo.reply(first, "Is it `std::vector<int>`?\n\n<b>really</b>")
        server.customer(first, "replies", text="Yes & no <i>")
        self.bo.step(first, "pull", people=["ana"], note="hidden")
        self.bo.fix(first, "Raise `max` to *99*.", cause="small",
                    publish=True)
        self.bo.fix(self.numbers[1], "Like this: <x>", publish=True)
        server.customer(first, "confirm", rating=5)

    def path(self, kind):
        return {"personal": self.ana.link,
                "subscription": "%s/%d" % (self.ana.link, self.narrow),
                "list": "/incidents", "kb": "/kb",
                "thread": "/incidents/%d" % self.numbers[0],
                "status": self.server.customers[self.numbers[0]]}[kind]

    def address(self, kind, ending):
        if kind == "thread" and ending == "json":
            return self.path(kind) + "/posts.json"
        query = "?q=" + urllib.parse.quote("#db or #howto") \
            if kind == "list" else ""
        return self.path(kind) + "." + ending + query

    def get(self, kind, ending):
        login = base64.b64encode(
            ("ana:" + self.ana.token).encode()).decode()
        headers = {"Authorization": "Basic " + login} \
            if kind in ("list", "thread") else {}
        return self.server.request("GET", self.address(kind, ending),
                                   headers=headers).ok(200)

    def url(self, kind, ending):
        """As it is typed into a reader."""
        login = "ana:%s@" % self.ana.token \
            if kind in ("list", "thread") else ""
        return "http://%s127.0.0.1:%d%s" % (
            login, self.server.port, self.address(kind, ending))


@pytest.fixture
def world(server):
    return World(server)


# --- Newsboat

class Newsboat:
    """One feed in a Newsboat of its own: it keeps one copy of an entry in all,
    whatever the number of feeds it stands in."""

    def __init__(self, folder, url):
        self.folder = str(folder)
        os.makedirs(self.folder)
        self.write("urls", url + "\n")
        self.write("config", "")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def run(self, *words):
        path = [os.path.join(self.folder, name)
                for name in ("urls", "cache.db", "config")]
        done = subprocess.run(
            ["newsboat", "-q", "-u", path[0], "-c", path[1], "-C", path[2],
             "-x", *words], capture_output=True, timeout=60, check=False,
            env={**os.environ, "HOME": self.folder, "LC_ALL": "C.UTF-8"})
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout.decode()

    def reload(self):
        self.run("reload")
        return self

    def unread(self):
        return int(re.match(r"(\d+) unread", self.run("print-unread"))[1])

    def items(self):
        """id -> title, link, author, content"""
        cache = sqlite3.connect(os.path.join(self.folder, "cache.db"))
        rows = cache.execute("SELECT guid, title, url, author, content"
                             " FROM rss_item WHERE deleted = 0").fetchall()
        cache.close()
        return {row[0]: row[1:] for row in rows}

    def read_all(self):
        cache = sqlite3.connect(os.path.join(self.folder, "cache.db"))
        with cache:
            cache.execute("UPDATE rss_item SET unread = 0")
        cache.close()


@pytest.mark.parametrize("ending", ["atom", "rss"])
@pytest.mark.parametrize("kind", KINDS)
def test_newsboat_and_feedparser_read_the_same(world, tmp_path, kind, ending):
    feed = Feed(world.get(kind, ending))
    newsboat = Newsboat(tmp_path / "newsboat", world.url(kind, ending))
    items = newsboat.reload().items()
    assert len(feed.entries) >= 2
    assert newsboat.unread() == len(feed.entries)
    assert set(items) == {entry.id for entry in feed.entries}
    for entry in feed.entries:
        title, url, author, _ = items[entry.id]
        assert (title, url, author) == (entry.title, entry.link, entry.author)


@pytest.mark.parametrize("kind", KINDS)
def test_atom_rss_and_json_say_the_same(world, kind):
    atom, rss = (Feed(world.get(kind, ending)) for ending in ("atom", "rss"))
    ids = [entry.id for entry in atom.entries]
    assert [entry.id for entry in rss.entries] == ids
    for one, two in zip(atom.entries, rss.entries):
        assert (one.link, one.author) == (two.link, two.author)
        assert one.published_parsed == two.published_parsed
    if kind == "status":  # its JSON is the status, no feed
        return
    items = world.get(kind, "json").json()["items"]
    assert [item["id"] for item in items] == ids
    for one, item in zip(atom.entries, items):
        assert item["url"] == one.link
        assert item["content_html"] == content_of(world, kind, one.id)


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_newsboat_sees_exactly_what_is_new(world, tmp_path, ending):
    newsboat = Newsboat(tmp_path / "newsboat", world.url("personal", ending))
    before = set(newsboat.reload().items())
    newsboat.read_all()
    newsboat.reload()
    assert newsboat.unread() == 0
    number = world.server.report("New one", tags=["db"])
    world.bo.edit(world.numbers[2], severity="critical")
    world.bo.note(world.numbers[2], "nobody sees it")
    world.bo.join(world.numbers[2])
    newsboat.reload()
    items = newsboat.items()
    new = {guid: items[guid][0] for guid in set(items) - before}
    assert sorted(new.values()) == [
        "New one", "Severity critical: Taken by telephone"]
    assert newsboat.unread() == 2
    assert any(guid.endswith(":incident:%d" % number) for guid in new)
    newsboat.read_all()
    newsboat.reload()
    assert newsboat.unread() == 0


def test_a_change_within_the_second_of_a_poll_is_not_lost(world):
    """libcurl, and so Newsboat, drops the body of a 200 whose Last-Modified is
    what it had, and keeps its ETag."""
    path = world.ana.link
    poll = world.server.get(path)
    world.server.report("Another", tags=["db"])
    again = world.server.get(path, If_None_Match=poll.headers["ETag"],
                             If_Modified_Since=poll.headers["Last-Modified"])
    assert again.status == 200 and b"Another" in again.body
    before, after, now = (
        email.utils.parsedate_to_datetime(date) for date in (
            poll.headers["Last-Modified"], again.headers["Last-Modified"],
            again.headers["Date"]))
    assert before < after <= now


# --- the standards

def content_of(world, kind, number):
    tree = ElementTree.fromstring(world.get(kind, "atom").body)
    for entry in tree.iter(ATOM + "entry"):
        if entry.findtext(ATOM + "id") == number:
            return entry.findtext(ATOM + "content")
    return None


def jing(folder, documents):
    """Nothing, or what jing says against Atom documents. Its start script
    warns of Java libraries that a lean machine has not: that is not said of
    them."""
    paths = []
    for i, document in enumerate(documents):
        paths.append(os.path.join(str(folder), "%d.atom" % i))
        with open(paths[-1], "wb") as file:
            file.write(document)
    done = subprocess.run(["jing", os.path.join(DATA, "atom.rng"), *paths],
                          capture_output=True, timeout=300, check=False)
    said = (done.stdout + done.stderr).decode().splitlines()
    said = [line for line in said if not line.startswith("[warning]")]
    return "\n".join(said) or ("" if done.returncode == 0 else "it failed")


def test_jing_accepts_every_atom_feed(world, tmp_path):
    documents = [world.get(kind, "atom").body for kind in KINDS]
    assert jing(tmp_path, documents) == ""


def test_jing_refuses_a_wrong_one(world, tmp_path):
    document = world.get("kb", "atom").body
    wrong = re.sub(rb"<id>[^<]*</id>", b"", document, 1)
    assert "error" in jing(tmp_path, [wrong])


def json_feed_errors(feed):
    """What JSON Feed 1.1 (jsonfeed.org/version/1.1) has against it."""
    def is_url(value):
        return isinstance(value, str) and re.match(r"https?://", value)

    def is_date(value):
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return "T" in value

    def is_text(value):
        return isinstance(value, str) and value != ""

    def is_authors(value):
        return value and all(
            set(a) <= {"name", "url", "avatar"} and a for a in value)

    def is_tags(value):
        return all(isinstance(tag, str) for tag in value)

    top = {"version": lambda v: v == "https://jsonfeed.org/version/1.1",
           "title": is_text, "home_page_url": is_url, "feed_url": is_url,
           "description": is_text, "next_url": is_url, "icon": is_url,
           "favicon": is_url, "authors": is_authors, "language": is_text,
           "expired": lambda v: isinstance(v, bool),
           "hubs": lambda v: all(is_text(h["type"]) and is_url(h["url"])
                                 for h in v),
           "items": lambda v: isinstance(v, list)}
    item = {"id": is_text, "url": is_url, "external_url": is_url,
            "title": is_text, "content_html": is_text,
            "content_text": is_text, "summary": lambda v: isinstance(v, str),
            "image": is_url, "banner_image": is_url,
            "date_published": is_date, "date_modified": is_date,
            "authors": is_authors, "tags": is_tags, "language": is_text,
            "attachments": lambda v: isinstance(v, list)}

    def check(value, members, needed):
        wrong = ["no " + name for name in needed if name not in value]
        for name in value:
            if name.startswith("_"):
                continue
            if name not in members or not members[name](value[name]):
                wrong.append("%s: %r" % (name, value[name]))
        return wrong

    errors = check(feed, top, ["version", "title", "items"])
    ids = [each.get("id") for each in feed["items"]]
    if len(set(ids)) != len(ids):
        errors.append("an id twice")
    for each in feed["items"]:
        errors += check(each, item, ["id"])
        if "content_html" not in each and "content_text" not in each:
            errors.append("an item without content")
    return errors


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "status"])
def test_a_json_feed_is_one_by_the_text(world, kind):
    answer = world.get(kind, "json")
    assert answer.headers["Content-Type"].startswith("application/feed+json")
    assert json_feed_errors(answer.json()) == []
    assert json_feed_errors({"version": "1", "items": [{}]}) != []


# --- what people paste

class Text(html.parser.HTMLParser):
    """The text of HTML as a reader shows it: paragraphs, lines, columns."""

    def __init__(self, text):
        super().__init__()
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert tag in ("p", "pre", "br", "a"), tag
        self.text += "\n" if tag == "br" else ""

    def handle_endtag(self, tag):
        self.text += "\n\n" if tag in ("p", "pre") else ""

    def handle_data(self, data):  # what HTML itself breaks a line for, is br
        self.text += data.lstrip("\n") if self.text.endswith("\n") else data


def written(content):
    """What the customer wrote, out of an entry's content."""
    found = re.search(r" wrote:</p>(.*?)<p>You see this because", content,
                      re.DOTALL)
    return Text(found[1]).text if found else ""


def in_html(text):
    """A text but for what nobody sees: white space at the end of a line, more
    than one blank line. Of what HTML cannot say, U+FFFD."""
    text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", "\ufffd", text)
    text = re.sub("[ \t]+(?=\n|$)", "", text.replace("\u00a0", " "))
    return re.sub("\n\n+", "\n\n", text).strip("\n")


def in_xml(text):
    return re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", "\ufffd", text)


def on_one_line(text):
    return re.sub("[\n\r\u0085\u2028\u2029]", " ", text)


def normal(title):
    """A title but for white space, which readers and XML may fold."""
    return " ".join(title.split())


class Round:
    """Texts go in as incidents, and are looked for in every format."""

    def __init__(self, server, tmp_path):
        self.server, self.folder = server, tmp_path
        self.ana = server.person("ana")
        self.ana.subscribe("all", "")

    def check(self, rows):
        """rows: number -> title, body as they are kept."""
        get = self.server.get
        # what a command took in shows within a moment
        wait_for(lambda: set(rows) <= set(self.ana.feed().numbers()))
        atom = get(self.ana.feed_path()).ok(200)
        rss = get(self.ana.feed_path(ending="rss")).ok(200)
        items = get(self.ana.feed_path(ending="json")).ok(200).json()["items"]
        assert jing(self.folder, [atom.body]) == ""
        Feed(atom), Feed(rss)  # well-formed to feedparser, too
        self.check_json(items, rows)
        self.check_atom(ElementTree.fromstring(atom.body), rows)
        self.check_rss(ElementTree.fromstring(rss.body), rows)

    def check_json(self, items, rows):
        found = {item["_barnraise"]["id"]: item for item in items}
        for number, (title, body) in rows.items():
            kept = found[number]["_barnraise"]
            assert (kept["title"], kept["body"]) == (title, body)
            self.check_text(found[number]["content_html"], body)

    def check_atom(self, tree, rows):
        found = {}
        for entry in tree.iter(ATOM + "entry"):
            number = int(entry.findtext(ATOM + "id").rsplit(":", 1)[1])
            found[number] = entry
        for number, (title, body) in rows.items():
            assert normal(found[number].findtext(ATOM + "title")) == \
                normal(in_xml(title))
            self.check_text(found[number].findtext(ATOM + "content"), body)

    def check_rss(self, tree, rows):
        content = "{http://purl.org/rss/1.0/modules/content/}encoded"
        found = {}
        for item in tree.iter("item"):
            found[int(item.findtext("guid").rsplit(":", 1)[1])] = item
        for number, (_, body) in rows.items():
            self.check_text(found[number].findtext(content), body)

    def check_text(self, content, body):
        assert in_html(written(content)) == in_html(body)


@pytest.fixture
def round_trip(server, tmp_path):
    return Round(server, tmp_path)


HOSTILE = [
    STACK,
    "".join(map(chr, range(1, 0x20))).replace("\r", "") + "\x7f\x80\x9f end",
    "]]>]]&gt;<![CDATA[x]]>", "&lt;b&gt; &amp;amp; &#0; &#x1;",
    "</pre><script>alert(1)</script>", "\n\nstarts with lines\n",
    "\ufffe\uffff\ufdd0\U0001ffff\U0010ffff", "\u202e\u2066rtl\u200f",
    "e\u0301 \u1e9b\u0323 \u00a0nbsp\u3000", "\U0001f468\u200d\U0001f469",
    "   indented\n\ttabbed  \n", "http://x.example/?a=1&b=\"<2>\" (http://y/)",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "a" * 5000, "\u00e9" * 3000]


def test_what_is_pasted_means_the_same_in_every_feed(server, round_trip):
    rows = {}
    for i, text in enumerate(HOSTILE):
        title = "case %d " % i + on_one_line(text)[:100].strip()
        number = server.report(title, body=text)
        rows[number] = round_trip.ana.incident(number)["title"], text
        assert normal(rows[number][0]) == normal(title)
    round_trip.check(rows)


def test_broken_utf8_comes_in_as_replacement_characters(server, round_trip):
    texts = [b"a\xffb", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf8\x88",
             b"\xc0\xaf", b"ok \xf0\x9f\x92", b"\xf4\x90\x80\x80 end"]
    lines = b"".join(b'{"title": "case %d", "body": "%s"}\n' % pair
                     for pair in enumerate(texts))
    done = server.run("import", stdin=lines)
    assert done.returncode == 0 and b"UTF-8" in done.stderr
    rows = {}
    for n, text in enumerate(texts):
        body = text.decode(errors="replace")
        rows[n + 1] = "case %d" % n, body
    round_trip.check(rows)


def naughty_strings():
    path = os.path.join(SHARED, "attacks.tar.xz")
    if not os.path.exists(path):
        return None
    with tarfile.open(path) as archive:
        with archive.extractfile("attacks/blns/blns.json") as file:
            return [text for text in json.load(file) if text.strip()]


def test_naughty_strings_mean_the_same_in_every_feed(server, round_trip):
    strings = naughty_strings()
    if strings is None:
        pytest.skip("no %s/attacks.tar.xz" % SHARED)
    for at in range(0, len(strings), 150):
        some = strings[at:at + 150]
        server.take_in("--incidents", [
            {"title": "case " + on_one_line(text)[:200], "body": text}
            for text in some])
        rows = {}
        for i, text in enumerate(some):
            title = round_trip.ana.incident(at + i + 1)["title"]
            assert normal(title) == normal("case " + on_one_line(text)[:200])
            rows[at + i + 1] = title, text.replace("\r\n", "\n")
        round_trip.check(rows)
