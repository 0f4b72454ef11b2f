"""A value that lost characters on the way is the value it was, and no other one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.damaged import is_damaged
from watcher.core.settle import settle

NAME = "Laboratoires Éléonore S.à r.l."


@pytest.mark.parametrize(
    "value",
    [
        "Laboratoires \ufffdl\ufffdonore S.\ufffd r.l.",
        "Laboratoires \ufffd\ufffdl\ufffd\ufffdonore S.\ufffd\ufffd r.l.",
        "Laboratoires Éléonore S.à r.l.\ufffd",
        "\ufffdLaboratoires Éléonore S.à r.l.",
    ],
)
def test_a_text_with_marks_for_what_it_lost_is_the_text_it_was(value):
    assert is_damaged(value, NAME)
    assert is_damaged({"name": value, "text": NAME}, {"name": NAME, "text": NAME})
    assert is_damaged([NAME, value], [NAME, NAME])


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (NAME, NAME),
        ("Soci\ufffdt\ufffd Autre", NAME),
        ("\ufffd", NAME),
        ("a\ufffd", "abcd"),
        ("a\ufffd", "a\ufffd"),
        ("a\ufffd", None),
        ([NAME, "\ufffd"], [NAME]),
        ({"name": "\ufffd"}, {"text": "x"}),
        ({"name": "N\ufffdw", "text": "moved"}, {"name": "New", "text": "here"}),
        (1, 1),
    ],
)
def test_what_says_something_else_is_something_else(value, known):
    assert not is_damaged(value, known)


def test_a_value_that_is_no_text_was_not_damaged_beside_one_that_is():
    assert is_damaged(["N\ufffdw", 1, None], ["New", 1, None])
    assert not is_damaged(["N\ufffdw", 1], ["New", 2])


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("B\ufffdl", "Béèl"),
        ("B\ufffdla B\ufffdl\ufffd", "Béla Bélé"),
        ("B\ufffdl\ufffdla", "Bélla"),
    ],
)
def test_a_mark_stands_for_none_one_or_two_characters_between_what_is_left(value, known):
    assert is_damaged(value, known)
    assert not is_damaged(value, known.replace("é", "éèé"))


@given(st.text(min_size=1, max_size=40).filter(lambda text: "\ufffd" not in text), st.data())
def test_whatever_characters_are_lost_the_text_is_recognised(text, data):
    lost = data.draw(st.sets(st.integers(0, len(text) - 1), min_size=1))
    # apart from each other: what stands between two of them has to be told from them
    left = "".join("\ufffd" if place in lost else letter for place, letter in enumerate(text))
    if not is_damaged(left, text):
        assert len(set(text)) < len(text), "only repeated letters may hide where one was lost"


def test_a_long_text_of_marks_takes_no_time():
    began = time.process_time()
    assert not is_damaged("\ufffda" * 50_000, "a" * 100_000 + "c")
    assert time.process_time() - began < 5


def test_a_damaged_value_is_neither_a_change_nor_missing():
    before = {"authorisation[EU].holder": {"name": NAME}, "product.atc_code": "L04"}
    reading = {"authorisation[EU].holder": {"name": NAME.replace("É", "\ufffd")}}
    settled = settle(before, reading, {}, 3)

    assert settled.state == before
    assert settled.missing == {"product.atc_code": 1}
