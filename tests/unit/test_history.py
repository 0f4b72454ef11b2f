from __future__ import annotations

from datetime import date

import pytest

from watcher.core.history import status_on

ALOFISEL = {
    "authorisation[EU].status": "withdrawn",
    "authorisation[EU].granted": "2018-03-23",
    "authorisation[EU].withdrawn": "2024-12-13",
}


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2017-01-01", "not_yet_authorised"),
        ("2018-03-23", "authorised"),
        ("2024-12-12", "authorised"),
        ("2024-12-13", "withdrawn"),
        ("2026-01-01", "withdrawn"),
    ],
)
def test_the_dates_tell_what_was_so_on_a_day(day, status):
    assert status_on(ALOFISEL, date.fromisoformat(day)) == status


def test_a_month_leaves_its_days_open():
    state = {**ALOFISEL, "authorisation[EU].withdrawn": "2024-12"}

    assert status_on(state, date(2024, 12, 20)) == "unknown"
    assert status_on(state, date(2024, 11, 30)) == "authorised"
    assert status_on(state, date(2025, 1, 1)) == "withdrawn"


def test_an_ending_without_a_date_tells_nothing_of_any_day():
    state = {"authorisation[EU].status": "withdrawn", "authorisation[EU].granted": "2018-03-23"}

    assert status_on(state, date(2020, 1, 1)) == "unknown"


def test_what_never_was_authorised_was_refused_from_its_day_on():
    state = {"authorisation[EU].status": "refused", "authorisation[EU].refused": "2013-02-20"}

    assert status_on(state, date(2013, 2, 20)) == "refused"
    assert status_on(state, date(2013, 2, 19)) == "unknown"
    assert status_on({}, date(2013, 2, 19)) == "unknown"
    assert status_on({"authorisation[EU].status": "authorised"}, date(2013, 1, 1)) == "unknown"
    granted = {"authorisation[EU].status": "authorised", "authorisation[EU].granted": "2018"}
    assert status_on(granted, date(2018, 6, 1)) == "unknown"


def test_a_month_is_open_from_its_first_day_to_its_last():
    ended = {**ALOFISEL, "authorisation[EU].withdrawn": "2024-12"}
    granted = {**ALOFISEL, "authorisation[EU].granted": "2018-03"}

    assert status_on(ended, date(2024, 12, 1)) == "unknown"
    assert status_on(ended, date(2024, 12, 31)) == "withdrawn"
    assert status_on(granted, date(2018, 2, 28)) == "not_yet_authorised"
    assert status_on(granted, date(2018, 3, 1)) == "unknown"
    assert status_on(granted, date(2018, 3, 31)) == "authorised"


def test_a_refusal_is_dated_by_the_place_that_refused():
    state = {
        "authorisation[JP].status": "refused",
        "authorisation[EU].refused": "2013-02-20",
        "authorisation[JP].refused": "2015-06-01",
    }

    assert status_on(state, date(2014, 1, 1), "JP") == "unknown"
    assert status_on(state, date(2015, 6, 1), "JP") == "refused"


def test_words_that_are_no_date_date_nothing():
    state = {**ALOFISEL, "authorisation[EU].withdrawn": "in spring"}

    assert status_on(state, date(2025, 1, 1)) == "unknown"
