# SPDX-License-Identifier: ISC
"""What appears while somebody types, in a real browser."""

import pytest

from chrome import Chrome, Driver
from desk import wait_for
from test_kb import publish

DOWN, UP, ESCAPE = "\ue015", "\ue013", "\ue00c"


@pytest.fixture(scope="module")
def driver():
    driver = Driver()
    yield driver
    driver.stop()


@pytest.fixture(name="chrome")
def chrome_fixture(server, driver):
    publish(server, "The printer prints only zebras", body="Black stripes.")
    publish(server, "The printer is <b>on fire</b>")
    wait_for(lambda: len(server.get("/kb.json?search=printer").json()[
        "items"]) == 2)
    chrome = Chrome(driver, server)
    yield chrome
    assert chrome.complaints() == []
    chrome.close()


def focused(chrome):
    return chrome.run("return document.activeElement.innerText ||"
                      " document.activeElement.id")


def test_the_front_door_answers_while_one_types(chrome):
    chrome.go("/").write("#search", "printer")
    wait_for(lambda: "zebras" in chrome.text("#live"))
    assert "<b>on fire</b>" in chrome.text("#live")
    assert chrome.run("return document.querySelectorAll("
                      "'#live mark').length") >= 2
    assert chrome.text("#live-said").startswith("2 answers")
    chrome.write("#search", "zebras")
    wait_for(lambda: "fire" not in chrome.text("#live"))
    assert chrome.text("#live-said").startswith("1 answer ")
    chrome.write("#search", "monitor")
    wait_for(lambda: "No answer" in chrome.text("#live"))
    assert chrome.text("#live-said").startswith("No answer")


def test_the_keyboard_leads_to_what_was_found_and_back(chrome):
    chrome.go("/").write("#search", "printer")
    wait_for(lambda: "zebras" in chrome.text("#live"))
    chrome.key(DOWN)
    first = focused(chrome)
    assert first.startswith("The printer")
    chrome.key(DOWN)
    assert focused(chrome) not in (first, "search")
    chrome.key(DOWN)
    chrome.key(UP)
    assert focused(chrome) == first
    chrome.key(UP)
    assert focused(chrome) == "search"
    chrome.key(ESCAPE)
    assert chrome.text("#live") == ""


def test_enter_searches_as_ever(chrome):
    chrome.go("/").write("#search", "printer")
    chrome.key("\ue007")
    wait_for(lambda: chrome.address.startswith("/kb?search=printer"))


def test_answers_appear_beside_a_report_and_are_not_asked_again(chrome, server):
    chrome.go("/report").write("#title", "printer prints zebras")
    wait_for(lambda: "Perhaps this is the answer" in chrome.text("#known"))
    chrome.click("#known summary")
    chrome.see("Restart it.")
    chrome.write("#body", "Stripes on each page.")
    chrome.press("Send the report")
    chrome.see("Keep this link")


def test_what_appears_beside_a_report_can_end_it(chrome, server):
    chrome.go("/report").write("#title", "printer prints zebras")
    wait_for(lambda: "Perhaps this is the answer" in chrome.text("#known"))
    chrome.click("#known summary")
    chrome.press("This solved it")
    chrome.see("Good to hear!")
    assert server.get("/kb/1.json").json()["reuse"] == 1
