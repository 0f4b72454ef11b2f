"""Where a quote stands in a text."""

from __future__ import annotations

from watcher.core.quoted import MOST_CHARACTERS, find_quote

PAGE = [
    "Overview",
    "On 13 December 2024, the European Commission withdrew the authorisation.",
    "The withdrawal was at the request of the holder.",
    "Withdrawn",
]


def said(found, lines=PAGE):
    return [
        " / ".join(lines[mark.line][mark.start : mark.end] for mark in place)
        for place in found.places
    ]


def test_a_quote_is_found_whatever_white_space_and_marks_it_was_printed_with():
    found = find_quote(PAGE, "on 13  December 2024 the European Commission")

    assert said(found) == ["On 13 December 2024, the European Commission"]


def test_a_quote_over_two_lines_is_marked_in_both():
    found = find_quote(PAGE, "withdrew the authorisation. The withdrawal was")

    assert said(found) == ["withdrew the authorisation / The withdrawal was"]


def test_every_place_is_found():
    assert said(find_quote(PAGE, "withdr")) == ["withdr", "withdr", "Withdr"]


def test_where_only_its_beginning_stands_there_that_is_told():
    found = find_quote(PAGE, f"{PAGE[1]} And a sentence that is not on the page at all")

    assert not found.is_whole
    assert len(found.places) == 1


def test_what_does_not_stand_there_is_not_found():
    assert find_quote(PAGE, "suspended").places == ()
    assert not find_quote(PAGE, "suspended").is_whole
    assert find_quote(PAGE, " … ").places == ()


def test_letters_that_fold_into_two_do_not_shift_the_marks():
    lines = ["Maßnahmen für Größe"]

    assert said(find_quote(lines, "MASSNAHMEN für"), lines) == ["Maßnahmen für"]


def test_beyond_what_is_searched_nothing_is_found():
    page = ["Withdrawn", "x" * MOST_CHARACTERS, "Withdrawn"]

    assert [place[0].line for place in find_quote(page, "withdrawn").places] == [0]
