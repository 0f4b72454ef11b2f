"""What the store promises of a history that was amended: states, digest and adopted events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import ALOFISEL, NOON, a_provenance, a_state, a_withdrawal, an_append
from kit.engines import place_at
from watcher.core.amend import amendment
from watcher.core.diff import baseline
from watcher.core.events import Cause, Change, Event
from watcher.core.facts import Subject
from watcher.errors import IntegrityError
from watcher.ports.store import Append, EventFilter
from watcher.store.store import SqlStore

STREAM = f"ema/{ALOFISEL}"
FIRST = baseline(ALOFISEL, a_state())
NAMED = Event(
    type="product.renamed",
    subject=ALOFISEL,
    changes=(
        Change(path="product.brand_name", action="changed", before="Alofisel", after="Alofisol"),
    ),
)


@pytest.fixture
def stores(engine, tmp_path):  # noqa: ARG001  what `place_at` goes by
    places = [place_at(tmp_path / f"{number}.db") for number in range(2)]
    found = [SqlStore(place, writable=True) for place in places]
    yield found
    for store in found:
        store.close()


def tell(store, event, day):
    """Append an event observed on a day of December 2024."""
    with store.writing() as work:
        version = work.streams.get(STREAM).version
        at = f"2024-12-{day:02}T12:00:00.000000Z"
        told = a_provenance(observed_at=at, capture=f"capture of {day}")
        work.log.append(an_append(event, version=version), told, Cause.IMPORTED, NOON)


def amend(store, *, aside=(), again=()):
    subject = Subject("source", "ema")
    with store.writing() as work:
        stream = work.streams.get(f"ema/{subject}")
        event = amendment(subject, aside=aside, again=again, why=f"after {work.log.head()}")
        append = Append(
            stream=stream.name,
            subject=subject,
            expected_version=stream.version,
            events=(event,),
            evidence=((),),
            state={},
        )
        work.log.append(append, a_provenance(), Cause.IMPORTED, NOON)
        work.streams.refold([STREAM])


def state(store, *, rebuilt=False):
    with store.writing() as work:
        if rebuilt:
            work.streams.rebuild()
        return work.streams.get(STREAM).state


def digest(store):
    with store.reading() as work:
        return work.streams.digest()


def test_states_follow_the_order_of_observation_and_not_that_of_the_log(stores):
    store = stores[0]
    back = replace(NAMED.changes[0], before="Alofisol", after="Alofisel")
    for event, day in ((FIRST, 1), (replace(NAMED, changes=(back,)), 9), (NAMED, 5)):
        tell(store, event, day)

    assert state(store, rebuilt=True)["product.brand_name"] == "Alofisel"
    assert state(store, rebuilt=True) == a_state()


def test_what_is_set_aside_is_in_no_state_until_it_counts_again(stores):
    store = stores[0]
    for event, day in ((FIRST, 1), (a_withdrawal(), 5)):
        tell(store, event, day)
    whole = state(store, rebuilt=True), digest(store)

    amend(store, aside=[2])
    assert state(store)["authorisation[EU].status"] == "authorised"
    assert state(store) == state(store, rebuilt=True)
    assert digest(store) != whole[0]
    amend(store, again=[2])

    assert (state(store), digest(store)) == whole


def test_a_stream_of_which_nothing_counts_is_in_no_view(stores):
    store = stores[0]
    tell(store, FIRST, 1)
    amend(store, aside=[1])
    with store.writing() as work:
        assert work.streams.of_source("ema").keys() == {"ema/source:ema"}
        work.streams.rebuild()
        assert work.streams.get(STREAM).version == 0
    tell(store, FIRST, 9)
    with store.reading() as work:
        assert work.streams.get(STREAM).version == 2


def test_the_digest_is_that_of_what_happened_and_when_not_of_the_order_it_was_read_in(stores):
    one, other = stores
    for event, day in ((FIRST, 1), (NAMED, 5), (a_withdrawal(), 9)):
        tell(one, event, day)
    for event, day in ((FIRST, 1), (a_withdrawal(), 9), (NAMED, 5)):
        tell(other, event, day)
    for store in stores:
        state(store, rebuilt=True)
    assert digest(one) == digest(other)

    tell(one, a_withdrawal("2024-12-14"), 10)
    tell(other, a_withdrawal("2024-12-14"), 11)
    assert digest(one) != digest(other)


def test_adopted_events_stand_in_the_chain_like_any_other_and_none_twice(stores):
    one, other = stores
    tell(other, a_withdrawal(), 2)
    for event, day in ((FIRST, 1), (NAMED, 5)):
        tell(one, event, day)
    with one.reading() as work:
        told = list(work.log.read(EventFilter()))
    with other.writing() as work:
        assert work.log.adopt(told, NOON) == 2
        work.streams.refold([STREAM])
    with other.reading() as work:
        assert list(work.log.verify()) == [1, 2, 3]
        stored = list(work.log.read(EventFilter()))
        assert [each.version for each in stored] == [1, 2, 3]
        assert [each.event for each in stored[1:]] == [FIRST, NAMED]
    with pytest.raises(IntegrityError, match="stands in the log already"), other.writing() as work:
        work.log.adopt(told, NOON)
