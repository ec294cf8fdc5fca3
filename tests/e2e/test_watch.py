# SPDX-License-Identifier: ISC
"""What whoever watches the server sees: /metrics, the log, and that neither
costs a secret or can be forged."""

import json
import os
import re
import socket
import threading
import time

import pytest
from prometheus_client.openmetrics import parser

from desk import SOURCE, wait_for

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def families(server):
    answer = server.get("/metrics").ok(200)
    assert answer.headers["Content-Type"] == TYPE
    assert answer.text().endswith("\n# EOF\n")
    return {f.name: f for f in
            parser.text_string_to_metric_families(answer.text())}


def values(server):
    """{(sample, label values in order of their names): value}"""
    return {(s.name, *(v for _, v in sorted(s.labels.items()))): s.value
            for f in families(server).values() for s in f.samples}


def raw(server, request):
    """Sends bytes as they are; all that comes back until the end."""
    with socket.create_connection(("127.0.0.1", server.port), 10) as client:
        client.sendall(request)
        got = b""
        while True:
            try:
                piece = client.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return got
            got += piece


def line_with(server, text):
    def found():
        return [line for line in server.log().splitlines() if text in line]
    return wait_for(found)[0]


# --- metrics


def test_metrics_are_openmetrics_with_a_unit_and_a_help_each(server):
    for family in families(server).values():
        assert family.documentation, family.name
        if family.unit:
            assert family.name.endswith("_" + family.unit)


def test_metrics_need_nobody_and_credentials_change_nothing(server):
    wrong = server.get("/metrics", Authorization="Bearer brn_x")
    assert wrong.status == 200
    assert server.request("HEAD", "/metrics").status == 200
    assert server.request("POST", "/metrics", {}).status == 405


