# SPDX-License-Identifier: ISC
"""How feeds answer: conditions, caching, who gets what, what a browser sees."""

import email.utils
import hashlib
import os
import re
import signal
import sqlite3
import subprocess
import time

import feedparser
import pytest

from desk import DATA, wait_for

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = ("<script>alert(1)</script> & ]]> \x01\x0b \ufffe \"'"
           " \u202e &amp; <b> \U0001f600")


@pytest.fixture
def hers(server):
    """Ana, whose skill is db."""
    return server.person("ana", tags=["db"])


def get(server, path, **headers):
    return server.get(path, **headers)


def seconds_of(answer, name="Last-Modified"):
    return email.utils.parsedate_to_datetime(answer.headers[name]).timestamp()


def settled(server, path):
    """The answer once the clock has passed the second of its last change."""
    def look():
        answer = get(server, path)
        passed = seconds_of(answer, "Date") > seconds_of(answer)
        again = get(server, path)
        same = again.headers["Last-Modified"] == answer.headers["Last-Modified"]
        return again if passed and same else None
    return wait_for(look)


# --- conditional requests


def test_a_poll_of_what_did_not_change_is_304_with_the_same_headers(
        server, hers):
    server.report("pool exhausted", tags=["db"])
    full = get(server, hers.link)
    again = get(server, hers.link, If_None_Match=full.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert again.headers[name] == full.headers[name]


@pytest.mark.parametrize("condition", [
    "%s", "W/%s", '"other", %s', '"a,b",%s', "*"])
def test_if_none_match_is_a_list_compared_weakly(server, hers, condition):
    etag = get(server, hers.link).headers["ETag"]
    header = condition % etag if "%s" in condition else condition
    assert get(server, hers.link, If_None_Match=header).status == 304


def test_if_none_match_counts_alone_where_both_conditions_are_sent(
        server, hers):
    answer = settled(server, hers.link)
    assert get(server, hers.link, If_None_Match='"other"',
               If_Modified_Since=answer.headers["Last-Modified"]).status == 200


@pytest.mark.parametrize("form", [
    "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y"])
def test_all_three_forms_of_a_date_are_read(server, hers, form):
    since = time.gmtime(seconds_of(settled(server, hers.link)))
    header = time.strftime(form, since)
    assert get(server, hers.link, If_Modified_Since=header).status == 304


def test_an_older_date_is_200_and_a_later_one_304(server, hers):
    last = seconds_of(settled(server, hers.link))
    def since(at):
        return get(server, hers.link, If_Modified_Since=email.utils.formatdate(
            at, usegmt=True)).status
    assert (since(last - 1), since(last), since(last + 3600)) == (200, 304, 304)
    assert get(server, hers.link, If_Modified_Since="yesterday").status == 200


def test_head_has_the_headers_of_get_and_no_body(server, hers):
    full = get(server, hers.link + ".atom")
    head = server.request("HEAD", hers.link + ".atom")
    assert (head.status, head.body) == (200, b"")
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type",
                 "Link", "Vary", "Cache-Control"):
        assert head.headers[name] == full.headers[name], name


def test_only_what_changes_the_feed_ends_the_304(server, hers):
    server.report("pool exhausted", tags=["db"])
    etag = get(server, hers.link).headers["ETag"]
    def poll():
        return get(server, hers.link, If_None_Match=etag)
    server.report("printer on fire", tags=["office"])
    assert poll().status == 304
    server.report("slow query", tags=["db"])
    changed = poll()
    assert changed.status == 200
    assert changed.headers["ETag"] != etag
    assert get(server, hers.link,
               If_None_Match=changed.headers["ETag"]).status == 304


def test_each_change_reaches_who_only_sends_a_date(server, hers):
    """Thunderbird does: several versions within one second."""
    seen = ""
    for n in range(5):
        server.report("number %d" % n, tags=["db"])
        answer = get(server, hers.link, If_Modified_Since=seen or
                     "Sat, 01 Jan 2000 00:00:00 GMT")
        assert answer.status == 200
        assert b"number %d" % n in answer.body
        seen = answer.headers["Last-Modified"]
    last = settled(server, hers.link)
    assert get(server, hers.link, If_Modified_Since=last.headers[
        "Last-Modified"]).status == 304


def test_last_modified_never_runs_backwards_nor_ahead_of_the_clock(
        server, hers):
    last = 0
    for n in range(8):
        server.report("number %d" % n, tags=["db"])
        answer = get(server, hers.link)
        date = email.utils.parsedate_to_datetime(answer.headers["Date"])
        assert last <= seconds_of(answer) <= date.timestamp()
        last = seconds_of(answer)


