"""Targets looked at in turn are put off together, and none is lost of them, whatever ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clocks import NOON, StandingClock
from watcher.core.capture import Capture, Target, instant
from watcher.core.verdict import Verdict
from watcher.ports.cluster import LEASE
from watcher.services.lease import leased_in_turn
from watcher.store.store import SqlStore

URLS = tuple(f"https://www.ema.europa.eu/{number}" for number in range(120))
DUE = instant(NOON - timedelta(hours=1))
NEXT = instant(NOON + timedelta(days=1))


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    with store.writing() as work:
        work.captures.put_targets([Target(source="s", url=url, next_due=DUE) for url in URLS])
    yield store
    store.close()


def due_of(store) -> dict[str, str]:
    with store.reading() as work:
        return {url: target.next_due for url, target in work.captures.known("s", URLS).items()}


def looking(store, seen):
    def look(target):
        seen.append((target, due_of(store)[target.url]))
        capture = Capture(
            id=f"look {len(seen)}", source="s", url=target.url, at=DUE, verdict=Verdict.OK
        )
        with store.writing() as work:
            work.captures.add(capture, Target(source="s", url=target.url, next_due=NEXT))
        return target.url

    return look


def test_each_is_put_off_before_its_look_and_due_as_its_look_says(store):
    seen: list[tuple[Target, str]] = []
    looks = leased_in_turn(store, "s", URLS, StandingClock(), looking(store, seen))

    assert tuple(looks) == URLS
    assert {due for _, due in seen} == {instant(NOON + LEASE)}
    assert all(target.next_due == due for target, due in seen)
    assert set(due_of(store).values()) == {NEXT}


def test_a_target_that_kills_its_reader_is_put_off_and_all_others_are_due(store):
    looking_at = looking(store, [])

    def look(target):
        if target.url == URLS[60]:
            raise MemoryError
        return looking_at(target)

    with pytest.raises(MemoryError):
        list(leased_in_turn(store, "s", URLS, StandingClock(), look))

    due = due_of(store)
    assert {due[url] for url in URLS[:60]} == {NEXT}
    assert due[URLS[60]] == instant(NOON + LEASE)
    assert {due[url] for url in URLS[61:]} == {DUE}


def test_what_was_not_begun_when_nobody_wants_more_is_due_as_it_was(store):
    looks = leased_in_turn(store, "s", URLS, StandingClock(), looking(store, []))
    next(looks)
    looks.close()

    due = due_of(store)
    assert due[URLS[0]] == NEXT
    assert {due[url] for url in URLS[1:]} == {DUE}


def test_looks_that_take_long_find_their_targets_put_off_all_the_same(store):
    clock = StandingClock()
    seen: list[tuple[Target, str]] = []
    looking_at = looking(store, seen)

    def look(target):
        now = instant(clock.now())
        found = looking_at(target)
        assert seen[-1][1] > now
        clock.forward(LEASE.total_seconds() / 2)
        return found

    assert tuple(leased_in_turn(store, "s", URLS[:20], clock, look)) == URLS[:20]


def test_a_target_never_seen_is_known_once_it_is_put_off(store):
    new = "https://www.ema.europa.eu/new"
    seen: list[tuple[Target, str]] = []

    def look(target):
        seen.append((target, ""))

    list(leased_in_turn(store, "s", [new], StandingClock(), look))

    assert seen[0][0] == Target(source="s", url=new, next_due=instant(NOON + LEASE))


def test_what_was_brought_forward_meanwhile_is_not_put_back(store):
    looks = leased_in_turn(store, "s", URLS[:3], StandingClock(), looking(store, []))
    next(looks)
    with store.writing() as work:
        urgent = replace(work.captures.target("s", URLS[1]), next_due=instant(NOON))
        work.captures.put_target(urgent)
    looks.close()

    assert [due_of(store)[url] for url in URLS[:3]] == [NEXT, instant(NOON), DUE]
