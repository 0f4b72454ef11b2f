"""Laws of the past: however it is reached, with memos or without, it is the same past."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from kit.pasts import Amended, Told, at, everything, plainly, recorded, write
from watcher.services.memos import remember, surplus
from watcher.services.replay import as_of

DAYS = 12
told = st.builds(
    Told,
    medicine=st.integers(1, 3),
    day=st.integers(1, DAYS),
    path=st.sampled_from(["authorisation[EU].status", "product.brand_name", "flag[orphan]"]),
    value=st.integers(0, 4),
)


@st.composite
def logs(draw):
    """Steps in which days mostly go by and now and then are late, and events are set aside."""
    steps, day = [], 1
    for position in range(1, draw(st.integers(2, 24))):
        if position > 2 and draw(st.integers(0, 5)) == 0:
            places = st.lists(st.integers(1, position - 1), max_size=4).map(tuple)
            steps.append(Amended(draw(places), draw(places)))
            continue
        each = draw(told)
        is_late = draw(st.integers(0, 3)) == 0
        day = day if is_late else min(DAYS, day + draw(st.integers(0, 2)))
        steps.append(Told(each.medicine, each.day if is_late else day, each.path, each.value))
    return steps


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    """A path that no other example has."""
    folder, numbers = tmp_path_factory.mktemp("past"), count()
    return lambda: folder / f"{next(numbers)}.db"


def states(found):
    return {known.stream: dict(known.state) for known in found}


@given_settings(max_examples=25)
@given(steps=logs(), every=st.integers(1, 7), data=st.data())
def test_an_answer_with_memos_is_the_answer_without_on_every_axis(another, steps, every, data):
    store = write(another(), steps)
    try:
        while remember(store, every=every):
            pass
        log, head = everything(store), len(steps)
        position = data.draw(st.integers(0, head), label="position")
        day = data.draw(st.integers(1, DAYS), label="day")
        for axis, moment, known_at, bounds in (
            ("position", str(position), "", {"position": position}),
            ("recorded", recorded(position), "", {"position": position}),
            ("observed", at(day), "", {"position": head, "observed": at(day)}),
            (
                "observed",
                at(day),
                f"position:{position}",
                {"position": position, "observed": at(day)},
            ),
            ("effective", at(day), recorded(position), {"position": position}),
        ):
            near = as_of(store, moment, axis=axis, known_at=known_at)
            far = as_of(store, moment, axis=axis, known_at=known_at, use_memos=False)
            assert near == far
            assert states(near) == plainly(log, **bounds), (axis, moment, known_at)
    finally:
        store.close()


@given_settings(max_examples=10)
@given(steps=logs(), data=st.data())
def test_one_medicine_is_asked_for_alone_and_the_answer_is_the_same(another, steps, data):
    store = write(another(), steps)
    try:
        position = data.draw(st.integers(0, len(steps)), label="position")
        everyone = as_of(store, str(position), axis="position")
        number = "EMEA/H/C/000001"
        alone = as_of(store, str(position), axis="position", product=number)
        with store.reading() as work:
            is_named = bool(work.streams.named(number))
        assert alone == tuple(
            known for known in everyone if is_named and known.stream.endswith(number)
        )
    finally:
        store.close()


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60, unique=True).map(sorted))
def test_memos_are_few_and_the_newest_stays(positions):
    left = sorted(set(positions) - set(surplus(positions)))

    assert len(left) == min(12, len(positions))
    assert left[-1] == positions[-1]
