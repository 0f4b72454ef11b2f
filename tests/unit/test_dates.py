"""Dates of every source, to the precision they were stated in."""

from __future__ import annotations

import re
import time
from datetime import datetime

import pytest

from watcher.readers.dates import amsterdam_instant, edtf, edtf_or_nothing, excel_day, source_day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13 December 2024", "2024-12-13"),
        ("23 March 2018", "2018-03-23"),
        ("8 October 2009", "2009-10-08"),
        ("March 23, 2018", "2018-03-23"),
        ("April 3, 2018", "2018-04-03"),
        ("29 Jun 2018", "2018-06-29"),
        ("1st September 2020", "2020-09-01"),
        ("Sept. 3, 2020", "2020-09-03"),
        ("March 2018", "2018-03"),
        ("January 2026", "2026-01"),
        ("2023", "2023"),
        ("2024-12-13", "2024-12-13"),
        ("2024-12", "2024-12"),
        ("20260901", "2026-09-01"),
        ("2021/9/27", "2021-09-27"),
        ("2021年9月27日", "2021-09-27"),
        ("2021年9月", "2021-09"),
        ("2021年", "2021"),
        ("13\u00a0December\u00a02024 ", "2024-12-13"),
        ("29 February 2024", "2024-02-29"),
    ],
)
def test_a_date_keeps_the_precision_it_was_stated_in(text, expected):
    assert edtf(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("20. Dezember 2024", "de", "2024-12-20"),
        ("3. März 2018", "de", "2018-03-03"),
        ("16 dicembre 2024", "it", "2024-12-16"),
        ("1º gennaio 2020", "it", "2020-01-01"),
        ("1er août 2021", "fr", "2021-08-01"),
        ("13 décembre 2024", "fr", "2024-12-13"),
        ("13 de diciembre de 2024", "es", "2024-12-13"),
        ("setiembre de 2021", "es", "2021-09"),
        ("2021年 9月 27日", "ja", "2021-09-27"),
    ],
)
def test_month_names_are_read_in_the_language_of_their_source(text, language, expected):
    assert edtf(text, language=language) == expected


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("23/03/2018", "day_first", "2018-03-23"),
        ("03/04/2018", "day_first", "2018-04-03"),
        ("03/04/2018", "month_first", "2018-03-04"),
        ("23-03-2018", "day_first", "2018-03-23"),
        ("28.3.2025", "day_first", "2025-03-28"),
    ],
)
def test_the_order_of_numbers_is_the_one_the_source_is_known_for(text, order, expected):
    assert edtf(text, order=order) == expected


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("03/04/2018", "unstated"),
        ("23/03/2018", "unstated"),
        ("23/03/2018", "month_first"),
        ("23/03/18", "day_first"),
        ("23/03/0018", "day_first"),
        ("23.03/2018", "day_first"),
        ("31 February 2024", "unstated"),
        ("2024-13-01", "unstated"),
        ("2024-00", "unstated"),
        ("0 March 2018", "unstated"),
        ("13 Dezember 2024", "unstated"),
        ("13 Smarch 2024", "unstated"),
        ("13 December 24", "unstated"),
        ("© 2025", "unstated"),
        ("24 weeks", "unstated"),
        ("W12", "unstated"),
        ("104-week", "unstated"),
        ("", "unstated"),
        ("not stated", "unstated"),
        ("２０２４-１２-１３ and more", "unstated"),
        ("13 December 2024 and 14 December 2024", "unstated"),
    ],
)
def test_what_is_ambiguous_impossible_or_no_date_at_all_is_refused(text, order):
    with pytest.raises(ValueError, match=r"."):
        edtf(text, order=order)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-01-01T00:00:00Z", "2020-01-01"),
        ("2024-08-01T23:30:00Z", "2024-08-01"),
        ("2018-03-23", "2018-03-23"),
    ],
)
def test_a_timestamp_means_the_day_its_source_printed(text, expected):
    assert source_day(text) == expected


def test_a_z_behind_amsterdam_time_is_not_believed():
    assert amsterdam_instant("2026-09-26T05:49:47Z") == "2026-09-26T03:49:47Z"
    assert amsterdam_instant("2026-01-26T05:49:47Z") == "2026-01-26T04:49:47Z"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2018-03-22 23:00", "2018-03-23"),
        ("2018-06-28 22:00", "2018-06-29"),
        ("2018-06-29 00:00", "2018-06-29"),
        ("2018-01-31 00:00", "2018-01-31"),
    ],
)
def test_an_old_cell_from_the_evening_before_means_the_day_it_was_typed_as(cell, expected):
    assert excel_day(datetime.fromisoformat(cell)) == expected


def test_a_word_that_is_no_timestamp_is_refused():
    with pytest.raises(ValueError, match="yesterday"):
        source_day("yesterday")


def test_no_date_depends_on_the_zone_of_the_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert excel_day(datetime(2018, 3, 22, 23)) == "2018-03-23"  # noqa: DTZ001 (as cells are)
        assert amsterdam_instant("2026-01-26T06:02:29Z") == "2026-01-26T05:02:29Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_is_no_date_is_refused_with_what_was_expected():
    expected = r"expected a date whose order of day and month is known, found '03/04/2018'"
    with pytest.raises(ValueError, match=expected):
        edtf("03/04/2018")


def test_english_prose_dates_a_day_or_nothing():
    assert edtf_or_nothing("13 December 2024") == "2024-12-13"
    assert edtf_or_nothing("31 February 2024") == edtf_or_nothing("soon") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-31x", "a date in a form we know"),
        ("13 Brumaire 2024", "a month's name (en)"),
        ("Brumaire 13, 2024", "a month's name (en)"),
        ("0024-01-01", "a year of four digits"),
        ("0001/1/1", "a year of four digits"),
        ("0001年1月", "a year of four digits"),
        ("13 December 0001", "a year of four digits"),
        ("December 13, 0001", "a year of four digits"),
    ],
)
def test_a_date_that_is_refused_is_quoted_with_what_was_expected(text, expected):
    with pytest.raises(ValueError, match=rf"^expected {re.escape(expected)}, found {text!r}$"):
        edtf(text)


def test_japanese_has_no_names_of_months():
    with pytest.raises(ValueError, match=r"expected a month's name \(ja\), found"):
        edtf("13 December 2024", language="ja")
