# SPDX-License-Identifier: ISC
"""Who may do what to whose: every route by every role, on what is hers, what is
another's and what is not there. The table is matrix.txt; with
BARNRAISE_MATRIX=write in the environment it is written anew."""

import difflib
import itertools
import os
import re

import pytest

from browser import Browser, encoded

TABLE = os.path.join(os.path.dirname(__file__), "matrix.txt")
MISSING = 999999
NO_SECRET = "brn_" + "a" * 32
COUNT = itertools.count(1)


class Role:
    """How somebody comes, and the person who does."""

    def __init__(self, world, name, handle=None, session=False, scope=None,
                 options=()):
        self.world, self.name, self.handle = world, name, handle
        self.person = self.browser = self.secret = None
        server = world.server
        if handle is None:
            return
        server.command("person", "add", handle, *options)
        self.person = server.person(handle, exists=True)
        self.browser = Browser(server, handle)
        self.session = session
        if not session:
            self.secret = server.command(
                "token", "add", handle, "--scope", scope).strip()

    def headers(self):
        if self.secret is not None:
            return {"Authorization": "Bearer " + self.secret}
        if self.browser is not None:
            return {"Cookie": self.browser.cookie,
                    "Sec-Fetch-Site": "same-origin"}
        return {}

    def come_again(self):
        """After what ended her session, or gave her a new password."""
        self.browser = Browser(self.world.server, self.handle)


class World:
    def __init__(self, server):
        self.server = server
        self.other = server.person("other")  # whose things another's are
        self.other.report("tagged", tags=["merged"])
        self.customer = server.report("of the customer with the link")
        status = Role(self, "status link")
        status.secret = self.server.customers[self.customer].split("/")[-1]
        self.roles = [
            Role(self, "nobody"), status,
            Role(self, "person", "per", session=True),
            Role(self, "host", "hos", session=True),
            Role(self, "admin", "adm", session=True, options=["--admin"]),
            Role(self, "bot", "rob", scope="write", options=["--bot"]),
            Role(self, "read token", "rea", scope="read"),
            Role(self, "write token", "wri", scope="write")]
        answer = self.other.request("POST", "/articles", {
            "title": "public", "resolution": "x", "audience": "public"})
        self.article = answer.ok(201).json()["id"]

    def routes(self):
        paths = self.server.get("/openapi.json").ok(200).json()["paths"]
        return [(method.upper(), path) for path, methods in paths.items()
                for method in methods]

    # --- what is there; of: whose it is

    def incident(self, of, role):
        if role.name == "status link" and of is not self.other:
            return self.customer
        number = of.report("of " + of.handle)
        if role.name == "person" and of is role.person:
            of.edit(number, host="other")  # hers, but another is host
        return number

    def article_of(self, of):
        return of.request("POST", "/articles", {
            "title": "of " + of.handle, "resolution": "x"}).ok(201) \
            .json()["id"]

    def made(self, of, what):
        """A token, link or subscription of hers: its number."""
        body = {"tokens": {"label": "x"}, "feeds": {"label": "x"},
                "subscriptions": {"name": "s%d" % next(COUNT),
                                  "filter": "#x"}}[what]
        return of.request("POST", "/me/" + what, body).ok(201).json()["id"]


def incident_path(world, role, of, path):
    number = MISSING if of is None else world.incident(of, role)
    if of is not None and path.endswith("/reopen"):
        world.other.fix(number, "x")
    return path.replace("{n}", str(number))


def post_path(world, role, of, path):
    number = world.incident(of or world.other, role)
    post = MISSING if of is None else of.note(number, "x")
    return path.replace("{n}", str(number)).replace("{id}", str(post))


def article_path(world, role, of, path):
    number = MISSING if of is None else world.article_of(of)
    return path.replace("{id}", str(number))


def kb_path(world, role, of, path):
    number = {None: MISSING, world.other: world.article}.get(of)
    if number is None:
        number = world.article_of(of)  # hers is for staff
    return path.replace("{id}", str(number)).replace("{slug}", "x")


