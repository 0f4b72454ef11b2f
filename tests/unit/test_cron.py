"""What cron expressions ask for, and which ones we refuse."""

from __future__ import annotations

from datetime import date

import pytest

from watcher.core.cron import parse_cron


def numbers(text: str) -> tuple[int, ...]:
    return parse_cron(f"{text} * * * *").minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("5", (5,)),
        ("5,50,5", (5, 50)),
        ("10-13", (10, 11, 12, 13)),
        ("*/20", (0, 20, 40)),
        ("10-30/10", (10, 20, 30)),
        ("0-4/3,59", (0, 3, 59)),
    ],
)
def test_a_field_is_a_number_a_range_a_list_or_steps(text, minutes):
    assert numbers(text) == minutes


def test_months_and_days_of_the_week_have_names():
    by_name = parse_cron("0 6 * jan-mar,DEC mon-fri")

    assert by_name.months == {1, 2, 3, 12}
    assert by_name.weekdays == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "Sun"])
def test_sunday_is_nought_seven_or_sun(sunday):
    assert parse_cron(f"0 6 * * {sunday}").asks_for(date(2026, 11, 22))


def test_a_week_may_end_on_sunday():
    assert parse_cron("0 6 * * fri-sun").weekdays == {5, 6, 0}
    assert parse_cron("0 6 * * 5-7").weekdays == {5, 6, 0}


def test_where_both_kinds_of_day_are_given_either_will_do():
    timetable = parse_cron("0 6 13 * fri")

    assert timetable.asks_for(date(2026, 11, 13))  # a Friday the 13th
    assert timetable.asks_for(date(2026, 11, 20))  # a Friday
    assert timetable.asks_for(date(2026, 12, 13))  # a Sunday
    assert not timetable.asks_for(date(2026, 12, 14))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("15 6 * *", "a cron expression has 5 fields, this one 4"),
        ("@daily", "a cron expression has 5 fields, this one 1"),
        ("60 6 * * *", "'60' is no minute (0-59)"),
        ("15 24 * * *", "'24' is no hour (0-23)"),
        ("15 6 0 * *", "'0' is no day of the month (1-31)"),
        ("15 6 * 13 *", "'13' is no month (1-12 or jan-dec)"),
        ("15 6 * * 8", "'8' is no day of the week (0-7 or sun-sat)"),
        ("15 6 * * monday", "'monday' is no day of the week (0-7 or sun-sat)"),
        ("15 22-2 * * *", "'22-2' runs backwards"),
        ("5/10 * * * *", "'5/10': a step of 1 or more stands after * or a range"),
        ("*/0 * * * *", "'*/0': a step of 1 or more stands after * or a range"),
        ("1,,2 * * * *", "'' is no minute (0-59), range or list"),
        ("-5 * * * *", "'-5' is no minute (0-59), range or list"),
        ("0 0 30 2 *", "none of these months has such a day"),
        ("0 0 31 apr,jun *", "none of these months has such a day"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=r".+") as caught:
        parse_cron(text)

    assert str(caught.value) == why


def test_a_day_that_comes_only_in_leap_years_is_a_day():
    assert parse_cron("0 0 29 2 *").asks_for(date(2028, 2, 29))
