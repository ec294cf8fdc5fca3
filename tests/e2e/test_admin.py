# SPDX-License-Identifier: ISC
"""/admin, and the commands that do the same."""

import json
import re

import pytest

from browser import Browser, Page, path_of
from desk import wait_for


@pytest.fixture
def root(server):
    """An admin with a token of scope admin."""
    server.command("person", "add", "root", "--admin")
    person = server.person("root", exists=True)
    person.token = server.command(
        "token", "add", "root", "--scope", "admin").strip()
    return person


@pytest.fixture
def hers(server, root):
    return Browser(server, "root")


PAGES = ["/admin", "/admin/people", "/admin/people/root", "/admin/tokens",
         "/admin/feeds", "/admin/tags", "/admin/journal"]


@pytest.mark.parametrize("path", PAGES)
def test_it_is_for_admins_alone(server, ana, hers, path):
    answer = Browser(server).get(path)
    assert answer.status == 401
    assert Page(answer.text()).form_to("/signin").fields["next"] == path
    assert Browser(server, "ana").get(path).status == 403
    assert ana.get(path + ".json").status == 403
    page = hers.page(path)
    assert "/admin/journal" in page.links


def test_a_token_needs_the_scope(server, root):
    root.get("/admin/people.json").ok(200)
    weak = server.person("root", exists=True)
    assert weak.get("/admin/people.json").status == 403


def test_only_admins_are_shown_the_way(server, ana, hers):
    assert "/admin" in hers.page("/incidents").links
    assert "/admin" not in Browser(server, "ana").page("/incidents").links


# --- people

def password_on(page):
    found = re.search(r"\b[a-z0-9]+(?:-[a-z0-9]+)+\b", page.text)
    assert found, page.text
    return found[0]


def secret_of(answer):
    found = re.search(r'<span class="secret"[^>]*>([^<]+)</span>', answer.text())
    assert found and answer.headers["Cache-Control"] == "no-store"
    return found[1]


def test_a_person_is_added_with_a_first_password_shown_once(server, hers):
    answer = hers.fill("/admin/people", "/admin/people", handle="bo",
                       name="Bo Li", email="bo@desk.example",
                       skills="#db mysql", bot="").ok(200)
    password = secret_of(answer)
    browser = Browser(server)
    browser.handle = "bo"
    assert path_of(browser.sign_in(password)) == "/incidents"
    assert "Bo Li" in browser.page("/me").text
    assert password not in hers.get("/admin/people/bo").text()


def test_a_person_is_added_by_json(server, root):
    answer = root.request("POST", "/admin/people", {
        "handle": "robot", "skills": ["db"], "bot": True}).ok(201)
    made = answer.json()
    assert answer.headers["Location"].endswith("/admin/people/robot")
    assert (made["bot"], made["admin"], made["skills"]) == (
        True, False, ["db"])
    server.post("/signin", {"handle": "robot",
                            "password": made["password"]}).ok(303)
    kept = root.get("/admin/people/robot.json").ok(200).json()
    assert "password" not in kept and kept["bot"] is True
    assert root.request("POST", "/admin/people",
                        {"handle": "robot"}).status == 409


def test_a_form_that_fails_keeps_what_was_typed(hers):
    answer = hers.fill("/admin/people", "/admin/people", handle="Bo Li",
                       name="Bo")
    assert answer.status == 422
    form = Page(answer.text()).form_to("/admin/people", name="Bo")
    assert form.fields["handle"] == "Bo Li"


def test_a_new_first_password_ends_her_sessions(server, ana, hers):
    browser = Browser(server, "ana")
    password = secret_of(hers.fill("/admin/people/ana",
                                   "/admin/people/ana/password"))
    assert browser.get("/me").status == 401
    browser.sign_in(browser.password).ok(401)
    browser.sign_in(password).ok(303)
    assert "/me#password" in browser.page("/me").links


def test_admins_are_made_and_unmade(server, ana, root, hers):
    form = hers.page("/admin/people/ana").form_to("/admin/people/ana")
    path_of(hers.send(form, admin="true"))
    assert Browser(server, "ana").get("/admin").status == 200
    assert root.request("PATCH", "/admin/people/ana", {
        "admin": False}).ok(200).json()["admin"] is False
    assert Browser(server, "ana").get("/admin").status == 403
    answer = root.request("PATCH", "/admin/people/root", {"admin": False})
    assert answer.status == 409
    assert root.request("PATCH", "/admin/people/root",
                        {"disabled": True}).status == 409
    hers.get("/admin").ok(200)


