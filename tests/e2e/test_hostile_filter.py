# SPDX-License-Identifier: ISC
"""A filter that would run for hours, beside a thousand that are harmless."""

import os

import pytest

from desk import wait_for

# Ways through (a|a)* double with each letter.
HOSTILE = "/(a|a)*=/"
BAIT = "a" * 4000 + "!="


@pytest.fixture
def crowd(server):
    """A thousand harmless filters, and ana's hostile one beside one more."""
    server.take_in("--people", [
        {"handle": "p%d" % i} for i in range(100)])
    server.take_in("--subscriptions", [
        {"person": "p%d" % (i % 100), "name": "s%d" % i,
         "filter": "/harmless +%d\\b/" % i} for i in range(1000)])
    ana = server.person("ana")
    ana.subscribe("good", "bait")
    ana.hostile = ana.subscribe("bad", HOSTILE)
    return ana


def subscription(person, number):
    return person.get("/me/subscriptions/%d" % number).ok(200).json()


def used(server):
    """Seconds of CPU time that the server has used."""
    with open("/proc/%d/stat" % server.process.pid) as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report_bait(server, person, n):
    """Reported by a person: those of one public address count once. Each gets
    through; what it takes is counted on the server, and not by the clock, which
    goes on while others use the machine."""
    numbers = []
    for i in range(n):
        before = used(server)
        numbers.append(person.report("bait %d" % i, body=BAIT))
        assert used(server) - before < 2
    return numbers


def is_paused(person):
    return wait_for(lambda: subscription(person, person.hostile)["paused"])


def pauses(feed):
    return [title for title in feed.titles() if title.startswith("Paused: ")]


def test_it_is_paused_after_three_incidents_and_nothing_is_held_up(
        server, crowd, bo):
    numbers = report_bait(server, bo, 3)
    assert is_paused(crowd)
    numbers += report_bait(server, bo, 5)
    harmless = bo.report("quite harmless 77 indeed")
    assert sorted(crowd.feed().numbers()) == numbers
    assert server.person("p77", exists=True).feed().numbers() == [harmless]
    assert subscription(crowd, crowd.hostile)["filter"] == HOSTILE


def test_its_feeds_say_so_over_a_restart_too(server, crowd, bo):
    report_bait(server, bo, 3)
    assert is_paused(crowd)
    for _ in range(2):
        assert pauses(crowd.feed()) == ["Paused: bad"]
        assert crowd.feed(crowd.hostile).titles() == ["Paused: bad"]
        assert is_paused(crowd)
        server.restart()


def test_saved_again_it_resumes_and_takes_what_it_missed(server, crowd, bo):
    report_bait(server, bo, 3)
    assert is_paused(crowd)
    missed = bo.report("missed", body="aaa=")
    assert missed not in crowd.feed(crowd.hostile).numbers()
    crowd.request("PUT", "/me/subscriptions/%d" % crowd.hostile,
                  {"name": "bad", "filter": HOSTILE},
                  **{"If-Match": "*"}).ok()
    assert subscription(crowd, crowd.hostile)["paused"] is None
    later = bo.report("later", body="aa=")
    wait_for(lambda: {missed, later} <= set(
        crowd.feed(crowd.hostile).numbers()))


def test_public_reports_of_one_address_count_once(server, crowd):
    for i in range(6):
        server.report("bait %d" % i, body=BAIT)
    assert subscription(crowd, crowd.hostile)["paused"] is None


# --- a hundred of them

# Ways that a regex may be hostile, each with some letters to tell them apart.
# All that each needs is one of these letters, and the bait has one at its end:
# so no look at what has to be there spares the search.
KINDS = ["(a|a)*[%s]", "(a*)*[%s]", "(a|aa)*[%s]", "(a+a+)*[%s]",
         "(\\w+\\s?)*[%s]", "((a|b|a)*)*[%s]", "(.*a)*[%s]",
         "(?:a?){30}[%s]", "a*a*a*a*a*a*[%s]", "(?=(a|a)*[%s])"]


def hostile_filters(n):
    return ["/%s/" % (KINDS[i % len(KINDS)] % ("=_" + "xyzwvusrqp"[:i // 10]))
            for i in range(n)]


def subscriptions(person):
    return person.get("/me/subscriptions.json").ok(200).json()["items"]


def test_a_hundred_of_one_person_are_paused_after_three_incidents(
        server, crowd, bo):
    mallory = server.person("mallory")
    server.take_in("--subscriptions", [
        {"person": "mallory", "name": "h%d" % i, "filter": filter}
        for i, filter in enumerate(hostile_filters(100))])
    report_bait(server, bo, 3)
    assert wait_for(lambda: all(s["paused"] for s in subscriptions(mallory)))
    # the others' run as before, and nothing of hers does
    numbers = report_bait(server, bo, 3)
    assert set(numbers) <= set(crowd.feed().numbers())
    harmless = bo.report("quite harmless 77 indeed")
    assert server.person("p77", exists=True).feed().numbers() == [harmless]
    assert all(s["paused"] for s in subscriptions(mallory))
    assert len(pauses(mallory.feed())) > 0
    assert pauses(server.person("p77", exists=True).feed()) == []


def test_what_is_hostile_to_the_past_meets_no_incident_at_all(
        server, ana, bo):
    report_bait(server, bo, 3)
    for i, filter in enumerate(hostile_filters(5)):
        number = ana.subscribe("h%d" % i, filter)
        paused = subscription(ana, number)["paused"]
        assert "too long on incidents 1, 2 and 3" in paused["why"]
    made = ana.request("POST", "/me/subscriptions", {
        "name": "told", "filter": "/(a|a)*[=_x]/"}).ok(201).json()
    assert made["paused"] and "takes too long" in made["warnings"][0]
    # she wants it nevertheless: it runs until three that come in
    path = "/me/subscriptions/%d" % made["id"]
    again = ana.request("PUT", path, {"name": "told",
                                      "filter": "/(a|a)*[=_x]/"},
                        **{"If-Match": "*"}).ok(200).json()
    assert again["paused"] is None
    report_bait(server, bo, 3)
    wait_for(lambda: subscription(ana, made["id"])["paused"])


def test_a_command_pauses_what_is_hostile_to_the_past_too(server, ana, bo):
    report_bait(server, bo, 3)
    server.take_in("--subscriptions", [
        {"person": "ana", "name": "bad", "filter": "/(a|a)*[=_]/"},
        {"person": "ana", "name": "good", "filter": "bait"}])
    rows = wait_for(lambda: subscriptions(ana))
    assert {row["name"]: bool(row["paused"]) for row in rows} == {
        "bad": True, "good": False}
