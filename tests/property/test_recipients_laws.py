"""Nights and digests fall where a person expects them, in any zone and on any night."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.recipients import Cadence, Person, Quiet, next_digest, plan
from watcher.core.taxonomy import Severity

# half an hour of daylight saving, a quarter-hour offset, both hemispheres, a day skipped, none
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "Africa/Casablanca",
)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2031, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
people = st.builds(
    lambda zone, begins, ends, daily: Person(
        id="anna", zone=zone, quiet=Quiet(begins=begins, ends=ends), daily=daily
    ),
    st.sampled_from(ZONES),
    times,
    times,
    times,
)


@given(people, moments)
def test_what_is_not_critical_never_disturbs_a_night_and_waits_no_longer_than_it_lasts(person, now):
    when = plan(person, Severity.HIGH, now)
    local = person.local(when.at).time()

    assert when.at >= now
    assert when.at - now <= timedelta(hours=49)  # a night, and where a zone skipped a day, that day
    if when.at > now:
        # the end of the night, or the moment the clocks jumped over it
        assert local >= person.quiet.ends
        assert not person.quiet.holds_at(local)


@given(people, moments)
def test_what_is_critical_never_waits(person, now):
    assert plan(person, Severity.CRITICAL, now).at == now


@given(people, moments)
def test_one_digest_a_local_day_follows_the_other(person, now):
    first = next_digest(person, Cadence.DAILY, now)
    second = next_digest(person, Cadence.DAILY, first)
    days = (person.local(second).date() - person.local(first).date()).days

    assert now < first < second
    assert days == 1 or (person.zone == "Pacific/Apia" and days == 2)
    for due in (first, second):
        local = person.local(due)
        is_gap = local.replace(tzinfo=None, hour=person.daily.hour, minute=person.daily.minute)
        skipped = is_gap.replace(tzinfo=ZoneInfo(person.zone)).astimezone(UTC)
        assert (
            local.time() == person.daily or skipped.astimezone(local.tzinfo).time() != person.daily
        )


@given(people, moments)
def test_one_digest_a_week_follows_the_other(person, now):
    first = next_digest(person, Cadence.WEEKLY, now)
    second = next_digest(person, Cadence.WEEKLY, first)

    assert person.local(first).weekday() == person.local(second).weekday() == 0
    assert (person.local(second).date() - person.local(first).date()).days == 7
