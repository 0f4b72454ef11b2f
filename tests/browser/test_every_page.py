"""Every page in a real browser: no barrier, no request elsewhere, no policy broken, no overflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.browser import TELEPHONE, looking
from kit.showroom_pages import NAMES, pages

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ["violations"] }))
  .violations.flatMap((each) => each.nodes.map((node) =>
    `${each.id}: ${each.help}: ${node.html.slice(0, 160)} ${node.failureSummary}`))"""
PAPER = {"width": 794, "height": 1123}
"""A4 at 96 dots an inch."""


@pytest.fixture(scope="module")
def addresses(room):
    return {name: room.address + path for name, path in pages(room.here).items()}


@pytest.fixture(scope="module")
def desk(chromium):
    with looking(chromium) as seen:
        yield seen


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_no_barrier_in_light_and_dark(desk, addresses, name):
    page = desk.context.new_page()
    page.goto(addresses[name])
    page.evaluate(AXE)
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found[scheme] = page.evaluate(RUN, RULES)
    page.close()

    assert found == {"light": [], "dark": []}


def test_no_request_leaves_the_host_and_no_policy_is_broken(chromium, room, addresses):
    with looking(chromium) as seen:
        page = seen.context.new_page()
        for address in addresses.values():
            page.goto(address)
    complaints = [each for each in seen.complaints if "status of 404" not in each]

    assert len(seen.asked) > 2 * len(addresses)
    assert seen.hosts() == {room.address.removeprefix("http://")}
    assert complaints == []


@pytest.mark.parametrize(
    ("viewport", "media"), [(TELEPHONE, "screen"), (PAPER, "print")], ids=["telephone", "paper"]
)
def test_no_page_is_wider_than_a_telephone_or_a_sheet(chromium, addresses, viewport, media):
    widths = {}
    with looking(chromium, viewport=viewport, is_mobile=media == "screen") as seen:
        page = seen.context.new_page()
        page.emulate_media(media=media)
        for name, address in addresses.items():
            page.goto(address)
            widths[name] = page.evaluate("document.documentElement.scrollWidth")

    assert {name: wide for name, wide in widths.items() if wide > viewport["width"]} == {}


def test_every_page_can_be_read_without_javascript(chromium, addresses):
    hidden = {}
    with looking(chromium, java_script_enabled=False) as seen:
        page = seen.context.new_page()
        for name, address in addresses.items():
            page.goto(address)
            main = page.locator("main")
            assert main.get_by_role("heading", level=1).is_visible(), name
            assert len(main.inner_text().split()) > 12, name
            hidden[name] = main.locator("[hidden]").count()

    # the one thing that needs scripts is the slider; the day can be chosen in a form beside it
    assert {name for name, count in hidden.items() if count} <= {"medicine", "medicine_of_the_past"}
