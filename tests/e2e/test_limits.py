# SPDX-License-Identifier: ISC
"""Limits on how often: exact, whoever comes at once; blind to readers, who
come in bursts; and cheap to refuse."""

import threading
import time

from desk import wait_for

ONE = {"limit_reports": "1 in 10m", "limit_signin": "1 in 10m",
       "limit_writes": "1 in 1m"}


def at_once(n, act):
    """What n calls at the same time give."""
    found, gate = [], threading.Barrier(n)

    def run():
        gate.wait()
        found.append(act())
    threads = [threading.Thread(target=run) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def statuses(answers):
    return sorted(answer.status for answer in answers)


def test_failures_at_once_are_no_more_than_one_by_one(make_server):
    server = make_server(limit_signin="5 in 10m")
    server.person("ana")
    wrong = {"handle": "ana", "password": "not that one"}
    answers = statuses(at_once(12, lambda: server.post("/signin", wrong)))
    # argon2 runs one at a time: who finds its queue full may ask again
    assert answers.count(401) <= 5
    assert 429 in answers and set(answers) <= {401, 429, 503}


def test_signing_in_right_takes_nothing(make_server):
    server = make_server(limit_signin="2 in 10m")
    words = server.command("person", "add", "ana")
    right = {"handle": "ana", "password": words.strip()}
    for _ in range(4):
        assert server.post("/signin", right).status < 400


def test_reports_at_once_are_no_more_than_one_by_one(make_server):
    server = make_server(limit_reports="7 in 10m")
    answers = at_once(30, lambda: server.post("/report", {"title": "x"}))
    assert statuses(answers) == [201] * 7 + [429] * 23
    for answer in answers:
        if answer.status == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["status"] == 429


def test_retry_after_is_enough(make_server):
    server = make_server(limit_reports="2 in 2s")
    for _ in range(2):
        server.post("/report", {"title": "x"}).ok(201)
    refused = server.post("/report", {"title": "x"})
    assert refused.status == 429
    time.sleep(int(refused.headers["Retry-After"]))
    server.post("/report", {"title": "x"}).ok(201)


def test_each_token_and_session_has_its_own(make_server):
    server = make_server(limit_writes="2 in 1m")
    ana, bo = server.person("ana"), server.person("bo")
    for person in ana, bo:
        for _ in range(2):
            person.report("x")
        assert person.request("POST", "/incidents",
                              {"title": "x"}).status == 429
    again = server.person("ana", exists=True)
    again.report("another token")


def test_a_burst_of_a_reader_is_not_counted(make_server):
    """feeds.md: unconditional polls, requests repeated at once, a prefetch
    before each fetch, favicon and front page again and again."""
    server = make_server(**ONE)
    ana = server.person("ana")
    ana.report("a printer")
    paths = [ana.link, ana.link + ".atom", ana.link + ".rss", "/",
             ana.link + ".json", ana.link + ".opml", "/favicon.ico", "/kb.atom",
             "/kb.rss", "/robots.txt", "/feeds/brn_" + "a" * 32]
    for _ in range(30):
        for path in paths:
            for method in "HEAD", "GET":
                status = server.request(method, path).status
                assert status == (404 if path.endswith("aaa") else 200), path
    for _ in range(50):
        assert ana.get("/incidents.json").status == 200
        assert server.get("/incidents.atom").status == 401


def test_a_network_of_ipv6_counts_as_one(make_server):
    server = make_server(limit_reports="2 in 10m",
                         trusted_proxies="127.0.0.1")

    def report(address):
        return server.request(
            "POST", "/report", {"title": "x"},
            {"Accept": "application/json", "X-Forwarded-For": address}).status
    assert [report("2001:db8:0:1::%x" % i) for i in range(3)] == \
        [201, 201, 429]
    assert report("2001:db8:0:2::1") == 201
    assert report("192.0.2.1") == 201
    assert report("192.0.2.2") == 201
    assert report("2001:db8:0:1:ffff::9") == 429


def test_a_refusal_is_cheap_and_nothing_is_done(make_server):
    server = make_server(limit_reports="1 in 10m")
    server.report("the first")

    def cpu():
        return [float(line.split()[1]) for line in
                server.get("/metrics").text().splitlines()
                if line.startswith("process_cpu_seconds_total")][0]
    body = {"title": "x" * 200, "body": "word " * 10000}
    before, n = cpu(), 200
    for _ in range(n):
        assert server.post("/report", body).status == 429
    assert (cpu() - before) / n < 0.002
    assert wait_for(lambda: server.get("/readyz").status == 200)


def test_a_page_says_how_long_to_wait(make_server):
    server = make_server(limit_reports="1 in 10m")
    server.report("the first")
    answer = server.request(
        "POST", "/report", b"title=x",
        {"Content-Type": "application/x-www-form-urlencoded",
         "Accept": "text/html"})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 1
    assert "text/html" in answer.headers["Content-Type"]
