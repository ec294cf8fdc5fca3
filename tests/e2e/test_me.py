# SPDX-License-Identifier: ISC
"""/me: profile, password, subscriptions, feed links, tokens."""

import re
import urllib.parse

import pytest

from browser import ACCEPT, Browser, Page, path_of


@pytest.fixture
def hers(server, ana):
    return Browser(server, "ana")


def path_in(answer):
    return re.sub(r"^https?://[^/]+", "", answer.headers["Location"])


def wrong(answer, status, field):
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [e["field"] for e in answer.json()["errors"]] == [field]


# --- the profile

def test_me_is_a_person_with_mail(server):
    ana = server.person("ana", name="Ana Ruiz", email="ana@desk.example")
    me = ana.get("/me.json").ok(200).json()
    assert set(me) == {"handle", "name", "skills", "interests",
                       "availability", "hours", "bot", "admin", "email"}
    assert (me["name"], me["email"]) == ("Ana Ruiz", "ana@desk.example")


def test_a_patch_changes_the_profile(ana):
    me = ana.request("PATCH", "/me", {
        "name": "Ana", "skills": ["#DB"], "interests": "net, x11",
        "hours": 4, "availability": "away", "email": "a@b.example"}).ok(200)
    assert me.json()["skills"] == ["db"]
    assert me.json()["interests"] == ["net", "x11"]
    assert ana.get("/me.json").json() == me.json()
    assert ana.request("PATCH", "/me", {"email": None}).ok(200).json()[
        "email"] is None
    assert ana.request("PATCH", "/me", {"hours": 0}).ok(200).json()[
        "hours"] == 0


@pytest.mark.parametrize("body, field", [
    ({"availability": "lunch"}, "availability"), ({"hours": 169}, "hours"),
    ({"hours": -1}, "hours"), ({"skills": ["a b c!("]}, "skills"),
    ({"email": "nobody"}, "email"), ({"name": "x" * 101}, "name")],
    ids=lambda x: x if isinstance(x, str) else "")
def test_a_wrong_profile_names_the_field(ana, body, field):
    before = ana.get("/me.json").json()
    wrong(ana.request("PATCH", "/me", body), 422, field)
    assert ana.get("/me.json").json() == before


def test_if_match_of_the_profile(ana):
    old = ana.get("/me.json").headers["ETag"]
    ana.request("PATCH", "/me", {"hours": 1}, **{"If-Match": old}).ok(200)
    assert ana.request("PATCH", "/me", {"hours": 2},
                       **{"If-Match": old}).status == 412


def test_the_profile_by_form(ana, hers):
    assert path_of(hers.fill("/me", "/me", skills="#db net", hours="2",
                             availability="here")) == "/me?done=profile"
    assert "Your profile is saved." in hers.page("/me?done=profile").text
    assert "is saved" not in hers.page("/me?done=%3Cb%3E").text
    me = ana.get("/me.json").json()
    assert (me["skills"], me["hours"]) == (["db", "net"], 2)
    answer = hers.fill("/me", "/me", hours="200")
    assert answer.status == 422 and "hours" in answer.text()


def test_skills_are_a_subscription(ana):
    ana.request("PATCH", "/me", {"skills": ["db", "net"]}).ok(200)
    assert [(s["name"], s["filter"]) for s in subscriptions(ana)] == [
        ("skills", "#db or #net")]


# --- the password

def test_a_password_needs_the_old_one(server, ana, hers):
    body = {"old": "wrong", "new": "correct horse"}
    assert ana.request("POST", "/me/password", body).status == 403
    wrong(ana.request("POST", "/me/password", {
        "old": hers.password, "new": "short"}), 422, "new")
    other = Browser(server)
    other.handle = "ana"
    other.sign_in(hers.password).ok(303)
    hers.fill("/me", "/me/password", old=hers.password,
              new="correct horse").ok(303)
    assert "is changed" in hers.page("/me?done=password").text
    hers.get("/me").ok(200)
    assert other.get("/me").status == 401


def test_the_old_password_is_not_found_by_trying(make_server):
    server = make_server(limit_signin="2 in 10m")
    ana = server.person("ana")
    body = {"old": "wrong", "new": "correct horse"}
    for _ in range(2):
        assert ana.request("POST", "/me/password", body).status == 403
    assert ana.request("POST", "/me/password", body).status == 429


