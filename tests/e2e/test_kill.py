# SPDX-License-Identifier: ISC
"""kill -9 while several clients write: whatever was answered with success is
there after the next start, and the store is whole. BARNRAISE_KILLS says how
many times; 1,000 are run by

    BARNRAISE_KILLS=1000 BARNRAISE=build/barnraise \\
        /usr/bin/python3 -m pytest tests/e2e/test_kill.py
"""

import http.client
import os
import random
import threading
import time

KILLS = int(os.environ.get("BARNRAISE_KILLS", "50"))
CLIENTS = 4
GONE = (OSError, http.client.HTTPException)


class Client(threading.Thread):
    """Reports, joins, replies and writes fixes until the server is gone, and
    keeps in `kept` what was answered. A write that had no answer may have
    happened or not."""

    def __init__(self, person, kept, seed):
        super().__init__()
        self.person, self.kept = person, kept
        self.random = random.Random(seed)

    def run(self):
        try:
            while True:
                self.write()
        except GONE:
            pass

    def write(self):
        word = "%032x" % self.random.getrandbits(128)
        number = self.person.report("report " + word, tags=["db"])
        mine = self.kept.setdefault(number, {
            "title": "report " + word, "tags": ["db"], "posts": set()})
        for text in self.random.choices("abc", k=2):
            post = self.person.reply(number, text + word)
            mine["posts"].add((post, "reply", text + word))
        self.person.join(number)
        mine["joined"] = True
        if self.random.random() < 0.5:
            self.person.fix(number, "fixed " + word)
            mine["fixed"] = "fixed " + word


def missing(person, number, kept):
    """What was answered and is not there."""
    now = person.incident(number)
    posts = {(p["id"], p["kind"], p.get("text")) for p in now["posts"]}
    fixes = [p["resolution"] for p in now["posts"] if p["kind"] == "fix"]
    return [what for what, there in (
        ("title", now["title"] == kept["title"]),
        ("tags", now["tags"] == kept["tags"]),
        ("posts", kept["posts"] <= posts),
        ("joined", "joined" not in kept or now["swarm"]),
        ("fix", "fixed" not in kept or kept["fixed"] in fixes)) if not there]


def test_nothing_that_was_answered_is_lost(server):
    people = [server.person("p%d" % i) for i in range(CLIENTS)]
    people[0].subscribe("all", "#db")
    chance = random.Random(1)
    recent = {}
    answered = 0
    for cycle in range(KILLS):
        kept = [{} for _ in people]
        clients = [Client(person, mine, "%d %d" % (cycle, i))
                   for i, (person, mine) in enumerate(zip(people, kept))]
        for client in clients:
            client.start()
        # when exactly it dies is left to chance; no check depends on it
        time.sleep(chance.uniform(0.02, 0.4))
        server.kill()
        for client in clients:
            client.join()
        verified = server.run("verify")
        assert verified.returncode == 0, (cycle, verified.stderr)
        server.start()
        new = {number: what for mine in kept for number, what in mine.items()}
        answered += len(new)
        for number, what in {**recent, **new}.items():
            assert not missing(people[0], number, what), (cycle, number)
        in_feed = set(people[0].feed().numbers())
        assert set(sorted(new)[-100:]) <= in_feed, cycle
        recent = new
    assert answered >= KILLS, "the clients hardly wrote anything"
