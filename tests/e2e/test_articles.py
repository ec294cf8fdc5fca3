# SPDX-License-Identifier: ISC
"""/articles, and /people: what staff knows, and who."""

import re

import pytest

from browser import Browser, Page, path_of
from desk import wait_for

MEMBERS = {
    "id", "url", "title", "issue", "environment", "resolution", "cause",
    "tags", "confidence", "audience", "incident", "reuse", "created",
    "updated"}


def make(person, title, **parts):
    body = {"title": title, "resolution": "restart it", **parts}
    return person.request("POST", "/articles", body).ok(201).json()["id"]


def titles(person, parameters=""):
    return [a["title"] for a in person.get("/articles.json" + parameters)
            .ok(200).json()["items"]]


# --- articles

def test_an_article_is_its_object(ana):
    answer = ana.request("POST", "/articles", {
        "title": "Pool", "issue": "It hangs", "resolution": "Restart",
        "tags": "#db, net"})
    article = answer.ok(201).json()
    assert set(article) == MEMBERS
    assert article["tags"] == ["db", "net"] and article["audience"] == "staff"
    assert answer.headers["Location"] == article["url"]
    again = ana.get("/articles/%d.json" % article["id"]).ok(200)
    assert again.json() == article
    assert re.match(r'"\d+"', again.headers["ETag"])


@pytest.mark.parametrize("body, field", [
    ({}, "title"), ({"title": "x"}, "resolution"),
    ({"title": "x", "resolution": "y", "confidence": "sure"}, "confidence"),
    ({"title": "x", "resolution": "y", "audience": "all"}, "audience"),
    ({"title": "x", "resolution": 7}, "resolution")])
def test_a_wrong_article_names_the_field(ana, body, field):
    answer = ana.request("POST", "/articles", body)
    assert answer.status == 422
    assert field in [e["field"] for e in answer.json()["errors"]]
    assert titles(ana) == []


def test_all_audiences_newest_first_and_pages(ana):
    for i in range(5):
        make(ana, "a%d" % i, audience="public" if i % 2 else "staff")
    assert titles(ana) == ["a4", "a3", "a2", "a1", "a0"]
    first = ana.get("/articles.json?limit=3").ok(200).json()
    assert set(first) == {"items", "next"} and len(first["items"]) == 3
    path = re.sub(r"^https?://[^/]+", "", first["next"])
    rest = ana.get(path).ok(200).json()
    assert [a["title"] for a in rest["items"]] == ["a1", "a0"]
    assert rest["next"] is None


def test_filter_and_search(ana):
    make(ana, "Pool exhausted", tags=["db"])
    make(ana, "Slow query")
    assert titles(ana, "?q=%23db") == ["Pool exhausted"]
    assert ana.get("/articles.json?q=(").status == 422
    wait_for(lambda: titles(ana, "?search=slow") == ["Slow query"])


def test_a_patch_makes_it_public_and_back(server, ana):
    number = make(ana, "Pool")
    path = "/articles/%d" % number
    assert server.get("/kb/%d.json" % number).status == 404
    answer = ana.request("PATCH", path, {"audience": "public"}).ok(200)
    assert answer.json()["audience"] == "public"
    server.get("/kb/%d.json" % number).ok(200)
    ana.request("PATCH", path, {"audience": "staff"}).ok(200)
    assert server.get("/kb/%d.json" % number).status == 404


def test_if_match_of_an_article(ana, bo):
    path = "/articles/%d" % make(ana, "Pool")
    old = ana.get(path + ".json").headers["ETag"]
    bo.request("PATCH", path, {"cause": "leak"}, **{"If-Match": old}).ok(200)
    answer = ana.request("PATCH", path, {"cause": "x"}, **{"If-Match": old})
    assert answer.status == 412
    assert ana.get(path + ".json").json()["cause"] == "leak"


def test_an_article_is_edited_by_form(server, ana):
    path = "/articles/%d" % make(ana, "Pool", tags=["db"])
    browser = Browser(server, "ana")
    answer = browser.fill(path, path, title="Pool exhausted",
                          confidence="validated")
    assert path_of(answer) == path
    article = ana.get(path + ".json").json()
    assert (article["title"], article["confidence"], article["tags"],
            article["resolution"]) == (
        "Pool exhausted", "validated", ["db"], "restart it")
    answer = browser.fill(path, path, title="", cause="my cause")
    assert answer.status == 422
    form = Page(answer.text()).form_to(path)
    assert form.fields["cause"] == "my cause"
    assert ana.get(path + ".json").json() == article