def mine_path(world, role, of, path):
    what = path.split("/")[2]
    number = MISSING if of is None else world.made(of, what)
    return path.replace("{id}", str(number))


def person_path(world, role, of, path):
    return path.replace("{handle}", of.handle if of else "missing")


def status_path(world, role, of, path):
    secret = NO_SECRET
    if of is not None:
        number = world.server.report("with a link")
        secret = world.server.customers[number].split("/")[-1]
        if path.endswith(("confirm", "reopen")):
            world.other.fix(number, "x")
    return path.replace("{secret}", secret)


def feed_path(world, role, of, path):
    """Under a link of hers: what is hers, what is another's."""
    whose = role.person or world.other
    link = whose.link.split("/")[-1] if of is not None else NO_SECRET
    number = world.made(of, "subscriptions") if "{id}" in path and of else 1
    return path.replace("{secret}", link).replace("{id}", str(number))


def filter_path(world, role, of, path):
    if of is None:
        return path.replace("{id}", str(MISSING))
    world.made(of, "subscriptions")
    return path.replace("{id}", "1")


def file_path(world, role, of, path):
    return path.replace("{file}", "style.css" if of else "missing.css")


# What the objects of a path are, by how it begins: the first that fits.
OBJECTS = [
    ("/incidents/{n}/posts/{id}", post_path),
    ("/incidents/{n}", incident_path),
    ("/articles/{id}", article_path),
    ("/kb/{id}", kb_path),
    ("/people/{handle}", person_path),
    ("/admin/people/{handle}", person_path),
    ("/admin/tokens/{id}", mine_path),
    ("/admin/feeds/{id}", mine_path),
    ("/admin/filters/{id}", filter_path),
    ("/me/", mine_path),
    ("/status/{secret}", status_path),
    ("/feeds/{secret}", feed_path),
    ("/static/{file}", file_path)]
WITHOUT_OWNER = ("/status/", "/static/", "/admin/filters/", "/feeds/{secret}")

# What a write sends; a function is given world, role and whose object it is.
BODIES = {
    "POST /report": {"title": "x"},
    "POST /status/{secret}/replies": {"text": "x"},
    "POST /status/{secret}/confirm": {"rating": 5},
    "POST /status/{secret}/reopen": {"text": "x"},
    "POST /kb/{id}/helped": {},
    "POST /signin": {"handle": "per", "password": "wrong"},
    "POST /signout": {},
    "POST /incidents": {"title": "x"},
    "PATCH /incidents/{n}": {"severity": "high"},
    "POST /incidents/{n}": {"action": "edit", "severity": "high"},
    "DELETE /incidents/{n}": {"reason": "x"},
    "POST /incidents/{n}/join": {},
    "POST /incidents/{n}/leave": {},
    "POST /incidents/{n}/pull": {"people": ["other"]},
    "POST /incidents/{n}/fix": {"resolution": "x"},
    "POST /incidents/{n}/answer": lambda world, role, of: {
        "article": world.article},
    "POST /incidents/{n}/close": {"reason": "x"},
    "POST /incidents/{n}/reopen": {"text": "x"},
    "POST /incidents/{n}/duplicate": lambda world, role, of: {
        "of": world.other.report("the other")},
    "POST /incidents/{n}/link": {},
    "POST /incidents/{n}/posts": {"kind": "note", "text": "x"},
    "PATCH /incidents/{n}/posts/{id}": {"text": "y"},
    "POST /incidents/{n}/posts/{id}": {"action": "edit", "text": "y"},
    "DELETE /incidents/{n}/posts/{id}": {},
    "POST /articles": {"title": "x", "resolution": "x"},
    "PATCH /articles/{id}": {"cause": "x"},
    "POST /articles/{id}": {"action": "edit", "cause": "x"},
    "PATCH /me": {"hours": 1},
    "POST /me": {"action": "edit", "hours": 1},
    "POST /me/password": lambda world, role, of: {
        "old": role.browser.password if role.browser else "x",
        "new": role.browser.password if role.browser else "x"},
    "POST /me/subscriptions": lambda world, role, of: {
        "name": "n%d" % next(COUNT), "filter": "#x"},
    "PUT /me/subscriptions/{id}": lambda world, role, of: {
        "name": "n%d" % next(COUNT), "filter": "#y"},
    "POST /me/subscriptions/{id}": {"action": "delete"},
    "DELETE /me/subscriptions/{id}": {},
    "POST /me/feeds": {"label": "x"},
    "POST /me/feeds/{id}": {"action": "delete"},
    "DELETE /me/feeds/{id}": {},
    "POST /me/tokens": {"label": "x", "scope": "read"},
    "POST /me/tokens/{id}": {"action": "delete"},
    "DELETE /me/tokens/{id}": {},
    "POST /admin/people": lambda world, role, of: {
        "handle": "h%d" % next(COUNT)},
    "PATCH /admin/people/{handle}": {"admin": False},
    "POST /admin/people/{handle}": {"action": "edit", "admin": False},
    "POST /admin/people/{handle}/password": {},
    "POST /admin/tokens/{id}": {"action": "delete"},
    "DELETE /admin/tokens/{id}": {},
    "POST /admin/feeds/{id}": {"action": "delete"},
    "DELETE /admin/feeds/{id}": {},
    "POST /admin/filters/{id}/resume": {},
    "POST /admin/tags/merge": lambda world, role, of: {
        "tag": "m%d" % next(COUNT), "into": "merged"},
    "POST /admin/tags/rename": lambda world, role, of: {
        "tag": "r%d" % next(COUNT), "into": "n%d" % next(COUNT)},
}
ENDS_SESSIONS = ("/signout", "/me/password", "/admin/people/{handle}/password")