def test_a_host_cannot_become_a_bot(server, ana, bo, root):
    number = ana.report("It hangs")
    answer = root.request("PATCH", "/admin/people/ana", {"bot": True})
    assert answer.status == 409 and "host of 1" in answer.json()["detail"]
    ana.edit(number, host="bo")
    assert root.request("PATCH", "/admin/people/ana",
                        {"bot": True}).ok(200).json()["bot"] is True
    assert root.request("PATCH", "/admin/people/ana",
                        {"bot": False}).ok(200).json()["bot"] is False


def test_a_person_is_disabled_for_good(server, ana, root, hers):
    number = ana.report("It hangs")
    ana.join(number)
    form = hers.page("/admin/people/ana").form_to("/admin/people/ana")
    assert path_of(hers.send(form, disabled="true")) == "/admin/people/ana"
    assert ana.get("/me.json").status == 401
    assert root.incident(number)["host"] is None
    assert "Disabled" in hers.page("/admin/people/ana").text
    for body in {"disabled": False}, {"disabled": True, "admin": True}:
        assert root.request("PATCH", "/admin/people/ana", body).status == 422
    assert root.request("PATCH", "/admin/people/ana",
                        {"bot": True}).status == 409
    assert root.request("PATCH", "/admin/people/root",
                        {"disabled": False}).status == 200


def test_people_are_paged_by_handle(server, root):
    server.take_in("--people", [{"handle": "p%03d" % i} for i in range(150)])
    first = root.get("/admin/people.json").ok(200).json()
    assert len(first["items"]) == 100
    second = root.get(first["next"].replace("?", ".json?")).ok(200).json()
    handles = [p["handle"] for p in first["items"] + second["items"]]
    assert handles == sorted(["root"] + ["p%03d" % i for i in range(150)])
    assert second["next"] is None
    answer = root.get("/admin/people.json?from=p14").json()
    assert answer["items"][0]["handle"] == "p140"


def test_duty_by_command(server, ana):
    server.command("person", "duty", "ana", "--admin", "yes")
    server.command("person", "duty", "ana", "--bot", "no")
    row = json.loads(server.command("person", "list", "--json"))[0]
    assert (row["admin"], row["bot"]) == (True, False)
    wait_for(lambda: Browser(server, "ana").get("/admin").status == 200)
    server.command("person", "duty", "ana", "--admin", "no")
    assert server.run("person", "duty", "ana", "--admin",
                      "maybe").returncode == 2
    assert server.run("person", "duty", "nobody").returncode == 1


# --- tokens and feed links

def test_tokens_of_everybody_are_listed_and_revoked(server, ana, root, hers):
    rows = root.get("/admin/tokens.json").ok(200).json()["items"]
    assert {r["person"] for r in rows} == {"ana", "root"}
    assert set(rows[0]) == {"id", "label", "scope", "created", "used",
                            "person"}
    token = [r["id"] for r in rows if r["person"] == "ana"][0]
    ana.get("/me.json").ok(200)
    assert path_of(hers.fill("/admin/tokens",
                             "/admin/tokens/%d" % token)) == "/admin/tokens"
    assert ana.get("/me.json").status == 401
    feed = [r["id"] for r in root.get("/admin/feeds.json").json()["items"]
            if r["person"] == "ana"][0]
    server.get(ana.feed_path()).ok(200)
    assert root.request("DELETE", "/admin/feeds/%d" % feed).status == 204
    assert server.get(ana.feed_path()).status == 404
    assert root.request("DELETE", "/admin/feeds/99").status == 404


def test_tokens_are_paged(server, root):
    for i in range(105):
        root.request("POST", "/me/tokens", {"label": "t%d" % i}).ok(201)
    first = root.get("/admin/tokens.json").ok(200).json()
    second = root.get(first["next"].replace("?", ".json?")).ok(200).json()
    labels = [r["label"] for r in first["items"] + second["items"]]
    assert labels == ["t%d" % i for i in range(104, -1, -1)] + ["", ""]


# --- the journal

def test_the_journal_is_newest_first_and_says_who_and_where(
        server, ana, bo, root, hers):
    number = ana.report("It hangs")
    bo.join(number)
    rows = root.get("/admin/journal.json?incident=%d" % number).json()["items"]
    assert [(r["kind"], r["person"], r["incident"]) for r in rows] == [
        ("join", "bo", number), ("orphan", "ana", number),
        ("report", "ana", number)]
    assert rows[0]["address"] == "127.0.0.1"
    assert rows[2]["raise"] == "reported"
    seqs = [r["id"] for r in root.get("/admin/journal.json").json()["items"]]
    assert seqs == sorted(seqs, reverse=True)
    text = hers.page("/admin/journal?incident=%d" % number).text
    assert "join" in text and "127.0.0.1" in text


