# SPDX-License-Identifier: ISC
"""Each step that can happen to an incident: who may, in which status, with
what effect; as it is seen from outside."""

import urllib.parse

import pytest

from browser import Browser, Page, path_of
from desk import wait_for

OPEN, SWARMING, RESOLVED, CLOSED = "open", "swarming", "resolved", "closed"
STATUSES = OPEN, SWARMING, RESOLVED, CLOSED


@pytest.fixture
def number(server, ana):
    """An incident that a customer reported; ana's feed knows nothing of it."""
    return server.report("It hangs", body="since the update")


def brought_to(person, number, status):
    if status == SWARMING:
        person.join(number)
    if status in (RESOLVED, CLOSED):
        person.fix(number, "restart it")
        person.leave(number)
    if status == CLOSED:
        person.step(number, "close")
    assert person.incident(number)["status"] == status


def try_step(person, number, step, **body):
    return person.request("POST", "/incidents/%d/%s" % (number, step), body)


def refused(answer, status, *words):
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["title"]
    for word in words:
        assert word in problem["detail"], problem
    return problem


def roles(incident):
    """Who is in, and as what."""
    return {s["person"]: s["role"] for s in incident["swarm"]
            if s["left"] is None}


ALLOWED = [  # step, its body, the statuses in which it goes
    ("join", {}, (OPEN, SWARMING, RESOLVED)),
    ("posts", {"kind": "reply", "text": "Hello"}, (OPEN, SWARMING, RESOLVED)),
    ("posts", {"kind": "note", "text": "Hm"}, STATUSES),
    ("fix", {"resolution": "again"}, (OPEN, SWARMING, RESOLVED)),
    ("answer", {"article": 1}, (OPEN, SWARMING, RESOLVED)),
    ("pull", {"people": ["bo"]}, (OPEN, SWARMING)),
    ("close", {"reason": "spam"}, (OPEN, SWARMING, RESOLVED)),
    ("reopen", {}, (RESOLVED, CLOSED)),
    ("duplicate", {"of": 1}, (OPEN, SWARMING, RESOLVED)),
    ("link", {}, STATUSES),
]


@pytest.mark.parametrize("step, body, statuses", ALLOWED)
def test_a_step_goes_in_its_statuses_only(server, ana, bo, step, body,
                                          statuses):
    ana.request("POST", "/articles", {"title": "Known", "resolution": "x"}) \
        .ok(201)
    other = server.report("Another")
    assert other == 1
    for status in STATUSES:
        number = server.report("It hangs")
        brought_to(bo, number, status)
        before = ana.incident(number)
        answer = try_step(ana, number, step, **body)
        if status in statuses:
            assert answer.status in (200, 201), (status, answer.body)
        elif step == "close" and status == CLOSED:
            assert answer.status == 200 and ana.incident(number) == before
        else:
            refused(answer, 409, status)
            assert ana.incident(number) == before


PATCHES = [
    ({"title": "New"}, STATUSES), ({"tags": ["db"]}, STATUSES),
    ({"severity": "low"}, STATUSES), ({"hands": 7}, STATUSES),
    ({"host": "ana"}, (OPEN, SWARMING, RESOLVED)),
    ({"promised": "2h"}, (OPEN, SWARMING)),
]


@pytest.mark.parametrize("patch, statuses", PATCHES)
def test_an_edit_goes_in_its_statuses_only(server, ana, bo, patch, statuses):
    for status in STATUSES:
        number = server.report("It hangs")
        brought_to(bo, number, status)
        before = ana.incident(number)
        answer = ana.request("PATCH", "/incidents/%d" % number, patch)
        if status in statuses:
            answer.ok(200)
        else:
            refused(answer, 409, status)
            assert ana.incident(number) == before


@pytest.mark.parametrize("step", [s for s, _, _ in ALLOWED] + ["leave"])
def test_a_step_is_a_post_and_nothing_else(ana, number, step):
    if step == "posts":
        return
    path = "/incidents/%d/%s" % (number, step)
    before = ana.incident(number)
    for method in "GET", "HEAD", "PUT", "DELETE":
        answer = ana.request(method, path)
        assert answer.status == 405 and answer.headers["Allow"] == "POST"
    assert ana.incident(number) == before


@pytest.mark.parametrize("step, body", [
    (s, b) for s, b, _ in ALLOWED] + [("leave", {})])
