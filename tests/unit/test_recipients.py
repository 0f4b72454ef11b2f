"""Who is told when: nights, digests, absences, and the nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from watcher.core.recipients import (
    Absence,
    Cadence,
    Group,
    Person,
    Quiet,
    next_digest,
    plan,
    told,
)
from watcher.core.taxonomy import Severity

NIGHT = Quiet(begins=time(20), ends=time(7))
ANNA = Person(id="anna", zone="Europe/Amsterdam", quiet=NIGHT)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_what_is_critical_passes_quiet_hours():
    when = plan(ANNA, Severity.CRITICAL, at("2026-01-15T23:00+01:00"))

    assert (when.cadence, when.at) == (Cadence.NOW, at("2026-01-15T23:00+01:00"))
    assert "critical passes" in when.reason


def test_what_is_high_waits_until_the_morning():
    late = plan(ANNA, Severity.HIGH, at("2026-01-15T23:00+01:00"))
    early = plan(ANNA, Severity.HIGH, at("2026-01-16T06:59+01:00"))

    assert late.at == early.at == at("2026-01-16T07:00+01:00")
    assert late.reason == "quiet until 07:00 Europe/Amsterdam"


@pytest.mark.parametrize("now", ["2026-01-16T07:00+01:00", "2026-01-16T19:59+01:00"])
def test_outside_quiet_hours_it_is_told_at_once(now):
    assert plan(ANNA, Severity.HIGH, at(now)).at == at(now)


def test_quiet_hours_within_a_day_are_no_night():
    siesta = Quiet(begins=time(13), ends=time(15))

    assert [siesta.holds_at(time(hour)) for hour in (12, 13, 14, 15)] == [False, True, True, False]


def test_normal_goes_into_the_daily_digest_and_low_into_the_weekly_one():
    now = at("2026-11-19T12:00+01:00")  # a Thursday

    daily, weekly = (plan(ANNA, severity, now) for severity in (Severity.NORMAL, Severity.LOW))

    assert (daily.cadence, daily.at) == (Cadence.DAILY, at("2026-11-20T07:30+01:00"))
    assert (weekly.cadence, weekly.at) == (Cadence.WEEKLY, at("2026-11-23T07:30+01:00"))


def test_a_rule_may_want_it_sooner_than_the_person_asked():
    now = at("2026-11-19T12:00+01:00")

    assert plan(ANNA, Severity.LOW, now, Cadence.NOW).at == now
    assert plan(ANNA, Severity.CRITICAL, now, Cadence.NEVER).cadence is Cadence.NEVER


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        ("02:30", "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),  # a time that is skipped
        ("02:30", "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),  # comes twice: the first
        ("02:30", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),  # and not once more
        ("07:30", "2026-10-24T12:00+02:00", "2026-10-25T07:30+01:00"),
    ],
)
def test_a_digest_comes_once_a_day_on_the_nights_the_clocks_change(digest, now, due):
    person = Person(id="anna", zone="Europe/Amsterdam", daily=time.fromisoformat(digest))

    assert next_digest(person, Cadence.DAILY, at(now)) == at(due)


def test_who_is_away_is_told_and_so_is_who_stands_in():
    people = {
        "anna": Person(
            id="anna",
            title="Anna",
            away=(Absence(first=date(2026, 8, 1), last=date(2026, 8, 14), cover="ben"),),
        ),
        "ben": Person(id="ben"),
    }

    during = list(told(["anna"], people, {}, at("2026-08-14T23:59+00:00")))
    after = list(told(["anna"], people, {}, at("2026-08-15T00:00+00:00")))

    assert [(person.id, why) for person, why in during] == [
        ("anna", ""),
        ("ben", "stands in for Anna until 2026-08-14"),
    ]
    assert [person.id for person, _ in after] == ["anna"]


def test_two_who_stand_in_for_each_other_are_each_told_once():
    holiday = {"first": date(2026, 8, 1), "last": date(2026, 8, 14)}
    people = {
        "anna": Person(id="anna", away=(Absence(**holiday, cover="ben"),)),
        "ben": Person(id="ben", away=(Absence(**holiday, cover="anna"),)),
    }

    assert [person.id for person, _ in told(["anna"], people, {}, at("2026-08-02T12:00Z"))] == [
        "anna",
        "ben",
    ]


def test_a_group_stands_for_its_members_and_nobody_is_told_twice():
    people = {name: Person(id=name) for name in ("anna", "ben", "cleo")}
    groups = {"pv": Group(id="pv", people=("ben", "anna"))}

    reached = told(["anna", "pv", "nobody"], people, groups, at("2026-08-02T12:00Z"))

    assert [person.id for person, _ in reached] == ["anna", "ben"]


def test_a_day_is_the_persons_own_when_they_are_away():
    absence = Absence(first=date(2026, 8, 1), last=date(2026, 8, 1))
    person = Person(id="aiko", zone="Asia/Tokyo", away=(absence,))

    assert person.absence(at("2026-07-31T15:00Z")) is absence
    assert person.absence(at("2026-08-01T15:00Z")) is None
    assert person.local(at("2026-07-31T15:00Z")).tzinfo == ZoneInfo("Asia/Tokyo")


def test_where_the_clocks_jump_over_the_end_into_the_next_quiet_hours_it_ends_a_day_later():
    nearly_always = Quiet(begins=time(3), ends=time(2, 30))
    person = Person(id="anna", zone="Europe/Amsterdam", quiet=nearly_always)

    waits = plan(person, Severity.HIGH, at("2026-03-28T12:00+01:00"))

    assert waits.at == at("2026-03-30T02:30+02:00")
