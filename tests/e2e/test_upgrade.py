# SPDX-License-Identifier: ISC
"""Stores that earlier versions made. tests/data/stores/N.sql is all that was in
one of schema N, which the program of that time made and filled; what is there
stays as it is, and so is read by every program to come."""

import json
import os
import sqlite3

import pytest

from desk import DATA, Person, Server

STORES = os.path.join(DATA, "stores")
SCHEMAS = sorted(int(name.partition(".")[0]) for name in os.listdir(STORES))
TITLES = ["Deadlock again", "Severity high: Deadlock again",
          "Pulled: Deadlock again", "Resolved: Deadlock in the queue",
          "Solved: Deadlock in the queue", "Fix: Deadlock in the queue",
          "Customer replied: Deadlock in the queue",
          "Checkout hangs since 14:05"]


@pytest.fixture(params=SCHEMAS)
def old(request, tmp_path):
    """A server that is not yet started, on such a store."""
    server = Server(tmp_path)
    with open(os.path.join(STORES, "%d.sql" % request.param)) as dump, \
            database(server) as db:
        db.executescript(dump.read())
    server.schema = request.param
    yield server
    if server.process is not None:
        server.kill()


class database:
    def __init__(self, server):
        self.connection = sqlite3.connect(server.store.partition(":")[2])

    def __enter__(self):
        return self.connection

    def __exit__(self, *_):
        self.connection.close()


def schema(server):
    """The number, and what each table, index and trigger is."""
    with database(server) as db:
        [number] = db.execute("PRAGMA user_version").fetchone()
        parts = db.execute("SELECT name, sql FROM sqlite_schema")
        return number, {name: " ".join(sql.replace('"', "").split())
                        for name, sql in parts if sql is not None}


def rows(server):
    """{(table, its columns): all rows}"""
    found = {}
    with database(server) as db:
        tables = [name for name, in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            cursor = db.execute('SELECT * FROM "%s"' % table)
            columns = tuple(column[0] for column in cursor.description)
            found[table, columns] = sorted(cursor.fetchall(), key=repr)
    return found


def test_each_earlier_schema_has_its_store(server):
    server.stop()
    now, _ = schema(server)
    assert SCHEMAS == list(range(1, now))


def test_migrating_keeps_every_row_and_makes_todays_tables(old, server):
    server.stop()
    before = rows(old)
    assert schema(old)[0] == old.schema
    old.command("migrate")
    after = rows(old)
    assert sum(len(kept) for kept in before.values()) > 100
    for table, kept in before.items():
        assert after[table] == kept, table
    assert schema(old) == schema(server)
    assert old.command("verify") == "ok\n"


def test_who_was_there_finds_all_as_it_was(old):
    old.start()
    ana = person(old, "ana2", "brn_dkm5nrtt6yzmixahnjzl66qgb3p66ha6",
                 "/feeds/brn_flpwxsdtzdkrnge7h2jb53fn6wvtrlpg")
    titles = ana.feed().titles()
    assert [title for title in titles if title in TITLES] == TITLES
    incident = ana.incident(6)
    assert (incident["title"], incident["status"], incident["tags"]) == \
        ("Deadlock in the queue", "closed", ["db"])
    assert [post.get("text", post.get("resolution"))
            for post in incident["posts"]] == [
        "Looks like two jobs.", "We look at it.", "Thank you.",
        "Take the locks in one order."]
    assert ana.incident(7)["severity"] == "high"
    uses = {row["tag"]: row["incidents"] for row in json.loads(
        old.command("tag", "list", "--json"))}
    assert uses["db"] == sum(
        "db" in ana.incident(n)["tags"] for n in range(1, 9))
    old.get("/status/brn_bzlxft45jinqwvgr76txszjr6yhf442c").ok(200)


def test_what_comes_in_goes_on_from_there(old):
    old.start()
    ana = person(old, "ana2", "brn_dkm5nrtt6yzmixahnjzl66qgb3p66ha6",
                 "/feeds/brn_flpwxsdtzdkrnge7h2jb53fn6wvtrlpg")
    number = old.report("One more lock")
    assert number == 9
    assert number in ana.feed().numbers()
    ana.join(7)
    ana.fix(7, "As before.")
    old.restart()
    assert number in ana.feed().numbers()
    old.stop()
    assert old.command("verify") == "ok\n"


def person(server, handle, token, link):
    """Somebody with the token and the link that she has had since then."""
    someone = Person.__new__(Person)
    someone.server, someone.handle = server, handle
    someone.token, someone.link = token, link
    return someone
