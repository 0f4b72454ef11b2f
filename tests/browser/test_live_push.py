"""A new case reaches an open page by itself, once, also when the service was away meanwhile."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from kit.browser import looking
from kit.free_port import free_port
from kit.showroom import showroom
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving

CORVANTA, DORVANEX = "EMEA/H/C/007101", "EMEA/H/C/007103"
PATIENCE = 20_000
COUNT = """() => {
  window.told = [];
  new MutationObserver(() => window.told.push(document.getElementById("news").textContent))
    .observe(document.getElementById("news"), { childList: true, characterData: true });
}"""


@contextmanager
def up(here):
    """Serve the pages for as long as the block lasts, as a service that was started does."""
    pages = application(here.watcher, hands=hands(here.watcher), web=here.watcher.config.web)
    pages.state.live.pause, pages.state.live.retry = 0.05, 200
    with serving(pages, listening(here.watcher.config.web)):
        yield f"http://{here.watcher.config.web.authority}/"


@pytest.fixture
def here(copied):
    with showroom(copied(), port=free_port()) as here:
        yield here


@pytest.fixture
def page(chromium):
    with looking(chromium) as seen:
        opened = seen.context.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened


def test_a_new_case_appears_on_an_open_page_and_the_title_counts_it(here, page):
    with up(here) as address:
        page.goto(address)
        page.locator("html[data-live=on]").wait_for()
        assert page.title() == "(13) TODAY – watcher"
        other = page.context.new_page()
        other.goto(f"{address}settings")
        here.withdraw(DORVANEX)
        row = page.locator(f"tr[data-case='{here.case_of('Dorvanex')}']")
        row.wait_for()

        assert "Authorised → Withdrawn" in row.inner_text()
        assert "CRITICAL, Dorvanex (lumetinib)" in page.locator("#news").text_content()
        assert page.title() == "(14) TODAY – watcher"
        expect(other).to_have_title("(14) Settings – watcher", timeout=PATIENCE)


def test_what_came_while_the_service_was_away_appears_once_when_it_is_back(here, page):
    with up(here) as address:
        page.goto(address)
        page.locator("html[data-live=on]").wait_for()
        page.evaluate(COUNT)
        here.withdraw(DORVANEX)
        expect(page).to_have_title("(14) TODAY – watcher", timeout=PATIENCE)
    here.withdraw(CORVANTA)
    page.wait_for_timeout(400)  # long enough to come back to nobody
    assert page.title() == "(14) TODAY – watcher"
    with up(here):
        expect(page).to_have_title("(15) TODAY – watcher", timeout=PATIENCE)
        page.locator(f"tr[data-case='{here.case_of('Corvanta')}']").wait_for()
        page.wait_for_timeout(400)  # long enough to be told again

        told = page.evaluate("window.told")
        rows = page.locator("tr[data-case]")
        shown = [rows.nth(at).get_attribute("data-case") for at in range(rows.count())]
    assert [each.partition(" (")[0] for each in told] == [
        "New: CRITICAL, Dorvanex",
        "New: CRITICAL, Corvanta",
    ]
    assert len(shown) == len(set(shown)) > 13
