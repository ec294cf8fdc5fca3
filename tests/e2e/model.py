# SPDX-License-Identifier: ISC
"""What the desk must do, said a second time and without its code: incidents
with their states after each event, filters as trees that are evaluated term by
term, and from both what stands in whose personal feed. Terms about texts, tags
and severity are asked of `barnraise filter match`, terms of state are judged
here."""

import json

LEVELS = ["low", "normal", "high", "critical"]


# --- filters

class Term:
    """A term: how it is written, and how a state answers it (None: ask)."""

    def __init__(self, text, judge=None):
        self.text, self.judge = text, judge

    def terms(self):
        return [self]

    def __str__(self):
        return self.text

    def holds(self, event, asked):
        if self.judge is not None:
            return self.judge(event.state)
        return event.version in asked[self.text]


class Group:
    """Terms and groups under "and", "or" or "not"."""

    def __init__(self, how, parts):
        self.how, self.parts = how, parts

    def terms(self):
        return [term for part in self.parts for term in part.terms()]

    def __str__(self):
        texts = ["(%s)" % part for part in self.parts]
        if self.how == "not":
            return "not " + texts[0]
        return (" %s " % self.how).join(texts)

    def holds(self, event, asked):
        found = (part.holds(event, asked) for part in self.parts)
        if self.how == "not":
            return not next(found)
        return all(found) if self.how == "and" else any(found)


def state_terms(handles):
    """Terms of the state of a case."""
    def going_on(state):
        return state["status"] in ("open", "swarming")

    terms = [Term("status:" + status, lambda s, status=status:
                  s["status"] == status)
             for status in ("open", "swarming", "resolved", "closed")]
    terms += [
        Term("is:open", going_on),
        Term("is:known", lambda s: s["known"]),
        Term("is:wanted", lambda s: going_on(s) and (
            s["helpers"] < s["hands"] or s["pulled"])),
        Term("host:none", lambda s: s["host"] is None),
        Term("source:import", lambda s: s["source"] == "import"),
        Term("source:api", lambda s: s["source"] == "api"),
        Term("helpers>=2", lambda s: s["helpers"] >= 2),
        Term("helpers=0", lambda s: s["helpers"] == 0),
        Term("helpers<2", lambda s: s["helpers"] < 2)]
    for handle in handles:
        terms += [
            Term("host:" + handle, lambda s, h=handle: s["host"] == h),
            Term("swarm:" + handle, lambda s, h=handle: h in s["swarm"]),
            Term("by:" + handle, lambda s, h=handle: s["by"] == h)]
    return terms


def ask(server, terms, incidents):
    """For each text of a term: the versions of incidents that it matches."""
    lines = {}
    for incident in incidents:
        for i, text in enumerate(incident.versions):
            lines[json.dumps({**text, "key": "%d.%d" % (incident.number, i)})] \
                = (incident.number, i)
    stdin = "".join(line + "\n" for line in lines)
    asked = {}
    for term in terms:
        if term.judge is None and term.text not in asked:
            out = server.command("filter", "match", "--", term.text, "-",
                                 stdin=stdin)
            asked[term.text] = {lines[line] for line in out.splitlines()}
    return asked


# --- incidents

class Event:
    def __init__(self, incident, actor, notice, addressed):
        self.number = incident.number
        self.version = (incident.number, len(incident.versions) - 1)
        self.state = incident.state()
        self.actor, self.notice, self.addressed = actor, notice, addressed


