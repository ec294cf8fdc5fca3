# SPDX-License-Identifier: ISC
"""What scripts add to pages, in a real chrome."""

import pytest

from chrome import Driver, signed_in
from desk import wait_for


@pytest.fixture(scope="module")
def driver():
    driver = Driver()
    yield driver
    driver.stop()


@pytest.fixture
def chrome(driver, server, ana):
    chrome = signed_in(driver, server, "ana")
    yield chrome
    chrome.close()


def wake(chrome):
    """As if she had come back to this tab: it asks at once."""
    chrome.run("document.dispatchEvent(new Event('visibilitychange'))")


def add(chrome, selector, text):
    """Types on, where the caret is."""
    element = chrome.find(selector)
    chrome.call("POST", f"/element/{element}/value", text=text)


def value(chrome, selector):
    return chrome.run(
        "return document.querySelector(arguments[0]).value", selector)


def shows(chrome, selector, words):
    wait_for(lambda: words in chrome.text(selector))


# --- the thread

def test_new_posts_appear_and_what_is_typed_stays(chrome, server, ana, bo):
    number = server.report("It hangs", body="since the update")
    bo.say(number, "reply", "We look.")
    chrome.go("/incidents/%d" % number)
    add(chrome, "#reply-text", "half a sent")
    bo.say(number, "note", "Look at the **log**.")
    server.customer(number, "replies", text="Still <b>hanging</b>")
    wake(chrome)
    shows(chrome, "#news", "2 new posts")
    assert len(chrome.all("#posts > li")) == 3
    posts = chrome.text("#posts")
    assert "Look at the log." in posts and "Still <b>hanging</b>" in posts
    assert value(chrome, "#reply-text") == "half a sent"
    # who is in came along; the forms, one of which is in use, did not change
    shows(chrome, "[data-live=aside]", "bo")
    add(chrome, "#reply-text", "ence")
    chrome.click("#news a")
    assert value(chrome, "#reply-text") == "half a sentence"
    assert len(chrome.all("#news.unseen")) == 1
    assert chrome.complaints() == []


def test_what_was_changed_or_withdrawn_changes(chrome, server, ana, bo):
    number = server.report("It hangs")
    first = bo.say(number, "reply", "First")
    second = bo.say(number, "reply", "Second")
    chrome.go("/incidents/%d" % number)
    assert len(chrome.all("#join [value=helper]")) == 1
    path = "/incidents/%d/posts/%d"
    bo.request("PATCH", path % (number, first), {"text": "Better"}).ok(200)
    bo.request("DELETE", path % (number, second)).ok(204)
    ana.join(number)
    wake(chrome)
    shows(chrome, "#posts", "Better")
    assert "Second" not in chrome.text("#posts")
    # the form that she needs now is there, with the token that it needs
    chrome.click("#join form[action$=leave] button")
    chrome.find("#join [value=helper]")
    assert all(s["left"] for s in ana.incident(number)["swarm"]
               if s["person"] == "ana")


def test_a_link_to_a_folded_form_leads_into_it(chrome, server):
    number = server.report("It hangs")
    chrome.go("/incidents/%d#fix" % number)
    chrome.write("#fix-resolution", "Restart it.")
    chrome.go("/incidents")
    chrome.press("Take a report")
    chrome.write("#new-title", "It burns")


def test_an_unchanged_thread_is_asked_for_conditionally(chrome, server):
    number = server.report("It hangs")
    chrome.go("/incidents/%d" % number)
    chrome.run("""window.asked = [];
        const was = window.fetch;
        window.fetch = (...all) => was(...all).then(answer => {
            window.asked.push([all[0], answer.status]);
            return answer;
        });""")
    for _ in range(2):
        count = chrome.run("return window.asked.length")
        wake(chrome)
        wait_for(
            lambda: chrome.run("return window.asked.length") > count)
    assert chrome.run("return window.asked") == [
        ["/incidents/%d.json" % number, 200],
        ["/incidents/%d.json" % number, 304]]


def test_who_is_signed_out_is_told_and_keeps_her_words(chrome, server):
    number = server.report("It hangs")
    chrome.go("/incidents/%d" % number)
    add(chrome, "#reply-text", "Hello")
    server.command("person", "passwd", "ana")
    wake(chrome)
    shows(chrome, "#news", "You are signed out")
    assert value(chrome, "#reply-text") == "Hello"


# --- times

def test_times_stay_true_while_a_page_is_open(chrome, server):
    number = server.report("It hangs")
    chrome.go("/incidents/%d" % number)
    assert "just now" in chrome.text(".head")
    chrome.run("const then = Date.now;"
                "Date.now = () => then() + 3 * 3600 * 1000;")
    wake(chrome)
    shows(chrome, ".head", "3 hours ago")
    assert "UTC" in chrome.run(
        "return document.querySelector('.head time').title")


# --- filters

def test_tags_and_people_are_offered_while_a_filter_is_typed(
        chrome, server, ana):
    ana.report("It hangs", tags=["database", "data:x"])
    chrome.go("/incidents")
    add(chrome, "#q", "-#dat")
    wait_for(lambda: len(chrome.all("#choices li")) == 2)
    assert chrome.run("return document.activeElement.ariaExpanded") == "true"
    for key in "\ue015", "\ue015", "\ue007":  # down, down, enter
        chrome.key(key)
    assert value(chrome, "#q") == "-#database "
    add(chrome, "#q", "host:an")
    shows(chrome, "#choices", "host:ana")
    chrome.click("#choices li")
    assert value(chrome, "#q") == "-#database host:ana "
    add(chrome, "#q", "stat")
    shows(chrome, "#choices", "status:open")
    chrome.key("\ue00c")  # escape
    assert len(chrome.all("#choices[hidden]")) == 1
    assert value(chrome, "#q") == "-#database host:ana stat"
    # enter goes on to what the form is for, if nothing of the list is marked
    chrome.key("\ue007")
    wait_for(lambda: "q=" in chrome.address)
    assert chrome.complaints() == []


def test_the_caret_stands_where_a_filter_is_wrong(chrome):
    chrome.go("/incidents?q=%F0%9F%90%98%20%23db%20(x")
    column = chrome.run("return document.activeElement.selectionStart")
    text = value(chrome, "#q")
    assert text.encode("utf-16-le")[:column * 2].decode("utf-16-le") in (
        "", "\U0001f418 #db ")


def test_what_a_filter_would_have_caught_is_shown_while_it_is_typed(
        chrome, server, ana):
    ana.report("It hangs", tags=["db"])
    ana.report("It burns")
    chrome.go("/me")
    add(chrome, "#new-filter", "#db or lock")
    shows(chrome, "#preview-new", "1 of the last 2 incidents")
    assert "It hangs" in chrome.text("#preview-new")
    assert "because of #db" in chrome.text("#preview-new")
    add(chrome, "#new-filter", " (")
    shows(chrome, "#preview-new", "Column 13:")
    assert "It hangs" not in chrome.text("#preview-new")
    assert len(chrome.all("#preview-new form")) == 0
    assert chrome.complaints() == []


def test_a_feed_link_can_be_copied(chrome):
    chrome.go("/me")
    chrome.write("#feed-label", "phone")
    chrome.click("form[action='/me/feeds'] button")
    chrome.find("[data-copy] + button")
    assert len(chrome.all("main button[aria-live]")) == 1
    chrome.press("Copy")
    chrome.see("Copied")
    assert chrome.complaints() == []
