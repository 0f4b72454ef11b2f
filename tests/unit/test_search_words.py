"""How well a medicine answers what a person asks for."""

from __future__ import annotations

import pytest

from kit.watching import ALOFISEL, STATE
from watcher.core.events import Change
from watcher.core.facts import Subject
from watcher.core.search_words import (
    BEGINS,
    EXACT,
    HAPPENED,
    NUMBER,
    OTHER,
    SUBSTANCE,
    TITLE,
    as_text,
    best,
    hit,
    is_findable,
    is_searched,
    tokens,
    types_told,
    words_of,
    worst,
)

WORDS = words_of(ALOFISEL, STATE)


def asked(query):
    return hit(WORDS, tokens(query))


@pytest.mark.parametrize(
    ("query", "rank", "kind"),
    [
        ("Alofisel", EXACT, "name"),
        ("  ALOFISEL ", EXACT, "name"),
        ("EMEA/H/C/004258", NUMBER, "number"),
        ("H-C-4258", NUMBER, "number"),
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


def test_a_name_of_any_length_or_script_is_kept_short_and_whole():
    words = words_of(
        ALOFISEL, {"product.brand_name": "é" * 10_000, "product.inn": ["β-galactosidase"]}
    )

    assert ("substance", "βgalactosidase") in words
    assert max(len(word) for _, word in words) <= 200


def test_only_changes_of_what_is_searched_need_new_words():
    assert is_searched(changed("authorisation[JP].holder", "A", "B"))
    assert not is_searched(changed("authorisation[EU].status", "authorised", "withdrawn"))
    assert not is_findable(Subject("source", "ema"))


def test_a_document_needs_new_words_only_where_its_title_is_another():
    report, dated = {"title": "Public report"}, {"title": "Public report", "date": "2024"}

    assert is_searched(changed("document[EMA/1]", None, report))
    assert is_searched(changed("document[EMA/1]", report, {"title": "Other report"}))
    assert not is_searched(changed("document[EMA/1]", report, dated))


def changed(path, before, after):
    return Change(path=path, action="changed", before=before, after=after)


def test_a_medicine_is_found_by_every_word_of_its_documents_titles_last_but_for_what_happened():
    words = words_of(ALOFISEL, {"document[1]": {"title": "Alofisel : Risk-Management plan"}})

    assert hit(words, tokens("risk-management")).rank == TITLE
    assert hit(words, tokens("plan riskman")).rank == TITLE
    assert hit(words, tokens("pl")) is None, "nearly every medicine would answer two letters"
    assert hit(words, tokens("lan")) is None, "titles are found by the beginning of their words"


def test_what_happened_is_found_by_the_words_of_its_type():
    words = [("event", "authorisation.holder_transferred")]

    assert best(words, "holder").rank == HAPPENED
    assert best(words, "transfer").rank == HAPPENED
    assert best(words, "withdrawn") is None
    assert "shortage.started" in types_told("shortage")
    assert types_told("sh") == ()


def test_ranks_go_from_number_to_name_to_substance_to_the_rest():
    order = [NUMBER, EXACT, BEGINS, SUBSTANCE, OTHER, TITLE, HAPPENED]

    assert order == sorted(order)


def test_of_several_words_that_are_asked_for_each_has_to_be_found():
    one, other = best([("name", "a")], "a"), best([("holder", "b")], "b")

    assert worst([one, other]) == other
    assert worst([one, None]) is None
    assert worst([]) is None


def test_a_name_of_marks_alone_and_a_name_that_is_not_known_are_no_words():
    words = words_of(ALOFISEL, {"product.brand_name": "–", "product.inn": None})

    assert {kind for kind, _ in words} == {"number"}


def test_words_are_stored_a_line_each_with_their_kind():
    assert as_text((("name", "alofisel"), ("substance", "darvadstrocel"))) == (
        "name:alofisel\nsubstance:darvadstrocel"
    )
