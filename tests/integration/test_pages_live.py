"""What is new reaches an open page as it comes, once, also over a line that was cut."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from kit.api import app_of
from kit.free_port import free_port
from kit.reading_pages import reading
from watcher.config.model import Web
from watcher.web.server import listening, serving

PATIENCE = 10.0


@pytest.fixture
def here(tmp_path):
    with reading(tmp_path) as here:
        yield here


@pytest.fixture
def served(here):
    """The address of the pages, whose lines look for news fifty times a second."""
    with serving_quickly(here) as (address, _):
        yield address


@contextmanager
def serving_quickly(here):
    port = free_port()
    app = app_of(here)
    app.state.live.pause, app.state.live.beat = 0.02, 0.1
    with serving(app, listening(Web(port=port))):
        # the pages are asked for by the name that the configuration gives them
        yield f"http://127.0.0.1:{port}", app.state.live


OURS = {"host": "127.0.0.1:8080"}


@contextmanager
def line(served, after=None, last_id=""):
    """Yield the messages of one line, as name, id and what is told."""
    headers = {**OURS, **({"last-event-id": last_id} if last_id else {})}
    query = {} if after is None else {"after": after}
    with httpx.stream(
        "GET", f"{served}/live", params=query, headers=headers, timeout=PATIENCE
    ) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield messages(answer)


def messages(answer):
    told = {}
    for each in answer.iter_lines():
        if each.startswith(":"):
            yield "", 0, "heartbeat"
        elif each:
            name, _, value = each.partition(": ")
            told[name] = value
        elif "event" in told:
            yield told["event"], int(told["id"]), json.loads(told["data"])
            told = {}


def until(found, name):
    """Return all messages up to the first of that name."""
    seen = []
    for each in found:
        seen.append(each)
        if each[0] == name:
            return seen
    pytest.fail(f"the line ended before a {name}")


def withdraw(here, *numbers):
    here.says("ema", **{f"m{number}": "13/12/2024" for number in numbers})
    here.look()
    return here.case()


def test_a_new_case_reaches_an_open_page(here, served):
    with line(served) as found:
        assert until(found, "head")[-1][2]["open"] == 0
        case = withdraw(here, 2)
        told = until(found, "case")[-1][2]
        head = until(found, "head")[-1][2]

    assert (told["case"], told["severity"]) == (case, "critical")
    assert told["title"] == "Medicine 2 (substance2)"
    assert head["open"] == 1


def test_an_answer_reaches_it_too(here, served):
    case = withdraw(here, 2)
    with line(served) as found:
        until(found, "head")
        here.browser.post(f"/cases/{case}/acknowledge", data={"name": "K. Ito"})
        here.watcher.alert()
        told = until(found, "answer")[-1][2]

    assert (told["case"], told["state"]) == (case, "acknowledged")


def test_who_comes_back_is_sent_all_that_came_since_and_nothing_twice(here, served):
    with line(served) as found:
        first = str(until(found, "head")[-1][1])
    numbers, cases = [], []
    for number in (2, 5, 9):
        numbers.append(number)
        cases.append(withdraw(here, *numbers))
    with line(served, last_id=first) as found:
        seen = until(found, "head")
    assert [told["case"] for name, _, told in seen if name == "case"] == cases
    middle = next(str(at) for name, at, told in seen if name == "case" and told["case"] == cases[1])
    with line(served, after=0, last_id=middle) as found:
        rest = until(found, "head")

    assert [told["case"] for name, _, told in rest if name == "case"] == cases[2:]


def test_what_came_between_the_page_and_its_line_is_not_lost(here, served):
    page = here.page("/")
    position = int(page.partition('data-position="')[2].partition('"')[0])
    case = withdraw(here, 2)
    with line(served, after=position) as found:
        assert until(found, "case")[-1][2]["case"] == case


@pytest.mark.parametrize("last_id", ["9" * 15, "9" * 400, "none", "-1"])
def test_a_place_that_is_not_of_this_log_begins_now(here, served, last_id):
    withdraw(here, 2)
    with line(served, last_id=last_id) as found:
        (head,) = until(found, "head")

    with here.watcher.store.reading() as work:
        assert head[1] <= work.log.head()


def test_a_line_on_which_nothing_happens_shows_that_it_stands(served):
    with line(served) as found:
        until(found, "head")
        assert next(found)[2] == "heartbeat"


def test_more_readers_than_are_kept_up_to_date_are_told_to_come_later(here):
    with serving_quickly(here) as (served, live):
        live.most = 1
        with line(served) as found:
            until(found, "head")
            busy = httpx.get(f"{served}/live", headers=OURS)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        _wait_for(lambda: live.readers == 0)
        with line(served) as found:
            until(found, "head")


def _wait_for(is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)  # noqa: TID251  the server notices in a thread of its own


def test_open_lines_end_with_the_service_and_do_not_hold_it_up(here):
    with ExitStack() as open_lines:
        with serving_quickly(here) as (served, _):
            found = open_lines.enter_context(line(served))
            until(found, "head")
            begun = time.monotonic()
        took = time.monotonic() - begun
        rest = [name for name, _, _ in found]

    assert took < PATIENCE / 2
    assert set(rest) <= {""}, "the line was ended, and nothing more was told"
