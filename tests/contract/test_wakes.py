"""What whoever waits for news is promised, on every engine."""

from __future__ import annotations

import threading
import time

import pytest

from factories import ALOFISEL, NOON, a_provenance, an_append
from watcher.core.events import Cause, Event
from watcher.ports import Envelope
from watcher.store.store import SqlStore

SOON, NEVER = 10.0, 0.3


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


@pytest.fixture
def wakes(store):
    wakes = store.wakes()
    while wakes.wait(NEVER):  # what there was before is looked for first
        pass
    yield wakes
    wakes.close()


def tell(store, number=0):
    with store.writing() as work:
        append = an_append(Event(type="fact.changed", subject=ALOFISEL), version=number)
        capture = f"capture {number}"
        work.log.append(append, a_provenance(capture=capture), Cause.OBSERVED, NOON)


def test_nothing_new_wakes_nobody(wakes):
    assert wakes.wait(NEVER) is False


def test_an_event_wakes_who_waits_and_who_comes_to_wait_later(store, wakes):
    woken = []
    waiting = threading.Thread(target=lambda: woken.append(wakes.wait(SOON)))
    waiting.start()
    tell(store)
    waiting.join()
    assert woken == [True]

    tell(store, 1)
    assert wakes.wait(SOON) is True


def test_a_message_in_the_outbox_wakes(store, wakes):
    with store.writing() as work:
        work.outbox.put("k", "case", "pv", Envelope(key="k", subject="s", text="t"), NOON)

    assert wakes.wait(SOON) is True


def test_a_transaction_that_fails_wakes_nobody(store, wakes):
    def failing():
        with store.writing() as work:
            append = an_append(Event(type="fact.changed", subject=ALOFISEL))
            work.log.append(append, a_provenance(), Cause.OBSERVED, NOON)
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert wakes.wait(NEVER) is False


def test_closing_it_lets_go_of_who_waits(wakes):
    waiting = threading.Thread(target=wakes.wait, args=(60.0,))
    waiting.start()
    began = time.monotonic()
    wakes.close()
    waiting.join(SOON)

    assert not waiting.is_alive()
    assert time.monotonic() - began < SOON