class Incident:
    """Each step writes one event into the log for each fact, as the journal
    does. A notice is the beginning of the title that its entry has."""

    def __init__(self, log, number, text, by=None, source="api",
                 status="open"):
        self.log, self.number = log, number
        self.versions = [text]
        self.by, self.host, self.source = by, by, source
        self.status, self.hands, self.known = status, 1, False
        self.swarm, self.pulls, self.were_in = {}, [], set()
        self.event(by)

    @property
    def text(self):
        return self.versions[-1]

    def helpers(self):
        return sum(role == "helper" for role in self.swarm.values())

    def state(self):
        return {"status": self.status, "host": self.host, "by": self.by,
                "helpers": self.helpers(), "swarm": set(self.swarm),
                "hands": self.hands, "known": self.known,
                "pulled": any(p["open"] for p in self.pulls),
                "source": self.source}

    def event(self, actor, notice=None, addressed=()):
        self.log.append(Event(self, actor, notice, set(addressed)))

    def concerned(self):
        return set(self.swarm) | ({self.host} - {None})

    def settle(self):
        """The status follows the helpers: a notice if the last one left."""
        if self.status == "open" and self.helpers():
            self.status = "swarming"
        elif self.status == "swarming" and not self.helpers():
            self.status = "open"
            return "Wanted again"
        return None

    def answer_pulls(self, person):
        for pull in self.pulls:
            asked = person.handle in pull["people"] or (
                pull["by"] != person.handle and person.tags & pull["tags"])
            if asked:
                pull["open"] = False

    def join(self, person, role="helper"):
        if self.swarm.get(person.handle) == role:
            return
        self.swarm[person.handle] = role
        notice = self.settle()
        self.answer_pulls(person)
        self.event(person.handle, notice)

    def leave(self, person):
        if self.swarm.pop(person.handle, None) is not None:
            self.event(person.handle, self.settle())

    def reply(self, person):
        if self.host != person.handle:
            self.join(person)
        if self.host is None:
            self.host = person.handle
            self.event(person.handle)
        self.answer_pulls(person)
        self.event(person.handle)

    def resolve(self, person):
        if self.host != person.handle:
            self.join(person)
        self.status = "resolved"
        self.event(person.handle, "Fix")

    def answer(self, person):
        self.status, self.known = "resolved", True
        self.event(person.handle)

    def edit(self, person, severity=None, hands=None, **text):
        now = {**self.text, **text}
        raised = severity is not None and LEVELS.index(severity) > \
            LEVELS.index(now["severity"])
        now["severity"] = severity or now["severity"]
        if now == self.text and hands in (None, self.hands):
            return
        self.versions.append(now)
        self.hands = hands or self.hands
        self.event(person.handle,
                   "Severity " + severity if raised else None)

    def give_host(self, person, other):
        if self.host != other.handle:
            self.host = other.handle
            self.event(person.handle)

    def pull(self, person, people, tags, everybody):
        asked = {p.handle for p in everybody if p.tags & tags} | people
        self.pulls.append({"by": person.handle, "people": people,
                           "tags": tags, "open": True})
        self.event(person.handle, "Pulled", asked)

    def end(self, actor, notice=None, addressed=()):
        self.status = "closed"
        self.were_in = set(self.swarm)
        self.swarm = {}
        self.event(actor, notice, addressed)

    def close(self, person):
        if self.status != "closed":
            self.end(person.handle)

    def confirm(self):
        if self.status == "resolved":
            self.end(None, "Solved", self.concerned())

    def reopen(self, person=None):
        told = set() if person is not None else self.concerned()
        if self.status == "closed":
            told |= self.were_in
        self.status = "swarming" if self.helpers() else "open"
        self.event(person and person.handle, "Reopened", told)

    def customer_reply(self):
        self.event(None, "Customer replied", self.concerned())


# --- feeds

def personal_feed(log, handle, filters, asked):
    """What stands in her feed, oldest first: (number, None) for an incident's
    own entry, (number, notice) for a notice."""
    entries, held = [], set()
    for event in log:
        first = event.number not in held and any(
            f.holds(event, asked) for f in filters)
        if first:
            held.add(event.number)
            entries.append((event.number, None))
        elif event.notice is not None and event.actor != handle and (
                handle in event.addressed or
                (event.number in held and is_for_all(event.notice))):
            entries.append((event.number, event.notice))
    return entries


def is_for_all(notice):
    """A raise or a fix; the others stand only with those they are addressed
    to."""
    return notice not in ("Solved", "Customer replied")
