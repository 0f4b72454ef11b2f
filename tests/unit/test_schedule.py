"""When to look next, on ordinary days and on the nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watcher.core.schedule import Cron, Every, due, interval, next_due

AMSTERDAM = "Europe/Amsterdam"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dues(schedule: Cron | Every, start: str, count: int) -> list[str]:
    """Return the next `count` instants after `start`, each looked for after the one before."""
    moment, found = at(start), []
    for _ in range(count):
        moment = next_due(schedule, moment, seed="ema")
        found.append(f"{moment:%Y-%m-%dT%H:%M}")
    return found


def test_the_table_is_looked_at_after_each_of_its_two_hours_in_amsterdam():
    assert dues(Cron("15 6,18 * * *", AMSTERDAM), "2026-11-22T12:00", 3) == [
        "2026-11-22T17:15",
        "2026-11-23T05:15",
        "2026-11-23T17:15",
    ]


def test_half_past_two_happens_once_though_the_autumn_clock_shows_it_twice():
    assert dues(Cron("30 2 * * *", AMSTERDAM), "2026-10-24T12:00", 3) == [
        "2026-10-25T00:30",  # 02:30 summer time; 01:30 UTC is 02:30 again, and is not taken
        "2026-10-26T01:30",
        "2026-10-27T01:30",
    ]


def test_half_past_two_happens_as_soon_as_the_spring_clock_has_jumped_over_it():
    assert dues(Cron("30 2 * * *", AMSTERDAM), "2026-03-28T12:00", 3) == [
        "2026-03-29T01:00",  # 03:00 summer time, the first instant after 01:59
        "2026-03-30T00:30",
        "2026-03-31T00:30",
    ]


def test_several_times_that_the_clock_jumps_over_are_one_look():
    assert dues(Cron("0,30 2,3 * * *", AMSTERDAM), "2026-03-28T12:00", 3) == [
        "2026-03-29T01:00",
        "2026-03-29T01:30",
        "2026-03-30T00:00",
    ]


def test_every_hour_means_every_hour_that_really_passes():
    hourly = Cron("30 * * * *", AMSTERDAM)

    autumn = dues(hourly, "2026-10-24T23:45", 3)
    spring = dues(hourly, "2026-03-28T23:45", 3)

    assert autumn == ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"]
    assert spring == ["2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T02:30"]


def test_a_clock_that_jumps_by_half_an_hour_is_understood():
    assert dues(Cron("15 2 * * *", "Australia/Lord_Howe"), "2026-10-03T00:00", 2) == [
        "2026-10-03T15:30",  # at 02:00 the clock jumps to 02:30
        "2026-10-04T15:15",
    ]


def test_a_time_jumped_over_just_before_midnight_happens_just_after_it():
    assert dues(Cron("30 23 * * *", "America/Nuuk"), "2026-03-28T12:00", 2) == [
        "2026-03-29T01:00",  # Saturday has no 23:30: its clocks jump from 22:59 to Sunday 00:00
        "2026-03-30T00:30",
    ]


def test_what_is_jumped_over_into_a_time_that_is_asked_for_too_is_one_look():
    assert dues(Cron("0,30 0,23 * * *", "America/Nuuk"), "2026-03-28T12:00", 3) == [
        "2026-03-29T01:00",
        "2026-03-29T01:30",
        "2026-03-30T00:00",
    ]


def test_a_day_that_a_zone_never_had_has_no_look():
    # Samoa went from 29 to 31 December 2011.
    assert dues(Cron("0 6 * * *", "Pacific/Apia"), "2011-12-29T00:00", 3) == [
        "2011-12-29T16:00",
        "2011-12-30T16:00",
        "2011-12-31T16:00",
    ]


def test_a_leap_day_is_waited_for():
    assert dues(Cron("0 0 29 2 *"), "2095-03-01T00:00", 2) == [
        "2096-02-29T00:00",
        "2104-02-29T00:00",
    ]


def test_an_interval_is_counted_from_its_anchor():
    last = at("2026-11-22T07:30")

    assert next_due(Every(43_200), last, seed="ema", anchor=last) == at("2026-11-22T19:30")


def test_however_many_looks_were_missed_they_are_one():
    last, now = at("2026-11-01T07:30"), at("2026-11-22T08:00")

    assert next_due(Every(43_200), now, seed="ema", anchor=last) == at("2026-11-22T19:30")
    assert next_due(Cron("15 6,18 * * *"), now, seed="ema") == at("2026-11-22T18:15")


def test_jitter_is_drawn_anew_each_time_and_alike_on_every_machine():
    drawn = dues(Every(3600, jitter=1800), "2026-11-22T08:00", 4)

    assert drawn == dues(Every(3600, jitter=1800), "2026-11-22T08:00", 4)
    assert len({instant[-2:] for instant in drawn}) > 1
    other = next_due(Every(3600, jitter=1800), at("2026-11-22T08:00"), seed="medpath")
    assert f"{other:%Y-%m-%dT%H:%M}" != drawn[0]


def test_a_target_that_was_never_looked_at_is_due_now():
    now = at("2026-11-22T08:00")

    assert due(Every(3600), None, now) == now


def test_a_target_is_due_when_it_was_said_to_be():
    now, kept = at("2026-11-22T08:00"), at("2026-11-22T08:20")

    assert due(Every(3600), kept, now) == kept
    assert due(Every(3600), at("2026-11-20T08:00"), now) == at("2026-11-20T08:00")


@pytest.mark.parametrize("schedule", [Every(3600, jitter=60), Cron("15 * * * *", "UTC")])
def test_after_a_clock_was_set_back_nobody_waits_for_a_distant_instant(schedule):
    now = at("2026-11-22T08:00")

    assert due(schedule, now + timedelta(days=365), now) == now
    assert due(schedule, now + timedelta(minutes=10), now) == at("2026-11-22T08:10")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Every(0), "an interval of 0 seconds"),
        (lambda: Every(60, 60), "a jitter of 60 seconds in an interval of 60"),
        (lambda: Every(60, -1), "a jitter of -1 seconds in an interval of 60"),
        (lambda: Cron("* * * *"), "a cron expression has 5 fields, this one 4"),
        (lambda: Cron("* * * * *", "Europe/Amsterdm"), "there is no time zone 'Europe/Amsterdm'"),
        (lambda: Cron("* * * * *", "../etc/passwd"), "there is no time zone '../etc/passwd'"),
        (lambda: Cron("* * * * *", "Europe"), "there is no time zone 'Europe'"),
        (lambda: Cron("* * * * *", "UTC", -1), "a jitter of -1 seconds"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(make, why):
    with pytest.raises(ValueError, match=r".+") as caught:
        make()

    assert str(caught.value) == why


def test_an_instant_is_told_in_utc_whatever_zone_the_question_was_in():
    local = at("2026-11-22T08:00").astimezone(ZoneInfo("Asia/Kathmandu"))

    assert next_due(Every(3600), local, seed="ema", anchor=local).tzinfo is UTC
    assert next_due(Cron("15 * * * *"), local, seed="ema").tzinfo is UTC


@pytest.mark.parametrize(
    ("schedule", "now", "hours"),
    [
        (Every(6 * 3600), "2026-11-22T12:00", 6),
        (Cron("15 6,18 * * *", AMSTERDAM), "2026-11-22T12:00", 12),
        (Cron("30 2 * * *", AMSTERDAM), "2026-10-24T12:00", 25),  # the clocks are set back
        (Cron("30 3 * * *", AMSTERDAM), "2026-03-28T00:00", 23),  # and forward
    ],
)
def test_from_one_look_to_the_next_it_is_as_long_as_it_really_takes(schedule, now, hours):
    assert interval(schedule, at(now)) == timedelta(hours=hours)
