"""The pages by keys alone: every stop can be seen, and single keys that can be switched off."""

from __future__ import annotations

import pytest

from kit.browser import looking
from kit.showroom import ALOFISEL


@pytest.fixture
def page(chromium, room):
    with looking(chromium) as seen:
        opened = seen.context.new_page()
        opened.set_default_timeout(15_000)
        opened.goto(room.address)
        yield opened


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")


def test_the_first_stop_leads_past_the_head_of_the_page(page):
    page.keyboard.press("Tab")
    assert focused(page) == "To the content"
    box = page.locator(".skip").bounding_box()
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("path", ["/", f"/medicines/{ALOFISEL}", "/deliveries"])
def test_every_stop_has_a_ring(page, room, path):
    page.goto(room.address + path)
    seen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        ring = "getComputedStyle(document.activeElement).outline"
        seen.append((focused(page), page.evaluate(ring)))

    assert len({name for name, _ in seen}) > 8
    assert [name for name, ring in seen if " none " in f" {ring} " or " 0px" in ring] == []


def test_j_and_k_go_from_line_to_line_and_enter_opens_one(page):
    rows = page.locator("tr[data-case] a.strong")
    page.keyboard.press("j")
    assert focused(page) == rows.nth(0).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused(page) == rows.nth(1).inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")

    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources")


def test_a_slash_leads_to_the_search_and_types_nothing(page):
    page.keyboard.press("/")
    page.keyboard.type("jk?")

    assert page.locator("#find").input_value() == "jk?"
    page.keyboard.press("Escape")
    assert focused(page) != "find"


def test_the_help_tells_the_keys_and_switches_them_off(page):
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    assert "find a medicine" in help_.inner_text()
    help_.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert focused(page) != page.locator("tr[data-case] a.strong").nth(0).inner_text()

    page.reload()
    page.keyboard.press("/")
    assert focused(page) != "find"