def test_a_start_changes_no_byte_and_no_etag(make_server):
    server = make_server(base_url="http://desk.example")
    hers = server.person("ana", tags=["db"])
    server.report("pool exhausted", tags=["db"])
    before = get(server, hers.link)
    server.restart()
    again = get(server, hers.link)
    assert again.body == before.body
    assert again.headers["ETag"] == before.headers["ETag"]
    assert seconds_of(again) >= seconds_of(before)


def test_a_start_under_another_name_is_a_change(make_server):
    server = make_server(base_url="http://desk.example", name="Anton")
    hers = server.person("ana", tags=["db"])
    etags = []
    for name in ("Anton", "Berta"):
        server.settings["name"] = name
        server.restart()
        answer = get(server, hers.link)
        assert name in answer.text()
        etags.append(answer.headers["ETag"])
    assert etags[0] != etags[1]


def test_reading_the_settings_again_is_a_change(make_server, tmp_path):
    settings = tmp_path / "barnraise.conf"
    settings.write_text("name = Anton\n")
    server = make_server(config=str(settings))
    hers = server.person("ana", tags=["db"])
    assert "Anton" in get(server, hers.link).text()
    settings.write_text("name = Berta\n")
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "Berta" in get(server, hers.link).text())


def test_the_etag_changes_if_and_only_if_the_bytes_do(server, hers):
    seen = {}
    for path in (hers.link + ".atom", hers.link + ".rss", hers.link + ".json"):
        for n in range(3):
            for _ in range(2):
                answer = get(server, path)
                key = hashlib.sha256(answer.body).hexdigest()
                assert seen.setdefault(answer.headers["ETag"], key) == key
            server.report("number %d %s" % (n, path[-4:]), tags=["db"])
    assert len(seen) == len(set(seen.values())) == 9


def test_what_one_form_does_not_show_is_no_change_of_it(server, hers):
    """A post is counted in Atom and stands in JSON; RSS shows neither."""
    number = server.report("pool exhausted", tags=["db"])
    post = hers.reply(number, "Let me see.")
    before = {form: get(server, hers.link + form)
              for form in (".atom", ".rss", ".json")}
    hers.request("PATCH", "/incidents/%d/posts/%d" % (number, post),
                 {"text": "Let me look."}).ok()
    for form, old in before.items():
        new = get(server, hers.link + form)
        same = new.body == old.body
        assert same == (form == ".rss")
        assert (new.headers["ETag"] == old.headers["ETag"]) == same, form


def test_a_known_answer_under_another_title_is_a_change(server, hers):
    article = hers.request("POST", "/articles", {
        "title": "Pool exhausted", "resolution": "raise it"}).ok(201).json()
    def known():
        """As soon as the article can be searched for."""
        number = server.report("Pool exhausted again", tags=["db"])
        return hers.incident(number)["known"]
    wait_for(known)
    subscription = hers.subscribe("all", "")
    path = "%s/%d" % (hers.link, subscription)
    old = get(server, path)
    assert "Pool exhausted</a>" in feedparser.parse(
        old.body).entries[0].content[0].value
    hers.request("PATCH", "/articles/%d" % article["id"],
                 {"title": "Raise the pool"}).ok()
    for each in path, hers.link:
        new = get(server, each, If_None_Match=old.headers["ETag"])
        assert new.status == 200
        assert "Raise the pool" in new.text()


# --- what an entry says

def test_an_entry_says_why_to_who_left_meanwhile(server, ana, bo):
    number = server.report("It hangs")
    ana.reply(number, "Let me see.")
    bo.join(number)
    server.customer(number, "replies", text="still")
    ana.edit(number, host="bo")
    ana.leave(number)
    bo.leave(number)
    for person, why in (ana, "You were its host or in its swarm."), \
            (bo, "You are its host."):
        entry, = person.feed().entries
        assert entry.title == "Customer replied: It hangs"
        assert why in entry.content[0].value


def test_a_fix_that_is_edited_moves_the_incident_too(server, hers):
    number = server.report("It hangs", tags=["db"])
    hers.fix(number, "Restart it.")
    post = hers.incident(number)["posts"][-1]["id"]
    path = "/incidents/%d/posts/%d" % (number, post)
    updated = [hers.feed().entry(number).updated]
    hers.request("PATCH", path, {"text": "Restart it twice."}).ok()
    entry = hers.feed().entry(number)
    assert "twice" in entry.content[0].value
    updated.append(entry.updated)
    thread = feedparser.parse(as_person(
        hers, "/incidents/%d.atom" % number).body).entries
    assert len({entry.updated for entry in thread}) == len(thread) == 2
    hers.request("DELETE", path).ok()
    updated.append(hers.feed().entry(number).updated)
    assert updated == sorted(set(updated))


