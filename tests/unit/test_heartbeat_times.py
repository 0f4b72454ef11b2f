"""When a heartbeat is due, for which lists, and what it takes for a gap."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from watcher.core.heartbeat import LATE, Heartbeat, gaps, missed_between
from watcher.core.watch_list import EVERYTHING, WatchList

CROHN, ATMP = WatchList(id="crohn"), WatchList(id="atmp")
START = datetime(2026, 11, 16, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_hour_later(good: datetime) -> datetime:
    return good + HOUR


def test_the_lists_come_in_the_order_in_which_they_are_named_and_unknown_ones_not():
    beats = Heartbeat(to=("anna",), watch_lists=("atmp", "gone", "crohn"))

    assert beats.lists([CROHN, ATMP]) == (ATMP, CROHN)


def test_without_a_list_it_tells_of_everything():
    assert Heartbeat(to=("anna",)).lists([CROHN]) == (EVERYTHING,)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T06:45:00+00:00", "2026-11-23T06:45:00+00:00"),
        ("2026-11-23T06:44:59+00:00", "2026-11-16T06:45:00+00:00"),
        ("2026-10-26T06:45:00+00:00", "2026-10-26T06:45:00+00:00"),  # the clocks were set back
        ("2026-10-24T12:00:00+00:00", "2026-10-19T05:45:00+00:00"),
    ],
)
def test_it_is_due_once_a_local_week(now, due):
    beats = Heartbeat(to=("anna",), weekday="mon", at=time(7, 45))

    last = beats.last_due("Europe/Amsterdam", datetime.fromisoformat(now))

    assert last == datetime.fromisoformat(due)


def test_a_gap_is_longer_than_expected_and_longer_than_what_is_late():
    good = [START, START + LATE, START + 4 * LATE]

    assert gaps(good, an_hour_later, START + 4 * LATE + HOUR) == ((good[1], good[2]),)


def test_a_gap_that_lasts_has_no_end():
    now = START + 3 * LATE

    assert gaps([START], an_hour_later, now) == ((START, None),)


def test_what_is_looked_at_seldom_has_no_gap_before_it_is_expected():
    assert gaps([START], lambda good: good + timedelta(days=30), START + timedelta(days=29)) == ()


@pytest.mark.parametrize(("days", "missed"), [(0, 0), (7, 0), (14, 1), (21, 2), (15, 1)])
def test_heartbeats_that_fell_due_in_between_are_counted(days, missed):
    assert missed_between(START, START + timedelta(days=days)) == missed
