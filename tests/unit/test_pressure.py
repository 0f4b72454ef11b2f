"""Back-pressure: how much may be fetched at which lag, and that it does not flutter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.capture import LISTS, NEWS, URGENT
from watcher.core.pressure import Bounds, Lag, Pressure, pressure

BOUNDS = Bounds(slow_events=100, stop_events=1_000, slow_messages=10, stop_messages=50)
lags = st.builds(Lag, events=st.integers(0, 3_000), messages=st.integers(0, 200))


@pytest.mark.parametrize(
    ("events", "messages", "wanted"),
    [
        (0, 0, Pressure.NONE),
        (99, 9, Pressure.NONE),
        (100, 0, Pressure.SLOW),
        (0, 10, Pressure.SLOW),
        (999, 49, Pressure.SLOW),
        (1_000, 0, Pressure.STOP),
        (0, 50, Pressure.STOP),
    ],
)
def test_fetching_slows_and_stops_at_the_bounds(events, messages, wanted):
    assert pressure(Lag(events, messages), Pressure.NONE, BOUNDS) is wanted


def test_what_was_slowed_goes_on_when_a_quarter_has_been_worked_off():
    assert pressure(Lag(90, 0), Pressure.NONE, BOUNDS) is Pressure.NONE
    assert pressure(Lag(90, 0), Pressure.SLOW, BOUNDS) is Pressure.SLOW
    assert pressure(Lag(74, 0), Pressure.SLOW, BOUNDS) is Pressure.NONE
    assert pressure(Lag(800, 0), Pressure.STOP, BOUNDS) is Pressure.STOP
    assert pressure(Lag(749, 0), Pressure.STOP, BOUNDS) is Pressure.SLOW


@given(lags, lags, st.sampled_from(Pressure))
def test_more_lag_never_means_less_pressure(one, other, before):
    least = Lag(min(one.events, other.events), min(one.messages, other.messages))

    assert pressure(least, before, BOUNDS).least <= pressure(one, before, BOUNDS).least


@given(lags, st.sampled_from(Pressure))
def test_the_same_lag_asked_twice_gives_the_same_answer(lag, before):
    once = pressure(lag, before, BOUNDS)

    assert pressure(lag, once, BOUNDS) is once


def test_what_is_to_be_confirmed_is_looked_at_under_any_pressure():
    assert [each.least for each in Pressure] == [0, NEWS, URGENT]
    assert URGENT > LISTS > NEWS > 0


def test_a_lag_is_told_in_numbers():
    told = "12 events are not told yet and 3 messages wait to be sent"

    assert str(Lag(events=12, messages=3)) == told
