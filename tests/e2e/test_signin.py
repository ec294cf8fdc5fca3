# SPDX-License-Identifier: ISC
"""Sessions, and what an unsafe request must show."""

import base64
import re
import threading

import pytest

from browser import ACCEPT, Browser, Page, encoded, path_of
from desk import wait_for


@pytest.fixture
def hers(server):
    server.command("person", "add", "ana")
    return Browser(server, "ana")


def test_a_page_that_needs_a_person_is_the_form_itself(server):
    answer = Browser(server).get("/incidents?q=%23db")
    assert answer.status == 401
    assert answer.headers.get_all("WWW-Authenticate") == [
        'Bearer realm="Barnraise"']
    form = Page(answer.text()).form_to("/signin")
    assert form.fields["next"] == "/incidents?q=%23db"


def test_a_page_lets_browsers_name_the_origin_of_its_forms(server):
    answer = server.get("/signin")
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_everything_else_offers_basic_too(server):
    answer = server.get("/incidents.atom")
    assert answer.status == 401
    schemes = answer.headers.get_all("WWW-Authenticate")
    assert [s.split()[0] for s in schemes] == ["Bearer", "Basic"]
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("headers", [
    {"Cookie": "barnraise=ended"}, {"Sec-Fetch-Dest": "empty"}],
    ids=["session", "script"])
def test_a_script_of_a_page_gets_no_password_box(server, headers):
    answer = server.request("GET", "/incidents.json", None, headers)
    assert answer.status == 401
    assert answer.headers.get_all("WWW-Authenticate") == [
        'Bearer realm="Barnraise"']


def test_signing_in_leads_to_the_page_that_was_asked(server):
    server.command("person", "add", "ana")
    password = server.command("person", "passwd", "ana").strip()
    browser = Browser(server)
    form = Page(browser.get("/me?x=1").text()).form_to("/signin")
    answer = browser.send(form, handle="ana", password=password)
    assert path_of(answer) == "/me?x=1"
    cookies = answer.headers.get_all("Set-Cookie")
    assert len(cookies) == 1
    assert re.fullmatch(
        r"barnraise=[!-~]+; Path=/; HttpOnly; SameSite=Lax", cookies[0])
    assert "ana" in browser.get("/me").ok(200).text()


