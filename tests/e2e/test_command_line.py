# SPDX-License-Identifier: ISC
"""The commands that open the store, alone and while a server runs: what they
make or take away counts there within a second or so."""

import json
import os
import pty
import re
import signal
import subprocess

import pytest

from desk import BARNRAISE, Server, wait_for

PEOPLE = [
    {"handle": "ana", "name": "Ana", "email": "ana@example.org",
     "tags": ["db"], "interests": ["net"]},
    {"handle": "bo", "name": "Bo"}]
SUBSCRIPTIONS = [
    {"person": "ana", "name": "pools", "filter": "pool or /time.?out/i"},
    {"person": "bo", "name": "all", "filter": ""}]
INCIDENTS = [
    {"key": "a-1", "created": "2024-05-01T10:00:00Z", "title": "pool empty",
     "body": "it\n\tsays \u0007 \U0001f4a5", "tags": ["db", "product:shop"],
     "severity": "high", "environment": "v2",
     "customer": {"name": "Eve", "email": "eve@example.org"}},
    {"key": "a-2", "created": "2024-05-02T10:00:00Z", "title": "timeout",
     "body": "", "tags": [], "resolution": "Wait longer.", "cause": "haste"},
    {"key": "a-3", "title": "other", "body": "x"}]


@pytest.fixture
def store(tmp_path):
    """A store that no server has open."""
    desk = Server(tmp_path / "store")
    desk.command("init")
    return desk


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def without(row, *names):
    return {name: row[name] for name in row if name not in names}


# --- the store alone

def test_init_twice_changes_nothing(store):
    path = store.store.partition(":")[2]
    store.command("person", "add", "ana")
    with open(path, "rb") as before:
        bytes_before = before.read()
    done = store.run("init", "--authority", "other.example")
    assert (done.returncode, done.stdout) == (0, b"")
    with open(path, "rb") as after:
        assert after.read() == bytes_before


def test_a_command_leaves_all_of_the_store_in_one_file(store):
    path = store.store.partition(":")[2]
    store.take_in("--incidents", INCIDENTS)
    assert not os.path.exists(path + "-wal")
    with open(path, "rb") as file:
        assert INCIDENTS[0]["title"].encode() in file.read()


def test_verify_says_ok_and_finds_damage(store):
    store.take_in("--incidents", INCIDENTS)
    assert store.run("verify").returncode == 0
    path = store.store.partition(":")[2]
    with open(path, "r+b") as file:
        title = INCIDENTS[0]["title"].encode()
        page = file.read().find(title) // 4096
        assert page > 0
        file.seek(4096 * page)
        file.write(b"\xff" * 4096)
    done = store.run("verify")
    assert done.returncode == 1 and done.stderr.startswith(b"barnraise: ")


def test_export_and_import_go_round(store, tmp_path):
    store.take_in("--people", PEOPLE)
    store.take_in("--subscriptions", SUBSCRIPTIONS)
    store.take_in("--incidents", INCIDENTS)
    other = Server(tmp_path / "other")
    other.command("init")
    for what in "--people", "--subscriptions", "--incidents":
        out = store.command("export", what)
        other.command("import", what, stdin=out)
        ignored = "number", "status", "posts"
        assert [without(row, *ignored) for row in rows(
            other.command("export", what))] == \
            [without(row, *ignored) for row in rows(out)]
    out = rows(store.command("export", "--incidents"))
    for row, given in zip(sorted(out, key=lambda row: row["key"]), INCIDENTS):
        for name in given:
            assert row[name] == given[name]
    assert other.run("verify").returncode == 0


def test_import_skips_bad_lines_and_names_their_numbers(store):
    lines = ['{"title": "one"}', '{"title": ', '{"body": "two"}',
             '{"title": "three", "severity": "awful"}', '[]',
             '{"title": "four", "created": "2999-01-01T00:00:00Z"}',
             '{"title": "five", "unknown": 1}']
    done = store.run("import", stdin="\n".join(lines))
    assert done.returncode == 1
    numbers = re.findall(rb"^barnraise: import: warning: line (\d+): ",
                         done.stderr, re.MULTILINE)
    assert sorted(numbers) == [b"2", b"4", b"5", b"6"]
    titles = [row["title"] for row in rows(store.command("export"))]
    assert sorted(titles) == ["five", "one", "two"]


def test_import_of_a_key_seen_before_edits(store):
    store.take_in("--incidents", INCIDENTS)
    store.take_in("--incidents", [
        {"key": "a-1", "title": "pool full", "resolution": "Drain it."}])
    out = {row["key"]: row for row in rows(store.command("export"))}
    assert len(out) == 3
    assert out["a-1"]["title"] == "pool full"
    assert out["a-1"]["resolution"] == "Drain it."
    assert out["a-1"]["status"] == "resolved"


