# SPDX-License-Identifier: ISC
"""Every feed, asked for after each of many random steps: the dates of entries,
the ETag against the bytes, what is sent from memory against what is made anew,
and that a start changes no byte.

The steps are chosen by a seed: BARNRAISE_SEED=7 takes others."""

import os
import random
import xml.etree.ElementTree as xml

import pytest

from desk import wait_for

SEED = int(os.environ.get("BARNRAISE_SEED", "1"))
STORIES, STEPS, BETWEEN_STARTS = 2, 60, 12
ATOM = "{http://www.w3.org/2005/Atom}"
TAGS = [], ["db"], ["net"], ["db", "ui"]
FILTERS = "", "#db", "is:wanted", "is:known", "-host:me", "status:resolved"
SEVERITIES = "low", "normal", "high", "critical"

STAFF = [  # method, path under the incident, a body made by chance
    ("POST", "/join", lambda r: {"role": r.choice(["helper", "shadow"])}),
    ("POST", "/leave", lambda r: {}),
    ("POST", "/posts", lambda r: {"text": "Hello",
                                  "kind": r.choice(["reply", "note"])}),
    ("POST", "/fix", lambda r: {"resolution": "Restart it",
                                "publish": r.random() < 0.5}),
    ("POST", "/answer", lambda r: {"article": r.randrange(1, 5)}),
    ("POST", "/pull", lambda r: {"people": ["bo"], "tags": r.choice(TAGS)}),
    ("POST", "/close", lambda r: {"reason": "enough"}),
    ("POST", "/reopen", lambda r: {}),
    ("POST", "/duplicate", lambda r: {"of": r.randrange(1, 5)}),
    ("DELETE", "", lambda r: {"reason": "spam"}),
    ("PATCH", "", lambda r: {"title": "crash %d" % r.randrange(99)}),
    ("PATCH", "", lambda r: {"tags": r.choice(TAGS)}),
    ("PATCH", "", lambda r: {"severity": r.choice(SEVERITIES)}),
    ("PATCH", "", lambda r: {"hands": r.randrange(1, 4)}),
    ("PATCH", "", lambda r: {"host": r.choice(["ana", "bo", "cy"])}),
]
CUSTOMER = [("replies", {"text": "still"}), ("reopen", {"text": "again"}),
            ("confirm", {"rating": 4})]


class Story:
    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(seed)
        self.people = [server.person(handle, tags=tags) for handle, tags in
                       (("ana", ["db"]), ("bo", ["net"]), ("cy", ["db"]))]
        self.subscriptions = [
            (person, person.subscribe("mine", self.random.choice(FILTERS)))
            for person in self.people]
        self.numbers = []
        self.people[0].request("POST", "/articles", {
            "title": "Pool exhausted", "resolution": "Restart it"}).ok(201)
        wait_for(self.knows_an_answer)

    def knows_an_answer(self):
        """As soon as the article can be searched for."""
        self.report()
        return self.people[0].incident(self.numbers[-1])["known"]

    def report(self):
        tags = self.random.choice(TAGS)
        number = self.server.report("Pool exhausted again", tags=tags)
        self.numbers.append(number)

    def article(self, person):
        new = {"title": "Pool exhausted", "resolution": "Restart it"}
        old = {"title": "Pool exhausted %d" % self.random.randrange(99),
               "audience": self.random.choice(["staff", "public"])}
        if self.random.random() < 0.3:
            person.request("POST", "/articles", new).ok(201)
        else:
            path = "/articles/%d" % self.random.randrange(1, 5)
            person.request("PATCH", path, old).ok(200, 404)

    def resubscribe(self):
        person, number = self.random.choice(self.subscriptions)
        body = {"name": "mine", "filter": self.random.choice(FILTERS)}
        person.request("PUT", "/me/subscriptions/%d" % number, body,
                       **{"If-Match": "*"}).ok(200)

    def step(self):
        """Whatever comes up: that some are refused is part of it."""
        person = self.random.choice(self.people)
        what = self.random.random()
        if what < 0.15 or len(self.numbers) < 4:
            self.report()
        elif what < 0.3:
            self.article(person)
        elif what < 0.35:
            self.resubscribe()
        elif what < 0.45:
            step, body = self.random.choice(CUSTOMER)
            path = self.server.customers[self.random.choice(self.numbers)]
            assert self.server.post(path + "/" + step, body).status < 500
        else:
            method, path, make = self.random.choice(STAFF)
            path = "/incidents/%d%s" % (self.random.choice(self.numbers), path)
            answer = person.request(method, path, make(self.random))
            assert answer.status < 500, (method, path, answer.body)

    def feeds(self):
        """Paths, and who asks."""
        for person in self.people:
            for ending in ".atom", ".rss", ".json":
                yield person.link + ending, None
        for person, number in self.subscriptions:
            yield "%s/%d.atom" % (person.link, number), None
        yield "/kb.atom", None
        yield "/kb.json", None
        yield "/incidents.atom?q=%23db", self.people[0]
        for number in self.numbers[:4]:
            yield "/incidents/%d.atom" % number, self.people[1]
            yield self.server.customers[number] + ".atom", None


class Watch:
    """What each feed was, and each entry in it."""

    def __init__(self, server):
        self.server, self.answers, self.entries = server, {}, {}
        self.looks = 0

    def ask(self, path, who, **headers):
        if who is not None:
            headers["Authorization"] = "Bearer " + who.token
        return self.server.get(path, **headers)

    def look(self, path, who):
        new = self.ask(path, who)
        if new.status == 410:
            return
        new.ok(200)
        old = self.answers.get(path)
        if old is not None:
            same = old.body == new.body
            assert same == (old.headers["ETag"] == new.headers["ETag"]), path
            again = self.ask(path, who, If_None_Match=old.headers["ETag"])
            assert (again.status == 304) == same, path
        self.answers[path] = new
        if path.startswith("/feeds/"):
            assert self.made_now(path) == new.body, path
        if ".atom" in path:
            self.dates(path, xml.fromstring(new.body))

    def made_now(self, path):
        """The same, under a limit that it does not reach and nobody asked for:
        memory has nothing of it."""
        self.looks += 1
        limit = "?limit=%d" % (100 + self.looks % 100)
        return self.ask(path + limit, None).ok(200).body.replace(
            limit.encode(), b"")

    def dates(self, path, feed):
        times = []
        for entry in feed.findall(ATOM + "entry"):
            name, updated, published = (
                entry.find(ATOM + what).text
                for what in ("id", "updated", "published"))
            times.append(updated)
            assert published <= updated
            before = self.entries.get((path, name), (updated, published))
            assert before[0] <= updated and before[1] == published, name
            self.entries[path, name] = updated, published
        assert len(set(times)) == len(times), path
        if not path.startswith("/incidents.atom"):  # by raise
            assert times == sorted(times, reverse=True), path

    def start_again(self, feeds):
        self.server.restart()
        for path, who in feeds:
            new, old = self.ask(path, who), self.answers.get(path)
            if new.status != 410:
                assert new.body == old.body, path
                assert new.headers["ETag"] == old.headers["ETag"], path


@pytest.mark.parametrize("story", range(STORIES))
def test_feeds_stay_in_order_whatever_happens(make_server, story):
    server = make_server(base_url="http://desk.example")
    watch = Watch(server)
    story = Story(server, SEED + story)
    for step in range(STEPS):
        story.step()
        for path, who in story.feeds():
            watch.look(path, who)
        if step % BETWEEN_STARTS == BETWEEN_STARTS - 1:
            watch.start_again(story.feeds())