# --- subscriptions

def subscriptions(person):
    answer = person.get("/me/subscriptions.json").ok(200).json()
    assert answer["next"] is None
    return answer["items"]


def test_a_subscription_answers_with_itself(ana):
    answer = ana.request("POST", "/me/subscriptions", {
        "name": "databases", "filter": "#DB  severity>=high"})
    subscription = answer.ok(201).json()
    assert set(subscription) == {"id", "name", "filter", "url", "paused",
                                 "created"}
    assert subscription["filter"] == "#db severity>=high"
    assert path_in(answer) == "/me/subscriptions/%d" % subscription["id"]
    for ending in "", ".json":
        again = ana.get(path_in(answer) + ending).ok(200)
        assert again.json() == subscription
    assert subscriptions(ana) == [subscription]


def test_a_wrong_filter_says_where(ana):
    answer = ana.request("POST", "/me/subscriptions", {
        "name": "x", "filter": "#db ("})
    wrong(answer, 422, "filter")
    assert answer.json()["errors"][0]["column"] >= 5
    wrong(ana.request("POST", "/me/subscriptions", {
        "name": "x", "filter": "age>1h"}), 422, "filter")
    wrong(ana.request("POST", "/me/subscriptions", {"filter": "x"}), 422,
          "name")
    assert subscriptions(ana) == []


def test_names_are_unique_a_person(ana, bo):
    ana.subscribe("x", "#a")
    answer = ana.request("POST", "/me/subscriptions", {
        "name": "x", "filter": "#b"})
    assert answer.status == 409
    bo.subscribe("x", "#a")


EVERY_INCIDENT = ("this filter is checked against every incident: "
                  "add a tag or a word")


def test_who_writes_a_filter_without_tag_or_word_is_warned(server, ana, hers):
    answer = ana.request("POST", "/me/subscriptions",
                         {"name": "slow", "filter": "-/o.*o/"}).ok(201).json()
    assert EVERY_INCIDENT in answer["warnings"]
    path = "/me/subscriptions/%d" % answer["id"]
    assert "warnings" not in ana.get(path).json()
    assert EVERY_INCIDENT in hers.page("/me").text
    where = "/me/subscriptions/preview%s?filter=" + urllib.parse.quote("-foo")
    preview = ana.get(where % ".json").ok(200).json()
    assert EVERY_INCIDENT in preview["warnings"]
    assert EVERY_INCIDENT in hers.page(where % "").text
    answer = ana.request("PUT", path, {"name": "slow", "filter": "#db -foo"},
                         **{"If-Match": "*"}).ok(200).json()
    assert "warnings" not in answer
    assert EVERY_INCIDENT not in hers.page("/me").text
    done = server.run("subscription", "add", "--", "ana", "no", "-foo")
    assert EVERY_INCIDENT in done.stderr.decode() and done.returncode == 0


def test_a_put_needs_if_match(ana):
    path = "/me/subscriptions/%d" % ana.subscribe("x", "#a")
    body = {"name": "y", "filter": "#b"}
    assert ana.request("PUT", path, body).status == 428
    old = ana.get(path).headers["ETag"]
    answer = ana.request("PUT", path, body, **{"If-Match": old}).ok(200)
    assert (answer.json()["name"], answer.json()["filter"]) == ("y", "#b")
    assert ana.request("PUT", path, body, **{"If-Match": old}).status == 412


def test_a_removed_subscription_is_gone(ana):
    path = "/me/subscriptions/%d" % ana.subscribe("x", "#a")
    ana.request("DELETE", path).ok(204)
    assert ana.get(path).status == 410
    assert ana.request("DELETE", path).status == 410
    assert subscriptions(ana) == []
    ana.subscribe("x", "#a")


def test_what_is_hers_is_nobody_elses(server, ana, bo):
    path = "/me/subscriptions/%d" % ana.subscribe("x", "#a")
    token = ana.get("/me/tokens.json").json()["items"][0]["id"]
    for where in path, "/me/tokens/%d" % token:
        for method in "GET", "DELETE":
            assert bo.request(method, where).status == 404
    ana.get(path).ok(200)


