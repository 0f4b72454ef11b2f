"""What cells of EMA's tables say, and which of them say nothing we could vouch for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from watcher.core.facts import Value
from watcher.readers.cells import (
    Cell,
    Stamp,
    codes,
    day,
    flag,
    joined,
    names,
    names_by_comma,
    number_of_product,
    numbers_of_products,
    of_number,
    of_text,
    one_of,
    organisation,
    printed,
    text,
    whole_number,
)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("23/03/2018", "2018-03-23"),
        ("03/04/2018", "2018-04-03"),
        (", , 02/07/2018, ,", "2018-07-02"),
        ("2013-06-26T02:00:00Z", "2013-06-26"),
        ("2005-12-01T00:09:21Z", "2005-12-01"),
        (Stamp(date(2018, 3, 23), "2018-03-23"), "2018-03-23"),
    ],
)
def test_a_date_is_read_day_first_and_as_the_source_s_own_calendar_has_it(cell: Cell, said: str):
    assert day(cell) == said


@pytest.mark.parametrize("cell", ["31/02/2020", "soon", "12/13/2020", "01/01/20", "2020-13-01"])
def test_a_date_that_is_none_says_what_was_expected(cell: str):
    with pytest.raises(ValueError, match="a date as dd/mm/yyyy"):
        day(cell)


@pytest.mark.parametrize(
    ("cell", "said"),
    [("Yes", True), ("yes", True), ("No", False), ("no", False), ("Sì", True), ("SI", True)],
)
def test_a_flag_is_read_in_whatever_way_ema_wrote_it(cell: str, *, said: bool):
    assert flag(cell) is said


@pytest.mark.parametrize("read", [flag, whole_number, one_of("Human", "Veterinary")])
def test_a_word_that_is_not_expected_is_refused_and_never_guessed_at(read: Callable[[Cell], Value]):
    with pytest.raises(ValueError, match=r"'Yes' or 'No'|a whole number|'Human' or 'Veterinary'"):
        read("Maybe")


def test_a_known_word_counts_in_any_case_and_under_its_other_names():
    read = one_of("ongoing", "resolved", also={"Shortage ongoing": "ongoing"})

    assert [read("Ongoing"), read("Shortage ongoing"), read("RESOLVED")] == [
        "ongoing",
        "ongoing",
        "resolved",
    ]


def test_a_number_may_begin_with_a_nought_and_is_never_negative():
    assert whole_number("01") == 1
    with pytest.raises(ValueError, match="a whole number"):
        whole_number("-1")
    with pytest.raises(ValueError, match="a whole number"):
        whole_number("²")


def test_numbers_of_a_workbook_lose_the_point_they_never_had():
    assert [of_number(21.0), of_number(2.5)] == ["21", "2.5"]


def test_text_is_tidy_and_without_html_entities_or_the_commas_of_empty_lines():
    assert text(of_text("Pfizer Europe MA EEIG\xa0")) == "Pfizer Europe MA EEIG"
    assert text("aged 10 years and above&nbsp;with type&nbsp;2 &lt;b&gt; disease") == (
        "aged 10 years and above with type 2 <b> disease"
    )
    assert text("Vaccines, ") == "Vaccines"
    assert text("Merck Sharp &amp; Dohme B.V.") == "Merck Sharp & Dohme B.V."


def test_what_is_printed_stays_as_printed():
    assert printed("type&nbsp;2, ") == "type&nbsp;2, "
    moment = datetime(2019, 11, 13, 23, 0)  # noqa: DTZ001 — a cell has no zone
    assert printed(Stamp(moment, "2019-11-14")) == "2019-11-13 23:00:00"
    assert printed({"bg": "https://example.org"}) == ""


def test_lists_are_read_at_semicolons_once_each_and_in_one_order():
    assert names("Psoriasis;Arthritis, Psoriatic;  Crohn Disease;psoriasis;") == [
        "Arthritis, Psoriatic",
        "Crohn Disease",
        "Psoriasis",
    ]
    assert joined("Drugs used in diabetes;A10;") == "A10; Drugs used in diabetes"


def test_the_semicolon_of_an_html_entity_separates_nothing():
    assert names("hepatitis&nbsp;B vaccine;insulin") == ["hepatitis B vaccine", "insulin"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("bimatoprost, timolol", ["bimatoprost", "timolol"]),
        ("dolutegravir sodium,rilpivirine", ["dolutegravir sodium", "rilpivirine"]),
        ("valsartan, amlodipine (as besilate)", ["amlodipine (as besilate)", "valsartan"]),
        ("insulin, human", ["insulin, human"]),
        ("rotavirus vaccine, live", ["rotavirus vaccine, live"]),
        ("budesonide, micronised", ["budesonide, micronised"]),
        ("lutetium, isotope of mass 177", ["lutetium, isotope of mass 177"]),
        ("dinotefuran, permethrin, and pyriproxyfen",) * 2,
        ("measles, mumps and rubella vaccine (live)",) * 2,
        ("cholera vaccine (inactivated, oral)",) * 2,
        ("extract (5 : 1); solvent: heptane", ["extract (5 : 1)", "solvent: heptane"]),
        ("a substance (b, c)", ["a substance (b, c)"]),
    ],
)
def test_commas_part_substances_only_where_no_name_can_be_cut(cell: str, said: list[str] | str):
    assert names_by_comma(cell) == ([said] if isinstance(said, str) else said)


def test_codes_are_parted_at_commas_and_semicolons_alike():
    assert codes("A10AC01, A10AB01") == codes("A10AB01;A10AC01") == "A10AB01; A10AC01"
    assert codes("L04") == "L04"


def test_an_organisation_has_the_shape_of_a_holder():
    assert organisation("UCB Pharma S.A.") == {"name": "UCB Pharma S.A.", "text": "UCB Pharma S.A."}


def test_product_numbers_take_their_one_form_and_damaged_ones_stay_as_printed():
    assert number_of_product("H/C/005084") == "EMEA/H/C/005084"
    assert number_of_product("EMEA/H/C005201") == "EMEA/H/C005201"
    assert numbers_of_products("EMEA/H/C/4258;R/0023") == ["EMEA/H/C/004258", "R/0023"]