def test_the_journal_by_person_and_kind(server, ana, bo, root):
    number = ana.report("It hangs")
    bo.join(number)
    server.command("person", "passwd", "ana")
    get = lambda query: [
        (r["kind"], r["person"]) for r in wait_for(
            lambda: root.get("/admin/journal.json?" + query).json()["items"])]
    of_ana = get("person=ana")
    assert ("report", "ana") in of_ana and ("join", "bo") not in of_ana
    assert ("person", None) in of_ana  # done to her by the operator
    assert get("kind=join") == [("join", "bo")]
    assert get("kind=person&person=bo") == [("person", None)]
    for query in "kind=dance", "person=nobody", "incident=x":
        assert root.get("/admin/journal.json?" + query).json()["items"] == []


def test_the_journal_is_paged(server, ana, root):
    for i in range(7):
        ana.report("It hangs %d" % i)
    seen, path = [], "/admin/journal.json?kind=report&limit=3"
    while path:
        answer = root.get(path).ok(200).json()
        seen += [r["incident"] for r in answer["items"]]
        path = answer["next"] and answer["next"].replace(
            "journal?", "journal.json?")
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_the_journal_by_command(server, ana):
    number = ana.report("It hangs")
    ana.join(number)
    lines = server.command("journal", "--incident", "1").splitlines()
    assert [re.split(r"\s+", line.strip())[2:4] for line in lines] == [
        ["join", "ana"], ["orphan", "ana"], ["report", "ana"]]
    rows = json.loads(server.command("journal", "--kind", "join", "--json"))
    assert [r["incident"] for r in rows] == [number]
    assert len(json.loads(server.command(
        "journal", "--limit", "2", "--json"))) == 2
    assert server.run("journal", "--kind", "dance").returncode == 2
    assert server.run("journal", "--person", "nobody").returncode == 1


# --- paused filters

HOSTILE = "/(a|a)*=/"  # ways through it double with each letter


def pause(server, person):
    number = person.subscribe("slow", HOSTILE)
    for i in range(3):
        person.report("slow %d" % i, body="a" * 4000 + "!=")
    wait_for(lambda: person.get("/me/subscriptions/%d.json" % number)
             .json()["paused"])
    return number


def test_paused_filters_are_listed_and_resumed(server, ana, root, hers):
    pause(server, ana)
    paused = root.get("/admin.json").ok(200).json()["paused"]
    assert [(p["person"], p["name"]) for p in paused] == [("ana", "slow")]
    assert "too long" in paused[0]["paused"]["why"]
    path = "/admin/filters/%d/resume" % paused[0]["number"]
    assert path_of(hers.fill("/admin", path)) == "/admin#paused"
    assert root.get("/admin.json").json()["paused"] == []
    assert ana.get("/me/subscriptions.json").json()["items"][0][
        "paused"] is None
    assert root.request("POST", "/admin/filters/99/resume").status == 404


def test_a_paused_filter_is_resumed_by_command(server, ana):
    number = pause(server, ana)
    server.command("subscription", "resume", str(number))
    path = "/me/subscriptions/%d.json" % number
    wait_for(lambda: ana.get(path).json()["paused"] is None)
    assert server.run("subscription", "resume", "99").returncode == 1


# --- tags

def uses(person):
    return {r["tag"]: (r["incidents"], r["people"], r["former"])
            for r in person.get("/admin/tags.json").ok(200).json()["items"]}


def test_tags_are_listed_with_how_often_they_are_used(server, root, hers):
    ana = server.person("ana", tags=["db", "net"])
    number = ana.report("a", tags=["db", "x"])
    ana.report("b", tags=["db"])
    ana.edit(number, tags=["db", "y"])
    assert uses(root) == {"db": (2, 1, []), "net": (0, 1, []),
                          "y": (1, 0, [])}
    text = hers.page("/admin/tags").text
    assert "#db" in text and "incidents: 2" in text


