# SPDX-License-Identifier: ISC
"""Changes on a slow disk: they share its syncs, each is answered when it is
durable and not before, and nobody who reads waits for any of them."""

import http.client
import os
import signal
import subprocess
import threading
import time

import pytest

from desk import BARNRAISE, Server, wait_for

CC = "gcc"
SYNC = 0.4  # seconds


def is_sanitized():
    with open(BARNRAISE, "rb") as file:
        return b"__asan_init" in file.read()


pytestmark = pytest.mark.skipif(
    is_sanitized(), reason="needs a program without sanitizers")


class SlowServer(Server):
    def __init__(self, folder, library):
        super().__init__(folder)
        self.library = library
        self.slow_file = os.path.join(self.folder, "slow")

    def env(self):
        return {**super().env(), "LD_PRELOAD": self.library,
                "SLOW_DISK": self.slow_file}

    def slow(self, seconds):
        with open(self.slow_file, "wb") as file:
            file.write(b"x" * int(seconds * 1000))

    def fast(self):
        os.unlink(self.slow_file)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    source = os.path.join(os.path.dirname(__file__), "slow_disk.c")
    out = str(tmp_path_factory.mktemp("slow") / "slow_disk.so")
    subprocess.run([CC, "-shared", "-fPIC", "-o", out, source, "-ldl"],
                   check=True)
    return out


@pytest.fixture
def server(tmp_path, library):
    server = SlowServer(tmp_path / "desk", library)
    server.command("init")
    server.start()
    yield server
    if server.process is not None:
        server.kill()


class Reporter(threading.Thread):
    def __init__(self, server, title):
        super().__init__()
        self.server, self.title = server, title
        self.answer = self.took = None

    def run(self):
        began = time.monotonic()
        try:
            self.answer = self.server.post("/report", {"title": self.title})
        except (OSError, http.client.HTTPException):
            return  # it was killed
        self.took = time.monotonic() - began


def report_all(server, n):
    reporters = [Reporter(server, "printer %d" % i) for i in range(n)]
    for each in reporters:
        each.start()
    return reporters


def end_all(reporters):
    for each in reporters:
        each.join()
    return [each.answer.ok(200, 201).json()["id"] for each in reporters]


def counts(server):
    found = {}
    for line in server.get("/metrics").text().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def test_an_answer_waits_for_the_disk(server):
    server.slow(SYNC)
    [one] = reporters = report_all(server, 1)
    end_all(reporters)
    assert one.took >= SYNC


def test_many_changes_share_a_sync(server):
    server.report("the first")
    before = counts(server)
    server.slow(SYNC)
    reporters = report_all(server, 50)
    numbers = end_all(reporters)
    server.fast()
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 50))
    now = counts(server)
    name = "barnraise_commit_group_changes_"
    assert now[name + "sum"] - before[name + "sum"] >= 50
    assert now[name + "count"] - before[name + "count"] <= 8
    assert max(each.took for each in reporters) < 8 * SYNC


def test_readers_do_not_wait_for_the_disk(server):
    ana = server.person("ana")
    ana.subscribe("all", "severity>=low")
    server.report("the first", body="a printer")
    server.slow(SYNC)
    reporters = report_all(server, 150)
    time.sleep(SYNC / 2)
    took = []
    for path in ["/incidents.json", "/incidents/1.json", "/kb.atom", "/kb.json",
                 ana.feed_path(), "/readyz", "/metrics"] * 3:
        began = time.monotonic()
        ana.get(path).ok(200)
        took.append((time.monotonic() - began, path))
    assert any(each.is_alive() for each in reporters)
    end_all(reporters)
    assert max(took)[0] < SYNC / 2, max(took)


def test_a_change_that_may_not_be_fails_alone(server):
    ana = server.person("ana")
    number = ana.report("a printer")
    server.slow(SYNC)
    reporters = report_all(server, 5)
    refused = ana.request("POST", "/incidents/%d/reopen" % number, {})
    numbers = end_all(reporters)
    assert refused.status == 409
    assert len(set(numbers)) == 5
    assert all(ana.incident(n)["title"].startswith("printer")
               for n in numbers)


def test_who_was_answered_sees_her_change(server):
    ana = server.person("ana")
    server.slow(SYNC / 4)
    for i in range(5):
        number = ana.report("a printer %d" % i)
        assert ana.incident(number)["title"] == "a printer %d" % i
        listed = ana.get("/incidents.json").ok(200).json()["items"]
        assert any("a printer %d" % i in item["title"] for item in listed)


def test_what_waits_for_the_disk_survives_sigterm(server):
    server.slow(SYNC)
    reporters = report_all(server, 20)
    time.sleep(SYNC / 2)
    server.process.send_signal(signal.SIGTERM)
    numbers = end_all(reporters)
    server.process.wait(30)
    server.fast()
    server.process = None
    server.start()
    bo = server.person("bo")
    for number in numbers:
        assert bo.incident(number)["title"].startswith("printer")


def test_kill_in_the_middle_of_a_sync_loses_nothing_answered(server):
    server.slow(SYNC)
    reporters = report_all(server, 60)
    wait_for(lambda: any(each.answer for each in reporters))
    server.kill()
    answered = []
    for each in reporters:
        each.join()
        if each.answer is not None:
            answered.append(each.answer.ok(200, 201).json()["id"])
    server.fast()
    server.start()
    bo = server.person("bo")
    for number in answered:
        assert bo.incident(number)["title"].startswith("printer")
    assert answered