def test_every_list_is_304_while_nothing_changes(ana):
    for path in "/articles.json", "/people.json", "/me/feeds.json", \
            "/me/subscriptions.json":
        tag = ana.get(path).ok(200).headers["ETag"]
        again = ana.request("GET", path, **{"If-None-Match": tag})
        assert again.status == 304


def test_articles_are_for_people(server, ana):
    path = "/articles/%d" % make(ana, "Pool")
    for where in "/articles", "/articles.json", path, path + ".json":
        assert server.get(where).status == 401
    assert ana.get("/articles/99").status == 404


# --- people

def test_who_knows_a_tag(server, ana):
    for handle, tags in (("bo", ["db"]), ("cy", ["db", "net"])):
        server.person(handle, tags=tags)
    away = server.person("di", tags=["db"])
    away.request("PATCH", "/me", {"availability": "away"}).ok(200)
    server.command("person", "add", "robot", "--bot", "--tags", "db")

    def who(knows):
        items = ana.get("/people.json?knows=" + knows).ok(200).json()["items"]
        return [p["handle"] for p in items]
    assert who("db") == ["bo", "cy"] and who("%23DB") == ["bo", "cy"]
    cy = server.person("cy", exists=True)
    cy.fix(ana.report("hangs", tags=["db"]), "restart")
    assert who("db") == ["cy", "bo"] and who("none") == []


def test_what_somebody_knows_is_shown_by_her_fixes_too(server, ana, bo):
    number = ana.report("Disk full", tags=["disk", "x11"])
    bo.fix(number, "Buy another.")
    browser = Browser(server, "ana")
    page = browser.page("/people/bo")
    assert "/people?knows=disk" in page.links
    assert "/incidents/%d" % number in page.links and "Disk full" in page.text
    # nobody names it as a skill, but one has fixed something with it
    page = browser.page("/people?knows=disk")
    assert "/people/bo" in page.links and "/people/ana" not in page.links
    assert "/people/bo" not in browser.page("/people?knows=dis").links
    other = ana.report("Disk slow", tags=["disk"])
    text = browser.page("/incidents/%d" % other).text
    assert "fixed something with #disk lately" in text
    ana.request("DELETE", "/incidents/%d" % number,
                {"reason": "spam"}).ok(204)
    assert "/incidents/%d" % number not in browser.page("/people/bo").links


def test_known_tags_and_people_for_who_types_one(server, ana, bo):
    ana.request("PATCH", "/me", {"skills": ["db"]}).ok(200)
    ana.report("Disk full", tags=["disk", "db"])
    first = ana.get("/completions.json").ok(200)
    assert first.json() == {"tags": ["db", "disk"], "people": [
        {"handle": "ana", "name": "ana"}, {"handle": "bo", "name": "bo"}]}
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert ana.request("GET", "/completions.json", **{
        "If-None-Match": first.headers["ETag"]}).status == 304
    assert server.get("/completions.json").status == 401
    server.command("person", "disable", "bo")
    assert len(ana.get("/completions").json()["people"]) == 1


def test_people_have_no_counts_and_no_mail(server, ana):
    server.command("person", "add", "bo", "--email", "bo@desk.example",
                   "--tags", "db")
    people = ana.get("/people.json").ok(200).json()
    assert set(people) == {"items", "next"}
    assert [p["handle"] for p in people["items"]] == ["ana", "bo"]
    person = ana.get("/people/bo.json").ok(200)
    assert person.json() == people["items"][1]
    assert set(person.json()) == {
        "handle", "name", "skills", "interests", "availability", "hours",
        "bot", "admin"}
    assert "bo@desk.example" not in person.text()
    assert ana.get("/people/nobody").status == 404
    page = Browser(server, "ana").page("/people/bo")
    assert "/people?knows=db" in page.links and "bo@desk" not in page.text


def test_who_is_disabled_is_not_here(server, ana):
    server.command("person", "add", "bo")
    server.command("person", "disable", "bo")
    assert [p["handle"] for p in
            ana.get("/people.json").json()["items"]] == ["ana"]
