"""Signing in with a real browser: by keyboard, without scripts, each role, and out again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kit.browser import TELEPHONE, looking
from kit.entering import Entered, entering
from kit.free_port import free_port
from kit.signing_in import PASSWORD
from watcher.web.server import listening, serving


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Iterator[Entered]:
    with entering(tmp_path_factory.mktemp("entering"), port=free_port()) as here:
        web = here.watcher.config.web
        assert web is not None
        here.pages.state.live.pause = 0.05
        with serving(here.pages, listening(web)):
            yield here


@pytest.fixture
def ours(here):
    return f"http://{here.watcher.config.web.authority}"


@pytest.fixture
def seen(chromium):
    with looking(chromium) as seen:
        yield seen


def signs_in(page, name, password=PASSWORD):
    """Do what a person does at a keyboard: the first field has the focus, Enter sends."""
    page.locator("input[name=name]:focus").wait_for()  # what is typed before goes nowhere
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def is_in(page):
    """Wait until somebody is signed in: the address may be the one it was."""
    page.get_by_role("button", name="Sign out").wait_for()


def test_a_case_is_asked_for_signed_in_for_answered_and_left(here, ours, seen):
    page = seen.context.new_page()
    asked = f"{ours}/cases/{here.case}"
    page.goto(asked)
    assert page.get_by_role("heading", name="Sign in").is_visible()
    signs_in(page, "editor", "not the words at all")
    assert page.get_by_role("alert").inner_text() == "The name or the password is not right."
    assert page.get_by_label("Name").input_value() == "editor"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    is_in(page)
    assert page.url == asked
    assert page.get_by_text("signed in as editor, editor").is_visible()

    page.get_by_role("button", name="Acknowledge", exact=True).click()
    page.wait_for_url(f"{asked}#answers")
    assert page.get_by_text("acknowledged by editor").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{ours}/sign-in?out=yes")
    assert page.get_by_role("status").inner_text() == "You have signed out."
    page.go_back()
    assert page.get_by_role("heading", name="Sign in").is_visible(), (
        "nothing was kept to go back to"
    )

    expected = ("status of 401", "Clear-Site-Data header")
    assert [each for each in seen.complaints if not any(part in each for part in expected)] == []
    assert seen.hosts() == {ours.removeprefix("http://")}


def test_without_scripts_it_is_the_same(chromium, ours):
    with looking(chromium, java_script_enabled=False, viewport=TELEPHONE) as seen:
        page = seen.context.new_page()
        page.goto(f"{ours}/medicines?q=Medicine")
        page.get_by_label("Name").fill("operator")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

        assert page.url == f"{ours}/medicines?q=Medicine"
        assert page.get_by_role("button", name="Sign out").is_visible()


def test_a_reader_reads_and_is_shown_nothing_to_press(here, ours, seen):
    page = seen.context.new_page()
    page.goto(f"{ours}/cases/{here.case}")
    signs_in(page, "reader")
    is_in(page)

    assert page.get_by_text("who answers cases is an editor").is_visible()
    buttons = [each.inner_text() for each in page.get_by_role("button").all()]
    assert [each for each in buttons if each.casefold() not in {"sign out", "copy"}] == []
    assert page.get_by_role("link", name="Deliveries").count() == 0
    page.goto(f"{ours}/settings")
    assert page.get_by_text("This is for operators and up, and you are a reader.").is_visible()


def test_a_session_ends_by_the_clock_and_an_open_page_leads_back(here, ours, seen):
    page = seen.context.new_page()
    page.goto(ours)
    signs_in(page, "anna")
    is_in(page)
    here.clock.forward(8 * 3600 + 61)
    page.get_by_role("link", name="Medicines", exact=True).click()

    assert page.get_by_role("heading", name="Sign in").is_visible()
    signs_in(page, "anna")
    is_in(page)
    assert page.url == f"{ours}/medicines"


def test_the_line_to_an_open_page_ends_with_its_session(here, ours, seen):
    page = seen.context.new_page()
    page.goto(ours)
    signs_in(page, "anna")
    is_in(page)
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    live = here.pages.state.live
    waited_for(page, lambda: live.readers == 1)
    with here.watcher.store.writing() as work:
        work.access.end_sessions("anna")

    waited_for(page, lambda: live.readers == 0)


def waited_for(page, is_so, seconds=10):
    for _ in range(seconds * 20):
        if is_so():
            return
        page.wait_for_timeout(50)
    pytest.fail("it did not become so")


def test_a_kept_page_is_shown_locked_to_whoever_is_signed_in(here, ours, seen):
    with here.watcher.store.reading() as work:
        digest = next(each.digest for each in work.captures.read() if each.digest)[7:]
    page = seen.context.new_page()
    page.goto(f"{ours}/snapshots/{digest}")
    signs_in(page, "reader")
    is_in(page)
    answer = page.request.get(f"{ours}/snapshots/raw/{digest}")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
