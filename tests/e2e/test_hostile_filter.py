# SPDX-License-Identifier: ISC
"""A filter that would run for hours, beside a thousand that are harmless."""

import time

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


def report_bait(server, person, n):
    """Reported by a person: those of one public address count once."""
    numbers = []
    for i in range(n):
        began = time.monotonic()
        numbers.append(person.report("bait %d" % i, body=BAIT))
        assert time.monotonic() - began < 2
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
