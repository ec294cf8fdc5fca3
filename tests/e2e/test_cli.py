# SPDX-License-Identifier: ISC
"""The command line: what it prints, where, and its exit status. The client
commands are tried against a server of a few lines that records the request and
gives a prepared answer."""

import http.server
import json
import os
import re
import subprocess
import threading

import pytest

BARNRAISE = os.environ.get("BARNRAISE", "./barnraise")

INCIDENT = {
    "id": 42, "url": "http://x/incidents/42", "title": "pool \x1b[2Jexhausted",
    "body": "a\n\tb\x07", "environment": "", "tags": ["db", "urgent"],
    "severity": "high", "status": "swarming", "host": "ana", "hands": 3,
    "swarm": [
        {"person": "bo", "role": "helper", "joined": "x", "left": None},
        {"person": "ce", "role": "shadow", "joined": "x", "left": None},
        {"person": "di", "role": "helper", "joined": "x", "left": "y"}],
    "created": "2026-01-01T00:00:00Z",
    "customer": {"name": "Eve", "email": "eve@example.org"},
    "posts": [{"id": 7, "kind": "reply", "author": None, "text": "hello",
               "created": "2026-01-02T00:00:00Z", "edited": None}]}
LINE = "42  high  swarming  1/3  #db #urgent  pool \\u{1b}[2Jexhausted\n"


def run(*words, stdin=b"", **env):
    env = {"PATH": os.environ["PATH"], **env}
    return subprocess.run([BARNRAISE, *words], input=stdin, env=env,
                          capture_output=True, timeout=60)


class World:
    """One answer, and the request that it was given to."""

    def __init__(self):
        self.status, self.type = 200, "application/json"
        self.answer = json.dumps(INCIDENT)
        world = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                size = int(self.headers.get("Content-Length", 0))
                world.request = (self.command, self.path)
                world.headers = self.headers
                world.body = self.rfile.read(size)
                body = world.answer.encode()
                self.send_response(world.status)
                self.send_header("Content-Type", world.type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         args=(0.02,)).start()

    def run(self, *words, stdin=b""):
        return run(*words, stdin=stdin, BARNRAISE_URL=self.url,
                   BARNRAISE_TOKEN="brn_secret")

    def json(self):
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)


@pytest.fixture
def world():
    world = World()
    yield world
    world.server.shutdown()
    world.server.server_close()


def test_version_and_help_go_to_standard_output():
    assert run("--version").stdout.startswith(b"barnraise ")
    assert b"post" in run("--help").stdout
    done = run("fix", "--help")
    assert b"[--cause C]" in done.stdout and done.returncode == 0


def test_unknown_option_is_one_line_and_status_2():
    done = run("join", "1", "--x")
    assert done.stderr == b"barnraise: join: unknown option --x\n"
    assert (done.stdout, done.returncode) == (b"", 2)


def test_control_characters_in_an_error_are_escaped():
    done = run("join", "1\n\x1b[2J")
    assert done.stderr.count(b"\n") == 1 and b"\x1b" not in done.stderr


def test_without_a_server_it_says_how_to_name_one():
    done = run("show", "1")
    assert done.returncode == 2
    assert done.stderr.startswith(b"barnraise: show: no server")


def test_no_connection_is_one_line_and_status_1():
    done = run("show", "1", "--url", "http://127.0.0.1:1")
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1


def test_a_full_disk_is_no_success():
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BARNRAISE, "--help"], stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"No space left" in done.stderr


def test_post_sends_the_report_and_prints_its_number(world):
    done = world.run("post", "it broke", "--tags", "db, #net,", "--severity",
                     "high", "--environment", "v2", stdin=b"one\r\ntwo\xff")
    assert done.stdout == b"42\n" and done.returncode == 0
    assert b"not UTF-8" in done.stderr
    assert world.request == ("POST", "/incidents")
    assert world.headers["Authorization"] == "Bearer brn_secret"
    assert world.json() == {
        "title": "it broke", "body": "one\ntwo\ufffd", "tags": ["db", "net"],
        "severity": "high", "environment": "v2", "source": "cli"}


def test_list_prints_one_aligned_line_an_incident(world):
    other = dict(INCIDENT, id=7, severity="low", tags=[], title="ok")
    world.answer = json.dumps({"items": [
        {"_barnraise": INCIDENT}, {"_barnraise": other}]})
    done = world.run("list", "#db & x")
    assert world.request == ("GET", "/incidents.json?q=%23db%20%26%20x")
    assert done.stdout.decode() == LINE + \
        " 7  low   swarming  1/3               ok\n"


