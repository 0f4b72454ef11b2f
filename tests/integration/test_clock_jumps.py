"""The machine's clock moves by itself: one event, one look a target at most, and no storm."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.clocks import LooseClock
from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.runtime.embedded import Service, Stop
from watcher.services.replay import rebuild

PATH = "/medicines.json"


@pytest.fixture
def here(tmp_path):
    with FaultyServer() as site:
        site.page(PATH, bulk(row(1), row(2)), media_type="application/json")
        source = {"id": "ema", "reader": "ema_medicines", "url": site.url(PATH), "every": "12h"}
        rules = [
            {"id": "ops", "events": ["clock.*"], "channels": ["pv"]},
            {"id": "all", "events": ["authorisation.*"], "channels": ["pv"]},
        ]
        path = settings(tmp_path, [source], channels={"pv": "folder:messages"}, rules=rules)
        with station(path, LooseClock()) as here:
            here.site = site
            here.service = Service(here.watcher, Stop(), logging.getLogger("test"))
            yield here


def tick(here, *, after=1.0):
    """Let the service's ticks run once; return how many targets were looked at."""
    here.clock.forward(after)
    here.service.serve()
    looked = [here.watcher.check(source, url) for source, url in here.watcher.due()]
    here.service.tell()
    here.service.deliver()
    return len(looked)


def jumps(here):
    return [told.event.details["seconds"] for told in here.log(types=("clock.jumped",))]


@pytest.mark.parametrize("moved", [timedelta(hours=-2), timedelta(days=365)])
def test_a_jump_is_one_event_and_at_most_one_look(here, moved):
    assert [tick(here), tick(here)] == [1, 0]
    here.clock.moved = moved
    looks = [tick(here) for _ in range(60)]

    assert sum(looks) <= 1
    assert jumps(here) == [str(int(moved.total_seconds()))]
    (event,) = here.log(types=("clock.jumped",))
    assert event.event.details["before"] < event.event.details["after"] or moved < timedelta(0)
    (message,) = here.outbox()
    assert "clock" in message.envelope.subject


@pytest.mark.parametrize("moved", [timedelta(hours=-2), timedelta(days=365)])
def test_a_clock_put_right_again_is_a_second_event_and_the_looks_go_on(here, moved):
    tick(here)
    here.clock.moved = moved
    tick(here)
    here.clock.moved = timedelta(0)
    looks = [tick(here) for _ in range(60)]

    assert sum(looks) <= 1
    assert len(jumps(here)) == 2
    assert tick(here, after=13 * 3600) == 1
    assert len(jumps(here)) == 2


def test_what_changed_is_told_once_although_the_clock_was_set_back_in_between(here):
    tick(here)
    here.site.page(PATH, bulk(row(1), withdrawn(2)), media_type="application/json")
    here.clock.moved = timedelta(hours=-2)
    tick(here)
    for _ in range(3):
        tick(here, after=13 * 3600)

    assert here.types(types=("authorisation.*",)) == ["authorisation.withdrawn"]
    assert rebuild(here.watcher.store).is_equal


def test_a_step_in_the_middle_of_a_pass_makes_no_second_look(here):
    here.clock.forward(1)
    here.service.serve()
    due = [*here.watcher.due()]
    here.clock.moved = timedelta(hours=-2)
    looked = [here.watcher.check(source, url) for source, url in due]
    rest = [tick(here) for _ in range(60)]

    assert len(looked) == 1
    assert sum(rest) <= 1
    assert len(jumps(here)) == 1
