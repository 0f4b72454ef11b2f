"""A clock that moved by itself is told from time that went by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clocks import NOON
from watcher.core.clockwork import Moment, jump

FIRST = Moment(NOON, 1_000.0)


def later(steady: float, wall: timedelta) -> Moment:
    return Moment(NOON + wall, FIRST.steady + steady)


@pytest.mark.parametrize(
    ("steady", "wall"),
    [
        (1.0, timedelta(seconds=1)),
        (86_400.0, timedelta(days=1)),
        (1.0, timedelta(seconds=59)),
        (30.0, timedelta(seconds=-29)),
    ],
)
def test_time_that_went_by_and_a_clock_kept_by_a_time_service_are_no_jump(steady, wall):
    assert jump(FIRST, later(steady, wall)) is None


@pytest.mark.parametrize(
    "moved",
    [timedelta(hours=-2), timedelta(days=365), timedelta(seconds=61), timedelta(seconds=-61)],
)
def test_a_jump_is_as_far_as_the_clock_moved_beyond_the_time_that_went_by(moved):
    assert jump(FIRST, later(5.0, moved + timedelta(seconds=5))) == moved
