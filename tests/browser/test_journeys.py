"""What people come for, as they do it: answer a mail, turn a page back, compare, find."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from kit.browser import looking
from kit.showroom import ALOFISEL

PATIENCE = 15_000


@pytest.fixture
def page(chromium):
    with looking(chromium, locale="en-GB") as seen:
        opened = seen.context.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened
        assert seen.complaints == []


def opened(page, room, path):
    page.goto(room.address + path)
    return page.locator("main")


def test_the_alofisel_case_from_the_mail_to_its_acknowledgement(own_room, page):
    told = next(
        each
        for each in own_room.here.outbox()
        if each.person == "anna" and each.envelope.subject.startswith("[CRITICAL] Alofisel")
    )
    mail = told.envelope.html.replace("http://127.0.0.1:8080", own_room.address)
    page.set_content(mail)
    before = opened(page.context.new_page(), own_room, "/").locator("#needs").inner_text()
    page.get_by_role("link", name=re.compile("^Acknowledge")).first.click()
    page.get_by_label("A remark, if you like").fill("wards are told")
    page.get_by_role("button", name="Acknowledge").click()
    done = page.get_by_role("status").inner_text()
    today = opened(page, own_room, "/")

    assert re.match(r"Done: acknowledged by Anna Visser, 22 January 2025, 09:4\d UTC", done)
    assert before == "Needs you (13)"
    assert today.locator("#needs").inner_text() == "Needs you (12)"
    week = today.get_by_role("region", name=re.compile("This week|Earlier today"))
    assert "Authorised → Withdrawn" in week.first.inner_text()

    today.get_by_role("link", name="Alofisel (darvadstrocel)").last.click()
    told_of_it = page.get_by_role("region", name="What people did").inner_text()
    assert "acknowledged by Anna Visser: “wards are told”" in told_of_it
    state = own_room.here.state(own_room.here.case_of("Alofisel"))
    assert (state.state, state.by) == ("acknowledged", "Anna Visser")


def test_a_case_is_answered_on_its_page_and_what_is_missing_is_asked_for(own_room, page):
    opened(page, own_room, "/").get_by_role("link", name="Answer Corvanta").click()
    page.get_by_text("It is wrong", exact=True).first.click()
    form = page.locator("form[action$='/wrong']")
    form.get_by_label("Who are you?").fill("K. Ito")
    form.get_by_label("Why?").fill("the holder is another")
    form.get_by_role("button").click()
    page.wait_for_url("**#answers")

    assert "judged wrong by K. Ito" in page.locator("main").inner_text()
    assert own_room.here.state(own_room.here.case_of("Corvanta")).state == "wrong"


def test_four_dates_each_with_its_role_and_a_quote_that_is_marked_in_the_kept_page(room, page):
    case = opened(page, room, f"/cases/{room.here.case_of('Alofisel')}")
    roles = case.locator(".four dt").all_inner_texts()
    assert roles == ["effective", "published", "seen by us", "recorded"]
    assert case.locator(".fromto").inner_text() == "Authorised → Withdrawn"

    case.get_by_role("link", name="where it stands in the kept page").first.click()
    marked = page.locator("mark")
    assert marked.inner_text() == (
        "On 13 December 2024, the European Commission withdrew the marketing authorisation"
    )
    assert marked.is_visible()
    assert page.evaluate("location.hash") == "#quote"


def test_the_slider_turns_the_whole_page_to_what_was_known_on_a_day(room, page):
    shown = opened(page, room, f"/medicines/{ALOFISEL}")
    slider = shown.get_by_role("slider", name="Turn this page back to a day")
    tiles = shown.get_by_role("list", name="Where it stands")
    assert "Withdrawn" in tiles.inner_text()
    assert slider.get_attribute("aria-valuetext") == "as known on 22 January 2025"

    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url("**?as_of=2025-01-20")
    assert "Withdrawn" not in tiles.inner_text()
    assert "Authorised" in tiles.inner_text()
    assert "As known on 20 January 2025." in shown.get_by_role("status").inner_text()
    assert shown.get_by_label("As known on").input_value() == "2025-01-20"
    assert slider.get_attribute("aria-valuetext") == "as known on 20 January 2025"
    assert "as known on 20 January 2025" in page.title()

    page.keyboard.press("Home")
    page.wait_for_url("**?as_of=2024-10-25")
    assert shown.get_by_role("region", name=re.compile("^Cases")).count() == 0
    page.keyboard.press("End")
    page.wait_for_url(f"**/medicines/{ALOFISEL}")
    assert "Withdrawn" in tiles.inner_text()


def test_without_scripts_a_form_turns_the_page_back(chromium, room):
    with looking(chromium, java_script_enabled=False) as seen:
        page = seen.context.new_page()
        shown = opened(page, room, f"/medicines/{ALOFISEL}")
        assert not shown.locator("#day").is_visible()
        shown.get_by_label("As known on").fill("2024-12-31")
        shown.get_by_role("button", name="Show").click()

        assert parse_qs(urlsplit(page.url).query) == {"as_of": ["2024-12-31"]}
        assert "As known on 31 December 2024." in shown.get_by_role("status").inner_text()
        assert "Withdrawn" not in shown.get_by_role("list", name="Where it stands").inner_text()


def test_the_page_before_and_after_stand_side_by_side(room, page):
    shown = opened(page, room, f"/medicines/{ALOFISEL}")
    withdrawn = shown.locator("#events ~ ol > li", has_text="Authorised → Withdrawn")
    withdrawn.filter(has_text="EMA, page of").get_by_role("link", name="compare the pages").click()
    page.wait_for_url("**/compare?*")
    compared = page.locator("main")
    facts = compared.get_by_role("region", name=re.compile("^Facts that differ"))
    status = facts.get_by_role("row").filter(has_text="EU authorisation, status")
    assert re.search(r"Authorised[\s\S]*→ Withdrawn", status.inner_text())
    words = compared.get_by_role("region", name="The words side by side")
    assert words.locator("del", has_text="Authorised").count() >= 1
    assert words.locator("ins", has_text="Withdrawn").count() >= 1
    frames = compared.locator("iframe")
    assert [frames.nth(at).get_attribute("sandbox") for at in range(2)] == ["", ""]
    frames.nth(1).scroll_into_view_if_needed()
    later = page.frame_locator("iframe >> nth=1")
    assert later.get_by_text("This medicine's authorisation has been withdrawn").is_visible()


def test_a_leaflet_is_compared_section_by_section(room, page):
    opened(page, room, "/compare").get_by_label("Part of the address").fill("product-information")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=re.compile("product-information")).click()
    page.get_by_role("button", name="Compare").click()
    sections = page.get_by_role("region", name="Product information, section by section")

    assert "4.8 Undesirable effects changed" in sections.inner_text()
    assert sections.locator("ins").count() >= 1
    assert "26 sections are the same" in sections.inner_text()


@pytest.mark.parametrize("asked", ["darvadstrócel", "darvadstrocel", "DARVAD strocel", "Cx-601"])
def test_a_medicine_is_found_with_its_accents_and_without(room, page, asked):
    opened(page, room, "/")
    page.get_by_role("searchbox", name="Find a medicine").fill(asked)
    page.keyboard.press("Enter")
    page.wait_for_url("**/medicines?*")
    assert page.locator("main").get_by_role("status").inner_text() == "1 of 237 medicines."
    page.get_by_role("link", name="Alofisel").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Alofisel darvadstrocel"
