"""Fetching slows where telling lags: the operator hears of it once, and once that it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.clocks import NOON
from kit.sending import ENVELOPE
from watcher.core.capture import instant
from watcher.core.pressure import Bounds, Pressure
from watcher.ports.store import EventFilter
from watcher.services.pressure import settle_pressure, told_pressure
from watcher.store.store import SqlStore

MANY = Bounds().slow_messages


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def wait_to_be_sent(store, messages):
    """Let messages wait that should have gone ten minutes before noon."""
    with store.writing() as work:
        for number in range(messages):
            at = instant(NOON - timedelta(minutes=10))
            work.outbox.put(f"key {number}", "case", "pv", ENVELOPE, at)


def try_them_all(store):
    """Let every message be tried once, which is all that telling can do."""
    with store.writing() as work:
        for each in work.outbox.read():
            work.outbox.update(replace(each, attempts=1))


def told(store):
    with store.reading() as work:
        return [each.event for each in work.log.read(EventFilter(types=("watch.*", "source.*")))]


def test_messages_that_do_not_go_slow_the_fetching_and_the_operator_is_told_once(store):
    wait_to_be_sent(store, MANY)

    first = settle_pressure(store, Pressure.NONE, NOON)
    again = settle_pressure(store, first, NOON)

    assert (first, again) == (Pressure.SLOW, Pressure.SLOW)
    (event,) = told(store)
    assert (event.type, event.details["level"]) == ("watch.slowed", "slow")
    assert f"{MANY} messages wait to be sent" in event.details["reason"]
    with store.reading() as work:
        assert told_pressure(work) is Pressure.SLOW


def test_another_process_does_not_tell_it_again(store):
    wait_to_be_sent(store, MANY)
    settle_pressure(store, Pressure.NONE, NOON)

    assert settle_pressure(store, Pressure.NONE, NOON) is Pressure.SLOW
    assert len(told(store)) == 1


def test_when_they_went_the_operator_is_told_that_it_is_over_and_since_when_it_was(store):
    wait_to_be_sent(store, MANY)
    slowed = settle_pressure(store, Pressure.NONE, NOON)
    try_them_all(store)

    after = settle_pressure(store, slowed, NOON + timedelta(minutes=1))

    assert after is Pressure.NONE
    _, event = told(store)
    assert event.type == "source.recovered"
    assert event.details["since"] == instant(NOON)


def test_a_batch_just_queued_slows_nothing(store):
    with store.writing() as work:
        for number in range(MANY):
            work.outbox.put(f"key {number}", "case", "pv", ENVELOPE, instant(NOON))

    assert settle_pressure(store, Pressure.NONE, NOON) is Pressure.NONE
    assert told(store) == []
