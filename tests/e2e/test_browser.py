# SPDX-License-Identifier: ISC
"""The whole story in a real browser, with script and without, and what holds
for every page there: accessible by axe-core, small, nothing from elsewhere."""

import json
import os
import re

import feedparser
import pytest

from chrome import Chrome, Driver, signed_in
from desk import Server, wait_for
from pages import PAGES, Desk

AXE = os.environ.get("BARNRAISE_AXE")
NAMES = [(who or "public") + path for who, path in PAGES]
FIRST_VISIT = 50 * 1024  # bytes of a page and all that it needs


@pytest.fixture(scope="module")
def driver():
    driver = Driver()
    yield driver
    driver.stop()


@pytest.fixture(name="server")
def server_fixture(tmp_path):
    server = Server(tmp_path / "desk")
    server.command("init")
    yield server.start()
    server.stop()


def open_form(chrome, name):
    """One of those that are folded away."""
    chrome.click(f"#{name} summary")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_a_report_to_the_next_customer(driver, server, script):
    bo = server.person("bo", tags=["printers"])
    server.person("cy", tags=["firmware"])
    bo.subscribe("printers", "printer or #printers")

    customer = Chrome(driver, server, script).go("/")
    customer.press("Report a problem")
    customer.write("#title", "The printer prints only zebras")
    customer.write("#body", "Each page has black stripes since the update to "
                   "firmware 7.2.")
    customer.press("Send the report")
    customer.see("Keep")
    status = re.search(r"/status/[\w-]+", customer.run(
        "return document.documentElement.innerHTML"))[0]

    entry = feedparser.parse(bo.get(bo.feed_path()).ok().body).entries[0]
    engineer = Chrome(driver, server, script).go(
        re.sub(r"^https?://[^/]+", "", entry.link))
    engineer.write("#handle", "bo")
    password = server.command("person", "passwd", "bo").strip()
    engineer.write("#password", password)
    engineer.press("Sign in")
    engineer.see("The printer prints only zebras")
    engineer.press("Join and help")
    engineer.see("Leave")
    open_form(engineer, "pull")
    engineer.write("#pull-people", "cy")
    engineer.write("#pull-note", "Did the drum change with 7.2?")
    engineer.press("Ask them")
    engineer.see("Did the drum change with 7.2?")
    engineer.write("#reply-text", "Is it on every tray?")
    engineer.press("Reply")
    engineer.see("Is it on every tray?")

    other = signed_in(driver, server, "cy", script).go("/incidents/1")
    other.see("Is it on every tray?")
    open_form(other, "fix")
    other.write("#fix-resolution", "Clean the corona wire of the drum.")
    other.write("#fix-cause", "Firmware 7.2 charges it twice.")
    other.click("#fix input[name=publish]")
    other.press("It is fixed")
    other.see("Clean the corona wire")

    customer.go(status)
    customer.see("Clean the corona wire")
    customer.click("input[name=rating][value='5']")
    customer.press("Yes, it is solved")
    customer.see("5 of 5")
    assert bo.incident(1)["rating"] == 5

    following = Chrome(driver, server, script).go("/")
    following.write("#search", "printer zebras")
    following.press("Search")
    following.click(".rows a")
    following.see("Clean the corona wire")
    following.press("This solved it")
    wait_for(lambda: bo.get("/articles/1.json").json()["reuse"] == 1)
    for chrome in (customer, engineer, other, following):
        assert chrome.complaints() == []
        chrome.close()


# --- every page

@pytest.fixture(scope="module")
def desk(tmp_path_factory, driver):
    desk = Desk(tmp_path_factory.mktemp("pages") / "desk", driver)
    yield desk
    desk.close()


@pytest.mark.parametrize("who, path", PAGES, ids=NAMES)
def test_a_page_is_accessible(desk, who, path):
    assert AXE is not None, "BARNRAISE_AXE: where axe.min.js is"
    with open(AXE, encoding="utf-8") as file:
        axe = file.read()
    chrome = desk.visit(who, path)
    for width, dark in ((1280, False), (1280, True), (360, False)):
        chrome.looks(width, dark)
        found = chrome.run(
            axe + "; return axe.run().then(function (r) { return"
            " r.violations.map(function (v) { return [v.id, v.help,"
            " v.nodes.map(function (n) { return n.html; })]; }); });")
        assert found == [], (width, dark, json.dumps(found, indent=1)[:3000])
        wide = chrome.run("return document.documentElement.scrollWidth")
        assert wide <= width, "it has to be moved sideways to be read"


@pytest.mark.parametrize("who, path", PAGES, ids=NAMES)
def test_a_page_is_small_and_all_of_it_is_from_here(desk, who, path):
    chrome = desk.visit(who, path)
    loaded = chrome.run(
        "return performance.getEntriesByType('navigation').concat("
        "performance.getEntriesByType('resource')).map(function (e) {"
        " return [e.name, e.encodedBodySize]; });")
    for name, _ in loaded:
        assert name.startswith(desk.server.url), name
    assert sum(size for _, size in loaded) < FIRST_VISIT, loaded
    assert chrome.complaints() == []


@pytest.mark.parametrize("who, path", PAGES, ids=NAMES)
def test_a_page_can_be_used_by_keyboard(desk, who, path):
    """Tab reaches all that can be used, one after the other, each in sight."""
    chrome = desk.visit(who, path)
    chrome.looks(1280)
    wanted = chrome.run("""
        return Array.from(document.querySelectorAll(
            'a[href], button, input:not([type=hidden]), select, textarea,'
            + 'summary')).filter(function (e) {
                return e.checkVisibility() && !e.disabled
                    && !(e.type === 'radio'
                         && e !== e.form.elements[e.name][0]);
            }).length;""")
    script = """
        const e = document.activeElement, b = e.getBoundingClientRect();
        const s = getComputedStyle(e);
        return [e === document.body, b.width > 0 && b.height > 0,
            s.outlineStyle !== 'none' || s.boxShadow !== 'none'];"""
    reached = 0
    chrome.run("document.body.tabIndex = -1; document.body.focus();"
               "document.body.removeAttribute('tabindex')")
    for _ in range(wanted + 5):
        chrome.key("\ue004")
        at_end, visible, marked = chrome.run(script)
        if at_end:
            break
        assert visible and marked, chrome.run(
            "return document.activeElement.outerHTML")
        reached += 1
    assert reached >= wanted, (reached, wanted)
