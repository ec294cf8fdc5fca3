# SPDX-License-Identifier: ISC
"""A customer reports, follows, answers and says whether it is solved."""

import re
import urllib.parse

import feedparser
import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/html"}


def send_form(server, path, **fields):
    return server.request("POST", path, urllib.parse.urlencode(
        fields).encode(), FORM)


def status_path(server, title="pool exhausted", **fields):
    return server.customers[server.report(title, **fields)]


def page(server, path):
    return server.get(path, Accept="text/html").ok(200).text()


def status(server, path):
    return server.get(path + ".json").ok(200).json()


# --- the report


def test_a_report_as_json_is_201_with_its_status(server):
    answer = server.post("/report", {
        "title": "pool exhausted", "body": "it hangs", "severity": "high",
        "tags": ["db"], "name": "Mira", "email": "mira@shop.example"})
    assert answer.status == 201
    assert answer.headers["Cache-Control"] == "no-store"
    made = answer.json()
    assert answer.headers["Location"] == made["status_url"]
    assert (made["status"], made["severity"], made["host"], made["posts"]) == \
        ("open", "high", None, [])
    path = urllib.parse.urlsplit(made["status_url"]).path
    expected = {k: v for k, v in made.items() if k != "status_url"}
    assert status(server, path) == expected


def test_a_report_by_form_shows_the_link_once_and_keeps_nothing(server):
    answer = send_form(server, "/report", title="pool exhausted",
                       body="it hangs", severity="normal")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    path = re.search(r"/status/brn_[a-z2-7]{32}", answer.text())[0]
    assert "pool exhausted" in page(server, path)


@pytest.mark.parametrize("fields,field", [
    ({}, "title"),
    ({"title": "  ", "body": "\n"}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"title": "x", "severity": "critical"}, "severity"),
    ({"title": "x", "severity": "dreadful"}, "severity"),
    ({"title": "x", "body": "y" * 65537}, "body"),
    ({"title": "x", "email": "not an address"}, "email"),
])
def test_what_is_wrong_with_a_report_is_named(server, fields, field):
    answer = server.post("/report", fields)
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(server):
    answer = send_form(server, "/report", title="", body="",
                       name="Mira <b>", email="mira@shop.example",
                       severity="high")
    assert answer.status == 422
    text = answer.text()
    assert "Mira &lt;b&gt;" in text and "mira@shop.example" in text
    assert re.search(r'value="high" selected', text)
    assert 'action="/report"' in text


def test_a_blank_title_is_made_from_the_body(server):
    made = server.post("/report", {"body": "it hangs\nsince noon"}).ok(201)
    assert made.json()["title"].startswith("it hangs")


def test_reports_of_one_address_are_limited(make_server):
    server = make_server(limit_reports="2 in 10m")
    path = status_path(server)
    assert server.post(path + "/replies", {"text": "hello"}).status == 200
    answer = server.post("/report", {"title": "again"})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert server.get(path).status == 200


def test_a_key_seen_before_opens_nothing_to_who_guesses_it(server):
    body = {"title": "pool exhausted", "body": "it hangs", "key": "K-1"}
    first = server.post("/report", body).ok(201).json()
    again = server.post("/report", body)
    assert again.status == 200
    assert again.json()["status_url"] == first["status_url"]
    guessed = server.post("/report", {"title": "x", "key": "K-1"})
    assert guessed.status == 409
    assert "brn_" not in guessed.text()


# --- the page


def test_the_page_is_kept_from_search_engines_and_sets_no_cookie(server):
    path = status_path(server)
    for ending in ("", ".json", ".atom", ".rss"):
        answer = server.get(path + ending)
        assert answer.status == 200
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers
    assert "noindex" in page(server, path)


def test_an_unknown_link_is_404_whatever_is_wrong_with_it(server):
    answers = [server.get("/status/" + secret) for secret in (
        "brn_" + "a" * 32, "nothing", "brn_" + "A" * 32)]
    assert {a.status for a in answers} == {404}
    assert len({a.body for a in answers}) == 1
    for step in ("replies", "confirm", "reopen"):
        path = "/status/brn_%s/%s" % ("a" * 32, step)
        assert server.post(path, {"text": "x"}).status == 404


def test_what_is_typed_is_shown_as_typed(server):
    text = "std::vector<int> __init__\n  <script>alert(1)</script>"
    path = status_path(server, body=text)
    shown = page(server, path)
    assert "std::vector&lt;int&gt; __init__" in shown
    assert "<script>" not in shown


def test_a_customer_replies_and_sees_it(server):
    path = status_path(server)
    made = server.post(path + "/replies", {"text": "with **one** too"}).ok(200)
    assert [(p["kind"], p["author"], p["text"]) for p in made.json()["posts"]] \
        == [("reply", None, "with **one** too")]
    assert "with **one** too" in page(server, path)


def test_a_form_of_the_page_goes_back_to_it(server):
    path = status_path(server)
    answer = send_form(server, path + "/replies", text="hello")
    assert answer.status == 303
    assert urllib.parse.urlsplit(answer.headers["Location"]).path == path


