# SPDX-License-Identifier: ISC
"""/incidents and /incidents/{n}: lists, reports, edits, and how they answer."""

import http.client
import json
import re
import urllib.parse

import feedparser
import pytest

from browser import ACCEPT, Browser, Page, path_of
from desk import wait_for
from desk import PATIENCE

MEMBERS = {
    "id", "url", "title", "body", "environment", "tags", "severity", "status",
    "source", "by", "customer", "host", "hands", "swarm", "pulls", "promised",
    "created", "updated", "resolved", "posts", "article", "duplicate_of",
    "rating", "known", "matched"}


def query(text):
    return "?q=" + urllib.parse.quote(text, safe="")


def problem(answer, status, *fields):
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["title"] and body["detail"]
    if fields:
        assert [e["field"] for e in body["errors"]] == list(fields)
        assert all(e["message"] for e in body["errors"])
    return body


# --- reporting

def test_a_person_takes_a_report(server, ana):
    answer = ana.request("POST", "/incidents", {
        "title": " It\n hangs ", "body": "since\r\nthe update",
        "environment": "v4", "tags": ["#DB", "product:checkout"],
        "severity": "critical", "hands": 3, "key": "k1", "nonsense": [1],
        "customer": {"name": "Mira", "email": "mira@shop.example"}})
    assert answer.status == 201
    incident = answer.json()
    assert set(incident) == MEMBERS
    assert answer.headers["Location"] == incident["url"]
    assert incident["url"].endswith("/incidents/%d" % incident["id"])
    assert (incident["title"], incident["body"], incident["tags"],
            incident["severity"], incident["hands"], incident["by"],
            incident["host"], incident["status"]) == (
        "It hangs", "since\nthe update", ["db", "product:checkout"],
        "critical", 3, "ana", "ana", "open")
    assert incident["customer"] == {
        "name": "Mira", "email": "mira@shop.example"}
    assert ana.incident(incident["id"]) == incident


def test_a_key_seen_before_is_that_incident_unchanged(ana, bo):
    first = ana.request("POST", "/incidents", {"title": "a", "key": "k"})
    again = bo.request("POST", "/incidents", {"title": "b", "key": "k"})
    assert (first.status, again.status) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["title"] == "a"
    assert len(listed(ana)) == 1


def test_a_bot_is_never_the_host(server):
    server.command("person", "add", "robot", "--bot")
    robot = server.person("robot", exists=True)
    assert robot.incident(robot.report("disk full"))["host"] is None


@pytest.mark.parametrize("body, field", [
    ({}, "title"), ({"title": " ", "body": "\n"}, "title"),
    ({"title": 7}, "title"),
    pytest.param({"title": "x" * 301}, "title", id="long title"),
    ({"title": "x", "severity": "mild"}, "severity"),
    ({"title": "x", "hands": 0}, "hands"),
    ({"title": "x", "hands": 100}, "hands"),
    ({"title": "x", "hands": "many"}, "hands"),
    pytest.param({"title": "x", "environment": "e" * 8193}, "environment",
                 id="long environment"),
    ({"title": "x", "tags": [1]}, "tags"),
    ({"title": "x", "customer": "Mira"}, "customer"),
    pytest.param({"title": "x", "customer": {"name": "n" * 101}}, "name",
                 id="long name"),
])
def test_a_wrong_report_names_the_field(ana, body, field):
    problem(ana.request("POST", "/incidents", body), 422, field)
    assert listed(ana) == []


@pytest.mark.parametrize("body, kind, status", [
    (b"{", "application/json", 400), (b"[]", "application/json", 400),
    (b'{"title": "\xff"}', "application/json", 400),
    (b'{"title": "a\\u0000b"}', "application/json", 400),
    (b"[" * 100, "application/json", 400),
    (b"title=x", "text/plain", 415), (b"<entry/>", "application/xml", 415),
], ids=["cut", "list", "latin", "nul", "deep", "text", "xml"])
def test_what_cannot_be_read(ana, body, kind, status):
    answer = ana.request("POST", "/incidents", body, **{"Content-Type": kind})
    problem(answer, status)
    assert listed(ana) == []


