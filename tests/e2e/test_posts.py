# SPDX-License-Identifier: ISC
"""/incidents/{n}/posts: replies and notes, each a resource of its own."""

import re

import pytest

from browser import Browser, path_of


def test_a_post_answers_with_itself(ana):
    number = ana.report("It hangs")
    answer = ana.request("POST", "/incidents/%d/posts" % number, {
        "kind": "reply", "text": "a\r\nb"})
    assert answer.status == 201
    post = answer.json()
    assert (post["kind"], post["author"], post["text"], post["edited"],
            post["incident"]) == ("reply", "ana", "a\nb", None, number)
    path = re.sub(r"^https?://[^/]+", "", answer.headers["Location"])
    assert path == "/incidents/%d/posts/%d" % (number, post["id"])
    for ending in "", ".json":
        again = ana.get(path + ending).ok(200)
        assert again.json() == post
        assert again.headers["ETag"] == answer.headers["ETag"]
    assert re.fullmatch(r'"%d"' % post["id"], answer.headers["ETag"])


@pytest.mark.parametrize("body, field", [
    ({"text": "x"}, "kind"), ({"kind": "fix", "text": "x"}, "kind"),
    ({"kind": "reply"}, "text"), ({"kind": "note", "text": " "}, "text"),
    ({"kind": "reply", "text": "x", "host": "bo"}, "host"),
    pytest.param({"kind": "note", "text": "x" * 65537}, "text", id="long")])
def test_a_wrong_post_names_the_field(ana, body, field):
    number = ana.report("It hangs")
    answer = ana.request("POST", "/incidents/%d/posts" % number, body)
    assert answer.status == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert ana.incident(number)["posts"] == []


def test_a_post_is_edited_by_its_author_or_an_admin(server, ana, bo):
    server.command("person", "add", "root", "--admin")
    token = server.command("token", "add", "root", "--scope", "admin").strip()
    number = ana.report("It hangs")
    path = "/incidents/%d/posts/%d" % (number, ana.reply(number, "one"))
    assert bo.request("PATCH", path, {"text": "x"}).status == 403
    assert bo.request("DELETE", path).status == 403
    answer = ana.request("PATCH", path, {"text": "two"}).ok(200)
    assert answer.json()["text"] == "two" and answer.json()["edited"]
    answer = server.request("PATCH", path, {"text": "three"}, {
        "Authorization": "Bearer " + token})
    assert answer.ok(200).json()["text"] == "three"
    assert ana.incident(number)["posts"][0]["text"] == "three"
    assert ana.request("PATCH", path, {"text": ""}).status == 422


def test_if_match_is_compared(ana):
    number = ana.report("It hangs")
    path = "/incidents/%d/posts/%d" % (number, ana.note(number, "one"))
    old = ana.get(path).headers["ETag"]
    ana.request("PATCH", path, {"text": "two"}, **{"If-Match": old}).ok(200)
    for method in "PATCH", "DELETE":
        answer = ana.request(method, path, {"text": "x"}, **{"If-Match": old})
        assert answer.status == 412
    assert ana.get(path).json()["text"] == "two"


def test_a_withdrawn_post_is_gone(server, ana):
    number = server.report("It hangs")
    path = "/incidents/%d/posts/%d" % (number, ana.reply(number, "oops"))
    assert ana.request("DELETE", path).ok(204).body == b""
    assert ana.get(path).status == 410
    for method in "PATCH", "DELETE":
        assert ana.request(method, path, {"text": "x"}).status == 410
    assert ana.incident(number)["posts"] == []
    for ending in "", ".json", ".atom":
        page = server.get(server.customers[number] + ending, Accept="*/*")
        assert "oops" not in page.ok(200).text()


def test_the_customers_post_is_nobodys_to_edit(server, ana):
    number = server.report("It hangs")
    server.customer(number, "replies", text="hello")
    post = ana.incident(number)["posts"][0]["id"]
    path = "/incidents/%d/posts/%d" % (number, post)
    assert ana.request("PATCH", path, {"text": "x"}).status == 403
    assert ana.get(path).json()["author"] is None


def test_a_browser_is_led_to_the_page(server, ana):
    number = ana.report("It hangs")
    post = ana.reply(number, "one")
    browser = Browser(server, "ana")
    thread = "/incidents/%d" % number
    assert path_of(browser.get(thread + "/posts")) == thread + "#talk"
    assert path_of(browser.get("%s/posts/%d" % (thread, post))) == \
        "%s#post-%d" % (thread, post)
