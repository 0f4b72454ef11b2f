"""Labels and values of EMA's pages, in the order in which a page or its copy prints them."""

from __future__ import annotations

import pytest

from watcher.readers.blocks import Block
from watcher.readers.ema_details_on_page import Field, fields, value_of
from watcher.readers.ema_page_labels import label_of


def block(kind, text):
    return Block(kind, text, "line 1")


def told(*blocks):
    return [(found.words, found.label is not None, found.text) for found in fields(blocks)]


def test_a_line_that_no_label_announces_is_a_label_we_do_not_know():
    value, label = block("value", "out of nowhere"), block("label", "Name of medicine")

    assert told(value, label, block("value", "Alofisel")) == [
        ("out of nowhere", False, ""),
        ("Name of medicine", True, "Alofisel"),
    ]


def test_a_flag_keeps_the_sentences_that_explain_it_and_no_short_line_behind_them():
    label = block("label", "Orphan")
    why = block("value", "This medicine was designated an orphan medicine.")
    more = block("value", "The designation was withdrawn when the ten years of exclusivity ended")
    short = block("value", "Something new")

    assert told(label, why, more, short) == [
        ("Orphan", True, f"{why.text} {more.text}"),
        ("Something new", False, ""),
    ]


@pytest.mark.parametrize(
    ("label", "value", "problem"),
    [
        ("EMA product number", "EMEA/H/C005201", "expected an EMA product number"),
        ("Opinion status", "Undecided", "expected Positive or Negative, found 'Undecided'"),
        ("Revision", "the third", "expected a whole number, found 'the third'"),
    ],
)
def test_a_value_that_is_not_what_its_label_announces_is_refused(label, value, problem):
    known = label_of(label)
    assert known is not None

    with pytest.raises(ValueError, match=problem):
        value_of(Field(known, label, "line 1", [block("value", value)]))