def test_too_long_a_request_is_refused_before_it_is_sent(server, ana):
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("POST", "/incidents", headers={
        "Authorization": "Bearer " + ana.token,
        "Content-Type": "application/json",
        "Content-Length": str(8 * 1024 * 1024)})
    answer = connection.getresponse()
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    connection.close()


def test_a_little_too_long_a_request_gets_its_answer(ana):
    problem(ana.request("POST", "/incidents", b"x" * (4 * 1024 * 1024 + 1)), 413)


def test_null_takes_away_only_what_an_incident_can_be_without(ana):
    number = ana.report("t", body="b", environment="e", tags=["a"], hands=3)
    path = "/incidents/%d" % number
    gone = ana.edit(number, body=None, environment=None, tags=None,
                    promised=None)
    assert [gone[k] for k in ("body", "environment", "tags", "promised")] == [
        "", "", [], None]
    for name in "title", "severity", "hands", "host":
        answer = ana.request("PATCH", path, {name: None})
        assert problem(answer, 422)["errors"][0]["field"] == name
    assert ana.incident(number)["hands"] == 3


def test_a_form_takes_a_report(server, ana):
    browser = Browser(server, "ana")
    answer = browser.fill("/incidents", "/incidents", {"name": ""},
                          title="It hangs", name="Mira", tags="#a, b",
                          email="mira@shop.example", severity="high")
    incident = ana.incident(1)
    assert path_of(answer) == "/incidents/1"
    assert incident["customer"]["email"] == "mira@shop.example"
    assert incident["tags"] == ["a", "b"]
    assert incident["source"] == "web" and incident["severity"] == "high"


def test_a_form_that_is_wrong_is_shown_with_what_was_typed(server, ana):
    browser = Browser(server, "ana")
    answer = browser.fill("/incidents", "/incidents", {"name": ""},
                          body="a <long> story", hands="100", tags="x y",
                          severity="low", title="t")
    assert answer.status == 422
    form = Page(answer.text()).form_to("/incidents", hands="100")
    assert form.fields["body"] == "a <long> story"
    assert form.fields["tags"] == "x y" and form.fields["severity"] == "low"
    assert "hands" in answer.text() and listed(ana) == []


# --- the list

def listed(person, parameters=""):
    feed = person.get("/incidents.json" + parameters).ok(200).json()
    return [item["_barnraise"] for item in feed["items"]]


def test_a_list_is_a_feed_in_each_format(ana):
    for i in range(3):
        ana.report("hangs %d" % i, tags=["db"] if i else [])
    answer = ana.get("/incidents.json" + query("#db")).ok(200)
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [i["_barnraise"]["title"] for i in feed["items"]] == [
        "hangs 2", "hangs 1"]
    assert set(feed["items"][0]["_barnraise"]) == MEMBERS
    for ending, kind in (("atom", "atom"), ("rss", "rss")):
        answer = ana.get("/incidents.%s%s" % (ending, query("#db"))).ok(200)
        parsed = feedparser.parse(answer.body)
        assert not parsed.bozo and parsed.version.startswith(kind)
        assert [e.title for e in parsed.entries] == ["hangs 2", "hangs 1"]


def test_a_list_as_a_feed_is_304_while_nothing_changes(ana):
    ana.report("hangs")
    first = ana.get("/incidents.atom").ok(200)
    tag = first.headers["ETag"]
    again = ana.request("GET", "/incidents.atom", **{"If-None-Match": tag})
    assert again.status == 304 and again.body == b""
    ana.report("hangs too")
    again = ana.request("GET", "/incidents.atom", **{"If-None-Match": tag})
    assert again.status == 200 and again.headers["ETag"] != tag


def test_me_in_a_filter_is_who_asks(ana, bo):
    ana.report("hers")
    bo.report("his")
    for _ in range(2):
        for person, title in (ana, "hers"), (bo, "his"):
            assert [i["title"] for i in listed(
                person, query("host:me"))] == [title]