def test_requests_count_by_route_never_by_path(server, ana):
    number = ana.report("a printer")
    for path in ("/incidents/%d.json" % number, "/incidents/999.json"):
        ana.get(path)
    server.get("/nowhere/" + "x" * 40)
    raw(server, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    now = values(server)
    route = "/incidents/{n}"
    of = "barnraise_http_requests_total"
    assert now[of, "GET", route, "200"] == 1
    assert now[of, "GET", route, "404"] == 1
    assert now[of, "POST", "/incidents", "201"] == 1
    assert now[of, "none", "none", "404"] == 1
    assert now[of, "none", "none", "400"] == 1
    text = server.get("/metrics").text()
    assert "xxxx" not in text and "999" not in text


def test_polls_count_as_hits_of_the_cache(server, ana):
    ana.subscribe("printers", "printer")
    ana.report("a printer")
    for _ in range(3):
        server.get(ana.feed_path()).ok(200)
    now = values(server)
    assert now["barnraise_cache_lookups_total", "hit"] == 2
    assert now["barnraise_cache_lookups_total", "miss"] == 1
    seen = now["barnraise_http_request_duration_seconds_count", "feed"]
    assert seen >= 3


def test_changes_count_in_groups_and_one_by_one(server, ana):
    before = values(server)
    threads = [threading.Thread(target=ana.report, args=("a printer",))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    now = values(server)

    def grown(name):
        return now[(name,)] - before[(name,)]
    assert grown("barnraise_commit_group_changes_sum") >= 8
    assert grown("barnraise_change_seconds_count") >= 8
    assert 1 <= grown("barnraise_commit_group_changes_count") <= 30
    assert grown("barnraise_matcher_readings_total") >= 8
    assert grown("barnraise_journal_events") >= 8


def test_a_change_that_fails_is_counted(server, ana):
    number = ana.report("a printer")
    again = ana.request("POST", "/incidents/%d/reopen" % number, {})
    assert again.status == 409
    assert values(server)[("barnraise_failed_changes_total",)] == 1


def test_filters_and_pauses_show(server, ana):
    ana.subscribe("a", "#db")
    ana.subscribe("b", "#db")
    ana.subscribe("c", "printer")
    assert values(server)[("barnraise_filters",)] == 2


def test_limits_that_refuse_show(make_server):
    server = make_server(limit_reports="1 in 10m", limit_signin="1 in 10m",
                         limit_writes="1 in 1m")
    ana = server.person("ana")
    for _ in range(3):
        server.post("/report", {"title": "x"})
        server.post("/signin", {"handle": "ana", "password": "no no no"})
        ana.request("POST", "/incidents", {"title": "x"})
    now = values(server)
    for limit in "reports", "signin", "writes":
        assert now["barnraise_limit_refused_total", limit] == 2


def test_connections_show(server):
    idle = [socket.create_connection(("127.0.0.1", server.port))
            for _ in range(5)]
    wait_for(lambda: values(server)[("barnraise_http_connections",)] >= 6)
    for client in idle:
        client.close()
    wait_for(lambda: values(server)[("barnraise_http_connections",)] <= 2)


def test_a_process_is_described(server):
    now = values(server)
    assert 2 ** 20 < now[("process_resident_memory_bytes",)] < 2 ** 31
    assert abs(now[("process_start_time_seconds",)] - time.time()) < 600
    assert any(key[0] == "barnraise_build_info" for key in now)


@pytest.mark.parametrize("name", ["prometheus.rules.yml", "grafana.json"])
def test_samples_name_metrics_that_are_there(server, name):
    with open(os.path.join(SOURCE, "etc", name)) as file:
        text = file.read()
    if name.endswith("json"):
        board = json.loads(text)
        assert len({p["id"] for p in board["panels"]}) == len(board["panels"])
        text = "\n".join(t["expr"] for p in board["panels"]
                         for t in p["targets"])
    said = families(server)
    there = {s.name for f in said.values() for s in f.samples}
    there |= {f.name + "_total" for f in said.values() if f.type == "counter"}
    named = set(re.findall(r"\b(?:barnraise|process)_\w+", text))
    assert len(named) > 8
    assert named <= there, named - there


# --- the log


def pairs(line):
    """A line of logfmt as {name: value}; fails on anything else."""
    found, at = {}, 0
    for match in re.finditer(r'(\w[\w-]*)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |$)',
                             line):
        assert match.start() == at, line
        found[match[1]], at = match[2], match.end()
    assert at == len(line), line
    return found


def test_a_request_is_one_line(server):
    server.get("/healthz").ok(200)
    line = pairs(line_with(server, "/healthz"))
    assert line["event"] == "request" and line["method"] == "GET"
    assert line["status"] == "200" and line["address"] == "127.0.0.1"
    assert float(line["ms"]) >= 0 and line["bytes"] == "3"


HOSTILE = [
    b"/a%0d%0aevent=request%20forged=1", b"/a%0aforged", b"/%1b[2J%1b[31m",
    b'/a"b', b"/a%22%20status=200%20x=%22", b"/%ff%fe", b"/a%c2%9bb",
    b"/a\\x0a", b"/%e2%80%a8forged", b"/=", b"/" + b"%0a" * 200,
    b"/a b", b"/\xff\xc3", b"/a\x1bb", b"/%00", b"/a%E2%80%AEb",
]


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_nobody_can_forge_a_line(make_server, form):
    server = make_server(log_format=form)
    for target in HOSTILE:
        for request in (
                b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n"
                b"Connection: close\r\n\r\n",
                b"G" + target[1:9] + b" / HTTP/1.1\r\nHost: a\r\n"
                b"Connection: close\r\n\r\n",
                b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: "
                + target + b"\r\nConnection: close\r\n\r\n"):
            raw(server, request)
    server.get("/healthz")
    server.stop()
    with open(os.path.join(server.folder, "log"), "rb") as file:
        lines = file.read().decode().split("\n")  # UTF-8, all of it
    assert lines.pop() == ""
    for line in lines:
        assert not re.search("[\x00-\x1f\x7f-\x9f]", line), line
        said = json.loads(line) if form == "json" else pairs(line)
        assert said["event"] in ("request", "http")
        assert "forged" not in said and "x" not in said
    asked = len(HOSTILE)
    assert len(lines) >= asked + 1


def test_json_has_numbers_where_they_are(make_server):
    server = make_server(log_format="json")
    server.get("/healthz")
    line = json.loads(line_with(server, "/healthz"))
    assert line["status"] == 200 and line["bytes"] == 3
    assert isinstance(line["ms"], float) and line["method"] == "GET"


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_no_secret_is_in_the_log(make_server, form):
    server = make_server(log_format=form)
    ana = server.person("ana")
    number = server.report("a printer")
    status = server.customers[number]
    session = "brn_" + "s" * 32
    basic = ana.link.rsplit("/", 1)[1]
    asked = [
        (status, {}), (status + ".json", {}), (ana.link + ".atom", {}),
        (ana.link.replace("brn_", "brn%5f") + ".rss", {}),
        (ana.link.replace("/brn", "/%62rn") + "/7.atom", {}),
        (ana.link.replace("brn_", "brn%255f"), {}),
        ("/feeds/x%2f" + basic, {}), ("/feeds/" + basic[4:], {}),
        ("/nowhere/" + ana.token, {}), ("/kb?q=" + ana.token, {}),
        ("/kb?token=" + ana.token + "&x=" + session, {}),
        ("/incidents.json", {"Authorization": "Bearer " + ana.token}),
        ("/incidents.json", {"Cookie": "s=" + session}),
    ]
    for path, headers in asked:
        server.request("GET", path, headers=headers)
    server.request("POST", "/signin", {"handle": "ana",
                                       "password": "hunter2hunter2"})
    server.stop()
    log = server.log()
    for secret in (ana.token, basic, status.rsplit("/", 1)[1], session):
        shown = secret[len("brn_") + 6:]
        assert shown not in log
        assert shown[:12] not in log
    assert "brn_" + basic[4:10] + "..." in log
    assert "hunter2" not in log


def test_the_log_can_be_a_file_and_is_opened_anew(make_server, tmp_path):
    path = tmp_path / "requests.log"
    server = make_server(log_file=str(path))
    server.get("/healthz")
    wait_for(lambda: "/healthz" in path.read_text())
    path.rename(tmp_path / "old.log")
    os.kill(server.process.pid, 1)
    wait_for(lambda: path.exists() and "reloaded" in path.read_text())
    server.get("/robots.txt")
    wait_for(lambda: "/robots.txt" in path.read_text())
    assert server.log() == ""
    assert path.stat().st_mode & 0o777 == 0o640


def test_requests_can_be_left_out(make_server):
    server = make_server(log_requests="no")
    server.get("/healthz").ok(200)
    server.stop()
    assert "request" not in server.log()


def test_a_pipe_that_nobody_reads_holds_up_nobody(make_server, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    keep = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    server = make_server(log_file=str(path))
    try:
        began = time.monotonic()
        for _ in range(3):  # 64 KiB of pipe, 1 MiB of memory, and more
            for thread in [threading.Thread(target=fill, args=(server,))
                           for _ in range(4)]:
                thread.start()
                thread.join()
        assert time.monotonic() - began < 60
        began = time.monotonic()
        server.get("/healthz").ok(200)
        assert time.monotonic() - began < 1
        server.stop()
    finally:
        os.close(keep)


def fill(server):
    """Many requests on one connection, each with a long line."""
    one = (b"GET /" + b"x" * 250 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        for _ in range(20):
            client.sendall(one * 20)
            got = b""
            while got.count(b"HTTP/1.1 404") < 20:
                piece = client.recv(65536)
                assert piece
                got += piece
