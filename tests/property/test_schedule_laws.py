"""Laws of schedules: always later, never doubled, one run a local day, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher.core.cron import instants, parse_cron
from watcher.core.schedule import Cron, Every, due, horizon, look_again, next_due, spread

ZONES = [
    "UTC",
    "Europe/Amsterdam",
    "Europe/Lisbon",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
]
DAY = timedelta(days=1)
START = date(2026, 1, 1)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
expressions = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(["0", "30", "59", "*/15", "7,37"]),
    st.sampled_from(["*", "0", "2", "23", "1-3", "*/6", "6,18"]),
    st.sampled_from(["*", "1", "31", "10-20"]),
    st.sampled_from(["*", "3,10", "mar"]),
    st.sampled_from(["*", "sun", "mon-fri"]),
)
crons = st.builds(Cron, expressions, zones, st.sampled_from([0, 300, 7200]))
intervals = st.integers(2, 200_000).flatmap(
    lambda seconds: st.builds(Every, st.just(seconds), st.integers(0, seconds - 1))
)
seeds = st.sampled_from(["ema-medicines", "medpath", ""])


@given(st.one_of(crons, intervals), moments, seeds, moments)
def test_the_next_look_is_always_later_and_always_the_same(schedule, now, seed, anchor):
    following = next_due(schedule, now, seed=seed, anchor=anchor)

    assert following > now
    assert following == next_due(schedule, now, seed=seed, anchor=anchor)


@given(st.one_of(crons, intervals), moments, seeds, st.floats(0, 1))
def test_nothing_lies_between_now_and_the_next_look(schedule, now, seed, share):
    following = next_due(schedule, now, seed=seed)
    between = now + (following - now) * share

    if between < following:
        assert next_due(schedule, between, seed=seed) == following


@given(intervals, moments, seeds)
def test_looks_of_an_interval_lie_an_interval_apart_but_for_the_jitter(schedule, now, seed):
    first = next_due(schedule, now, seed=seed)
    second = next_due(schedule, first, seed=seed)

    assert abs((second - first).total_seconds() - schedule.seconds) <= schedule.jitter


@settings(deadline=None)  # a year of days is some milliseconds of work, and machines are busy
@given(zones, st.integers(0, 23), st.integers(0, 59), st.integers(2024, 2029))
@example("Europe/Amsterdam", 2, 30, 2026)
@example("America/Santiago", 0, 0, 2026)
@example("Africa/Cairo", 0, 30, 2026)
@example("Australia/Lord_Howe", 1, 45, 2026)
def test_a_daily_look_happens_once_a_local_day_through_the_year(zone, hour, minute, year):
    timetable = parse_cron(f"{minute} {hour} * * *")
    runs = islice(instants(timetable, ZoneInfo(zone), date(year, 1, 1)), 366)

    days = [run.astimezone(ZoneInfo(zone)).date() for run in runs]

    assert days == [date(year, 1, 1) + DAY * number for number in range(366)]


@settings(deadline=None)
@given(zones, st.integers(0, 59), moments)
def test_an_hourly_look_happens_every_hour_that_passes(zone, minute, now):
    hourly = Cron(f"{minute} * * * *", zone)
    runs = [next_due(hourly, now, seed="")]
    for _ in range(30):
        runs.append(next_due(hourly, runs[-1], seed=""))

    half_hours = {timedelta(minutes=30), timedelta(minutes=90)}
    allowed = {timedelta(hours=1)} | (half_hours if zone == "Australia/Lord_Howe" else set())
    assert {later - earlier for earlier, later in pairwise(runs)} <= allowed


@given(crons, moments, seeds)
def test_a_look_is_late_by_less_than_its_jitter_and_never_early(schedule, now, seed):
    exact = Cron(schedule.text, schedule.zone)
    following = next_due(schedule, now, seed=seed)

    nominal = next_due(exact, following - timedelta(seconds=schedule.jitter or 1), seed=seed)

    assert nominal <= following < nominal + timedelta(seconds=schedule.jitter or 1)


@given(st.one_of(crons, intervals), st.none() | moments, moments)
def test_nobody_waits_longer_than_one_look_more_than_the_schedule_asks_for(schedule, kept, now):
    believed = due(schedule, kept, now)

    assert believed <= max(now, horizon(schedule, now))
    assert kept is None or believed <= kept


@given(st.one_of(crons, intervals), moments, st.timedeltas(timedelta(0), DAY * 30), seeds)
def test_after_a_long_sleep_there_is_one_look_and_then_the_next_lies_ahead(
    schedule, before, sleep, seed
):
    kept = next_due(schedule, before, seed=seed)
    now = kept + sleep

    assert due(schedule, kept, now) == kept
    assert next_due(schedule, now, seed=seed) > now


@given(st.sampled_from(sorted(available_timezones())), st.integers(0, 23), st.integers(0, 59))
def test_in_every_zone_there_is_a_daily_look_for_each_local_day(zone, hour, minute):
    runs = islice(instants(parse_cron(f"{minute} {hour} * * *"), ZoneInfo(zone), START), 366)

    days = [run.astimezone(ZoneInfo(zone)).date() for run in runs]

    assert len(set(days)) == len(days)
    # a look that the clocks jump over at midnight happens as the next day begins
    assert {later - earlier for earlier, later in pairwise(days)} <= {DAY, 2 * DAY}


@settings(max_examples=25)
@given(zones, st.integers(0, 23), st.integers(0, 59), st.sampled_from([0, 600, 1800]), seeds)
def test_a_look_kept_over_a_restart_at_any_minute_happens_once_a_day(
    zone, hour, minute, jitter, seed
):
    schedule = Cron(f"{minute} {hour} * * *", zone, jitter)
    now = datetime(2026, 3, 20, tzinfo=UTC)
    kept, looks = next_due(schedule, now, seed=seed), []
    while now < datetime(2026, 4, 1, tzinfo=UTC):
        now += timedelta(minutes=37)  # each time a new process, which knows only what was kept
        if due(schedule, kept, now) <= now:
            looks.append(now)
            kept = look_again(schedule, now, seed=seed)

    assert all(timedelta(hours=22) <= b - a <= timedelta(hours=26) for a, b in pairwise(looks))


@given(intervals, moments, seeds)
def test_after_a_look_the_next_is_an_interval_away_and_jitter_comes_on_top(schedule, now, seed):
    wait = (look_again(schedule, now, seed=seed) - now).total_seconds()

    assert schedule.seconds <= wait <= schedule.seconds + schedule.jitter


@given(st.one_of(crons, intervals), moments, seeds, st.integers(1, 3600))
def test_a_clock_set_back_by_up_to_an_hour_makes_no_look_more(schedule, now, seed, back):
    kept = look_again(schedule, now, seed=seed)
    earlier = now - timedelta(seconds=back)

    if kept - now >= timedelta(hours=1):
        assert due(schedule, kept, earlier) > earlier


@given(st.integers(3600, 30 * 86_400), moments)
def test_targets_of_one_interval_are_spread_evenly_and_each_keeps_its_place(seconds, now):
    first = [spread(seconds, now, seed=f"page {number}") for number in range(400)]

    assert all(now < at <= now + timedelta(seconds=seconds) for at in first)
    halves = sum(at < now + timedelta(seconds=seconds / 2) for at in first)
    assert 120 < halves < 280
    again = spread(seconds, first[0], seed="page 0")
    assert again - first[0] == timedelta(seconds=seconds)
