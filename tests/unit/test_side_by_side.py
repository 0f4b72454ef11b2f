"""Two texts side by side: what is news, what is noise, and that nothing is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core import side_by_side as module
from watcher.core.side_by_side import Fold, Row, side_by_side

PAGE = [f"Line {number} of an ordinary page about a medicine" for number in range(40)]


def rows(found):
    return [
        row for part in found.parts for row in (part.rows if isinstance(part, Fold) else (part,))
    ]


def kinds(found):
    return {kind: count for kind, count in found.counts.items() if kind != "same"}


def words(side):
    return " ".join(text for _, text in side)


def test_a_line_put_in_is_told_with_the_lines_around_it_and_the_rest_is_folded():
    found = side_by_side(PAGE, [*PAGE[:20], "A boxed warning", *PAGE[20:]])

    assert kinds(found) == {"added": 1}
    assert [type(part) for part in found.parts] == [Fold, Row, Row, Row, Row, Row, Fold]
    assert words(found.parts[3].after) == "A boxed warning"


def test_of_a_reworded_line_the_words_that_differ_are_marked():
    found = side_by_side(["Status: Authorised since 2018"], ["Status: Withdrawn since 2018"])

    (row,) = rows(found)
    assert row.kind == "changed"
    assert row.before == ((False, "Status:"), (True, "Authorised"), (False, "since 2018"))
    assert row.after == ((False, "Status:"), (True, "Withdrawn"), (False, "since 2018"))


def test_a_date_that_moved_stands_beside_the_one_it_was_whatever_came_between():
    found = side_by_side(
        ["This page was last updated on 04/04/2018"],
        ["A new report", "First published: 2019", "This page was last updated on 29/07/2019"],
    )

    assert kinds(found) == {"added": 2, "changed": 1}


def test_lines_in_another_order_are_noise_and_countable():
    found = side_by_side(PAGE, PAGE[5:15] + PAGE[:5] + PAGE[15:])

    assert found.is_same
    assert found.noise == found.counts["moved"] == 10  # five that went, five that came


def test_spelling_spacing_and_punctuation_are_noise():
    found = side_by_side(["Holder:  Takeda Pharma A/S."], ["holder Takeda Pharma, A/S"])

    assert found.is_same
    assert found.counts == {"respelled": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Take 0.5 mg", "Take 5 mg"),
        ("Take 5.0 mg", "Take 50 mg"),
        ("more than 1,5 %", "more than 15 %"),
        ("below -5 degrees", "below 5 degrees"),
        ("<10 years", ">10 years"),
        ("2-3 vials", "23 vials"),
    ],
)
def test_marks_beside_a_number_are_never_noise(before, after):
    assert not side_by_side([before], [after]).is_same


def test_of_a_huge_page_the_beginning_is_compared_and_the_rest_is_counted():
    many = [f"line {number}" for number in range(module.MOST_LINES + 10)]
    found = side_by_side(many, many[:-3])

    assert found.left_out == 17
    assert found.is_same


LINES = st.lists(st.text(alphabet="ab1 .A", max_size=6), max_size=25)


@given(LINES, LINES)
def test_every_line_of_both_sides_stands_there_once_in_its_order(before, after):
    found = rows(side_by_side(before, after))

    assert [words(row.before) for row in found if row.before] == before
    assert [words(row.after) for row in found if row.after] == after


@given(LINES)
def test_a_text_beside_itself_differs_nowhere(lines):
    assert set(side_by_side(lines, lines).counts) <= {"same"}


def test_a_line_of_a_book_that_is_reworded_is_marked_as_a_whole():
    old = "word " * 5_000 + "authorised"
    new = "word " * 5_000 + "withdrawn"

    assert rows(side_by_side([old], [new])) == [Row("changed", ((True, old),), ((True, new),))]


def test_of_a_line_with_a_word_more_that_word_is_marked_and_nothing_of_the_other():
    found = side_by_side(
        ["Used in adults with a fistula"], ["Used in adults with a complex fistula"]
    )

    (row,) = rows(found)
    assert row.before == ((False, "Used in adults with a"), (False, "fistula"))
    assert [text for is_news, text in row.after if is_news] == ["complex"]