def test_the_newest_that_needs_attention_is_first(ana, bo):
    first, second = ana.report("one"), ana.report("two")
    ana.step(first, "pull", people=["bo"])
    assert [i["id"] for i in listed(ana)] == [first, second]


def test_a_list_goes_on_where_it_ended(server, ana):
    numbers = [ana.report("n%d" % i) for i in range(7)]
    path, seen = "/incidents.json?limit=3", []
    for _ in range(3):
        feed = ana.get(path).ok(200).json()
        seen += [i["_barnraise"]["id"] for i in feed["items"]]
        if "next_url" in feed:
            path = re.sub(r"^https?://[^/]+", "", feed["next_url"])
    assert seen == numbers[::-1] and "next_url" not in feed
    browser, path, seen = Browser(server, "ana"), "/incidents?limit=3", []
    while path:
        page = browser.page(path)
        seen += [int(link[11:]) for link in page.links
                 if re.fullmatch(r"/incidents/\d+", link)]
        path = next((x for x in page.links if "before=" in x), None)
    assert seen == numbers[::-1]


def test_a_wrong_filter_is_shown_where_it_is(server, ana):
    body = problem(ana.get("/incidents.atom" + query("#db and")), 422,
                   "filter")
    assert body["errors"][0]["column"] > 0
    browser = Browser(server, "ana")
    answer = browser.get("/incidents" + query('#db and "<x'))
    assert answer.status == 422
    text = answer.text()
    column = int(re.search(r"Column (\d+):", text)[1])
    assert "#db and &quot;&lt;x\n%s^</pre>" % (" " * (column - 1)) in text


def test_what_a_page_shows_of_what_people_write_is_text(server, ana):
    evil = "<script>alert(1)</script>\x07 & \"'"
    number = ana.report(evil, body=evil, environment=evil, customer={
        "name": evil})
    ana.reply(number, evil)
    ana.note(number, evil)
    browser = Browser(server, "ana")
    for path in "/incidents", "/incidents/%d" % number:
        text = browser.get(path).ok(200).text()
        assert "<script>alert" not in text and "\x07" not in text


# --- one incident

def test_an_incident_is_its_object(ana):
    number = ana.report("It hangs")
    answer = ana.get("/incidents/%d.json" % number).ok(200)
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == MEMBERS
    tag = answer.headers["ETag"]
    assert re.match(r'"\d+(-[^"]*)?"$', tag)
    again = ana.request("GET", "/incidents/%d.json" % number,
                        **{"If-None-Match": tag})
    assert again.status == 304
    # without an ending Accept asks for it too
    assert ana.get("/incidents/%d" % number).json() == answer.json()


def test_a_thread_is_a_feed(ana):
    number = ana.report("It hangs")
    post = ana.reply(number, "Hello **you**")
    ana.note(number, "staff only words")
    for ending in "atom", "rss":
        answer = ana.get("/incidents/%d.%s" % (number, ending)).ok(200)
        parsed = feedparser.parse(answer.body)
        assert not parsed.bozo and len(parsed.entries) == 2
        assert b"staff only words" not in answer.body
    feed = ana.get("/incidents/%d/posts.json" % number).ok(200).json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {i["id"].split(":incident:")[1] for i in feed["items"]} == {
        "%d" % number, "%d:%d" % (number, post)}


@pytest.mark.parametrize("path", [
    "/incidents/99", "/incidents/0", "/incidents/01", "/incidents/x",
    "/incidents/99999999999999999999", "/incidents/-1", "/incidents/1/x",
    "/incidents/99/posts", "/incidents/1/posts/99", "/incidents/1.opml"])
def test_what_is_not_there_is_404(ana, path):
    ana.report("It hangs")
    problem(ana.get(path), 404)