def make_path(world, role, which, path):
    of = {"own": role.person or world.other, "another's": world.other,
          "missing": None, "": None}[which]
    for begin, make in OBJECTS:
        if path.startswith(begin) and "{" in path:
            return make(world, role, of, path), of
    assert "{" not in path, "a test has to know what %s is about" % path
    return path, of


def body_of(world, role, of, method, path):
    if method == "GET":
        return None
    key = method + " " + path
    assert key in BODIES, "a test has to know what %s takes" % key
    body = BODIES[key]
    return body(world, role, of) if callable(body) else body


def ask(world, role, which, method, path, **more):
    address, of = make_path(world, role, which, path)
    body = body_of(world, role, of, method, path)
    headers = {"Accept": "*/*", "If-Match": "*", **role.headers(), **more}
    if method != "GET":
        headers["Accept"] = "application/json"
    answer = world.server.request(method, address, body, headers)
    if path in ENDS_SESSIONS and role.browser is not None:
        role.come_again()
    return answer.status


def whose_of(path):
    if "{" not in path:
        return [""]
    if path.startswith(WITHOUT_OWNER) and not path.endswith("/{id}"):
        return ["another's", "missing"]
    return ["own", "another's", "missing"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    from desk import Server
    server = Server(tmp_path_factory.mktemp("matrix"))
    server.command("init")
    server.start()
    try:
        yield World(server)
    finally:
        server.stop()


def table_of(world):
    head = "%-46s %-10s" % ("", "")
    lines = [head + " ".join("%-6s" % r.name.split()[0] for r in world.roles)]
    for method, path in world.routes():
        for which in whose_of(path):
            codes = [ask(world, role, which, method, path)
                     for role in world.roles]
            lines.append("%-46s %-10s" % (method + " " + path, which) +
                         " ".join("%-6d" % code for code in codes))
    return [line.rstrip() for line in lines]


def test_every_route_by_role_and_object_is_as_recorded(world):
    made = table_of(world)
    if os.environ.get("BARNRAISE_MATRIX") == "write":
        with open(TABLE, "w") as table:
            table.write("\n".join(made) + "\n")
    with open(TABLE) as table:
        recorded = table.read().splitlines()
    assert made == recorded, "\n".join(
        ["look at each line, then write the table: BARNRAISE_MATRIX=write",
         *difflib.unified_diff(recorded, made, lineterm="", n=0)])


# --- what changes something, from a page of another site

def writes_of(world):
    """Those that go by who one is: a secret in the path is its own proof."""
    return [(method, path) for method, path in world.routes()
            if method != "GET" and "{secret}" not in path]


def test_a_cookie_alone_changes_nothing_from_another_site(world):
    role = [r for r in world.roles if r.name == "admin"][0]
    csrf = role.browser.csrf()
    before = world.other.get("/me.json").headers["ETag"]
    for method, path in writes_of(world):
        for headers in {"Sec-Fetch-Site": "cross-site"}, {
                "Sec-Fetch-Site": "same-site"}, {
                "Sec-Fetch-Site": None, "Origin": "https://evil.example"}:
            cookie = {"Cookie": role.browser.cookie, **headers}
            cookie = {k: v for k, v in cookie.items() if v is not None}
            which = "another's" if "{" in path else ""
            address, of = make_path(world, role, which, path)
            body = body_of(world, role, of, method, path)
            form = {**{k: str(v) for k, v in body.items()}, "csrf": csrf}
            for kind, sent in (
                    ("application/json", body),
                    ("application/x-www-form-urlencoded", encoded(form))):
                answer = world.server.request(method, address, sent, {
                    "Content-Type": kind, "Accept": "application/json",
                    **cookie})
                assert answer.status == 403, (method, path, kind, headers)
                assert "Set-Cookie" not in answer.headers
    assert world.other.get("/me.json").headers["ETag"] == before
    role.browser.get("/admin").ok(200)


def test_a_form_without_its_token_changes_nothing(world):
    role = [r for r in world.roles if r.name == "admin"][0]
    for method, path in writes_of(world):
        if method != "POST" or path in ("/report", "/signin") or \
                path.startswith("/kb/"):
            continue
        which = "another's" if "{" in path else ""
        address, of = make_path(world, role, which, path)
        body = body_of(world, role, of, method, path)
        for csrf in {}, {"csrf": "brn_" + "a" * 32}:
            form = {**{k: str(v) for k, v in body.items()}, **csrf}
            answer = role.browser.post(address, form)
            assert answer.status == 403, (method, path, csrf)


def test_a_token_is_all_that_a_program_needs(world):
    """The same as from nowhere, whatever site a browser would name."""
    role = [r for r in world.roles if r.name == "write token"][0]
    for method, path in writes_of(world):
        if path in ("/report", "/signin", "/signout") or \
                path.startswith(("/kb/", "/admin")):
            continue  # a token is not asked there, or is not enough
        which = "own" if "{" in path else ""
        for site in "cross-site", "same-origin":
            status = ask(world, role, which, method, path,
                         **{"Sec-Fetch-Site": site})
            assert status in (200, 201, 204), (method, path, site, status)


# --- what only asks

def test_reading_changes_nothing_and_says_how_it_may_be_shown(world):
    """A reader that prefetches every link joins nobody."""
    role = [r for r in world.roles if r.name == "admin"][0]
    for method, path in world.routes():
        if method != "GET":
            continue
        address, _ = make_path(world, role, "own" if "{" in path else "", path)
        before = newest(world, role)
        for how in "GET", "HEAD":
            answer = world.server.request(how, address, None, {
                "Accept": "text/html", **role.headers()})
            assert answer.status in (200, 303, 404, 406), (how, path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "form-action 'self'" in policy
            assert "unsafe" not in policy and "*" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] in (
                ["no-referrer"] if "{secret}" in path
                else ["no-referrer", "same-origin"]), path
            assert "Set-Cookie" not in answer.headers
        assert newest(world, role) == before, path


def newest(world, role):
    """The journal's last number."""
    rows = world.server.request("GET", "/admin/journal.json?limit=1", None,
                                role.headers()).ok(200).json()["items"]
    return rows[0]["id"]