def test_who_may(server, ana, number, step, body):
    path = "/incidents/%d/%s" % (number, step)
    before = ana.incident(number)
    assert server.post(path, body).status == 401
    reader = server.command("token", "add", "ana", "--scope", "read").strip()
    answer = server.request("POST", path, body, {
        "Authorization": "Bearer " + reader})
    refused(answer, 403)
    assert ana.incident(number) == before
    missing = try_step(ana, 999, step, **body)
    refused(missing, 404)


# --- the swarm

def test_joining_swarms_and_the_last_leaving_opens_it_again(ana, bo, number):
    assert ana.join(number)["status"] == SWARMING
    bo.join(number)
    assert roles(ana.leave(number)) == {"bo": "helper"}
    incident = bo.leave(number)
    assert incident["status"] == OPEN and roles(incident) == {}
    assert [s["left"] is not None for s in incident["swarm"]] == [True, True]


def test_joining_twice_changes_nothing(ana, number):
    first = ana.join(number)
    assert ana.join(number) == first
    left = ana.leave(number)
    answer = try_step(ana, number, "leave")
    assert answer.status == 200 and answer.json() == left


def test_a_shadow_is_no_helper_and_may_change_in_the_same_row(ana, number):
    incident = ana.join(number, role="shadow")
    assert incident["status"] == OPEN and roles(incident) == {"ana": "shadow"}
    incident = ana.join(number)
    assert incident["status"] == SWARMING
    assert roles(incident) == {"ana": "helper"} and len(incident["swarm"]) == 1
    assert ana.join(number, role="shadow")["status"] == OPEN
    refused(try_step(ana, number, "join", role="boss"), 422)


def test_there_is_one_row_for_each_stay(ana, number):
    for _ in range(2):
        ana.join(number)
        ana.leave(number)
    assert len(ana.incident(number)["swarm"]) == 2


# --- replies and notes

def test_the_first_to_reply_is_host_and_helps(ana, bo, number):
    ana.reply(number, "Hello")
    incident = ana.incident(number)
    assert incident["host"] == "ana" and incident["status"] == SWARMING
    bo.reply(number, "Me too")
    incident = ana.incident(number)
    assert incident["host"] == "ana"
    assert roles(incident) == {"ana": "helper", "bo": "helper"}


def test_host_none_leaves_it_to_somebody_else(ana, number):
    ana.reply(number, "Hello", host="none")
    assert ana.incident(number)["host"] is None


def test_a_host_who_replies_does_not_join(ana):
    number = ana.report("It hangs")
    ana.reply(number, "Hello")
    incident = ana.incident(number)
    assert incident["host"] == "ana" and incident["status"] == OPEN


def test_a_note_joins_nobody_and_the_customer_never_sees_it(
        server, ana, number):
    before = ana.incident(number)
    ana.note(number, "secret thought")
    after = ana.incident(number)
    assert [p["kind"] for p in after.pop("posts")] == ["note"]
    before.pop("posts")
    assert after == before
    for ending in ".json", ".atom", ".rss", "":
        page = server.get(server.customers[number] + ending, Accept="*/*")
        assert "secret thought" not in page.ok(200).text()


# --- fix, answer

def test_a_fix_resolves_joins_and_makes_an_article(ana, number):
    incident = ana.fix(number, "Restart **it**", cause="leak",
                       environment="v4")
    assert incident["status"] == RESOLVED and incident["resolved"]
    assert roles(incident) == {"ana": "helper"}
    post = incident["posts"][-1]
    assert (post["kind"], post["resolution"], post["cause"],
            post["environment"]) == ("fix", "Restart **it**", "leak", "v4")
    article = ana.get("/articles/%d.json" % incident["article"]).ok().json()
    assert (article["title"], article["issue"], article["confidence"],
            article["audience"], article["incident"]) == (
        "It hangs", "since the update", "unvalidated", "staff", number)


def test_a_second_fix_is_the_next_revision_and_public_stays_public(
        ana, bo, number):
    first = ana.fix(number, "one", publish=True)["article"]
    second = bo.fix(number, "two")["article"]
    assert second == first
    article = ana.get("/articles/%d.json" % first).ok().json()
    assert article["resolution"] == "two" and article["audience"] == "public"


@pytest.mark.parametrize("resolution", [None, "", "  \n"])
def test_a_fix_says_what_to_do(ana, number, resolution):
    before = ana.incident(number)
    problem = refused(
        try_step(ana, number, "fix", resolution=resolution), 422)
    assert [e["field"] for e in problem["errors"]] == ["resolution"]
    assert ana.incident(number) == before


