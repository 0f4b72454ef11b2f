"""How well a medicine answers what a person asks for."""

from __future__ import annotations

import pytest

from kit.watching import ALOFISEL, STATE
from watcher.core.facts import Subject
from watcher.core.search_words import (
    BEGINS,
    EXACT,
    OTHER,
    SUBSTANCE,
    as_text,
    hit,
    is_findable,
    is_searched,
    of_text,
    tokens,
    words_of,
)

WORDS = words_of(ALOFISEL, STATE)


def asked(query):
    return hit(WORDS, tokens(query))


@pytest.mark.parametrize(
    ("query", "rank", "kind"),
    [
        ("Alofisel", EXACT, "name"),
        ("  ALOFISEL ", EXACT, "name"),
        ("EMEA/H/C/004258", EXACT, "number"),
        ("H-C-4258", EXACT, "number"),
        ("alof", BEGINS, "name"),
        ("darvadstrocel", SUBSTANCE, "substance"),
        ("darvadstrócel", SUBSTANCE, "substance"),
        ("darvad", SUBSTANCE, "substance"),
        ("CX-601", SUBSTANCE, "alias"),
        ("Cx 601", SUBSTANCE, "alias"),
        ("fisel", OTHER, "name"),
        ("004258", OTHER, "number"),
        ("L04", OTHER, "atc"),
        ("l04ax08", OTHER, "atc"),
        ("takeda", OTHER, "holder"),
        ("Crohn disease", OTHER, "area"),
        ("rectal", OTHER, "area"),
    ],
)
def test_a_medicine_is_found_by_what_a_person_remembers(query, rank, kind):
    found = asked(query)

    assert (found.rank, found.kind) == (rank, kind)


@pytest.mark.parametrize(
    "query", ["ryzneuta", "ax08", "l05", "is", "alofisel pfizer", "name:alofisel"]
)
def test_what_is_not_said_of_it_does_not_find_it(query):
    assert asked(query) is None


def test_every_word_has_to_be_found_and_the_worst_one_ranks():
    assert asked("alofisel takeda").rank == OTHER
    assert asked("darvadstrocel alofisel").rank == SUBSTANCE


def test_marks_alone_ask_for_nothing():
    assert tokens(" -- !? ") == ()


def test_words_come_back_from_the_store_as_they_went():
    assert of_text(as_text(WORDS)) == WORDS
    assert of_text("") == ()


def test_a_name_of_any_length_or_script_is_kept_short_and_whole():
    words = words_of(
        ALOFISEL, {"product.brand_name": "é" * 10_000, "product.inn": ["β-galactosidase"]}
    )

    assert ("substance", "βgalactosidase") in words
    assert max(len(word) for _, word in words) <= 200


def test_only_facts_that_are_searched_need_new_words():
    assert is_searched("authorisation[JP].holder")
    assert not is_searched("authorisation[EU].status")
    assert not is_searched("document[EMA/1]")
    assert not is_findable(Subject("source", "ema"))