def test_the_page_is_an_error_page_for_a_browser(server, ana):
    answer = Browser(server, "ana").get("/incidents/99")
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_what_a_resource_does_not_do_is_405_with_allow(ana):
    number = ana.report("It hangs")
    cases = [("PUT", "/incidents", "GET, HEAD, POST"),
             ("PUT", "/incidents/%d" % number,
              "GET, HEAD, PATCH, POST, DELETE"),
             ("DELETE", "/people", "GET, HEAD")]
    for method, path, allow in cases:
        answer = ana.request(method, path)
        problem(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) == set(
            allow.split(", "))


def test_what_is_not_a_representation_is_406(ana):
    number = ana.report("It hangs")
    answer = ana.request("GET", "/incidents/%d" % number, Accept="image/png")
    assert answer.status == 406


def test_head_is_get_without_the_body(ana):
    number = ana.report("It hangs")
    for path in "/incidents", "/incidents.atom", "/incidents/%d" % number, \
            "/incidents/%d.json" % number, "/me.json", "/people.json":
        get, head = ana.get(path), ana.request("HEAD", path)
        assert (head.status, head.body) == (get.status, b"")
        for name in "Content-Type", "Content-Length", "ETag":
            assert head.headers[name] == get.headers[name], (path, name)


# --- editing

def test_a_merge_patch_changes_what_it_names(ana):
    number = ana.report("It hangs", body="b", environment="e", tags=["x"])
    before = ana.incident(number)
    for kind in "application/json", "application/merge-patch+json":
        answer = ana.request(
            "PATCH", "/incidents/%d" % number,
            json.dumps({"tags": ["y"], "unknown": 1}).encode(),
            **{"Content-Type": kind})
        assert answer.ok(200).json()["tags"] == ["y"]
    incident = ana.edit(number, body=None, tags=None, environment="f")
    assert (incident["body"], incident["tags"], incident["environment"],
            incident["title"]) == ("", [], "f", before["title"])
    assert ana.edit(number) == incident


def test_all_of_a_patch_or_nothing(ana):
    number = ana.report("It hangs")
    before = ana.incident(number)
    for body, field in (({"title": "new", "hands": 0}, "hands"),
                        ({"title": "new", "host": "nobody"}, "host"),
                        ({"title": "new", "promised": "x"}, "promised"),
                        ({"tags": ["a"], "title": ""}, "title"),
                        ({"body": "new", "severity": None}, "severity")):
        problem(ana.request("PATCH", "/incidents/%d" % number, body), 422,
                field)
        assert ana.incident(number) == before


def test_if_match_is_the_number_of_the_last_change(ana, bo):
    number = ana.report("It hangs")
    path = "/incidents/%d" % number
    old = ana.get(path + ".json").headers["ETag"]
    bo.join(number)
    for match in old, '"x"', 'W/' + old:
        problem(ana.request("PATCH", path, {"title": "a"},
                            **{"If-Match": match}), 412)
        problem(ana.request("DELETE", path, {"reason": "a"},
                            **{"If-Match": match}), 412)
    assert ana.incident(number)["title"] == "It hangs"
    new = ana.get(path + ".json").headers["ETag"]
    short = re.match(r'"\d+', new)[0] + '"'
    answer = ana.request("PATCH", path, {"title": "a"}, **{"If-Match": short})
    assert answer.ok(200).headers["ETag"] != new
    ana.request("PATCH", path, {"title": "b"}, **{"If-Match": "*"}).ok(200)
    ana.request("PATCH", path, {"title": "c"}).ok(200)


def test_an_action_is_edit_or_delete(server, ana):
    number = ana.report("It hangs")
    browser = Browser(server, "ana")
    for action in "", "remove", "EDIT":
        answer = browser.post("/incidents/%d" % number, {
            "csrf": browser.csrf(), "action": action, "title": "x"})
        assert answer.status == 422
    assert ana.incident(number)["title"] == "It hangs"


# --- reading changes nothing

