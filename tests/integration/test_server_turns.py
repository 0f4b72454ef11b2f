"""A server's turn: due pages are looked at, the rest is due as it was, the deadly is noted."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clocks import NOON, StandingClock
from kit.engines import address_of
from watcher.bootstrap import World, opened
from watcher.config.load import load
from watcher.core.capture import LISTS, Target, instant
from watcher.core.pressure import Pressure
from watcher.core.verdict import Verdict
from watcher.errors import StoppingError
from watcher.ports import Answer, Request
from watcher.ports.cluster import DEAD_AFTER
from watcher.readers.registry import READERS
from watcher.runtime.fetching import Fetching
from watcher.runtime.membership import pulse_of, shared
from watcher.runtime.shared_clock import SharedClock
from watcher.runtime.stopping import Guarded, Stop
from watcher.runtime.watchdog import Watchdog

HOST = "127.0.0.1:9999"
TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
LOG = logging.getLogger("test")


class Agency:
    """Pages by their number; `at` is called before each is answered."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at = lambda _path: None

    def ask(self, request: Request) -> Answer:
        path = request.url.rpartition("/")[2]
        if path == "robots.txt":
            return Answer(url=request.url, status=404)
        self.at(path)
        self.asked.append(path)
        body = f"<h1>Page</h1><p>{TEXT}</p><dl><dt>Version</dt><dd>one</dd></dl>"
        headers = {"content-type": "text/html"}
        return Answer(url=request.url, status=200, headers=headers, body=body.encode())


@pytest.fixture
def agency() -> Agency:
    return Agency()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def watcher(tmp_path, postgres, agency, clock):
    with postgres.database() as url:
        told = {
            "contact": "mailto:tests@watcher.example.org",
            "storage": {"database": address_of(url)},
            "hosts": {"127.0.0.1": {"pace": "10s"}},
            "sources": [
                {
                    "id": "s",
                    "reader": "generic",
                    "options": {},
                    "urls": [f"http://{HOST}/{number}" for number in range(4)],
                    "every": "1d",
                    "tier": 1,
                    "allow_private": True,
                }
            ],
            "channels": [{"id": "files", "url": "folder:messages"}],
            "rules": [{"id": "all", "channels": ["files"]}],
        }
        path = tmp_path / "sources.yaml"
        path.write_text(json.dumps(told), encoding="utf-8")
        world = World(clock=clock, sleep=clock.sleep, ask=agency.ask)
        with opened(load(path, {}, READERS), world, writable=True) as watcher:
            watcher.enrol()
            yield watcher


@pytest.fixture
def fetching(watcher, clock):
    pulse = pulse_of(watcher, "worker", SharedClock(clock), LOG)
    beat(watcher, pulse.process, clock)
    pulse._last = clock.monotonic()
    stop = Stop()
    return Fetching(
        watcher=watcher,
        store=shared(watcher),
        rests=watcher.rests,
        pulse=pulse,
        stop=stop,
        guarded=Guarded(stop, LOG, lambda _error: None),
        watchdog=Watchdog(clock),
        log=LOG,
        pressure=lambda: Pressure.NONE,
        on_news=lambda: None,
    )


def beat(watcher, process, clock) -> None:
    with watcher.store.apart() as work:
        work.processes.beat(replace(process, beat_at=instant(clock.now())))


def state(watcher) -> dict[str, tuple[str, str]]:
    with watcher.store.reading() as work:
        return {
            each.url.rpartition("/")[2]: (each.next_due, work.claims.who_has("s", each.url))
            for each in work.captures.targets()
        }


def test_a_turn_ends_after_half_a_minute_and_what_is_left_is_due_as_it_was(
    fetching, watcher, agency, clock
):
    fetching.pulse.is_well = lambda: True
    assert fetching.turn(HOST) >= 1

    seen = set(agency.asked)
    assert 0 < len(seen) < 4, "ten seconds of pace, thirty of turn"
    for path, (due, has) in state(watcher).items():
        assert has == ""
        assert (due > instant(clock.now())) == (path in seen)
        assert path in seen or due == "", "what was claimed and not looked at is due as it was"


def test_a_server_whose_turn_another_process_has_is_left_to_it(fetching, watcher, agency, clock):
    other = pulse_of(watcher, "worker", SharedClock(clock), LOG).process
    other = replace(other, id="other")
    beat(watcher, other, clock)
    with watcher.store.apart() as work:
        assert work.claims.hold(HOST, "other", instant(clock.now()))

    assert fetching.turn(HOST) == 0
    assert agency.asked == []


def test_a_process_that_ends_amid_a_look_leaves_it_due(fetching, watcher, agency):
    def end(_path: str) -> None:
        fetching.stop.set()
        message = "the service is stopping"
        raise StoppingError(message)

    agency.at = end
    fetching.turn(HOST)

    assert set(state(watcher).values()) == {("", "")}
    with watcher.store.reading() as work:
        assert work.captures.count() == 0


def test_what_two_processes_died_of_is_noted_and_not_asked_for(fetching, watcher, agency, clock):
    url = f"http://{HOST}/0"
    for number in (1, 2):
        with watcher.store.apart() as work:
            work.captures.put_targets([Target(source="s", url=url, priority=9)])
            work.claims.take(HOST, f"dead{number}", clock.now(), 1)
            dead = replace(fetching.pulse.process, id=f"dead{number}", beat_at=instant(clock.now()))
            work.processes.beat(dead)
        clock.forward(DEAD_AFTER / timedelta(seconds=1) + 1)
        beat(watcher, fetching.pulse.process, clock)
        with watcher.store.apart() as work:
            work.claims.bury(instant(clock.now()))
    fetching.pulse._last = clock.monotonic()
    with watcher.store.apart() as work:
        work.captures.put_targets([Target(source="s", url=url, priority=9)])

    fetching.turn(HOST)
    assert "0" not in agency.asked
    with watcher.store.reading() as work:
        (look,) = [each for each in work.captures.latest() if each.url == url]
        assert look.verdict is Verdict.ERROR
        assert "2 processes died" in look.reason
        assert work.captures.target("s", url).failures == 1


def test_under_pressure_nothing_but_what_is_urgent_is_looked_at(fetching, agency):
    assert Pressure.STOP.least > LISTS
    fetching.pressure = lambda: Pressure.STOP

    assert fetching.turn(HOST) == 0
    assert agency.asked == []


def test_one_taken_for_dead_asks_nobody(fetching, agency, clock):
    clock.forward(60)

    assert fetching.turn(HOST) == 0
    assert agency.asked == []
    assert clock.now() > NOON