def test_subscriptions_by_form(ana, hers):
    answer = hers.fill("/me", "/me/subscriptions", name="dbs", filter="#db")
    one = subscriptions(ana)[0]
    assert path_of(answer) == "/me?saved=%d#subscription-%d" % (
        one["id"], one["id"])
    path = "/me/subscriptions/%d" % one["id"]
    hers.fill("/me", path, filter="#db or #net", action="edit").ok(303)
    assert subscriptions(ana)[0]["filter"] == "#db or #net"
    answer = hers.fill("/me", "/me/subscriptions", name="bad", filter="(")
    assert answer.status == 422
    form = Page(answer.text()).form_to("/me/subscriptions")
    assert form.fields["name"] == "bad" and form.fields["filter"] == "("
    assert "column" in answer.text()
    hers.fill("/me", path, action="delete").ok(303)
    assert subscriptions(ana) == []


def test_a_preview_says_what_it_would_have_caught(ana, hers):
    for i in range(3):
        ana.report("n%d" % i, tags=["db"] if i else [])
    where = "?filter=" + urllib.parse.quote("#DB")
    preview = ana.get("/me/subscriptions/preview.json" + where).ok(200).json()
    assert set(preview) == {"filter", "matches", "of", "per_week", "newest",
                            "warnings"}
    assert (preview["filter"], preview["matches"], preview["of"]) == (
        "#db", 2, 3)
    assert [i["title"] for i in preview["newest"]] == ["n2", "n1"]
    wrong(ana.get("/me/subscriptions/preview.json?filter=("), 422, "filter")
    page = hers.page("/me/subscriptions/preview" + where)
    assert "2 of the last 3" in page.text
    answer = hers.get("/me/subscriptions/preview?filter=(")
    assert answer.status == 422 and "Column" in answer.text()
    hers.get("/me/subscriptions/preview").ok(200)
    assert subscriptions(ana) == []


def test_the_longest_filter_has_room_in_an_address(ana):
    """Beside what a browser sends, and each byte of it as %XX."""
    filter = " or ".join(["\u00e4" * 60] * 33)
    assert len(filter.encode()) == 4088
    path = "/me/subscriptions/preview.json?filter=" + urllib.parse.quote(filter)
    ana.request("GET", path, **{
        "Accept": ACCEPT, "Accept-Language": "de,en;q=0.5",
        "User-Agent": "x" * 200, "Referer": "x" * 400,
        "Cookie": "a=" + "x" * 200}).ok(200)


# --- feed links and tokens

@pytest.mark.parametrize("many, secret", [("feeds", "url"),
                                          ("tokens", "token")])
def test_a_secret_is_shown_once(server, ana, many, secret):
    answer = ana.request("POST", "/me/" + many, {"label": "one"})
    made = answer.ok(201).json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(made) == {"id", "label", "scope", "created", "used", secret}
    shown = re.search(r"brn_[a-z2-7]{32}", made.pop(secret))[0]
    path = path_in(answer)
    assert path == "/me/%s/%d" % (many, made["id"])
    for ending in "", ".json":
        assert ana.get(path + ending).ok(200).json() == made
    items = ana.get("/me/%s.json" % many).ok(200).json()["items"]
    assert made in items and shown not in str(items)

    def works():
        if many == "feeds":
            return server.get("/feeds/%s.atom" % shown).status
        return server.get("/me.json",
                          Authorization="Bearer " + shown).status
    assert works() == 200
    ana.request("DELETE", path).ok(204)
    assert works() == (404 if many == "feeds" else 401)
    assert ana.get(path).status == 404


@pytest.mark.parametrize("many", ["feeds", "tokens"])
def test_a_secret_by_form(hers, many):
    answer = hers.fill("/me", "/me/" + many, label="my <reader>")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = re.search(r"brn_[a-z2-7]{32}", answer.text())[0]
    page = hers.page("/me")
    assert shown not in page.text and "my <reader>" in page.text
    revoke = [f for f in page.forms if f.action.startswith(
        "/me/%s/" % many)][-1]
    assert path_of(hers.send(revoke)) == "/me#" + many
    answer = hers.post(revoke.action, {**revoke.fields, "action": "edit"})
    assert answer.status in (404, 422)


