# SPDX-License-Identifier: ISC
"""What is scarce: open files, room on the disk, memory. There are clear answers
meanwhile, what can be read is, and afterwards all goes on without a restart."""

import http.client
import os
import resource
import socket
import subprocess
import threading
import time
import urllib.parse
from collections import Counter

import pytest

from desk import BARNRAISE, PATIENCE, Server, wait_for

MIB = 1024 * 1024


def limit(server, what, most):
    """What the server may have of it from now on; None is as much as we."""
    _, hard = resource.getrlimit(what)
    if most is None:
        most = hard
    resource.prlimit(server.process.pid, what, (most, hard))


# --- open files

@pytest.fixture
def few_files(tmp_path):
    server = Server(tmp_path / "desk")
    server.command("init")
    server.prepare = lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (64, 64))
    yield server.start()
    server.stop()


def test_more_connections_than_open_files_wait_and_are_answered(few_files):
    """They are let in when others leave; those that are in are answered."""
    ana = few_files.person("ana")
    request = ("GET /incidents.json HTTP/1.1\r\nHost: a\r\n"
               "Authorization: Bearer %s\r\n\r\n" % ana.token).encode()
    connections = [socket.create_connection(("127.0.0.1", few_files.port))
                   for _ in range(200)]
    for connection in connections:
        connection.settimeout(PATIENCE)
        connection.sendall(request)
    # in the order in which they came: each leaves once she has her answer
    for connection in connections:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        connection.close()
    began = time.monotonic()
    assert few_files.get("/readyz").status == 200
    assert time.monotonic() - began < 1
    ana.report("all is well again")
    assert "event=fewer-connections most=32" in few_files.log()


# --- the disk

def fill(person, most=2000):
    """Reports until one is refused: that answer, and how many there were."""
    for n in range(most):
        answer = person.request("POST", "/incidents", {
            "title": "full %d" % n, "body": "x" * 200000})
        if answer.status != 201:
            return answer, n
    raise AssertionError("it was never full")


def check_full_and_again(server, ana, make_room):
    answer, taken = fill(ana)
    assert answer.status == 503
    assert "no room left on the disk" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    # reads go on
    assert server.get("/readyz").status == 200
    assert server.get("/kb.atom").status == 200
    assert ana.incident(taken)["title"] == "full %d" % (taken - 1)
    assert ana.feed().entries is not None
    pid = server.process.pid
    make_room()
    wait_for(lambda: ana.request(
        "POST", "/incidents", {"title": "again"}).status == 201)
    assert server.process.pid == pid and server.process.poll() is None
    assert server.command("verify") == "ok\n"


def test_a_file_that_may_not_grow_is_a_full_disk(server, ana):
    limit(server, resource.RLIMIT_FSIZE, 32 * MIB)
    check_full_and_again(
        server, ana, lambda: limit(server, resource.RLIMIT_FSIZE, None))


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "none", str(folder)],
        capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_passes(small_disk, tmp_path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(8 * MIB))
    server = Server(small_disk)
    server.command("init")
    server.start()
    try:
        check_full_and_again(server, server.person("ana"), ballast.unlink)
    finally:
        server.stop()


# --- memory

# a limit, and which number of statm(5) counts what it limits
ADDRESSES, DATA = (resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5)
sanitized = pytest.mark.skipif("sanitized" in BARNRAISE, reason="sanitizers "
                               "take addresses as they like")


def used(server, what=ADDRESSES):
    with open("/proc/%d/statm" % server.process.pid) as statm:
        return int(statm.read().split()[what[1]]) * resource.getpagesize()


@sanitized
def test_too_little_memory_for_all_bodies_is_told(server, ana):
    answers = Counter()

    def report():
        for _ in range(3):
            body = {"title": "large", "body": "x" * 1900000}
            answers[ana.request("POST", "/incidents", body).status] += 1

    limit(server, resource.RLIMIT_AS, used(server) + 300 * MIB)
    time.sleep(0.5)  # it looks a few times a second
    large = [threading.Thread(target=report) for _ in range(40)]
    for thread in large:
        thread.start()
    polls = 0
    while any(thread.is_alive() for thread in large):
        assert server.get("/kb.atom").status == 200
        polls += 1
    for thread in large:
        thread.join()
    assert server.process.poll() is None
    assert polls > 0
    assert set(answers) == {201, 503}, answers
    ana.report("small")
    limit(server, resource.RLIMIT_AS, None)
    wait_for(lambda: ana.request("POST", "/incidents", {
        "title": "large", "body": "x" * 1900000}).status == 201)