def test_with_https_the_cookie_is_of_this_host_only(make_server):
    server = make_server(base_url="https://desk.example.org")
    server.command("person", "add", "ana")
    password = server.command("person", "passwd", "ana").strip()
    answer = server.request("POST", "/signin", encoded(
        {"handle": "ana", "password": password}),
        {"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 303
    assert path_of(answer) == "/incidents"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-barnraise=") and "; Secure" in cookie


@pytest.mark.parametrize("where", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "evil",
    "/a\r\nSet-Cookie: x=y", "/\t/evil.example", "@evil.example", ""])
def test_next_is_a_path_of_ours_only(hers, where):
    assert path_of(hers.sign_in(hers.password, where)) == "/incidents"


def test_a_form_without_a_session_keeps_what_was_typed(server, hers):
    number = server.report("It hangs")
    form = hers.page("/incidents/%d" % number).form_to(
        "/incidents/%d/posts" % number, kind="reply")
    hers.cookie = None
    answer = hers.send(form, text="my long & careful words")
    assert answer.status == 401
    page = Page(answer.text())
    assert page.form_to("/signin").fields["next"] == "/incidents/%d" % number
    assert "my long & careful words" in page.text


def test_a_wrong_password_is_the_form_again(server, hers):
    browser = Browser(server)
    for handle in "ana", "nobody":
        answer = browser.post("/signin", {"handle": handle, "password": "x",
                                          "next": "/me"})
        assert answer.status == 401 and "Set-Cookie" not in answer.headers
        page = Page(answer.text())
        fields = page.form_to("/signin").fields
        assert fields["handle"] == handle and fields["next"] == "/me"
        assert fields["password"] == ""


def test_json_signs_in_too(server, hers):
    answer = server.post("/signin", {"handle": "ana",
                                     "password": hers.password})
    assert answer.status == 303 and "Set-Cookie" in answer.headers
    answer = server.post("/signin", {"handle": "ana", "password": "x"})
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_failures_are_counted_for_an_address(make_server):
    server = make_server(limit_signin="3 in 10m")
    server.command("person", "add", "ana")
    password = server.command("person", "passwd", "ana").strip()
    good = {"handle": "ana", "password": password}
    for _ in range(5):
        server.post("/signin", good).ok(303)
    for _ in range(3):
        server.post("/signin", {"handle": "ana", "password": "x"}).ok(401)
    answer = server.post("/signin", good)
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0


def test_a_crowd_that_signs_in_holds_nobody_else_up(server, ana):
    """Passwords are looked at one by one; too many at once are told so."""
    answers = []

    def sign_in():
        answers.append(server.post("/signin", {"handle": "ana",
                                               "password": "wrong"}))
    crowd = [threading.Thread(target=sign_in) for _ in range(40)]
    for one in crowd:
        one.start()
    wait_for(lambda: any(a.status == 503 for a in answers))
    ana.report("It hangs")  # a write, too
    assert len(answers) < len(crowd)
    for one in crowd:
        one.join()
    assert {a.status for a in answers} == {401, 503}
    assert all(int(a.headers["Retry-After"]) > 0 for a in answers
               if a.status == 503)
    assert len([a for a in answers if a.status == 401]) >= 16


def test_signing_out_ends_the_session(server, hers):
    old = hers.cookie
    assert path_of(hers.fill("/me", "/signout")) == "/"
    assert hers.cookie is None
    hers.cookie = old
    assert hers.get("/me").status == 401


def test_everywhere_ends_all_of_hers(server, hers):
    other = Browser(server)
    other.handle = "ana"
    other.sign_in(hers.password).ok(303)
    other.get("/me").ok(200)
    form = [f for f in hers.page("/me").forms
            if f.fields.get("everywhere") == "true"][0]
    hers.send(form).ok(303)
    assert other.get("/me").status == 401


def test_signing_out_ends_only_this_session(server, hers):
    other = Browser(server)
    other.handle = "ana"
    other.sign_in(hers.password).ok(303)
    hers.fill("/me", "/signout").ok(303)
    other.get("/me").ok(200)


def test_a_first_password_is_to_be_changed_on_every_page(server, hers):
    assert "/me#password" in hers.page("/incidents").links
    answer = hers.fill("/me", "/me/password", old=hers.password,
                       new="correct horse")
    assert path_of(answer) == "/me?done=password"
    assert "/me#password" not in hers.page("/incidents").links
    assert Browser(server).post("/signin", {
        "handle": "ana", "password": "correct horse"}).status == 303


def test_a_disabled_person_is_out_at_once(server, hers):
    server.command("person", "disable", "ana")
    answer = hers.get("/me")
    assert answer.status == 401


# --- what an unsafe request must show

SITES = [  # Sec-Fetch-Site, Origin, is it ours?
    (None, None, True),
    ("same-origin", None, True),
    ("none", None, True),
    ("same-site", None, False),
    ("cross-site", None, False),
    (None, "own", True),
    (None, "https://evil.example", False),
    (None, "null", False),
    ("cross-site", "own", False),
]


def site_headers(server, site, origin):
    headers = {"Sec_Fetch_Site": site}
    if origin is not None:
        headers["Origin"] = server.url if origin == "own" else origin
    return headers


@pytest.fixture
def target(server):
    """An incident, and whether somebody is in."""
    number = server.report("It hangs")

    def is_in():
        person = server.person("looker", exists=True)
        return person.incident(number)["swarm"] != []
    server.command("person", "add", "looker")
    return number, is_in


@pytest.mark.parametrize("site, origin, ours", SITES)
@pytest.mark.parametrize("token", ["right", "wrong", None])
def test_a_form_with_a_session(server, hers, target, site, origin, ours, token):
    number, is_in = target
    fields = {"role": "helper"}
    if token is not None:
        fields["csrf"] = (
            hers.csrf() if token == "right" else "brn_" + "a" * 32)
    answer = hers.post("/incidents/%d/join" % number, fields,
                       **site_headers(server, site, origin))
    good = ours and token == "right"
    assert answer.status == (303 if good else 403)
    assert is_in() == good


@pytest.mark.parametrize("site, origin, ours", SITES)
def test_json_with_a_session(server, hers, target, site, origin, ours):
    number, is_in = target
    answer = hers.request(
        "POST", "/incidents/%d/join" % number, {"role": "helper"},
        **site_headers(server, site, origin))
    assert answer.status == (200 if ours else 403)
    assert is_in() == ours


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data",
                                  "application/x-www-form-urlencoded"])
def test_what_a_page_can_send_without_asking_does_nothing(
        server, hers, target, kind):
    number, is_in = target
    answer = hers.request("POST", "/incidents/%d/join" % number, b"{}=",
                          Content_Type=kind, Sec_Fetch_Site=None)
    assert answer.status in (400, 403, 415)
    assert not is_in()


@pytest.mark.parametrize("site, origin, ours", SITES)
def test_a_bearer_token_needs_no_more(server, target, site, origin, ours):
    number, is_in = target
    server.command("person", "add", "bo")
    token = server.command("token", "add", "bo").strip()
    headers = {k.replace("_", "-"): v for k, v in site_headers(
        server, site, origin).items() if v is not None}
    answer = server.request("POST", "/incidents/%d/join" % number, {}, {
        "Authorization": "Bearer " + token, **headers})
    assert answer.status == 200 and is_in()


def basic(user, secret):
    return "Basic " + base64.b64encode(
        ("%s:%s" % (user, secret)).encode()).decode()


def test_basic_takes_handle_and_token_but_no_password(server, hers):
    token = server.command("token", "add", "ana").strip()
    cases = [("ana", token, 200), ("bo", token, 401),
             ("ana", hers.password, 401), ("", token, 401)]
    for user, secret, status in cases:
        answer = server.get("/incidents.json",
                            Authorization=basic(user, secret))
        assert answer.status == status, (user, secret)