def test_a_reader_that_prefetches_every_link_joins_nobody(server, ana, bo):
    number = ana.report("It hangs", tags=["db"])
    ana.fix(number, "restart", publish=True)
    ana.step(number, "reopen")
    server.command("token", "add", "ana", "--label", "one")
    browser = Browser(server, "bo")
    before = ana.incident(number), bo.get("/me.json").json(), \
        bo.get("/me/tokens.json").json(), bo.get("/me/feeds.json").json()
    seen, todo = set(), ["/incidents", "/articles", "/people", "/me", "/"]
    while todo:
        path = todo.pop().split("#")[0]
        if path in seen or not path.startswith("/"):
            continue
        seen.add(path)
        answer = browser.get(path)
        assert answer.status in (200, 303), (path, answer.status)
        if answer.headers["Content-Type"].startswith("text/html"):
            page = Page(answer.text())
            todo += page.links
            todo += [f.action for f in page.forms if f.method == "get"]
    assert {"/incidents/%d" % number, "/articles/1", "/people/ana"} <= seen
    for step in "join", "leave", "fix", "close", "link":
        browser.get("/incidents/%d/%s" % (number, step))
    after = ana.incident(number), bo.get("/me.json").json(), \
        bo.get("/me/tokens.json").json(), bo.get("/me/feeds.json").json()
    assert after == before


def test_every_list_can_be_subscribed_to_at_once(server, ana):
    browser = Browser(server, "ana")
    for path, name, kept in (("/incidents", "everything", ""),
                             ("/incidents" + query("#DB"), "#DB", "#db")):
        page = browser.page(path)
        browser.send(page.form_to("/me/subscriptions")).ok(303)
        made = ana.get("/me/subscriptions.json").json()["items"][-1]
        assert (made["name"], made["filter"]) == (name, kept)
        page = browser.page(path)
        assert "into your personal feed as" in page.text
        assert "/incidents?q=" + urllib.parse.quote(kept) in page.links
        assert "/me/subscriptions" not in [f.action for f in page.forms]


def test_what_is_done_most_is_one_click(server, ana, bo):
    ana.request("PATCH", "/me", {"skills": ["db"]}).ok(200)
    old = bo.report("Deadlock in the nightly job", tags=["db"])
    bo.fix(old, "Lock rows in one order.")
    wait_for(lambda: bo.get("/articles.json?search=deadlock").json()["items"])
    number = server.report("Deadlock in the nightly job again")
    bo.edit(number, tags=["db"])
    assert [k["id"] for k in bo.incident(number)["known"]] == [1]
    browser = Browser(server, "bo")
    path = "/incidents/%d" % number
    page = browser.page(path)
    browser.send(page.form_to(path + "/pull", people="ana")).ok(303)
    assert bo.incident(number)["pulls"][0]["people"] == ["ana"]
    buttons = [f for f in page.forms if f.action == path and
               set(f.fields) == {"csrf", "action"}]
    browser.send(buttons[0], promised="2h").ok(303)
    assert bo.incident(number)["promised"]
    browser.send(page.form_to(path + "/answer", article="1")).ok(303)
    assert bo.incident(number)["status"] == "resolved"
    page = browser.page(path)
    browser.send(page.form_to(path, host="bo")).ok(303)
    browser.send(page.form_to(path + "/close")).ok(303)
    incident = bo.incident(number)
    assert (incident["status"], incident["host"]) == ("closed", "bo")


def test_pages_have_no_script_in_them_and_a_strict_policy(server, ana):
    number = ana.report("It hangs")
    browser = Browser(server, "ana")
    for path in "/incidents", "/incidents/%d" % number, "/me", "/people", \
            "/articles", "/me/subscriptions/preview":
        answer = browser.get(path, Accept=ACCEPT).ok(200)
        assert "default-src 'none'" in answer.headers[
            "Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        text = answer.text()
        assert not re.search(r"<[^>]+ (style|on\w+)=", text)
        scripts = re.findall(r"<script[^>]*>.*?</script>", text, re.S)
        assert scripts and all(re.fullmatch(
            r'<script src="/static/\w+\.js\?v=\w{16}" defer[^>]*></script>',
            script) for script in scripts)