def on_a_terminal(server, *words, stdin):
    """What a command writes on a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([BARNRAISE, *words], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=theirs,
                          env=server.env()) as process:
        os.close(theirs)
        process.stdin.write(stdin)
        process.stdin.close()
        text = b""
        try:
            while piece := os.read(ours, 4096):
                text += piece
        except OSError:  # how a terminal ends
            pass
        os.close(ours)
    assert process.returncode == 0
    return text


def test_import_shows_progress_on_a_terminal_only(store):
    lines = b"".join(b'{"title": "n %d"}\n' % n for n in range(1500))
    shown = on_a_terminal(store, "import", stdin=lines)
    assert b"\r" in shown and b"1500" in shown.replace(b",", b"")
    assert b"\r" not in store.run("import", stdin=lines).stderr


@pytest.mark.parametrize("words", [
    ["person", "disable", "nobody"], ["token", "add", "nobody"],
    ["token", "revoke", "99"], ["feed", "revoke", "99"],
    ["subscription", "add", "nobody", "x", "#a"],
    ["subscription", "remove", "99"], ["person", "add", "UP!"],
    ["import", "/nowhere"]])
def test_what_cannot_be_done_is_one_line_and_status_1(store, words):
    done = store.run(*words)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"barnraise: ")
    assert done.stderr.count(b"\n") == 1


def test_a_wrong_filter_is_refused_with_its_column(store):
    store.command("person", "add", "ana")
    done = store.run("subscription", "add", "ana", "x", "#a (")
    assert done.returncode == 1 and b"column 4: " in done.stderr


# --- while a server runs

def test_a_token_made_by_a_command_counts_and_a_revoked_one_does_not(
        server, ana):
    assert ana.get("/me.json").ok(200).json()["handle"] == "ana"
    number = rows_of(server, "token", "list")[0]["id"]
    server.command("token", "revoke", str(number))
    wait_for(lambda: ana.get("/me.json").status == 401, 5)


def test_a_link_revoked_by_a_command_is_gone(server, ana):
    assert server.get(ana.link).status == 200
    number = rows_of(server, "feed", "list")[0]["id"]
    server.command("feed", "revoke", str(number))
    wait_for(lambda: server.get(ana.link).status == 404, 5)


def test_a_subscription_made_by_a_command_catches(server, ana):
    server.command("subscription", "add", "ana", "pools", "pool")
    wait_for(lambda: server.report("the pool again") in ana.feed().numbers(), 5)


def test_a_subscription_removed_by_a_command_stops(server, ana):
    number = server.command(
        "subscription", "add", "ana", "pools", "pool").strip()
    wait_for(lambda: server.report("the pool again") in ana.feed().numbers(), 5)
    server.command("subscription", "remove", number)
    wait_for(lambda: server.report("the pool again") not in
             ana.feed().numbers(), 5)
    assert server.get(ana.link + "/" + number).status == 410


def test_an_import_shows_in_the_feeds_of_the_running_server(server, ana):
    ana.subscribe("pools", "pool")
    server.take_in("--incidents", INCIDENTS)
    feed = wait_for(lambda: ana.feed().numbers() and ana.feed(), 5)
    assert feed.titles() == ["pool empty"]


def test_who_is_disabled_is_out_of_everything(server, ana, bo):
    hosted = ana.report("hers")
    joined = bo.report("his")
    ana.join(joined)
    bo.subscribe("all", "")
    assert server.command("person", "disable", "ana") != ""
    wait_for(lambda: ana.get("/me.json").status == 401, 5)
    assert server.get(ana.link).status == 404
    assert bo.incident(hosted)["host"] is None
    swarm = bo.incident(joined)["swarm"]
    assert [(stay["person"], stay["left"] is None) for stay in swarm] == \
        [("ana", False)]
    assert bo.incident(joined)["status"] == "open"
    assert "Wanted again: his" in bo.feed().titles()


def test_passwd_prints_a_new_password_that_signs_in(server, ana):
    password = server.command("person", "passwd", "ana").strip()
    form = ("handle=ana&password=" + password).encode()
    answer = server.request("POST", "/signin", form, {
        "Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 303 and "Set-Cookie" in answer.headers


def test_the_client_commands_work_a_case_from_report_to_fix(server, ana):
    def client(*words, stdin=b""):
        return server.command(*words, "--url", server.url, "--token",
                              ana.token, stdin=stdin)

    number = client("post", "pool empty", "--tags", "db", stdin=b"it is").strip()
    assert client("list", "#db").split()[0] == number
    assert "it is" in client("show", number)
    client("join", number)
    client("reply", number, "Looking.")
    client("fix", number, "Larger pool.", "--cause", "small", "--publish")
    shown = json.loads(client("show", number, "--json"))
    assert (shown["status"], shown["source"]) == ("resolved", "cli")
    assert [post["kind"] for post in shown["posts"]] == ["reply", "fix"]
    assert "pool empty" in server.get("/kb").ok(200).text()


def test_stop_drains_and_start_goes_on(server, ana):
    number = ana.report("kept")
    server.restart()
    assert ana.incident(number)["title"] == "kept"


def test_limits_are_read_again_too(make_server, tmp_path):
    settings = tmp_path / "barnraise.conf"
    settings.write_text("")
    server = make_server(config=str(settings))
    ana = server.person("ana")
    del server.settings["limit_writes"]
    server.restart()
    for _ in range(3):
        ana.request("PATCH", "/me", {"hours": 1}).ok(200)
    settings.write_text("limit.writes = 2 in 1m\n")
    server.process.send_signal(signal.SIGHUP)
    refused = wait_for(lambda: next((a for a in [
        ana.request("PATCH", "/me", {"hours": 1})] if a.status != 200), None))
    assert refused.status == 429 and int(refused.headers["Retry-After"]) > 0


def rows_of(server, *words):
    """A list command's rows as JSON, whether an array or an object of items."""
    found = json.loads(server.command(*words, "--json"))
    return found["items"] if isinstance(found, dict) else found