@pytest.mark.parametrize("kind, status", [
    ("application/json", 200), ("application/x-www-form-urlencoded", 401),
    ("multipart/form-data; boundary=x", 401), ("text/plain", 401)])
def test_basic_is_not_taken_for_what_a_page_can_send(
        server, target, kind, status):
    number, is_in = target
    server.command("person", "add", "bo")
    token = server.command("token", "add", "bo").strip()
    answer = server.request("POST", "/incidents/%d/join" % number, b"{}", {
        "Authorization": basic("bo", token), "Content-Type": kind})
    assert answer.status == status
    assert is_in() == (status == 200)


def test_basic_is_taken_for_what_no_page_can_send(server, hers):
    token = server.command("token", "add", "ana").strip()
    server.command("feed", "add", "ana")
    headers = {"Authorization": basic("ana", token)}
    feed = server.request("GET", "/me/feeds.json", None,
                          headers).json()["items"][0]["id"]
    path = "/me/feeds/%d" % feed
    assert server.request("POST", path, None, headers).status == 401
    assert server.request("DELETE", path, None, headers).status == 204


def test_a_wrong_token_does_not_fall_back_to_the_session(hers):
    answer = hers.get("/incidents.json", Authorization="Bearer brn_wrong")
    assert answer.status == 401


def test_public_pages_ignore_credentials(server):
    for value in "Bearer brn_x", "Basic !!!", "Digest x":
        server.get("/kb", Authorization=value, Accept=ACCEPT).ok(200)


# --- a proxy that signs people in itself

@pytest.fixture
def behind(make_server):
    """A server that believes what this host says of who is there."""
    server = make_server(trusted_proxies="127.0.0.1",
                         person_header="X-Remote-User")
    server.command("person", "add", "ana")
    return server


def by_proxy(server, handle):
    browser = Browser(server)
    ask = browser.request

    def request(method, path, body=None, **headers):
        return ask(method, path, body, X_Remote_User=handle, **headers)
    browser.request = request
    return browser


def test_a_trusted_proxy_names_the_person(behind):
    page = by_proxy(behind, "ana").get("/me").ok(200)
    assert "ana" in page.text() and "Set-Cookie" not in page.headers
    for nobody in "nobody", "ANA", "", "ana, bo":
        assert by_proxy(behind, nobody).get("/me").status == 401
    assert Browser(behind).get("/me").status == 401
    behind.command("person", "disable", "ana")
    assert by_proxy(behind, "ana").get("/me").status == 401


def test_a_public_page_shows_whom_the_proxy_names(behind):
    for _ in range(3):  # also from the cache
        assert "/me" not in Page(Browser(behind).get("/").text()).links
    assert "/me" in Page(by_proxy(behind, "ana").get("/").text()).links
    assert "/me" not in Page(Browser(behind).get("/").text()).links


def test_a_form_shows_its_token_behind_a_proxy_too(behind):
    number = behind.report("It hangs")
    ana = by_proxy(behind, "ana")
    path = "/incidents/%d/join" % number
    form = ana.page("/incidents/%d" % number).form_to(path)
    assert ana.post(path, {"role": "helper"}).status == 403
    assert ana.post(path, form.fields,
                    Sec_Fetch_Site="cross-site").status == 403
    assert by_proxy(behind, "bo").post(path, form.fields).status == 401
    assert ana.send(form).status == 303
    assert ana.request("POST", path, {}, Sec_Fetch_Site="cross-site",
                       Content_Type="application/json").status == 403


def test_a_token_goes_before_what_the_proxy_says(behind):
    bo = behind.person("bo")
    assert bo.request("GET", "/me.json", None, **{
        "X-Remote-User": "ana"}).json()["handle"] == "bo"


@pytest.mark.parametrize("settings", [
    {"trusted_proxies": "192.0.2.1", "person_header": "X-Remote-User"},
    {"trusted_proxies": "127.0.0.1"}], ids=["a stranger", "not configured"])
def test_from_others_the_header_says_nothing(make_server, settings):
    server = make_server(**settings)
    server.command("person", "add", "ana")
    assert by_proxy(server, "ana").get("/me").status == 401


def test_a_token_to_read_only_reads(server, target):
    number, is_in = target
    server.command("person", "add", "bo")
    token = server.command("token", "add", "bo", "--scope", "read").strip()
    headers = {"Authorization": "Bearer " + token}
    assert server.request(
        "GET", "/incidents/%d.json" % number, None, headers).status == 200
    answer = server.request(
        "POST", "/incidents/%d/join" % number, {}, headers)
    assert answer.status == 403 and not is_in()
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_writes_are_counted_for_a_token(make_server):
    server = make_server(limit_writes="2 in 1m")
    ana = server.person("ana")
    for _ in range(2):
        ana.report("x")
    answer = ana.request("POST", "/incidents", {"title": "x"})
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    ana.get("/incidents.json").ok(200)
    server.person("bo").report("y")
