"""Documents that a source lists: when two listings are one, and what became of it."""

from __future__ import annotations

import pytest

from factories import ALOFISEL
from watcher.core.diff import diff
from watcher.core.documents import is_same

LEAFLET = {
    "title": "Alofisel : EPAR - Product information",
    "url": "https://regulator.example/documents/alofisel_en.pdf",
    "type": "product-information",
    "reference_number": "EMA/1/2018",
    "first_published": "2018-04-04",
    "last_updated": "2024-01-21",
    "language": "en",
}


def a_document(**changed):
    return {**LEAFLET, **changed}


def without(document, *keys):
    return {key: value for key, value in document.items() if key not in keys}


def told(before, after):
    """What happened between two lists of documents, each `{key: document}`."""
    states = [
        {f"document[{key}]": document for key, document in listed.items()}
        for listed in (before, after)
    ]
    return diff(ALOFISEL, *states)


@pytest.mark.parametrize(
    "changed",
    [
        {"reference_number": "EMA/9/2026"},
        {"title": "Alofisel : Leaflet", "first_published": "2026-01-01"},
        {"url": "https://regulator.example/elsewhere.pdf", "title": "Alofisel : Leaflet"},
        {"url": "http://REGULATOR.example/documents/alofisel_en.pdf?v=2", "title": "Other"},
        {"url": "", "title": "Alofisel : Leaflet"},
    ],
)
def test_a_document_is_the_same_under_one_address_and_title_or_one_reference_number(changed):
    assert is_same(LEAFLET, a_document(**changed))
    assert is_same(a_document(**changed), LEAFLET)


@pytest.mark.parametrize(
    "changed",
    [
        {"reference_number": "EMA/9/2026", "title": "Minutes of May"},
        {"reference_number": "EMA/9/2026", "url": "https://regulator.example/other_en.pdf"},
        {"reference_number": "EMA/9/2026", "url": ""},
    ],
)
def test_two_reference_numbers_are_two_documents_unless_address_and_title_are_one(changed):
    assert not is_same(LEAFLET, a_document(**changed))
    assert not is_same(a_document(**changed), LEAFLET)


def test_where_one_listing_names_no_reference_number_the_address_tells():
    unnumbered = without(LEAFLET, "reference_number")

    assert is_same(LEAFLET, {**unnumbered, "title": "Alofisel : Leaflet"})
    assert is_same({**unnumbered, "title": "Alofisel : Leaflet"}, LEAFLET)


@pytest.mark.parametrize("key", ["title", "first_published", "language"])
def test_at_two_addresses_one_title_date_and_language_are_one_document_and_not_less(key):
    unnumbered = without(LEAFLET, "reference_number")
    moved = {**unnumbered, "url": "https://regulator.example/elsewhere.pdf"}

    assert is_same(unnumbered, moved)
    assert is_same(unnumbered, {**moved, "title": "ALOFISEL: EPAR - Product information"})
    assert not is_same(unnumbered, {**moved, key: "2026-01-01"})
    assert not is_same(unnumbered, without(moved, key))
    assert not is_same(without(unnumbered, key), moved)


def test_two_documents_are_not_one_because_neither_has_a_title():
    old, new = ({"url": f"https://regulator.example/{name}.pdf"} for name in ("a", "b"))

    assert not is_same(old, new)
    assert not is_same({}, {})
    assert [event.type for event in told({"a": old}, {"b": new})] == [
        "document.removed",
        "document.added",
    ]


def test_each_document_that_is_gone_has_at_most_one_that_took_its_place():
    twin = without(LEAFLET, "reference_number", "url")

    events = told({"a": twin, "b": twin}, {"c": twin})

    assert sorted((event.type, len(event.changes)) for event in events) == [
        ("document.removed", 1),
        ("fact.changed", 2),
    ]


def test_a_document_under_a_new_key_is_told_with_both_its_listings():
    moved = a_document(url="https://regulator.example/elsewhere.pdf")

    (event,) = told({"old": LEAFLET}, {"new": moved})

    assert (event.type, event.subject) == ("document.moved", ALOFISEL)
    assert event.details["url"] == moved["url"]
    assert [(change.path, change.action) for change in event.changes] == [
        ("document[old]", "removed"),
        ("document[new]", "added"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "event", "aspects"),
    [
        ({}, {"x": LEAFLET}, "document.added", None),
        ({"x": LEAFLET}, {}, "document.removed", None),
        ({"x": a_document(title="Leaflet")}, {"x": LEAFLET}, "document.renamed", "title"),
        (
            {"x": a_document(url="https://regulator.example/a.pdf", last_updated="2023")},
            {"x": LEAFLET},
            "document.moved",
            "last_updated, url",
        ),
    ],
)
def test_an_event_of_a_document_says_which_document_and_what_of_it_differs(
    before, after, event, aspects
):
    (found,) = told(before, after)

    assert (found.type, found.subject) == (event, ALOFISEL)
    assert found.details == without(LEAFLET, "language") | ({"aspects": aspects} if aspects else {})


def test_what_a_document_does_not_state_is_not_in_its_event():
    (event,) = told({}, {"x": {"title": "Leaflet", "url": ""}})

    assert event.details == {"title": "Leaflet"}


def test_a_document_that_is_no_more_than_a_word_is_added_without_details():
    (event,) = told({}, {"x": "Leaflet"})

    assert (event.type, event.details) == ("document.added", {})


def test_a_later_day_of_update_is_another_file_and_an_earlier_one_a_correction():
    later, none = a_document(last_updated="2025-04-29"), without(LEAFLET, "last_updated")

    def kind(before, after):
        (event,) = told({"x": before}, {"x": after})
        return event.type

    assert kind(LEAFLET, later) == "document.revised"
    assert kind(later, LEAFLET) == "document.date_changed"
    assert kind(none, LEAFLET) == "document.revised"
    assert kind(LEAFLET, none) == "document.date_changed"


@pytest.mark.parametrize("key", ["first_published", "last_updated", "stated"])
def test_a_day_taken_back_is_a_change_of_date(key):
    (event,) = told({"x": a_document(**{key: "2026"})}, {"x": a_document(**{key: "2025"})})

    assert (event.type, event.details["aspects"]) == ("document.date_changed", key)


@pytest.mark.parametrize(
    ("key", "event"),
    [
        ("content", "document.revised"),
        ("size", "document.revised"),
        ("categories", "document.recategorised"),
        ("type", "document.recategorised"),
        ("translations", "document.translation_changed"),
        ("status", "fact.changed"),
    ],
)
def test_what_differs_of_a_document_names_what_happened_to_it(key, event):
    (found,) = told({"x": a_document(**{key: ["old"]})}, {"x": a_document(**{key: ["new"]})})

    assert (found.type, found.details["aspects"]) == (event, key)


def test_a_title_spelled_otherwise_is_no_aspect_that_differs():
    (event,) = told({"x": LEAFLET}, {"x": a_document(title="ALOFISEL: EPAR – product information")})

    assert event.type == "fact.changed"
    assert "aspects" not in event.details
