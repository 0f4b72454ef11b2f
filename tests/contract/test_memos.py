"""What every keeper of memos promises, and what the service makes of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kit.engines import outside, place_at
from kit.pasts import Amended, Told, at, everything, recorded, write
from watcher.core.past import Bounds
from watcher.errors import NotFoundError
from watcher.ports.store import EventFilter
from watcher.services.memos import forget, remember
from watcher.services.past import Moment, bounds_of, memo_of, position_at, standings
from watcher.services.replay import as_of
from watcher.store.schema import memos

NAME = "product.brand_name"


@pytest.fixture
def opened(engine, tmp_path):  # noqa: ARG001  what `place_at` goes by
    stores = []

    def opened(*steps):
        stores.append(write(tmp_path / f"{len(stores)}.db", steps))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


def days(*numbers, medicine=1):
    return [Told(medicine, day, NAME, 10 + day) for day in numbers]


def put(store, *positions):
    for position in positions:
        with store.reading() as work:
            memo = memo_of(work, position)
        with store.writing() as work:
            work.memos.put(memo)


def test_a_memo_comes_back_as_it_was_put(opened):
    store = opened(*days(1, 2, 3))
    put(store, 2)

    with store.reading() as work:
        found = work.memos.nearest(3)
        assert found == memo_of(work, 2)
        assert (found.position, found.observed_until) == (2, at(2))
        assert found.recorded_until == recorded(2)


def test_the_nearest_memo_is_neither_behind_the_position_nor_later_than_the_look(opened):
    store = opened(*days(1, 5, 9))
    put(store, 1, 2, 3)

    with store.reading() as work:
        assert work.memos.nearest(2).position == 2
        assert work.memos.nearest(3, at(8)).position == 2
        assert work.memos.nearest(3, at(4)).position == 1
        assert work.memos.nearest(0) is None


def test_a_damaged_memo_is_passed_over_and_the_answer_stays_right(opened, tmp_path):
    store = opened(*days(1, 2, 3, 4))
    put(store, 2, 3)
    right = as_of(store, "4", axis="position", use_memos=False)
    with outside(place_at(tmp_path / "0.db")) as connection:
        spoilt = sa.update(memos).where(memos.c.position == 3).values(states=bytes(50))
        connection.execute(spoilt)

    with store.reading() as work:
        assert work.memos.nearest(4).position == 2
    assert as_of(store, "4", axis="position") == right


def test_a_memo_of_another_log_is_passed_over(opened):
    one, other = opened(*days(1, 2, 3)), opened(*days(1, 7, 9))
    with other.reading() as work:
        stranger = memo_of(work, 2)
    with one.writing() as work:
        work.memos.put(stranger)

        assert work.memos.nearest(3) is None


def test_memos_make_the_way_short(opened):
    store = opened(*days(1, 2, 3), *days(4, 5, medicine=2))
    put(store, 3)
    asked = []

    with store.reading() as work:
        read = work.log.read
        work.log.read = lambda which: asked.append(which) or read(which)
        found = standings(work, Bounds(position=5))

    assert len(found) == 2
    assert asked == [EventFilter(after=3)]


def test_only_what_was_read_late_or_amended_is_folded_anew(opened):
    steps = [*days(1, 2, 3), *days(4, medicine=2), *days(2, medicine=3), *days(5, medicine=3)]
    store = opened(*steps, Amended((2,), ()), *days(3, medicine=3))
    put(store, 6)
    asked = []

    with store.reading() as work:
        bounds = bounds_of(work, Moment(axis="position", at="8"))
        read = work.log.read
        work.log.read = lambda which: asked.append(which) or read(which)
        standings(work, bounds)

    streams = {which.stream.rpartition("/")[2] for which in asked if which.stream}
    assert streams == {"000001", "000003"}, "one was amended, one read late; two is left alone"


def test_memos_are_written_step_by_step_until_the_log_is_covered(opened):
    store = opened(*days(*range(1, 12)))

    assert [remember(store, every=4) for _ in range(4)] == [4, 8, 0, 0]
    assert remember(store, every=4, at_head=True) == 11
    assert remember(store, at_head=True) == 0
    assert forget(store) == 3
    with store.reading() as work:
        assert work.memos.positions() == ()


def test_an_empty_log_has_no_memo(opened):
    assert remember(opened(), at_head=True) == 0


def test_the_position_at_an_instant_is_the_last_one_recorded_by_then(opened):
    store = opened(*days(1, 2, 3))

    with store.reading() as work:
        assert position_at(work, "2024-01-01T00:00:00.000000Z") == 0
        assert [position_at(work, recorded(place)) for place in (1, 2, 3, 4)] == [1, 2, 3, 3]


def test_what_the_log_has_not_come_to_cannot_be_asked_for(opened):
    store = opened(*days(1, 2))

    for moment in (
        Moment(axis="position", at="3"),
        Moment(axis="observed", at=at(1), known_at="position:3"),
        Moment(axis="position", at="three"),
    ):
        with store.reading() as work, pytest.raises(NotFoundError, match="its last is 2"):
            bounds_of(work, moment)
    with store.reading() as work, pytest.raises(NotFoundError):
        memo_of(work, 0)


def test_both_times_are_asked_for_at_once(opened):
    """A late look is not known before it was recorded, whatever day it was of."""
    store = opened(*days(1, 9), Told(1, 5, NAME, 0))
    assert len(everything(store)) == 3

    def name(known_at):
        (known,) = as_of(store, at(6), known_at=known_at)
        return known.state[NAME]

    assert name(recorded(2)) == 11
    assert name("position:3") == 0
    assert name("") == 0


def test_what_was_set_aside_before_the_moment_is_not_counted_with_memos_or_without(opened):
    store = opened(*days(1, 2), Amended((2,), ()), *days(3, medicine=2))
    put(store, 1)

    for use_memos in (True, False):
        first, _ = as_of(store, "4", axis="position", use_memos=use_memos)
        assert first.state == {NAME: 11}
        (only,) = as_of(store, "2", axis="position", use_memos=use_memos)
        assert only.state == {NAME: 12}, "the amendment did not stand there yet"