def test_list_as_json_is_the_feed(world):
    world.answer = json.dumps({"items": [{"_barnraise": INCIDENT}]})
    assert json.loads(world.run("list", "--json").stdout) == \
        json.loads(world.answer)
    assert world.request == ("GET", "/incidents.json")


def test_show_prints_the_thread_and_plays_no_tricks(world):
    text = world.run("show", "42").stdout.decode()
    assert world.request == ("GET", "/incidents/42.json")
    for part in ("#42 pool \\u{1b}[2Jexhausted\n", "hands       1/3\n",
                 "swarm       bo (helper), ce (shadow)\n",
                 "customer    Eve <eve@example.org>\n", "\na\n\tb\\u{7}\n",
                 "-- reply by the customer, 2026-01-02T00:00:00Z\n\nhello\n"):
        assert part in text
    assert json.loads(world.run("show", "42", "--json").stdout) == INCIDENT


@pytest.mark.parametrize("words, path, body", [
    (["join", "42"], "join", {"role": "helper"}),
    (["join", "42", "--shadow"], "join", {"role": "shadow"}),
    (["leave", "42"], "leave", {}),
    (["fix", "42", "Raise it.", "--cause", "small"], "fix",
     {"resolution": "Raise it.", "cause": "small", "publish": False}),
    (["fix", "42", "Raise it.", "--publish"], "fix",
     {"resolution": "Raise it.", "publish": True}),
])
def test_a_step_sends_its_words_and_prints_the_incident(
        world, words, path, body):
    done = world.run(*words)
    assert done.stdout.decode() == LINE
    assert world.request == ("POST", "/incidents/42/" + path)
    assert world.json() == {**body, "source": "cli"}


def test_reply_takes_an_argument_or_standard_input(world):
    world.status = 201
    assert world.run("reply", "42", "--", "-- hi").returncode == 0
    assert world.request == ("POST", "/incidents/42/posts")
    assert world.json() == {"kind": "reply", "text": "-- hi", "source": "cli"}
    assert world.run("reply", "42", "--note", stdin=b"psst\n").stdout == b""
    assert world.json() == {"kind": "note", "text": "psst\n", "source": "cli"}
    done = world.run("reply", "42", stdin=b" \n")
    assert done.stderr == b"barnraise: reply: no text\n"


def test_a_problem_becomes_the_one_line(world):
    world.status, world.type = 409, "application/problem+json"
    world.answer = json.dumps({"title": "Conflict", "status": 409,
                               "detail": "a closed incident\nhas no swarm"})
    done = world.run("join", "42")
    assert done.returncode == 1 and done.stderr == \
        b"barnraise: join: a closed incident\\u{a}has no swarm\n"


def test_wrong_fields_become_the_one_line(world):
    world.status, world.type = 422, "application/problem+json"
    world.answer = json.dumps({"title": "Unprocessable", "errors": [
        {"field": "filter", "column": 5, "message": "unmatched ("}]})
    done = world.run("list", "#db (")
    assert done.stderr == b"barnraise: list: column 5: unmatched (\n"


def test_an_answer_that_is_none_of_ours_is_an_error(world):
    world.type, world.answer = "text/html", "<html>"
    done = world.run("show", "1")
    assert done.returncode == 1 and b"no JSON object" in done.stderr
    world.status = 502
    done = world.run("show", "1")
    assert done.stderr == b"barnraise: show: the server answered 502\n"


def test_a_redirect_is_not_followed(world):
    world.status, world.type, world.answer = 303, "text/html", ""
    assert world.run("join", "1").returncode == 1


def test_filter_check_prints_the_canonical_form():
    done = run("filter", "check", "--", "-#DB  and (severity>=high)")
    assert done.stdout == b"-#db severity>=high\n" and done.returncode == 0


@pytest.mark.parametrize("filter, warned", [
    ("-foo", True), ("is:open -foo", True),
    ("/./", True), ("#db or /./", True), ("#db or -foo", True),
    ("foo", False), ("#db /./", False), ("-#db", False),
    ("severity>=high is:wanted", False), ("", False)])
def test_a_filter_that_reads_every_text_is_warned_of(filter, warned):
    done = run("filter", "check", "--", filter)
    assert done.stderr.decode() == warned * (
        "barnraise: filter: warning: this filter is checked against every "
        "incident: add a tag or a word\n")
    assert done.returncode == 0


