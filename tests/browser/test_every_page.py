"""Every page in a real browser: no barrier, no request elsewhere, no policy broken, no overflow."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.browser import TELEPHONE, looking
from kit.showroom_pages import BARE, GUARDED, NAMES, pages
from kit.signing_in import PASSWORD, add
from watcher.core.access import Role

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
DARK = {"type": "rule", "values": ["color-contrast"]}
"""What dark can change: all else is the same page."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => (await axe.run(document, { runOnly: rules, resultTypes: ["violations"] }))
  .violations.flatMap((each) => each.nodes.map((node) =>
    `${each.id}: ${each.help}: ${node.html.slice(0, 160)} ${node.failureSummary}`))"""
PAPER = {"width": 794, "height": 1123}
"""A4 at 96 dots an inch."""
ALL = [
    *(("room", name) for name in NAMES),
    *(("guarded", name) for name in GUARDED),
    *(("bare", name) for name in BARE),
]


@pytest.fixture(scope="module")
def addresses(room, guarded, bare):
    return {
        **{("room", name): room.address + path for name, path in pages(room.here).items()},
        **{("guarded", name): guarded.address + path for name, path in GUARDED.items()},
        **{("bare", name): bare.address + path for name, path in BARE.items()},
    }


@contextmanager
def signed_in(chromium, guarded, **how):
    """Yield a context in which an admin has signed in where people have to."""
    with looking(chromium, **how) as seen:
        page = seen.context.new_page()
        page.goto(f"{guarded.address}/sign-in")
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="anna").wait_for()
        page.close()
        yield seen


@pytest.fixture(scope="module", autouse=True)
def admin(guarded):
    add(guarded.here.watcher.store, guarded.here.clock, "anna", Role.ADMIN)


@pytest.fixture(scope="module")
def desk(chromium, guarded):
    with signed_in(chromium, guarded) as seen:
        yield seen


@pytest.mark.parametrize("which", ALL, ids="-".join)
def test_axe_finds_no_barrier_in_light_and_dark(desk, addresses, which):
    page = desk.context.new_page()
    page.goto(addresses[which])
    page.evaluate(AXE)
    found = {}
    for scheme, rules in (("light", RULES), ("dark", DARK)):
        page.emulate_media(color_scheme=scheme)
        found[scheme] = page.evaluate(RUN, rules)
    page.close()

    assert found == {"light": [], "dark": []}


def test_no_request_leaves_the_host_and_no_policy_is_broken(chromium, guarded, addresses):
    with signed_in(chromium, guarded) as seen:
        page = seen.context.new_page()
        for address in addresses.values():
            page.goto(address)
    complaints = [each for each in seen.complaints if "status of 404" not in each]

    assert len(seen.asked) > 2 * len(addresses)
    assert seen.hosts() == {each.split("/")[2] for each in addresses.values()}
    assert complaints == []


def test_no_page_is_wider_than_a_telephone_or_a_sheet(chromium, guarded, addresses):
    too_wide = {}
    with signed_in(chromium, guarded) as seen:
        page = seen.context.new_page()
        for which, address in addresses.items():
            page.goto(address)
            for viewport, media in ((TELEPHONE, "screen"), (PAPER, "print")):
                page.emulate_media(media=media)
                page.set_viewport_size(viewport)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > viewport["width"]:
                    too_wide[which, media] = wide

    assert too_wide == {}


def test_every_page_can_be_read_without_javascript(chromium, guarded, addresses):
    hidden = {}
    with signed_in(chromium, guarded, java_script_enabled=False) as seen:
        page = seen.context.new_page()
        for which, address in addresses.items():
            page.goto(address)
            main = page.locator("main")
            assert main.get_by_role("heading", level=1).is_visible(), which
            assert len(main.inner_text().split()) > 12, which
            hidden[which[1]] = main.locator("[hidden]:not(input)").count()

    # the one thing that needs scripts is the slider; the day can be chosen in a form beside it
    assert {name for name, count in hidden.items() if count} == {"medicine", "medicine_of_the_past"}
