# SPDX-License-Identifier: ISC
"""What scripts add to pages, in a real browser."""

import pytest

import chromium


@pytest.fixture
def browser(server):
    browser = chromium.Chromium(server)
    yield browser
    browser.quit()


def wake(browser):
    """As if she had come back to this tab: it asks at once."""
    browser.run("document.dispatchEvent(new Event('visibilitychange'))")


# --- the thread

def test_new_posts_appear_and_what_is_typed_stays(browser, server, ana, bo):
    number = server.report("It hangs", body="since the update")
    bo.say(number, "reply", "We look.")
    browser.sign_in("ana").go("/incidents/%d" % number)
    browser.type("#reply-text", "half a sent")
    bo.say(number, "note", "Look at the **log**.")
    server.customer(number, "replies", text="Still <b>hanging</b>")
    wake(browser)
    browser.wait_for_text("#news", "2 new posts")
    assert browser.count("#posts > li") == 3
    posts = browser.text("#posts")
    assert "Look at the log." in posts and "Still <b>hanging</b>" in posts
    assert browser.value("#reply-text") == "half a sent"
    # who is in came along; the forms, one of which is in use, did not change
    browser.wait_for_text("[data-live=aside]", "bo")
    browser.type("#reply-text", "ence").click("#news a")
    assert browser.value("#reply-text") == "half a sentence"
    assert browser.count("#news.unseen") == 1
    assert browser.complaints() == []


def test_what_was_changed_or_withdrawn_changes(browser, server, ana, bo):
    number = server.report("It hangs")
    first = bo.say(number, "reply", "First")
    second = bo.say(number, "reply", "Second")
    browser.sign_in("ana").go("/incidents/%d" % number)
    assert browser.count("#join [value=helper]") == 1
    path = "/incidents/%d/posts/%d"
    bo.request("PATCH", path % (number, first), {"text": "Better"}).ok(200)
    bo.request("DELETE", path % (number, second)).ok(204)
    ana.join(number)
    wake(browser)
    browser.wait_for_text("#posts", "Better")
    assert "Second" not in browser.text("#posts")
    # the form that she needs now is there, with the token that it needs
    browser.wait("#join form[action$=leave]")
    browser.click("#join form[action$=leave] button")
    browser.wait("#join [value=helper]")
    assert all(s["left"] for s in ana.incident(number)["swarm"]
               if s["person"] == "ana")


def test_an_unchanged_thread_is_asked_for_conditionally(browser, server, ana):
    number = server.report("It hangs")
    browser.sign_in("ana").go("/incidents/%d" % number)
    browser.run("""window.asked = [];
        const was = window.fetch;
        window.fetch = (...all) => was(...all).then(answer => {
            window.asked.push([all[0], answer.status]);
            return answer;
        });""")
    for _ in range(2):
        count = browser.run("return window.asked.length")
        wake(browser)
        chromium.wait_for(
            lambda: browser.run("return window.asked.length") > count)
    assert browser.run("return window.asked") == [
        ["/incidents/%d.json" % number, 200],
        ["/incidents/%d.json" % number, 304]]


def test_who_is_signed_out_is_told_and_keeps_her_words(browser, server, ana):
    number = server.report("It hangs")
    browser.sign_in("ana").go("/incidents/%d" % number)
    browser.type("#reply-text", "Hello")
    server.command("person", "passwd", "ana")
    wake(browser)
    browser.wait_for_text("#news", "You are signed out")
    assert browser.value("#reply-text") == "Hello"


# --- times

def test_times_stay_true_while_a_page_is_open(browser, server, ana):
    number = server.report("It hangs")
    browser.sign_in("ana").go("/incidents/%d" % number)
    assert "just now" in browser.text(".head")
    browser.run("const then = Date.now;"
                "Date.now = () => then() + 3 * 3600 * 1000;")
    wake(browser)
    browser.wait_for_text(".head", "3 hours ago")
    assert "UTC" in browser.run(
        "return document.querySelector('.head time').title")