@pytest.mark.parametrize("step,body,code", [
    ("replies", {}, 422),
    ("replies", {"text": " "}, 422),
    ("replies", {"text": 7}, 422),
    ("confirm", {}, 409),
    ("reopen", {"text": "again"}, 409),
])
def test_a_step_that_does_not_fit_changes_nothing(server, step, body, code):
    path = status_path(server)
    before = status(server, path)
    assert server.post("%s/%s" % (path, step), body).status == code
    assert status(server, path) == before


def test_the_page_offers_what_can_be_done(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    def offered():
        return [step for step in ("replies", "confirm", "reopen")
                if 'action="%s/%s"' % (path, step) in page(server, path)]
    assert offered() == ["replies"]
    ana.join(number)
    assert offered() == ["replies"]
    ana.fix(number, "Restart it.")
    assert offered() == ["replies", "confirm", "reopen"]
    server.post(path + "/confirm", {"rating": 5}).ok(200)
    assert offered() == ["reopen"]
    server.post(path + "/reopen", {"text": "it is back"}).ok(200)
    assert offered() == ["replies"]


def test_the_page_tells_every_state_in_words(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    assert "Nobody has taken it up yet" in page(server, path)
    ana.join(number)
    assert "It is being worked on" in page(server, path)
    ana.fix(number, "Restart **it**.")
    shown = page(server, path)
    assert "A fix is written" in shown and "<strong>it</strong>" in shown
    server.post(path + "/confirm", {}).ok(200)
    assert "This is closed" in page(server, path)


def test_confirm_takes_a_rating_from_1_to_5(server, ana):
    path = status_path(server)
    ana.fix(status(server, path)["id"], "Restart it.")
    for wrong in (0, 6, -1, "x"):
        answer = server.post(path + "/confirm", {"rating": wrong})
        assert answer.status == 422, wrong
    made = server.post(path + "/confirm", {
        "rating": "4", "comment": "thank you"}).ok(200).json()
    assert (made["status"], made["rating"]) == ("closed", 4)


def test_a_note_is_never_shown(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    ana.note(number, "she is always like that")
    ana.reply(number, "We are on it.")
    for ending in ("", ".json", ".atom", ".rss"):
        body = server.get(path + ending).text()
        assert "always like that" not in body
        assert "We are on it." in body


def test_a_withdrawn_report_is_gone(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    ana.request("DELETE", "/incidents/%d" % number, {"reason": "spam"}).ok(204)
    for ending in ("", ".json", ".atom"):
        assert server.get(path + ending).status == 410
    assert server.post(path + "/replies", {"text": "x"}).status == 410


def test_of_a_duplicate_she_sees_status_and_fix_and_no_word_of_the_other(
        server, ana):
    other = server.report("the other", body="words of another")
    path = status_path(server, "mine", body="words of mine")
    ana.step(status(server, path)["id"], "duplicate", of=other)
    feed = server.get(path + ".atom").headers["ETag"]
    etag = server.get(path + ".json").headers["ETag"]
    ana.reply(other, "to the other alone")
    ana.fix(other, "Restart it.", cause="It was old.")
    assert server.get(path + ".json", If_None_Match=etag).status == 200
    assert server.get(path + ".atom", If_None_Match=feed).status == 200
    assert status(server, path)["status"] == "resolved"
    for ending in ("", ".json", ".atom", ".rss"):
        text = server.get(path + ending).text()
        assert "Restart it." in text and "words of mine" in text, ending
        assert "words of another" not in text, ending
        assert "to the other alone" not in text, ending
    server.post(path + "/confirm", {"rating": 3}).ok(200)
    assert status(server, path)["rating"] == 3


def test_a_renewed_link_takes_the_place_of_the_old_one(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    def link(**body):
        answer = ana.request("POST", "/incidents/%d/link" % number, body)
        assert answer.headers["Cache-Control"] == "no-store"
        return urllib.parse.urlsplit(
            answer.ok(200).json()["status_url"]).path
    assert link() == path
    renewed = link(renew=True)
    assert renewed != path
    assert server.get(path).status == 404
    assert status(server, renewed)["id"] == number
    assert link(renew=True) not in (path, renewed)


# --- the feed


def test_the_status_feed_moves_with_what_the_customer_may_see(server, ana):
    path = status_path(server)
    number = status(server, path)["id"]
    first = server.get(path + ".atom")
    assert first.headers["Cache-Control"] == "private, max-age=60"
    etag = first.headers["ETag"]
    def poll():
        return server.get(path + ".atom", If_None_Match=etag).status
    server.report("another")
    assert poll() == 304
    ana.note(number, "she is always like that")
    assert poll() == 304
    ana.reply(number, "We are on it.")
    assert poll() == 200
    parsed = feedparser.parse(server.get(path + ".atom").body)
    assert not parsed.bozo
    assert any("We are on it." in e.content[0].value for e in parsed.entries)
    assert all("brn_" not in e.id for e in parsed.entries)
