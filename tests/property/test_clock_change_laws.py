"""Every change of the clocks from 2024 to 2030, in five zones: no night, digest or heartbeat slips.

Nothing is drawn here: all of them are gone through, against an oracle that looks at the wall's
clock minute by minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from watcher.core.heartbeat import Heartbeat
from watcher.core.recipients import Cadence, Person, Quiet, next_digest, plan
from watcher.core.taxonomy import Severity

# an hour west and east of the ocean, half an hour down under, Ramadan, and none at all
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tokyo",
)
BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
DAYS = (END - BEGIN).days
MINUTE = timedelta(minutes=1)
TIMES = (time(0), time(2), time(2, 30), time(7, 30))
"""Midnight, the edge of most gaps, the middle of them, and breakfast."""
CHANGES = {
    "Europe/Amsterdam": 14,
    "America/New_York": 14,
    "Australia/Lord_Howe": 14,
    "Africa/Casablanca": 14,
    "Asia/Tokyo": 0,
}


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Return the instants at which the zone's clocks change, to the minute."""
    place, found, at = ZoneInfo(zone), [], BEGIN
    while at < END:
        later = at + timedelta(hours=6)
        if at.astimezone(place).utcoffset() != later.astimezone(place).utcoffset():
            exact = at
            while exact.astimezone(place).utcoffset() == at.astimezone(place).utcoffset():
                exact += MINUTE
            found.append(exact)
        at = later
    return tuple(found)


def around(zone: str) -> Iterator[datetime]:
    """Yield instants from six hours before each change to six hours after it."""
    for change in changes(zone):
        for quarter in range(-24, 25):
            yield change + quarter * timedelta(minutes=15)


def test_these_zones_change_their_clocks_as_often_as_we_think():
    found = {zone: len(changes(zone)) for zone in ZONES}

    assert {zone: count >= CHANGES[zone] - 1 for zone, count in found.items()} == dict.fromkeys(
        ZONES, True
    )
    assert found["Europe/Amsterdam"] == 14


@pytest.mark.parametrize("ends", [time(2), time(2, 30), time(3), time(7)])
@pytest.mark.parametrize("zone", ZONES)
def test_who_sleeps_is_told_in_the_first_minute_in_which_their_clock_says_so(zone, ends):
    person = Person(id="anna", zone=zone, quiet=Quiet(begins=time(20), ends=ends))

    for now in around(zone):
        assert plan(person, Severity.HIGH, now).at == first_awake(person, now), now
        assert plan(person, Severity.CRITICAL, now).at == now


def first_awake(person: Person, now: datetime) -> datetime:
    at = now
    while person.quiet.holds_at(person.local(at).time()):
        at += MINUTE
    return at


@pytest.mark.parametrize("daily", TIMES)
@pytest.mark.parametrize("zone", ZONES)
def test_there_is_one_daily_digest_a_local_day_at_the_hour_or_right_after_it(zone, daily):
    person = Person(id="anna", zone=zone, daily=daily)
    due = next_digest(person, Cadence.DAILY, BEGIN)
    day = person.local(due).date()

    for _ in range(DAYS):
        local = person.local(due)
        assert local.date() == day
        assert local.time() == daily or is_gap(zone, day, daily)
        assert local.fold == 0
        due, day = next_digest(person, Cadence.DAILY, due), day + timedelta(days=1)


def is_gap(zone: str, day: date, at: time) -> bool:
    """Return whether the zone's clocks jump over `at` on `day`."""
    wall = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC).astimezone(ZoneInfo(zone)).time() != at


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("weekday", ["sun", "mon"])
@pytest.mark.parametrize("at", TIMES)
def test_there_is_one_weekly_digest_and_one_heartbeat_a_local_week(zone, weekday, at):
    person = Person(id="anna", zone=zone, weekday=weekday, weekly=at)
    heartbeat = Heartbeat(to=("anna",), weekday=weekday, at=at)
    due = next_digest(person, Cadence.WEEKLY, BEGIN)

    for _ in range(DAYS // 7):
        following = next_digest(person, Cadence.WEEKLY, due)
        assert (person.local(following).date() - person.local(due).date()).days == 7
        assert heartbeat.last_due(zone, due) == due
        assert heartbeat.last_due(zone, following - MINUTE) == due
        due = following


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_asked_around_a_change_is_due_once(zone):
    person = Person(id="anna", zone=zone, daily=time(2, 30))

    for change in changes(zone):
        asked = [change + quarter * timedelta(minutes=15) for quarter in range(-96, 97)]
        due = {next_digest(person, Cadence.DAILY, now) for now in asked}
        days = [person.local(each).date() for each in due]
        assert len(days) == len(set(days))