def test_a_merge_is_read_everywhere_and_posts_nothing_again(
        server, ana, root, hers):
    old = ana.subscribe("old", "#database")
    new = ana.subscribe("new", "#db")
    first = ana.report("a", tags=["database"])
    ana.report("b", tags=["db"])
    before = {which: [(e.id, e.updated) for e in ana.feed(which).entries]
              for which in (old, new, None)}
    seen = server.get(ana.feed_path(old)).headers["ETag"]
    assert path_of(hers.fill("/admin/tags", "/admin/tags/merge",
                             tag="#database", into="db")) == "/admin/tags"
    assert uses(root) == {"db": (2, 0, ["database"])}
    assert ana.incident(first)["tags"] == ["db"]
    assert "#database" not in hers.page("/incidents/%d" % first).text
    after = {which: [(e.id, e.updated) for e in ana.feed(which).entries]
             for which in (old, new, None)}
    assert after == before
    answer = server.get(ana.feed_path(old), If_None_Match=seen)
    assert answer.status == 200  # the same entries by another name
    for query in "%23database", "%23db", "%23data*":
        items = ana.get("/incidents.json?q=" + query).json()["items"]
        assert len(items) == 2, query
    assert ana.get("/incidents.json?q=-%23database").json()["items"] == []
    third = ana.report("c", tags=["database"])
    assert ana.incident(third)["tags"] == ["db"]
    assert ana.feed(old).numbers() == [third, first]
    assert ana.feed(new).numbers() == [third, 2]
    rows = root.get("/admin/journal.json?kind=tag").json()["items"]
    assert [(r["person"], r["detail"]) for r in rows] == [
        ("root", {"step": "merge", "tag": "database", "into": "db"})]
    server.restart()
    assert ana.feed(old).numbers() == [third, first]
    assert ana.incident(first)["tags"] == ["db"]


def test_a_rename_follows_profiles_pulls_and_articles(server, ana, root):
    bo = server.person("bo", tags=["k8s"])
    number = ana.report("a", tags=["k8s"])
    root.request("POST", "/admin/tags/rename", {
        "tag": "k8s", "into": "kubernetes"}).ok(204)
    assert bo.get("/me.json").json()["skills"] == ["kubernetes"]
    ana.step(number, "pull", tags=["k8s"])
    incident = ana.incident(number)
    assert incident["pulls"][0]["tags"] == ["kubernetes"]
    bo.join(number)
    assert ana.incident(number)["pulls"][0]["open"] is False
    assert [p["handle"] for p in ana.get("/people.json?knows=k8s").json()[
        "items"]] == ["bo"]
    bo.fix(number, "wait", publish=True)
    items = server.get("/kb.json?q=%23k8s").ok(200).json()["items"]
    assert len(items) == 1
    assert items[0]["_barnraise"]["tags"] == ["kubernetes"]


@pytest.mark.parametrize("step, tag, into, field", [
    ("merge", "a", "a", "into"), ("merge", "a", "nothing", "into"),
    ("rename", "a", "b", "into"), ("rename", "a", "b c", "into"),
    ("merge", "", "b", "tag")])
def test_a_name_that_does_not_fit_is_said_in_the_form(
        server, ana, root, hers, step, tag, into, field):
    ana.report("a", tags=["a"])
    ana.report("b", tags=["b"])
    before = uses(root)
    path = "/admin/tags/" + step
    answer = root.request("POST", path, {"tag": tag, "into": into})
    assert answer.status == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    answer = hers.fill("/admin/tags", path, tag=tag, into=into)
    assert answer.status == 422
    assert Page(answer.text()).form_to(path).fields["into"] == into
    assert uses(root) == before


def test_tags_by_command_while_the_server_runs(server, ana):
    number = ana.report("a", tags=["one"])
    server.command("tag", "rename", "one", "two")
    wait_for(lambda: ana.incident(number)["tags"] == ["two"])
    ana.report("b", tags=["three"])
    server.command("tag", "merge", "three", "#two")
    assert server.command("tag", "list").split() == [
        "2", "0", "two,", "formerly", "one,", "formerly", "three"]
    assert json.loads(server.command("tag", "list", "--json")) == [
        {"tag": "two", "incidents": 2, "people": 0,
         "former": ["one", "three"]}]
    done = server.run("tag", "merge", "two", "nothing")
    assert done.returncode == 1 and b"rename" in done.stderr
    number = ana.report("c", tags=["three"])
    assert ana.incident(number)["tags"] == ["two"]


def test_tags_are_paged_by_name(server, root):
    server.take_in("--incidents", [
        {"title": "x", "tags": ["t%03d" % i]} for i in range(150)])
    seen, path = [], "/admin/tags.json"
    while path:
        answer = root.get(path).ok(200).json()
        seen += [r["tag"] for r in answer["items"]]
        path = answer["next"] and answer["next"].replace("?", ".json?")
    assert seen == ["t%03d" % i for i in range(150)]
