# SPDX-License-Identifier: ISC
"""Every personal feed equals what evaluating every filter on every incident at
each event gives (model.py does that). People and their filters come first, then
incidents by import and by report, then whatever happens to them.

Real incidents, expressions and tags are used where they are (SHARED in desk.py),
else the example in tests/data. The choice is made by a seed, so that a run can be
repeated: BARNRAISE_SEED=7 takes another.
"""

import collections
import json
import os
import random
import re
import types

import pytest

from desk import DATA, SHARED
from model import Group, Incident, Term, ask, personal_feed, state_terms

SEED = int(os.environ.get("BARNRAISE_SEED", "1"))
PEOPLE, FILTERS = 40, 4  # each
IMPORTED, REPORTED, STEPS = 80, 40, 400
NEEDED = {"incidents.jsonl", "regexes.txt", "tags.tsv"}


# --- the sample

def lines_of(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read().splitlines()


def regex_term(line):
    """A line of regexes.txt, its options in front as (?i), as a term."""
    found = re.match(r"\(\?([imsx]+)\)", line)
    flags = found[1] if found else ""
    body = line[found.end():] if found else line
    body = re.sub(r"\\.|/", lambda m: "\\/" if m[0] == "/" else m[0], body)
    return "/%s/%s" % (body, "".join(sorted(set(flags))))


class Sample:
    def __init__(self, seed):
        self.random = random.Random(seed)
        real = os.path.isdir(SHARED) and NEEDED <= set(os.listdir(SHARED))
        folder = SHARED if real else DATA
        if not real:
            print("no real data in %s: the example is used" % SHARED)
        rows = [json.loads(l) for l in lines_of(folder, "incidents.jsonl")]
        rows = [row for row in rows if row.get("title", "").strip() and
                len(row.get("body", "")) < 4000]
        self.random.shuffle(rows)
        texts = [{"title": " ".join(row["title"][:300].split()),
                  "body": row.get("body", ""), "environment": "",
                  "tags": row.get("tags", []),
                  "severity": row.get("severity", "normal")} for row in rows]
        while len(texts) < IMPORTED + REPORTED:  # the example is small
            texts += texts
        self.texts = texts[:IMPORTED + REPORTED]
        tags = collections.Counter(
            tag for text in self.texts for tag in text["tags"])
        self.tags = [tag for tag, _ in tags.most_common(60)]
        hostile = set(lines_of(folder, "regexes-hostile.txt")) if real else ()
        self.regexes = [regex_term(line)
                        for line in lines_of(folder, "regexes.txt")
                        if line and line not in hostile]

    def words(self):
        """One to three words that stand in a text, or a beginning of them."""
        text = self.random.choice(self.texts)
        words = re.findall(r"[a-zA-Z]{3,12}", text["title"] + " " +
                           text["body"][:500]) or ["nothing"]
        at = self.random.randrange(len(words))
        return words[at:at + self.random.choice([1, 1, 2])]

    def text_term(self, usable):
        kind = self.random.choice(["tag", "tag", "tags", "word", "word", "field",
                                   "phrase", "regex", "regex", "severity"])
        words = self.words()
        if kind in ("tag", "tags"):
            tag = self.random.choice(self.tags)
            return Term("#" + (tag if kind == "tag" else tag[:3] + "*"))
        if kind == "word":
            return Term('"%s"' % words[0])
        if kind == "field":
            return Term('%s:"%s"' % (
                self.random.choice(["title", "body"]), words[0]))
        if kind == "phrase":
            return Term('"%s"' % " ".join(words))
        if kind == "severity":
            return Term("severity" + self.random.choice(
                [">=high", "<normal", "=critical", ">low"]))
        return Term(self.random.choice(usable))

    def filter(self, usable, states, depth=0):
        if self.random.random() < (0.35, 0.7, 1)[depth]:
            if self.random.random() < 0.35:
                return self.random.choice(states)
            return self.text_term(usable)
        how = self.random.choice(["and", "and", "or", "or", "not"])
        n = 1 if how == "not" else self.random.choice([2, 2, 3])
        return Group(how, [self.filter(usable, states, depth + 1)
                           for _ in range(n)])


# --- what happens

class Story:
    """Does each step twice: on the server, and on the model."""

    def __init__(self, server, sample, people):
        self.server, self.sample = server, sample
        self.random, self.people = sample.random, people
        self.log, self.incidents = [], {}
        self.articles = []

    def take_in(self, texts):
        rows = [{**text, "key": "k%d" % (len(self.incidents) + i)}
                for i, text in enumerate(texts)]
        for row in rows:
            if self.random.random() < 0.2:
                row["resolution"] = "Do it right."
        self.server.take_in("--incidents", rows)
        numbers = {row["key"]: row["number"] for row in map(
            json.loads, self.server.command("export").splitlines())}
        for row, text in sorted(zip(rows, texts),
                                key=lambda both: numbers[both[0]["key"]]):
            number = numbers[row["key"]]
            self.incidents[number] = Incident(
                self.log, number, text, source="import",
                status="resolved" if "resolution" in row else "open")

    def report(self, text):
        by = self.random.choice([None] + self.people[:8])
        fields = {name: text[name] for name in text if name != "title"}
        if by is None:
            if fields["severity"] == "critical":
                fields["severity"] = "high"
            number = self.server.report(text["title"], **fields)
        else:
            number = by.report(text["title"], **fields)
        self.incidents[number] = Incident(
            self.log, number, {**text, **fields}, by and by.handle)

    def step(self):
        incident = self.incidents[self.random.choice(sorted(self.incidents))]
        steps = {"open": "join shadow reply fix answer edit edit host pull "
                         "customer_reply join close",
                 "swarming": "join shadow leave leave leave reply fix edit pull "
                             "host customer_reply",
                 "resolved": "join leave reopen confirm close edit "
                             "customer_reopen",
                 "closed": "reopen customer_reopen edit"}
        name = self.random.choice(steps[incident.status].split())
        person = self.random.choice(self.people)
        if name == "leave" and incident.swarm:
            person = self.by_handle(self.random.choice(sorted(incident.swarm)))
        getattr(self, name)(incident, person)

    def by_handle(self, handle):
        return next(p for p in self.people if p.handle == handle)

    def join(self, incident, person, role="helper"):
        person.join(incident.number, role)
        incident.join(person, role)

    def shadow(self, incident, person):
        self.join(incident, person, "shadow")

    def leave(self, incident, person):
        person.leave(incident.number)
        incident.leave(person)

    def reply(self, incident, person):
        person.reply(incident.number, "Let me see.")
        incident.reply(person)

    def fix(self, incident, person):
        now = person.fix(incident.number, "Done.")
        self.articles.append(now["article"])
        incident.resolve(person)

    def answer(self, incident, person):
        if self.articles:
            person.step(incident.number, "answer",
                        article=self.random.choice(self.articles))
            incident.answer(person)

    def edit(self, incident, person):
        what = self.random.choice(["tags", "severity", "text", "hands"])
        if what == "tags":
            change = {"tags": sorted(self.random.sample(self.sample.tags, 2))}
        elif what == "severity":
            change = {"severity": self.random.choice(
                ["low", "normal", "high", "critical"])}
        elif what == "hands":
            change = {"hands": self.random.choice([1, 2, 3])}
        else:
            change = {"body": self.random.choice(self.sample.texts)["body"]}
        person.edit(incident.number, **change)
        incident.edit(person, **change)

    def host(self, incident, person):
        other = self.random.choice(self.people)
        person.edit(incident.number, host=other.handle)
        incident.give_host(person, other)

    def pull(self, incident, person):
        people = {p.handle for p in self.random.sample(self.people, 1)}
        tags = set(self.random.sample(self.sample.tags, 1))
        if self.random.random() < 0.5:
            people = set()
        person.step(incident.number, "pull", people=sorted(people),
                    tags=sorted(tags))
        incident.pull(person, people, tags, self.people)

    def close(self, incident, person):
        if incident.status == "resolved":
            person.step(incident.number, "close")
        else:
            person.step(incident.number, "close", reason="Not ours.")
        incident.close(person)

    def reopen(self, incident, person):
        person.step(incident.number, "reopen", text="It is back.")
        incident.reopen(person)

    def customer_reply(self, incident, _):
        if incident.number in self.server.customers:
            self.server.customer(incident.number, "replies", text="And now?")
            incident.customer_reply()

    def confirm(self, incident, _):
        if incident.number in self.server.customers:
            self.server.customer(incident.number, "confirm", rating=4)
            incident.confirm()

    def customer_reopen(self, incident, _):
        if incident.number in self.server.customers:
            self.server.customer(incident.number, "reopen")
            incident.reopen()


# --- the comparison

def entries_of(feed):
    """A feed's entries in the form of model.personal_feed, in no order."""
    found = []
    for entry in feed.entries:
        number = re.search(r":incident:(\d+)(:\d+)?$", entry.id)
        notice = entry.title.partition(": ")[0] if number[2] else None
        found.append((int(number[1]), notice))
    return collections.Counter(found)


def in_words(counter):
    return sorted("%d %s x%d" % (number, notice or "itself", times)
                  for (number, notice), times in counter.items())


def compare(people, log, asked, ending):
    """Each person's feed; how many entries they should have in all."""
    total = 0
    for person in people:
        expected = personal_feed(log, person.handle, person.filters, asked)
        total += len(expected)
        found = entries_of(person.feed(ending=ending))
        last = collections.Counter(expected[-200:])
        more, less = found - last, last - found
        assert not more and not less, (
            person.handle, "too much:", in_words(more), "missing:",
            in_words(less), [str(f) for f in person.filters])
    return total


@pytest.fixture
def world(make_server):
    """People with filters, and no incident yet."""
    server = make_server(regex_budget="0")
    sample = Sample(SEED)
    rows = [{"handle": "p%d" % i, "tags": sample.random.sample(
        sample.tags, sample.random.choice([0, 1, 2]))} for i in range(PEOPLE)]
    server.take_in("--people", rows)
    people = [server.person(row["handle"], exists=True) for row in rows]
    for person, row in zip(people, rows):
        person.tags = set(row["tags"])
        person.filters = [Group("or", [Term("#" + tag) for tag in row["tags"]])] \
            if row["tags"] else []
    return types.SimpleNamespace(server=server, sample=sample, people=people)


def usable_regexes(server, sample, n=60):
    """Of the sample's, those that the filter language takes."""
    found = []
    sample.random.shuffle(sample.regexes)
    for expression in sample.regexes:
        if len(found) == n:
            break
        if server.run("filter", "check", "--", expression).returncode == 0:
            found.append(expression)
    return found


def subscribe_all(world):
    states = state_terms([p.handle for p in world.people[:8]])
    usable = usable_regexes(world.server, world.sample)
    rows = []
    for person in world.people:
        for i in range(FILTERS):
            tree = world.sample.filter(usable, states)
            person.filters.append(tree)
            rows.append({"person": person.handle, "name": "f%d" % i,
                         "filter": str(tree)})
    world.server.take_in("--subscriptions", rows)


def test_every_personal_feed_is_what_evaluation_gives(world):
    subscribe_all(world)
    story = Story(world.server, world.sample, world.people)
    texts = world.sample.texts
    story.take_in(texts[:IMPORTED // 2])
    for i, text in enumerate(texts[IMPORTED:]):
        story.report(text)
        if i == REPORTED // 2:
            story.take_in(texts[IMPORTED // 2:IMPORTED])
    for _ in range(STEPS):
        story.step()

    for number, incident in story.incidents.items():
        now = world.people[0].incident(number)
        assert (now["status"], now["host"], now["hands"]) == (
            incident.status, incident.host, incident.hands), number
        assert {stay["person"]: stay["role"] for stay in now["swarm"]
                if stay["left"] is None} == incident.swarm, number

    filters = [f for person in world.people for f in person.filters]
    asked = ask(world.server, [t for f in filters for t in f.terms()],
                story.incidents.values())
    assert compare(world.people, story.log, asked, "atom") > 10 * PEOPLE
    compare(world.people, story.log, asked, "rss")
    world.server.restart()
    compare(world.people, story.log, asked, "atom")