def test_publishing_without_the_form_removes_what_is_the_customers(
        server, ana):
    number = server.report("It hangs", body="Call 030 1234567 or mail "
                           "mira@shop.example", name="Mira Petrov")
    article = ana.fix(number, "Restart", publish=True)["article"]
    public = server.get("/kb/%d.json" % article).ok(200).text()
    for word in "Mira", "1234567", "mira@shop.example":
        assert word not in public
    assert "[removed]" in public


def test_a_form_publishes_what_it_showed(server, ana, number):
    browser = Browser(server, "ana")
    page = "/incidents/%d" % number
    form = browser.page(page).form_to(page + "/fix")
    assert form.fields["issue"] == "since the update"
    answer = browser.send(form, resolution="Restart it", title="Public title",
                          issue="It stops", publish="true")
    assert path_of(answer) == page + "#article"
    article = ana.incident(number)["article"]
    public = server.get("/kb/%d.json" % article).ok(200).json()
    assert (public["title"], public["issue"]) == ("Public title", "It stops")


def test_an_answer_resolves_with_that_article(ana, bo, number):
    article = ana.request("POST", "/articles", {
        "title": "Known", "resolution": "Restart"}).ok(201).json()["id"]
    incident = bo.step(number, "answer", article=article, text="See there")
    assert incident["status"] == RESOLVED and incident["article"] == article
    assert roles(incident) == {}
    assert [(p["kind"], p["text"]) for p in incident["posts"]] == [
        ("reply", "See there")]
    assert ana.get("/articles/%d.json" % article).json()["reuse"] == 1
    # the one that an answer linked stays as it is
    again = bo.fix(number, "better")["article"]
    assert again != article


@pytest.mark.parametrize("article", [None, 0, 99, "x"])
def test_an_answer_needs_an_article(ana, number, article):
    problem = refused(try_step(ana, number, "answer", article=article), 422)
    assert problem["errors"][0]["field"] == "article"


def test_an_archived_article_answers_nothing(ana, number):
    article = ana.request("POST", "/articles", {
        "title": "Old", "resolution": "x"}).ok(201).json()["id"]
    ana.request("PATCH", "/articles/%d" % article,
                {"confidence": "archived"}).ok(200)
    refused(try_step(ana, number, "answer", article=article), 422)


# --- pull

def test_a_pull_is_open_until_one_of_those_asked_comes(ana, bo, number):
    incident = ana.step(number, "pull", people=["bo"], tags=["#Postgres"],
                        note="you know it")
    pull = incident["pulls"][0]
    assert (pull["by"], pull["people"], pull["tags"], pull["note"],
            pull["open"]) == ("ana", ["bo"], ["postgres"], "you know it", True)
    assert [p["text"] for p in incident["posts"]] == ["you know it"]
    assert [i["id"] for i in listed(ana, "is:wanted")] == [number]
    assert bo.join(number)["pulls"][0]["open"] is False


def listed(person, query):
    path = "/incidents.json?q=" + urllib.parse.quote(query)
    return [i["_barnraise"] for i in person.get(path).ok(200).json()["items"]]


@pytest.mark.parametrize("body", [{}, {"people": []}, {"people": ["nobody"]},
                                  {"people": "a b"}, {"tags": [1]}])
def test_a_pull_needs_somebody(ana, number, body):
    refused(try_step(ana, number, "pull", **body), 422)


# --- host, promise

def test_the_host_is_handed_on_and_never_dropped(server, ana, bo, number):
    assert ana.edit(number, host="bo")["host"] == "bo"
    server.command("person", "add", "robot", "--bot")
    server.command("person", "add", "gone")
    server.command("person", "disable", "gone")
    for host in "none", "", None, "robot", "gone", "nobody":
        answer = ana.request("PATCH", "/incidents/%d" % number, {"host": host})
        refused(answer, 422)
    assert ana.incident(number)["host"] == "bo"


def test_a_promise_is_a_time_or_how_long_from_now_or_none(ana, number):
    when = "2099-01-01T12:00:00Z"
    assert ana.edit(number, promised=when)["promised"] == when
    assert ana.edit(number, promised="2h")["promised"] not in (None, when)
    assert ana.edit(number, promised=None)["promised"] is None
    ana.edit(number, promised="30m")
    assert ana.edit(number, promised="")["promised"] is None
    for wrong in "soon", "2 h", "2000-01-01T00:00:00Z", "0s", \
            "1970-01-01T00:00:00Z", 7:
        answer = ana.request("PATCH", "/incidents/%d" % number,
                             {"promised": wrong})
        problem = refused(answer, 422)
        assert problem["errors"][0]["field"] == "promised"


