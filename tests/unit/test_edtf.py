from __future__ import annotations

from datetime import date

import pytest

from watcher.core.edtf import Edtf, compatible, in_words, is_edtf


@pytest.mark.parametrize(
    ("text", "precision", "words"),
    [
        ("2024", "year", "2024"),
        ("2024-12", "month", "December 2024"),
        ("2024-12-13", "day", "13 December 2024"),
    ],
)
def test_a_date_keeps_the_precision_it_was_stated_in(text, precision, words):
    stated = Edtf.parse(text)

    assert (stated.precision, stated.in_words(), str(stated)) == (precision, words, text)


@pytest.mark.parametrize(
    "text", ["", "2024-13", "2024-02-30", "2024-00", "2024-12-00", "13/12/2024", "24", "2024-1-1"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        Edtf.parse(text)
    assert not is_edtf(text)


@pytest.mark.parametrize("text", ["13/12/2024", "2024-00", "2024-12-00"])
def test_what_is_refused_as_a_date_is_named(text):
    with pytest.raises(ValueError, match=f"'{text}'"):
        Edtf.parse(text)


def test_a_month_contains_its_days_and_is_refined_by_them():
    month, day = Edtf.parse("2024-12"), Edtf.parse("2024-12-13")

    assert month.contains(day)
    assert day.refines(month)
    assert not month.refines(day)
    assert not day.refines(day)


@pytest.mark.parametrize("day", ["2024-12-01", "2024-12-31"])
def test_a_month_begins_with_its_first_day_and_ends_with_its_last(day):
    assert Edtf.parse("2024-12").contains(Edtf.parse(day))


@pytest.mark.parametrize("day", ["2024-11-30", "2025-01-01"])
def test_a_month_holds_no_day_before_or_after_it(day):
    assert not Edtf.parse("2024-12").contains(Edtf.parse(day))


def test_a_day_of_the_calendar_is_a_date_to_the_day():
    assert Edtf.of(date(2024, 12, 13)) == Edtf.parse("2024-12-13")


@pytest.mark.parametrize(
    ("one", "other", "can_be_the_same"),
    [
        ("2024-12", "2024-12-13", True),
        ("2024-12-13", "2024", True),
        ("2024-12-13", "2024-12-14", False),
        ("2023", "2021-09", False),
        ("", "2024", True),
    ],
)
def test_dates_are_compared_as_the_time_they_stand_for(one, other, can_be_the_same):
    assert compatible(one, other) is can_be_the_same
    assert compatible(other, one) is can_be_the_same


def test_words_for_what_is_no_date_are_the_text_itself():
    assert in_words("not stated") == "not stated"
    assert in_words("2024-12-13") == "13 December 2024"


def test_february_ends_when_it_does():
    assert Edtf.parse("2024-02").last.day == 29
    assert Edtf.parse("2023").last.month == 12