def test_filter_explain_shows_terms_and_costs(tmp_path):
    done = run("filter", "explain", '#mail or /arriv(es|ed)/')
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "or" and done.returncode == 0
    assert lines[1].split() == ["#mail", "looked", "up"]
    assert "arrives" in lines[2] and "arrived" in lines[2]
    assert lines[4].startswith("found by: tag mail, ")
    assert lines[-6:-2] == ["On the example:",
                            "  incidents                     5",
                            "  looked at for this filter     1",
                            "  matched                       1"]
    for line, label in zip(lines[-2:], ("one looked at", "mean of all")):
        assert re.match(rf"  CPU time, {label} +[0-9]+\.[0-9][0-9] us", line)
    assert "Over the budget" not in done.stdout.decode()
    path = tmp_path / "incidents.jsonl"
    path.write_bytes(b'{"body": "a pool"}\n{"body": "a POOL"}\n{"body": "b"}\n')
    done = run("filter", "explain", "pool severity:low", str(path))
    assert done.stdout.decode().splitlines()[-6:-2] == [
        f"On {path}:", "  incidents                     3",
        "  looked at for this filter     2",
        "  matched                       0"]
    path.write_bytes(path.read_bytes().replace(b"pool", b"a").replace(
        b"POOL", b"a"))
    done = run("filter", "explain", "pool", "-", stdin=path.read_bytes())
    assert done.stdout.decode().splitlines()[-5:] == [
        "On standard input:", "  incidents                     3",
        "  looked at for this filter     0",
        "  matched                       0",
        "  CPU time                      none"]
    path.write_bytes(b'{"body": "a pool"}\nnothing\n')
    done = run("filter", "explain", "pool", str(path))
    assert done.returncode == 1 and b"line 2" in done.stderr
    for wrong in ("(#db", "host:me"):
        done = run("filter", "explain", wrong)
        assert done.returncode == 1 and done.stdout == b""


def test_filter_explain_looks_up_what_is_rare_in_the_sample():
    common = b'{"tags": ["db"], "body": "x"}\n' * 50
    for sample, by in ((b"", "tag db"), (common, 'word "pool"')):
        done = run("filter", "explain", "#db pool", "-", stdin=sample)
        assert f"found by: {by}" in done.stdout.decode().splitlines()


def test_filter_explain_tells_of_a_budget():
    slow = json.dumps({"body": "a" * 60000 + " :"}).encode()
    done = run("filter", "explain", "/(a|a)*[^\\s\\w:]/", "-",
               stdin=slow + b'\n{"body": "fine"}\n')
    assert b"Over the budget of 5 ms on 1 of them" in done.stdout
    assert done.returncode == 0


def test_the_manual_shows_what_filter_explain_prints():
    path = os.path.join(os.path.dirname(__file__),
                        "../../src/filter/barnraise-filter.7")
    with open(path, encoding="utf-8") as file:
        shown = re.search(r"^\$ barnraise filter explain '([^\n]*)'\n(.*?)^\.Ed",
                          re.sub(r"\\-", "-", file.read()), re.M | re.S)
    words, lines = (part.replace("\\e", "\\") for part in shown.groups())
    done = run("filter", "explain", words).stdout.decode()
    numbers = r"[0-9.]+ us"
    assert re.sub(numbers, "", done) == re.sub(numbers, "", lines)


def test_a_wrong_filter_is_one_line_with_its_column():
    done = run("filter", "check", "(#db")
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.startswith(b"barnraise: filter: column ")


def test_filter_match_prints_matching_lines_unchanged(tmp_path):
    lines = [
        b'{ "title": "Pool exhausted",  "tags": ["DB"], "severity": "high" }',
        b'{"body": "nothing of it"}',
        b'',
        b'{"body": "the pool \xff again", "resolution": "larger"}']
    path = tmp_path / "incidents.jsonl"
    path.write_bytes(b"\n".join(lines))
    done = run("filter", "match", "#db or pool", str(path))
    assert done.stdout == lines[0] + b"\n" + lines[3] + b"\n"
    assert done.returncode == 0 and b"line 4 is not UTF-8" in done.stderr
    for expression, n in (("status:resolved", 1), ("severity:normal", 2),
                          ("title:pool", 2), ("#nothing", 0),
                          ("is:wanted", 2), ("helpers:0 host:none", 3)):
        done = run("filter", "match", expression, "-", stdin=b"\n".join(lines))
        assert done.stdout.count(b"\n") == n and done.returncode == 0


def test_filter_match_reports_a_bad_line_and_goes_on():
    done = run("filter", "match", "x", stdin=b'{"title": 1}\n{"title": "x"}')
    assert done.stdout == b'{"title": "x"}\n' and done.returncode == 1
    assert done.stderr == (
        b"barnraise: filter: warning: line 1: title: must be a string\n"
        b"barnraise: filter: 1 line could not be read\n")