def test_what_was_promised_and_not_kept_is_overdue(ana, number):
    ana.edit(number, promised="1s")
    wait_for(lambda: listed(ana, "is:overdue"))


# --- close, reopen

def test_closing_needs_a_reason_unless_it_is_resolved(ana, number):
    problem = refused(try_step(ana, number, "close"), 422)
    assert problem["errors"][0]["field"] == "reason"
    ana.join(number)
    incident = ana.step(number, "close", reason="spoke on the telephone")
    assert incident["status"] == CLOSED and roles(incident) == {}
    assert [(p["kind"], p["text"]) for p in incident["posts"]] == [
        ("note", "spoke on the telephone")]


def test_reopening_leads_back_and_keeps_the_article(ana, bo, number):
    article = ana.fix(number, "x")["article"]
    incident = bo.step(number, "reopen", text="not really")
    assert incident["status"] == SWARMING and incident["article"] == article
    assert incident["posts"][-1]["kind"] == "note"
    assert incident["promised"] is None and incident["resolved"] is None
    ana.step(number, "close", reason="x")
    assert bo.step(number, "reopen")["status"] == OPEN


# --- the customer's part

def test_the_customer_replies_confirms_and_reopens(server, ana, number):
    server.customer(number, "replies", text="Are you there?")
    post = ana.incident(number)["posts"][-1]
    assert (post["kind"], post["author"]) == ("reply", None)
    ana.fix(number, "x")
    server.customer(number, "confirm", rating=5, comment="thank you")
    incident = ana.incident(number)
    assert (incident["status"], incident["rating"]) == (CLOSED, 5)
    server.customer(number, "reopen", text="it is back")
    incident = ana.incident(number)
    assert incident["status"] == OPEN
    assert incident["posts"][-1]["text"] == "it is back"
    path = server.customers[number] + "/confirm"
    refused(server.post(path, {}), 409, OPEN)


# --- duplicates

def test_a_duplicate_follows_the_other(server, ana, bo, number):
    other = server.report("The first one")
    bo.join(number)
    incident = ana.step(number, "duplicate", of=other)
    assert incident["duplicate_of"] == other
    assert roles(ana.incident(other)) == {"bo": "helper"}
    assert ana.incident(number)["status"] == SWARMING
    assert [i["id"] for i in listed(ana, "")] == [other]
    ana.fix(other, "x")
    assert ana.incident(number)["status"] == RESOLVED
    assert server.get(server.customers[number] + ".json").json()[
        "status"] == RESOLVED


DUPLICATE = [("join", {}), ("leave", {}), ("fix", {"resolution": "x"}),
             ("posts", {"kind": "reply", "text": "x"}), ("close", {"reason":
                                                                   "x"}),
             ("reopen", {}), ("pull", {"people": ["ana"]}),
             ("answer", {"article": 1}), ("duplicate", {"of": 3})]


def test_on_a_duplicate_only_edit_note_and_withdraw_go_on(server, ana, number):
    other = server.report("The first one")
    server.report("a third one")
    ana.step(number, "duplicate", of=other)
    for step, body in DUPLICATE:
        refused(try_step(ana, number, step, **body), 409, str(other))
    for patch in {"host": "ana"}, {"promised": "2h"}:
        refused(ana.request("PATCH", "/incidents/%d" % number, patch), 409,
                str(other))
    ana.note(number, "x")
    assert ana.edit(number, title="New")["title"] == "New"
    ana.request("DELETE", "/incidents/%d" % number, {"reason": "x"}).ok(204)


def test_of_what_it_is_no_duplicate(server, ana, number):
    closed, gone, double = (server.report("x") for _ in range(3))
    other = server.report("The first one")
    ana.step(closed, "close", reason="x")
    ana.request("DELETE", "/incidents/%d" % gone, {"reason": "x"}).ok(204)
    ana.step(double, "duplicate", of=other)
    for of, statuses in ((closed, (409,)), (gone, (409, 410)),
                         (double, (409,)), (number, (409, 422)),
                         (999, (404, 422)), (None, (422,))):
        answer = try_step(ana, number, "duplicate", of=of)
        assert answer.status in statuses, (of, answer.status, answer.body)
    assert ana.incident(number)["duplicate_of"] is None


# --- withdraw

