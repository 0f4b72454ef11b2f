"""A reader follows the link in a mail with a real browser, answers, and the case has its answer."""

from __future__ import annotations

import re
import threading

import pytest

from kit.answering import answering
from kit.browser import TELEPHONE
from kit.free_port import free_port
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving


@pytest.fixture
def here(tmp_path):
    """People who are to answer, whose watcher serves its pages."""
    port = free_port()
    web = {"port": port, "public_url": f"http://127.0.0.1:{port}/"}
    with answering(tmp_path, web=web) as here:
        served = here.watcher.config.web
        pages = application(here.watcher, hands=hands(here.watcher), web=served)
        with serving(pages, listening(served)):
            yield here
    assert not [each for each in threading.enumerate() if each.name == "web"]


def test_a_reader_follows_the_link_of_a_mail_and_answers(here, chromium):
    case = here.told()
    mail = here.outbox()[0].envelope.html
    complaints = []
    page = chromium.new_page(viewport=TELEPHONE)
    page.on("console", lambda message: complaints.append(message.text))
    page.set_content(mail)
    page.get_by_role("link", name="This is wrong").click()
    page.wait_for_load_state()

    assert page.get_by_role("heading", level=1).inner_text() == "Medicine 2 (substance2)"
    assert "Authorised → Withdrawn" in page.locator("main").inner_text()
    assert here.state(case).state == "open", "to look changes nothing"
    page.reload()
    assert here.state(case).state == "open"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "it fits a telephone"

    page.get_by_label("Why?").fill("the reader took another medicine's line")
    page.get_by_role("button", name="It is wrong").click()
    page.wait_for_load_state()
    said = page.get_by_role("status").inner_text()

    assert re.match(r"Done: judged wrong by Anna Visser, 23 November 2026, 12:00 UTC", said)
    state = here.state(case)
    assert (state.state, state.by) == ("wrong", "Anna Visser")
    assert state.why == "the reader took another medicine's line"
    assert complaints == [], "the policy lets our own style through, and nothing else is asked for"


def test_the_pages_follow_the_readers_light_and_dark(here, chromium):
    here.told()
    address = f"http://{here.watcher.config.web.authority}/"
    found = {}
    for scheme in ("light", "dark"):
        page = chromium.new_page(color_scheme=scheme)
        page.goto(address)
        found[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert found == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 23, 26)"}