def test_a_saved_form_says_what_it_caught_and_what_it_costs(server, ana, hers):
    for title in "disk full", "disk gone", "lost mail":
        server.report(title)
    answer = hers.fill("/me", "/me/subscriptions", name="all",
                       filter="not mail")
    where = path_of(answer)
    path, anchor = where.split("#")
    page = hers.page(path)
    assert anchor in page.ids
    assert "It would have caught 2 of the last 3 incidents, about 2 a week." \
        in page.text
    assert "this filter is about no subject" in page.text
    assert "It would have caught" not in hers.page("/me").text
    # somebody else's number is nothing
    hers.page("/me?saved=4711")


def test_a_preview_says_why(server, ana, hers):
    number = server.report("disk full", severity="high")
    ana.edit(number, tags=["db"])
    path = "/me/subscriptions/preview"
    asked = "?filter=" + urllib.parse.quote("#db or #net or disk")
    preview = ana.get(path + ".json" + asked).ok(200).json()
    assert [i["why"] for i in preview["newest"]] == ["#db, disk"]
    text = hers.page(path + asked).text
    assert "1 of the last 1 incident, about 1 a week." in text
    assert "because of #db, disk" in text


def test_a_new_feed_link_is_shown_with_the_way_into_readers(server, hers):
    answer = hers.fill("/me", "/me/feeds", label="phone").ok(200)
    page = Page(answer.text())
    link = re.search(r"http://[^\"<]+/feeds/brn_[a-z2-7]{32}",
                     answer.text())[0]
    assert "feed:%s.atom" % link in page.links
    assert link + ".opml" in page.links
    quoted = urllib.parse.quote(link + ".atom", safe="")
    assert "https://feedly.com/i/subscription/feed%2F" + quoted in page.links
    for reader in "NetNewsWire", "Thunderbird", "Newsboat", "Outlook":
        assert reader in page.text
    # a token is for no reader
    answer = hers.fill("/me", "/me/tokens", label="script").ok(200)
    assert "Newsboat" not in answer.text()


def test_a_token_has_no_more_scope_than_its_maker(server, ana):
    wrong(ana.request("POST", "/me/tokens", {"scope": "all"}), 422, "scope")
    answer = ana.request("POST", "/me/tokens", {"scope": "admin"})
    assert answer.status in (403, 422)
    made = ana.request("POST", "/me/tokens", {"scope": "read"}).ok(201).json()
    answer = server.request("POST", "/me/tokens", {}, {
        "Authorization": "Bearer " + made["token"]})
    assert answer.status == 403


@pytest.mark.parametrize("path, where", [
    ("/me/password", "/me#password"), ("/me/feeds", "/me#feeds"),
    ("/me/tokens", "/me#tokens"), ("/me/subscriptions", "/me#subscriptions")])
def test_a_browser_is_led_to_its_place_on_the_page(hers, path, where):
    assert path_of(hers.get(path)) == where
    assert where[4:] in hers.page("/me").ids


@pytest.mark.parametrize("path", [
    "/me/subscriptions.json", "/me/tokens.json", "/me/feeds.json",
    "/people.json", "/articles.json"])
def test_a_list_that_did_not_change_is_304(ana, path):
    first = ana.get(path).ok(200)
    seen = {"If-None-Match": first.headers["ETag"]}
    assert ana.request("GET", path, **seen).status == 304
    assert ana.request("HEAD", path, **seen).status == 304
    ana.request("PATCH", "/me", {"name": "Ana Other"}).ok(200)
    ana.subscribe("new", "#new")
    ana.request("POST", "/me/tokens", {"label": "new"}).ok(201)
    ana.request("POST", "/me/feeds", {"label": "new"}).ok(201)
    ana.request("POST", "/articles", {"title": "t", "resolution": "r"}).ok(201)
    assert ana.request("GET", path, **seen).status == 200


def test_a_subscription_without_a_filter_is_not_one_to_everything(ana):
    wrong(ana.request("POST", "/me/subscriptions", {"name": "n"}), 422,
          "filter")
    ana.subscribe("everything", "")


def test_null_takes_away_what_a_profile_can_be_without(ana):
    ana.request("PATCH", "/me", {"hours": 9, "email": "a@x.example",
                                 "interests": ["b"]}).ok(200)
    me = ana.request("PATCH", "/me", {"hours": None, "email": None,
                                      "interests": None}).ok(200).json()
    assert (me["hours"], me["email"], me["interests"]) == (0, None, [])
    wrong(ana.request("PATCH", "/me", {"availability": None}), 422,
          "availability")
