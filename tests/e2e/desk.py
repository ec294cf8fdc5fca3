# SPDX-License-Identifier: ISC
"""A desk of one's own for a test: a fresh store, a server on a free port, the
people on it and what they do, over HTTP as their programs do it."""

import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.parse

import feedparser

BARNRAISE = os.path.abspath(os.environ.get("BARNRAISE", "./barnraise"))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TEMPLATES = os.environ.get("BARNRAISE_TEMPLATES_DIR",
                           os.path.join(SOURCE, "templates"))
DATA = os.path.join(SOURCE, "tests", "data")
SHARED = os.environ.get("BARNRAISE_DATA", os.path.join(
    os.path.dirname(SOURCE), "shared", "data"))
# a program that becomes another one, and leaves it a socket as systemd does
HAND_OVER = """import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""
PATIENCE = 60  # seconds until a test gives up on what should happen


def wait_for(what, seconds=PATIENCE):
    """What what() answers as soon as that is true, asked again and again."""
    end = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Answer:
    def __init__(self, response):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()

    def ok(self, *statuses):
        """Itself, if the status is one of these (else any success)."""
        good = self.status in statuses if statuses else self.status < 300
        assert good, (self.status, self.body[:2000])
        return self


class Server:
    """Settings are those of the configuration: name="Desk", close_after="1s"."""

    def __init__(self, folder, **settings):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.store = "sqlite:" + os.path.join(self.folder, "desk.db")
        self.settings = {"listen": "127.0.0.1:0", "limit_writes": "0",
                         "limit_reports": "0", "limit_signin": "0",
                         "limit_connections_per_address": "0", **settings}
        self.process = None
        self.port = None
        self.listener = None  # a socket to hand over, as a manager would
        self.prepare = None  # called in the new process before it starts
        self.customers = {}

    # --- the process

    def env(self):
        keys = {"BARNRAISE_" + k.upper(): v for k, v in self.settings.items()}
        return {**os.environ, **keys, "BARNRAISE_STORE": self.store,
                "BARNRAISE_TEMPLATES_DIR": TEMPLATES}

    def start(self):
        log = open(os.path.join(self.folder, "log"), "ab")
        words, fds = [BARNRAISE, "serve"], ()
        if self.listener is not None:
            fds = (self.listener.fileno(),)
            words = [sys.executable, "-c", HAND_OVER, str(fds[0]), *words]
        with log:
            self.process = subprocess.Popen(
                words, env=self.env(), stderr=log, stdout=subprocess.PIPE,
                pass_fds=fds, preexec_fn=self.prepare)
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, self.log()[-2000:]
        line = self.process.stdout.readline().decode()
        found = re.fullmatch(r"listening on https?://127\.0\.0\.1:(\d+)\n",
                             line)
        assert found, (line, self.log()[-2000:])
        self.port = int(found[1])
        return self

    def stop(self):
        """Tells it to end, and wants that it does so in order."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            rest, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        assert (process.returncode, rest) == (0, b""), self.log()[-4000:]

    def kill(self):
        """kill -9."""
        process, self.process = self.process, None
        process.kill()
        process.communicate()

    def restart(self):
        if self.process is not None:
            self.stop()
        return self.start()

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            return log.read()

    def run(self, *words, stdin=b""):
        """A command on this store, as it ended."""
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run([BARNRAISE, *words], input=stdin, env=self.env(),
                              capture_output=True, timeout=600, check=False)

    def command(self, *words, stdin=b""):
        """What a command that succeeds prints."""
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.decode()

    def take_in(self, what, rows):
        """Imports rows: "--incidents", "--people" or "--subscriptions"."""
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        return self.command("import", what, stdin=lines)

    # --- requests

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def request(self, method, path, body=None, headers=()):
        headers = dict(headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers={
            name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path, body):
        return self.request("POST", path, body, {"Accept": "application/json"})

    # --- who is there

    def report(self, title, **fields):
        """A customer reports: the incident's number. Her status link is kept."""
        status = self.post("/report", {"title": title, **fields}).ok().json()
        path = urllib.parse.urlsplit(status["status_url"]).path
        self.customers[status["id"]] = path
        return status["id"]

    def customer(self, number, step, **body):
        """Her step on her own incident: "replies", "confirm", "reopen"."""
        path = self.customers[number] + "/" + step
        return self.post(path, body).ok(200).json()

    def person(self, handle, tags=(), exists=False, **options):
        """A new person with a token and a feed link (or: of one who exists)."""
        if not exists:
            words = [w for k, v in options.items() for w in ("--" + k, v)]
            if tags:
                words += ["--tags", ",".join(tags)]
            self.command("person", "add", handle, *words)
        return Person(self, handle)


class Person:
    def __init__(self, server, handle):
        self.server, self.handle = server, handle
        self.token = server.command("token", "add", handle).strip()
        self.link = server.command("feed", "add", handle).strip()

    def request(self, method, path, body=None, **headers):
        return self.server.request(method, path, body, {
            "Authorization": "Bearer " + self.token,
            "Accept": "application/json", **headers})

    def get(self, path):
        return self.request("GET", path)

    def incident(self, number):
        return self.get("/incidents/%d.json" % number).ok(200).json()

    def report(self, title, **fields):
        body = {"title": title, **fields}
        return self.request("POST", "/incidents", body).ok(201).json()["id"]

    def step(self, number, step, **body):
        path = "/incidents/%d/%s" % (number, step)
        return self.request("POST", path, body).ok(200).json()

    def join(self, number, role="helper"):
        return self.step(number, "join", role=role)

    def leave(self, number):
        return self.step(number, "leave")

    def fix(self, number, resolution, **more):
        return self.step(number, "fix", resolution=resolution, **more)

    def edit(self, number, **fields):
        path = "/incidents/%d" % number
        return self.request("PATCH", path, fields).ok(200).json()

    def say(self, number, kind, text, **more):
        body = {"kind": kind, "text": text, **more}
        path = "/incidents/%d/posts" % number
        return self.request("POST", path, body).ok(201).json()["id"]

    def reply(self, number, text, **more):
        return self.say(number, "reply", text, **more)

    def note(self, number, text):
        return self.say(number, "note", text)

    def subscribe(self, name, expression):
        """The subscription's number."""
        body = {"name": name, "filter": expression}
        return self.request("POST", "/me/subscriptions", body).ok(201) \
            .json()["id"]

    def feed_path(self, subscription=None, ending="atom"):
        path = self.link
        if subscription is not None:
            path += "/%d" % subscription
        return path + "." + ending + "?limit=200"

    def feed(self, subscription=None, ending="atom"):
        """Her personal feed, or that of a subscription, as feedparser reads it."""
        path = self.feed_path(subscription, ending)
        return Feed(self.server.get(path).ok(200))


class Feed:
    """Entries as feedparser reads them, and those that tests ask for."""

    def __init__(self, answer):
        self.answer = answer
        self.parsed = feedparser.parse(answer.body, response_headers={
            "content-type": answer.headers["Content-Type"]})
        assert not self.parsed.bozo, self.parsed.bozo_exception
        self.entries = self.parsed.entries

    def titles(self):
        return [entry.title for entry in self.entries]

    def numbers(self):
        """The incidents whose own entry is there, in the feed's order."""
        found = [re.search(r":incident:(\d+)$", e.id) for e in self.entries]
        return [int(number[1]) for number in found if number]

    def entry(self, number):
        """The entry of an incident, or None."""
        for entry in self.entries:
            if entry.id.endswith(":incident:%d" % number):
                return entry
        return None