def test_what_is_withdrawn_is_gone_everywhere(server, ana, number):
    path = "/incidents/%d" % number
    refused(ana.request("DELETE", path), 422)
    refused(ana.request("DELETE", path, {"reason": " "}), 422)
    ana.request("DELETE", path, {"reason": "spam"}).ok(204)
    for ending in "", ".json", ".atom", ".rss":
        assert ana.get(path + ending).status == 410, ending
    assert ana.get(path + "/posts.json").status == 410
    assert listed(ana, "") == []
    assert server.get(server.customers[number] + ".json").status == 410
    for step, body, _ in ALLOWED:
        refused(try_step(ana, number, step, **body), 410)
    refused(ana.request("PATCH", path, {"title": "x"}), 410)


# --- the status link

def test_the_status_link_is_named_again_and_renewed(server, ana, number):
    old = urllib.parse.urlsplit(
        ana.step(number, "link")["status_url"]).path
    assert old == server.customers[number]
    answer = try_step(ana, number, "link", renew=True).ok(200)
    assert answer.headers["Cache-Control"] == "no-store"
    new = urllib.parse.urlsplit(answer.json()["status_url"]).path
    assert new != old
    assert server.get(old + ".json").status == 404
    assert server.get(new + ".json").status == 200


# --- forms, without any script

def test_every_form_of_the_page_works(server, ana, bo, number):
    browser = Browser(server, "ana")
    page = "/incidents/%d" % number
    article = bo.request("POST", "/articles", {
        "title": "Known", "resolution": "x"}).ok(201).json()["id"]
    other = server.report("other")

    def fill(step, anchor="", having=(), **typed):
        answer = browser.fill(page, page + step, having, **typed)
        where = path_of(answer)
        assert where.startswith(page + anchor), where
        browser.get(where.split("#")[0]).ok(200)
        if "#" in where:
            assert where.split("#")[1] in browser.page(page).ids
        return ana.incident(number)

    assert fill("/join", "#join", {"role": "shadow"})["swarm"][0][
        "role"] == "shadow"
    assert fill("/join", "#join", {"role": "helper"})["status"] == SWARMING
    assert fill("/leave", "#join")["status"] == OPEN
    assert fill("/posts", "#post-", {"kind": "note"}, text="n")["posts"]
    incident = fill("/posts", "#post-", {"kind": "reply"}, text="r",
                    host="none")
    assert incident["host"] is None and len(incident["posts"]) == 2
    post = incident["posts"][1]["id"]
    answer = browser.fill(page, "%s/posts/%d" % (page, post), text="edited",
                          action="edit")
    assert path_of(answer) == "%s#post-%d" % (page, post)
    answer = browser.fill(page, "%s/posts/%d" % (page, post), action="delete")
    assert path_of(answer) == page + "#talk"
    assert len(ana.incident(number)["posts"]) == 1
    assert fill("/pull", "#wanted", people="bo", note="")["pulls"][0]["open"]
    page_now = browser.page(page)
    forms = [f for f in page_now.forms if f.action == page]
    by_field = {name: f for f in forms for name in f.fields}
    path_of(browser.send(by_field["promised"], promised="2h"))
    assert ana.incident(number)["promised"]
    path_of(browser.send(by_field["promised"], promised=""))
    assert ana.incident(number)["promised"] is None
    path_of(browser.send(by_field["host"], host="bo"))
    assert ana.incident(number)["host"] == "bo"
    path_of(browser.send(by_field["severity"], tags="#db, net",
                         severity="high", hands="3"))
    incident = ana.incident(number)
    assert (incident["tags"], incident["severity"], incident["hands"],
            incident["body"]) == (["db", "net"], "high", 3, "since the update")
    assert fill("/answer", "#article", article=article)["status"] == RESOLVED
    assert fill("/reopen", text="")["status"] == SWARMING
    assert fill("/fix", "#article", resolution="r")["status"] == RESOLVED
    assert fill("/close", reason="")["status"] == CLOSED
    fill("/reopen", text="again")
    answer = browser.fill(page, page + "/link").ok(200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert server.customers[number] in answer.text()
    assert fill("/duplicate", of=other)["duplicate_of"] == other
    withdraw = [f for f in browser.page(page).forms
                if f.fields.get("action") == "delete" and f.action == page][0]
    assert path_of(browser.send(withdraw, reason="spam")) == "/incidents"
    assert ana.get(page).status == 410


def test_a_form_that_fails_keeps_what_was_typed(server, ana, number):
    browser = Browser(server, "ana")
    page = "/incidents/%d" % number
    form = browser.page(page).form_to(page + "/fix")
    ana.step(number, "close", reason="x")
    answer = browser.send(form, resolution="my long & careful words")
    assert answer.status == 409
    assert "my long &amp; careful words" in answer.text()
    assert page in Page(answer.text()).links