# --- addresses


def test_with_and_without_ending_a_feed_is_the_same(server, hers):
    plain, atom = get(server, hers.link), get(server, hers.link + ".atom")
    assert plain.body == atom.body
    assert plain.headers["ETag"] == atom.headers["ETag"]
    assert plain.headers["Content-Type"] == "application/atom+xml"


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_self_is_the_address_with_ending_and_known_parameters(
        server, hers, ending):
    path = "%s.%s" % (hers.link, ending)
    answer = get(server, path + "?utm=1&limit=7&null")
    link = re.fullmatch(r'<(.*)>; rel="self"', answer.headers["Link"])[1]
    assert link.endswith(path + "?limit=7")
    parsed = feedparser.parse(answer.body)
    assert [l.href for l in parsed.feed.links if l.rel == "self"] == [link]


def test_unknown_parameters_change_nothing(server, hers):
    plain = get(server, hers.link)
    other = get(server, hers.link + "?utm_source=x&null&limit=never")
    assert plain.body == other.body
    assert plain.headers["ETag"] == other.headers["ETag"]


def test_limit_bounds_the_entries(server, hers):
    for n in range(3):
        server.report("number %d" % n, tags=["db"])
    parsed = feedparser.parse(get(server, hers.link + "?limit=2").body)
    assert [e.title for e in parsed.entries] == ["number 2", "number 1"]


