# SPDX-License-Identifier: ISC
"""Slow clients, and many that do nothing, while others ask. BARNRAISE_SLOW and
BARNRAISE_IDLE say how many; the figures are printed by

    BARNRAISE_SLOW=1000 BARNRAISE_IDLE=10000 BARNRAISE=build/barnraise \\
        /usr/bin/python3 -m pytest -s tests/e2e/test_slow.py

where from 1,000 on each kind of slow client comes alone."""

import multiprocessing
import os
import resource
import socket
import subprocess
import threading
import time

from desk import PATIENCE

SLOW = int(os.environ.get("BARNRAISE_SLOW", "60"))
IDLE = int(os.environ.get("BARNRAISE_IDLE", "1000"))
RATE = 200  # of them a second
GONE = 12  # seconds after which a slow client is to be gone

MODES = {
    "headers": ["-H", "-i", "2", "-x", "24", "-u", "/healthz"],
    "body": ["-B", "-i", "2", "-s", "8192", "-u", "/report"],
    "read": ["-X", "-w", "10", "-y", "20", "-n", "2", "-z", "8",
             "-u", "/openapi.json"],
    "range": ["-R", "-a", "10", "-b", "3000", "-t", "HEAD", "-u", "/kb"],
}


class Probe(threading.Thread):
    """Asks on a connection of its own 200 times a second; took is how long
    each answer took, in seconds, None where there was none."""

    def __init__(self, port):
        super().__init__()
        self.port, self.took, self.is_over = port, [], threading.Event()

    def ask(self):
        began = time.perf_counter()
        try:
            with socket.create_connection(
                    ("127.0.0.1", self.port), PATIENCE) as connection:
                connection.sendall(b"GET /kb.atom HTTP/1.1\r\nHost: a\r\n"
                                   b"Connection: close\r\n\r\n")
                heard = b""
                while piece := connection.recv(65536):
                    heard += piece
        except OSError:
            return None
        took = time.perf_counter() - began
        return took if heard.startswith(b"HTTP/1.1 200 ") else None

    def run(self):
        next_at = time.perf_counter()
        while not self.is_over.is_set():
            self.took.append(self.ask())
            next_at += 0.005
            time.sleep(max(0, next_at - time.perf_counter()))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def p99(self):
        took = sorted(t for t in self.took if t is not None)
        return took[int(len(took) * 0.99)]

    def failures(self):
        return self.took.count(None)


def connected(port):
    """The client's ports of all connections that the server has."""
    ours = ":%04X" % port
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return {row[2].split(":")[1] for row in rows
            if row[1].endswith(ours) and row[3] == "01"}


class Watch:
    """How long each connection to the server lasted. It looks from a process of
    its own, so that the probe is not held up by it."""

    def __init__(self, port):
        fork = multiprocessing.get_context("fork")
        self.is_over, self.found = fork.Event(), fork.SimpleQueue()
        self.process = fork.Process(target=self.look, args=(port,))
        self.process.start()

    def look(self, port):
        first, last, before = {}, {}, set()
        while not self.is_over.wait(0.25):
            now, peers = time.monotonic(), connected(port)
            for peer in peers:
                # the system gives a port again, so after a gap it is another's
                if peer not in before:
                    first[peer] = now
                last[peer] = now
            before = peers
        self.found.put({peer: last[peer] - first[peer] for peer in first})

    def lasted(self):
        """By the client's port, in seconds; ends it."""
        self.is_over.set()
        found = self.found.get()
        self.process.join()
        return found


class Idler(threading.Thread):
    """Asks once and then no more; lasted is how many seconds it took until her
    connection was closed, in order and without an answer to nothing."""

    def __init__(self, port):
        super().__init__()
        self.lasted = None
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.peer = "%04X" % self.connection.getsockname()[1]

    def run(self):
        with self.connection as connection:
            connection.settimeout(PATIENCE)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            began = time.monotonic()
            assert connection.recv(4096) == b""
            self.lasted = time.monotonic() - began


def attack(server, mode, folder):
    words = [w if not w.startswith("/") else server.url + w
             for w in MODES[mode]]
    log = open(os.path.join(folder, mode + ".txt"), "wb")
    with log:
        return subprocess.Popen(
            ["slowhttptest", "-c", str(SLOW), "-r", str(RATE), "-l", "60",
             *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def test_slow_clients_hold_up_nobody(server, tmp_path, capsys):
    idler = Idler(server.port)
    idler.start()
    with Probe(server.port) as idle:
        time.sleep(1 if SLOW < 1000 else 5)
    groups = [list(MODES)] if SLOW < 1000 else [[mode] for mode in MODES]
    for group in groups:
        watch = Watch(server.port)
        with Probe(server.port) as probe:
            attackers = [attack(server, mode, tmp_path) for mode in group]
            time.sleep(GONE + 1 + SLOW / RATE)
            for attacker in attackers:
                attacker.kill()
                attacker.wait()
        lasted = watch.lasted()
        lasted.pop(idler.peer, None)
        lasted = list(lasted.values())
        lasting = sum(seconds > 1 for seconds in lasted)
        with capsys.disabled():
            if SLOW >= 1000:
                print("\n%-8s %d slow, %d lasted, gone after %.1f s; probe: "
                      "%d, %d failed, p99 %.2f ms, idle %.2f ms" % (
                          ", ".join(group), SLOW, lasting,
                          max(lasted), len(probe.took), probe.failures(),
                          probe.p99() * 1000, idle.p99() * 1000), end="")
        assert probe.failures() == 0
        assert len(probe.took) > 100 * GONE, "the probe was held up"
        assert max(lasted) < GONE
        if group != ["range"]:
            assert lasting >= SLOW * min(len(group), 3) / 2, \
                "hardly anybody was slow"
    idler.join()
    assert 10 < idler.lasted < 20


def memory(server):
    """What the server has in memory, in MB."""
    with open("/proc/%d/status" % server.process.pid) as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1000
    raise AssertionError("no VmRSS")


def test_idle_connections_cost_little(server, capsys):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    assert most > IDLE + 100, "the limit of open files is too low for this"
    before = memory(server)
    connections = []
    try:
        for _ in range(IDLE):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            connections.append(connection)
        for connection in connections:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert len(connected(server.port)) >= IDLE
        at_once = memory(server)
        with Probe(server.port) as probe:
            time.sleep(1)
        after = memory(server)
    finally:
        for connection in connections:
            connection.close()
    if IDLE >= 10000:
        with capsys.disabled():
            print("\n%d idle: %.1f MB in all, %.1f a second later, %.1f "
                  "without; probe p99 %.2f ms" % (
                      IDLE, at_once, after, before, probe.p99() * 1000),
                  end="")
    assert probe.failures() == 0
    # sanitizers keep more of everything
    if "sanitized" not in os.environ.get("BARNRAISE", ""):
        assert after - before < IDLE * 0.0065 + 5
        assert at_once < 80
