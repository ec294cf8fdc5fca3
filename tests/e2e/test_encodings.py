# SPDX-License-Identifier: ISC
"""Content codings with a real client, and what of them is kept: the same bytes
in each, a tag of its own for each, none where a secret could be guessed by the
size."""

import gzip
import subprocess

import pytest

from desk import wait_for

LONG = "Could not acquire a connection: the pool is exhausted. " * 60


def curl(server, path, *options):
    """Headers by name in lower case, and the body, by curl."""
    done = subprocess.run(
        ["curl", "-sS", "-D", "-", *options, server.url + path],
        capture_output=True, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in
            (line.split(": ", 1) for line in lines)}, body


@pytest.fixture
def feed(server, ana):
    ana.subscribe("mine", "pool")
    server.report("Pool exhausted", body=LONG)
    return ana.link + ".atom"


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_every_coding_is_the_same_feed(server, feed, coding):
    plain = server.get(feed).ok(200)
    headers, body = curl(server, feed, "-H", "Accept-Encoding: " + coding)
    assert headers["content-encoding"] == coding
    assert len(body) < len(plain.body) / 2
    tag = plain.headers["ETag"][:-1] + '-%s"' % coding
    assert headers["etag"] == tag
    for answer in headers["vary"], plain.headers["Vary"]:
        assert answer == "Accept, Accept-Encoding"
    if coding == "gzip":
        assert gzip.decompress(body) == plain.body
    again = server.get(feed, Accept_Encoding=coding, If_None_Match=tag)
    assert again.status == 304 and again.headers["ETag"] == tag
    # in memory by now
    again = server.get(feed, Accept_Encoding=coding, If_None_Match=tag)
    assert again.status == 304 and again.headers["ETag"] == tag


def test_curl_reads_what_it_asks_for_compressed(server, feed):
    headers, body = curl(server, feed, "--compressed")
    assert headers["content-encoding"] in ("gzip", "br", "zstd")
    assert body == server.get(feed).body


def test_head_has_the_headers_of_the_coded_answer(server, feed):
    gets, body = curl(server, feed, "-H", "Accept-Encoding: gzip")
    heads, nothing = curl(server, feed, "-I", "-o", "/dev/null", "-H",
                          "Accept-Encoding: gzip")
    gets.pop("date"), heads.pop("date")
    assert heads == gets and not nothing
    assert int(heads["content-length"]) == len(body)


def test_a_change_has_a_new_tag_in_each_coding(server, feed):
    old = [curl(server, feed, "-H", "Accept-Encoding: " + coding)[0]["etag"]
           for coding in ("gzip", "br")]
    server.report("Pool exhausted again", body=LONG)
    new = [curl(server, feed, "-H", "Accept-Encoding: " + coding)[0]["etag"]
           for coding in ("gzip", "br")]
    assert len(set(old + new)) == 4
    answer = server.get(feed, Accept_Encoding="gzip", If_None_Match=old[0])
    assert answer.status == 200


def test_a_revoked_link_is_not_answered_from_memory(server, ana, feed):
    for _ in range(3):
        server.get(feed).ok(200)
    number = server.command("feed", "list", "ana").split()[0]
    server.command("feed", "revoke", number)
    wait_for(lambda: server.get(feed).status == 404)


def test_what_a_session_is_sent_is_not_compressed(server, ana):
    page = "/static/style.css"
    assert curl(server, page, "--compressed")[0]["content-encoding"]
    server.report("Pool exhausted", body=LONG)
    bearer = curl(server, "/incidents.json", "--compressed", "-H",
                  "Authorization: Bearer " + ana.token)[0]
    assert bearer["content-encoding"]
    basic = ["--compressed", "-u", "ana:" + ana.token]
    assert "content-encoding" in curl(server, "/incidents.json", *basic)[0]
    # a browser sends Basic along by itself
    browser = curl(server, "/incidents.json", *basic, "-H",
                   "Sec-Fetch-Site: cross-site")[0]
    assert "content-encoding" not in browser


def test_what_nobody_can_code_is_406(server):
    answer = server.get("/openapi.json", Accept_Encoding="identity;q=0, lzma")
    assert answer.status == 406
    answer = server.get("/openapi.json", Accept_Encoding="lzma").ok(200)
    assert "Content-Encoding" not in answer.headers
