# SPDX-License-Identifier: ISC
"""The pages of somebody who has a problem: looking for an answer, reporting,
her report's page. Without script; test_typing.py has them with it."""

import re

import pytest

from browser import Browser, path_of
from desk import wait_for
from test_kb import publish

TITLE = "The printer prints only zebras"


@pytest.fixture(name="customer")
def customer_fixture(server):
    return Browser(server)


def known(server):
    """An answer that the full text has already."""
    number = publish(server, TITLE, body="Each page has black stripes.")
    publish(server, "The printer is what staff knows", publish=False)
    wait_for(lambda: server.get("/kb.json?search=zebras").json()["items"])
    return number


def test_before_it_is_sent_it_shows_what_may_answer_it(server, customer, ana):
    number = known(server)
    before = ana.get("/incidents.json").json()["items"]
    typed = {"title": "My printer prints zebras", "body": "Stripes & <b>",
             "tried": "Two drums",
             "environment": "tray 2", "severity": "high", "name": "Mira",
             "email": "m@x.example"}
    answer = customer.fill("/report", "/report", **typed).ok(200)
    page = answer.text()
    assert TITLE in page and "Restart <strong>it</strong>." in page
    assert "staff knows" not in page
    assert 'formaction="/kb/%d/helped"' % number in page
    assert ana.get("/incidents.json").json()["items"] == before
    form = Browser.page_of(answer).form_to("/report")
    kept = dict(form.fields)
    kept.pop("csrf", None)
    assert kept == typed
    sent = customer.send(form).ok(200).text()
    assert "Keep this link" in sent
    assert ana.incident(max(i["_barnraise"]["id"] for i in ana.get(
        "/incidents.json").json()["items"]))["title"] == typed["title"]


def test_this_solved_it_ends_there_and_counts(server, customer):
    number = known(server)
    page = customer.fill("/report", "/report", title=TITLE).ok(200).text()
    action = re.search(r'formaction="([^"]*)"', page)[1]
    where = path_of(customer.post(action, {}))
    assert where.endswith("#thanks")
    assert 'id="thanks"' in customer.get(where.split("#")[0]).ok(200).text()
    assert server.get("/kb/%d.json" % number).json()["reuse"] == 1


def test_what_nobody_knows_is_sent_at_once(server, customer):
    known(server)
    answer = customer.fill("/report", "/report", title="Monitor is dark")
    assert "Keep this link" in answer.ok(200).text()


def test_a_program_that_sends_a_form_is_not_asked(server, customer):
    known(server)
    assert "Keep this link" in customer.post(
        "/report", {"title": TITLE}).ok(200).text()
    assert server.post("/report", {"title": TITLE, "look": True}).status == 201


def test_what_was_searched_for_becomes_the_title(server, customer):
    known(server)
    page = customer.page("/kb?search=monitor+%26+cable")
    href = next(l for l in page.links if l.startswith("/report?"))
    assert customer.page(href).form_to("/report").fields["title"] == \
        "monitor & cable"


def test_what_was_tried_stands_below_what_happened(customer, ana):
    customer.fill("/report", "/report", title="Monitor is dark",
                  body="It went off.", tried="Another\ncable").ok(200)
    customer.fill("/report", "/report", tried="All of it").ok(200)
    first, second = [ana.incident(n)["body"] for n in (1, 2)]
    assert first == "It went off.\n\nWhat was tried:\n\nAnother\ncable"
    assert second == "What was tried:\n\nAll of it"


def test_what_is_wrong_is_said_before_anything_else(server, customer):
    known(server)
    answer = customer.fill("/report", "/report", title=" ", body="")
    assert answer.status == 422


def test_looking_is_no_report_for_the_limit(make_server):
    server = make_server(limit_reports="1 in 1h")
    customer = Browser(server)
    known(server)
    page = customer.fill("/report", "/report", title=TITLE).ok(200)
    customer.send(customer.page_of(page).form_to("/report")).ok(200)
    assert customer.post("/report", {"title": "more"}).status == 429


def test_her_page_says_what_she_did(server, customer, ana):
    number = server.report("Checkout hangs")
    path = server.customers[number]
    sent = customer.fill(path, path + "/replies", text="Since noon.")
    assert path_of(sent) == path + "#sent"
    ana.fix(number, "Restart it.")
    solved = customer.fill(path, path + "/confirm", rating="4")
    assert path_of(solved) == path + "#solved-said"
    again = customer.fill(path, path + "/reopen", text="It hangs again.")
    assert path_of(again) == path + "#again-said"
    ids = customer.page(path).ids
    assert {"sent", "solved-said", "again-said"} <= set(ids)