@pytest.mark.parametrize("accept,kind", [
    ("*/*", "application/atom+xml"),
    ("application/rss+xml", "application/rss+xml"),
    ("application/feed+json", "application/feed+json"),
    ("application/xml, text/xml", "application/atom+xml"),
    ("text/html;q=0.9, application/atom+xml", "application/atom+xml"),
    ("text/html, */*", "application/atom+xml"),
    (BROWSER, "text/html; charset=utf-8"),
    ("text/html", "text/html; charset=utf-8"),
])
def test_accept_picks_the_form_without_an_ending(server, hers, accept, kind):
    answer = get(server, hers.link, Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert "Accept" in answer.headers["Vary"]


def test_a_browser_gets_a_page_that_says_what_this_is_and_no_content(
        server, hers):
    server.report("a secret of the customer's", tags=["db"])
    for path in (hers.link, hers.link + ".atom", hers.link + ".rss",
                 hers.link + "/1", hers.link + "/1.atom"):
        answer = get(server, path, Accept=BROWSER)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "Accept" in answer.headers["Vary"]
        assert "a secret of" not in answer.text()
        assert hers.link in answer.text()
    assert get(server, hers.link + ".json", Accept=BROWSER).headers[
        "Content-Type"] == "application/feed+json"


def test_personal_feeds_are_private_and_kept_for_a_minute(server, hers):
    answer = get(server, hers.link)
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


# --- who gets what


def test_unknown_and_revoked_links_and_disabled_people_are_one_404(
        server, hers):
    unknown = get(server, "/feeds/brn_" + "a" * 32)
    nonsense = get(server, "/feeds/nothing/1")
    second = server.command("feed", "add", "ana").strip()
    assert get(server, second).status == 200
    server.command("feed", "revoke", "2")
    wait_for(lambda: get(server, second).status == 404)
    server.command("person", "disable", "ana")
    wait_for(lambda: get(server, hers.link).status == 404)
    answers = [unknown, nonsense, get(server, second), get(server, hers.link)]
    assert {a.status for a in answers} == {404}
    assert len({a.body for a in answers}) == 1
    assert all(a.headers["Cache-Control"] == "no-store" for a in answers)
    assert all("Location" not in a.headers for a in answers)


def test_a_subscription_has_a_feed_and_when_removed_is_gone(server, hers):
    number = server.command(
        "subscription", "add", "ana", "slow", "slow").strip()
    path = "%s/%s" % (hers.link, number)
    server.report("slow query")
    wait_for(lambda: b"slow query" in get(server, path).body)
    full = get(server, path)
    server.command("subscription", "remove", number)
    wait_for(lambda: get(server, path).status == 410)
    for ending in ("", ".atom", ".rss", ".json"):
        assert get(server, path + ending, If_None_Match=full.headers[
            "ETag"]).status == 410
    assert get(server, path, Accept=BROWSER).status == 410
    assert b"slow query" in get(server, hers.link).body


def test_a_subscription_of_somebody_else_is_404(server, hers):
    bo = server.person("bo", tags=["net"])
    assert get(server, bo.link + "/1").status == 404
    assert get(server, bo.link + "/99").status == 404
    assert get(server, bo.link + "/x").status == 404
    assert get(server, bo.link + "/1", Accept=BROWSER).status == 404


def test_no_entry_says_a_secret(server, hers):
    server.report("pool exhausted", tags=["db"])
    secret = hers.link.split("/")[-1]
    for ending in (".atom", ".rss", ".json", "/1.atom"):
        body = get(server, hers.link + ending).text()
        start = body.find("<entry")
        start = start if start >= 0 else body.find("<item")
        start = start if start >= 0 else body.find('"items"')
        assert start > 0
        assert secret not in body[start:]
        assert "brn_" not in body[start:]


def test_the_opml_lists_her_feeds_under_this_link(server, hers):
    answer = get(server, hers.link + ".opml")
    assert answer.headers["Content-Type"] == "text/x-opml"
    links = re.findall(r'xmlUrl="http://[^/]*([^"]*)"', answer.text())
    assert links == [hers.link + ".atom", hers.link + "/1.atom"]
    assert 'description="#db"' in answer.text()
    assert get(server, hers.link + ".opml", If_None_Match=answer.headers[
        "ETag"]).status == 304


def test_the_last_use_of_a_link_is_kept(server, hers):
    get(server, hers.link).ok()
    server.stop()
    assert '"used": null' not in server.command("feed", "list", "--json")
    server.start()


# --- lists and threads


def as_person(person, path, **headers):
    return person.server.get(
        path, Authorization="Bearer " + person.token, **headers)


def test_a_list_is_a_feed_that_asks_about_now(server, hers):
    first = server.report("pool exhausted", tags=["db"])
    server.report("printer on fire", tags=["office"])
    path = "/incidents.atom?q=%23db+status%3Aopen"
    full = as_person(hers, path)
    assert [e.title for e in feedparser.parse(full.body).entries] == \
        ["pool exhausted"]
    etag = full.headers["ETag"]
    hers.note(first, "of no weight")
    assert as_person(hers, path, If_None_Match=etag).status == 304
    hers.join(first)
    changed = as_person(hers, path, If_None_Match=etag)
    assert changed.status == 200
    assert feedparser.parse(changed.body).entries == []


def test_what_leaves_a_list_reaches_who_only_sends_a_date(server, hers):
    first = server.report("pool exhausted", tags=["db"])
    path = "/incidents.atom?q=status%3Aopen"
    def look():
        answer = as_person(hers, path)
        passed = seconds_of(answer, "Date") > seconds_of(answer) + 1
        return answer if passed else None
    last = wait_for(look).headers["Last-Modified"]
    assert as_person(hers, path, If_Modified_Since=last).status == 304
    hers.join(first)
    assert as_person(hers, path, If_Modified_Since=last).status == 200


def test_two_people_never_share_a_list(server, hers):
    bo = server.person("bo")
    hers.report("of ana's")
    bo.report("of bo's")
    path = "/incidents.atom?q=host%3Ame"
    for _ in range(2):
        assert b"of ana" in as_person(hers, path).body
        assert b"of bo" in as_person(bo, path).body
    assert as_person(hers, path).headers["Cache-Control"] == \
        "private, max-age=60"


def test_a_list_goes_on_at_next(server, hers):
    for n in range(5):
        server.report("number %d" % n)
    seen, path = [], "/incidents.atom?limit=2"
    while path:
        parsed = feedparser.parse(as_person(hers, path).ok(200).body)
        seen += [e.title for e in parsed.entries]
        links = [l.href for l in parsed.feed.links if l.rel == "next"]
        path = links[0][links[0].index("/incidents"):] if links else None
    assert seen == ["number %d" % n for n in (4, 3, 2, 1, 0)]


def test_a_feed_for_people_asks_who_you_are(server, hers):
    for path in ("/incidents.atom", "/incidents/1.atom"):
        answer = server.get(path)
        assert answer.status == 401
        assert "Basic" in ", ".join(answer.headers.get_all("WWW-Authenticate"))


def test_a_thread_moves_with_replies_and_not_with_notes(server, hers):
    number = server.report("pool exhausted")
    path = "/incidents/%d.atom" % number
    etag = as_person(hers, path).headers["ETag"]
    hers.note(number, "of no weight")
    assert as_person(hers, path, If_None_Match=etag).status == 304
    hers.reply(number, "We are on it.")
    full = as_person(hers, path, If_None_Match=etag)
    assert full.status == 200 and b"We are on it." in full.body
    items = as_person(hers, "/incidents/%d/posts.json" % number).json()
    assert any("We are on it." in i["content_html"] for i in items["items"])
    assert "no weight" not in full.text()


# --- documents


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_hostile_text_stays_well_formed(server, hers, ending):
    server.report(HOSTILE, body=HOSTILE, environment=HOSTILE, tags=["db"],
                  name=HOSTILE[:80])
    parsed = feedparser.parse(get(server, "%s.%s" % (hers.link, ending)).body)
    assert not parsed.bozo, parsed.bozo_exception
    assert len(parsed.entries) == 1
    assert "<script" not in parsed.entries[0].content[0].value


@pytest.fixture
def every_kind(server, hers):
    """A feed of every kind with hostile text in it: address, headers."""
    number = server.report(HOSTILE, body=HOSTILE, environment=HOSTILE,
                           tags=["db"], name=HOSTILE[:80])
    server.customer(number, "replies", text=HOSTILE)
    hers.reply(number, HOSTILE)
    hers.fix(number, HOSTILE, cause=HOSTILE, publish=True)
    token = {"Authorization": "Bearer " + hers.token}
    return {"personal": (hers.link, {}),
            "subscription": (hers.link + "/1", {}),
            "list": ("/incidents", token),
            "thread": ("/incidents/%d" % number, token),
            "kb": ("/kb", {}),
            "status": (server.customers[number], {})}


KINDS = ["personal", "subscription", "list", "thread", "kb", "status"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_atom_feed_is_valid_by_the_schema(
        server, every_kind, tmp_path, kind):
    path, headers = every_kind[kind]
    written = tmp_path / "feed.xml"
    written.write_bytes(server.get(path + ".atom", **headers).ok(200).body)
    done = subprocess.run(["jing", DATA + "/atom.rng", str(written)],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_feed_is_read_in_every_format(server, every_kind, kind):
    path, headers = every_kind[kind]
    ids = []
    for ending in (".atom", ".rss"):
        answer = server.get(path + ending, **headers).ok(200)
        parsed = feedparser.parse(answer.body, response_headers={
            "content-type": answer.headers["Content-Type"]})
        assert not parsed.bozo, parsed.bozo_exception
        assert "<script" not in str([e.content for e in parsed.entries])
        ids.append([e.id for e in parsed.entries])
    assert ids[0] == ids[1] and ids[0]
    if kind in ("thread", "status"):
        return  # their .json is the object itself
    feed = server.get(path + ".json", **headers).ok(200).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in feed["items"]] == ids[0]


def test_newsboat_reads_every_kind(server, hers, every_kind, tmp_path):
    urls = {}
    for kind, (path, headers) in every_kind.items():
        host = "127.0.0.1:%d" % server.port
        if headers:
            host = "ana:%s@%s" % (hers.token, host)
        for ending in (".atom", ".rss"):
            urls["http://%s%s%s" % (host, path, ending)] = kind
    (tmp_path / "urls").write_text("".join(url + "\n" for url in urls))
    (tmp_path / "config").write_text("reload-threads 1\n")
    subprocess.run(
        ["newsboat", "-q", "-u", "urls", "-c", "cache.db", "-C", "config",
         "-x", "reload"], cwd=tmp_path, env={**os.environ, "HOME": str(
             tmp_path)}, timeout=60, check=True)
    cache = sqlite3.connect(str(tmp_path / "cache.db"))
    titles = dict(cache.execute("SELECT rssurl, title FROM rss_feed"))
    # newsboat keeps an item once, whichever feed it came from last
    items = {row[0] for row in cache.execute("SELECT guid FROM rss_item")}
    assert all(titles.get(url) for url in urls), titles
    for path, headers in every_kind.values():
        parsed = feedparser.parse(server.get(path + ".atom", **headers).body)
        assert {e.id for e in parsed.entries} <= items


def test_the_three_formats_carry_the_same_entries(server, hers):
    for n in range(3):
        server.report("number %d" % n, tags=["db"])
    atom = feedparser.parse(get(server, hers.link + ".atom").body)
    rss = feedparser.parse(get(server, hers.link + ".rss").body)
    items = get(server, hers.link + ".json").json()["items"]
    expected = [(e.id, e.title) for e in atom.entries]
    assert [(e.id, e.title) for e in rss.entries] == expected
    assert [(i["id"], i["title"]) for i in items] == expected
    assert [i["_barnraise"]["id"] for i in items] == [3, 2, 1]


def test_ids_and_dates_of_entries_are_distinct(server, hers):
    for n in range(5):
        server.report("number %d" % n, tags=["db"])
    entries = hers.feed().entries
    assert len({e.id for e in entries}) == len(entries) == 5
    dates = [e.updated for e in entries]
    assert len(set(dates)) == 5
    assert dates == sorted(dates, reverse=True)