def metric(server, name):
    found = [line for line in server.get("/metrics").text().splitlines()
             if line.startswith(name + " ")]
    return int(found[0].split()[1])


class Crowd:
    """Polls, reads what is in no cache and writes, until told to stop."""

    def __init__(self, server, ana):
        self.server, self.ana = server, ana
        self.answers, self.made, self.ended = Counter(), [], False
        kinds = [self.poll] * 2 + [self.read] * 3 + [self.write] * 6
        self.threads = [threading.Thread(target=self.go_on, args=(kind, n))
                        for n, kind in enumerate(kinds)]
        for thread in self.threads:
            thread.start()

    def go_on(self, kind, n):
        while not self.ended:
            n += len(self.threads)
            try:
                answer = kind(n)
            except (OSError, http.client.HTTPException) as dropped:
                self.answers[kind.__name__, repr(dropped)] += 1
                return
            if answer.status == 503:
                assert int(answer.headers["Retry-After"]) > 0
                assert answer.json()["detail"]
            self.answers[kind.__name__, answer.status] += 1

    def poll(self, _):
        return self.server.get("/kb.atom")

    def read(self, n):
        return self.ana.get(
            ["/incidents.json?q=/wor.s+%d/" % n, "/incidents.atom?q=w%d" % n,
             "/incidents/%d.json" % (n % 40 + 1)][n % 3])

    def write(self, n):
        size = [10, 5000, 1900000][n % 3]
        answer = self.ana.request("POST", "/incidents", {
            "title": "crowd", "body": "word " * (size // 5)})
        if answer.status == 201:
            self.made.append(answer.json()["id"])
        return answer

    def end(self):
        self.ended = True
        for thread in self.threads:
            thread.join()
        assert sum(self.answers.values()) > len(self.threads)
        statuses = {status for _, status in self.answers}
        assert statuses <= {200, 201, 503}, self.answers
        polls = {status for kind, status in self.answers if kind == "poll"}
        assert polls == {200}, self.answers


STEPS = [(DATA, 30), (DATA, -20), (ADDRESSES, -40)]
if os.environ.get("SCARCE_SWEEP"):  # all of it, by hand
    STEPS = [(what, more) for what in (DATA, ADDRESSES)
             for more in range(200, -60, -10)]


@sanitized
def test_short_of_memory_it_goes_on_and_recovers(server, ana):
    """Nobody is dropped, polls are answered, what was answered is kept."""
    for n in range(40):
        ana.report("seed %d" % n, body="words of all sorts %d " % n * 200)
    ana.fix(3, "restart it", publish=True)
    assert server.get("/kb.atom").status == 200
    time.sleep(1.1)  # within the second of a change nothing of it is ready
    assert server.get("/kb.atom").status == 200
    made, was_short, pid = [], 0, server.process.pid
    for what, more in STEPS:
        crowd = Crowd(server, ana)
        limit(server, what[0], used(server, what) + more * MIB)
        time.sleep(1.5)
        was_short += metric(server, "barnraise_memory_short")
        crowd.end()
        made += crowd.made
        limit(server, what[0], None)
        wait_for(lambda: metric(server, "barnraise_memory_short") == 0)
        wait_for(lambda: ana.request("POST", "/incidents", {
            "title": "again", "body": "x" * 1900000}).status == 201)
    assert server.process.pid == pid and server.process.poll() is None
    assert was_short > 0
    assert metric(server, "barnraise_memory_shortages_total") >= was_short
    assert "event=memory-short" in server.log()
    assert "event=memory-enough" in server.log()
    for number in made:
        assert ana.incident(number)["title"] == "crowd"
    assert server.command("verify") == "ok\n"


@sanitized
def test_short_of_memory_a_password_is_not_said_to_be_wrong(server, ana):
    """To check one takes 64 MiB, which need not be there."""
    password = server.command("person", "passwd", "ana").strip()

    def sign_in():
        return server.request("POST", "/signin", urllib.parse.urlencode({
            "handle": "ana", "password": password}).encode(), {
                "Content-Type": "application/x-www-form-urlencoded"}).status

    assert sign_in() == 303
    limit(server, DATA[0], used(server, DATA) + 40 * MIB)
    assert sign_in() == 503
    limit(server, DATA[0], None)
    assert sign_in() == 303
