"""What other sources say of the same happening stands beside it, agreeing or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.happenings import JAPAN, SOURCES, corroborated, happening, recorded, withdrawal
from watcher.core.events import Change, Event
from watcher.core.facts import Subject
from watcher.core.message import Message, SourceName, compose

WHY = "a rule"


def message(case, **more) -> Message:
    return compose(case, why=WHY, sources=SOURCES, **more)


def lines(told_of: Message, label: str):
    return [line for part in told_of.sections if part.label == label for line in part.lines]


def words(told_of: Message, label: str) -> str:
    """A section in one string: term, text and note of each of its lines."""
    return "\n".join(
        " | ".join(filter(None, (line.term, line.text, line.note)))
        for line in lines(told_of, label)
    )


def ema_says(effective: str = "2024-12-13"):
    event = Event(
        type="authorisation.withdrawn",
        subject=Subject("medicine", "EMEA/H/C/004258"),
        jurisdiction="EU",
        effective=effective,
        details={"before": "authorised", "after": "withdrawn"},
    )
    return recorded(event, source="ema", position=4800)


def test_another_source_that_is_less_precise_agrees_and_its_own_words_are_shown():
    other = words(message(corroborated()), "CORROBORATION").splitlines()

    assert other[0] == (
        "Wikipedia | EU marketing authorisation withdrawn, effective December 2024 "
        "(to the month, no day stated) | tier 4, an encyclopaedia; agrees; "
        "names another actor: European Medicines Agency"
    )
    assert other[1] == "In December 2024 the European Medicines Agency withdrew it. | line 41"
    assert other[2].startswith("https://en.wikipedia.org/")


def test_another_source_with_another_date_is_a_conflict_and_comes_first():
    conflicting = message(replace(withdrawal(), corroborations=(ema_says("2025-01-02"),)))

    assert conflicting.subject.startswith("[CRITICAL] Alofisel: Authorised → Withdrawn, CONFLICT")
    assert conflicting.marks[0].reason == (
        "EMA medicine data states another date: 2 January 2025, not 13 December 2024."
    )
    assert "another date than MedPath" in words(conflicting, "CORROBORATION")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "not yet checked"),
        ({"authorisation[EU].status": "withdrawn"}, "says the same: Withdrawn"),
        (
            {"authorisation[EU].status": "authorised"},
            "says otherwise, as last seen: Authorised",
        ),
        ({"product.brand_name": "Alofisel"}, "says nothing of it, as last seen"),
    ],
)
def test_what_the_authority_says_is_told_even_where_it_has_not_told_of_it(known, expected):
    other_sources = {"ema": known} if known else {}

    told_of = words(message(withdrawal(), known=other_sources), "CORROBORATION")

    assert told_of == f"EMA medicine data | {expected}"


def test_another_source_without_a_date_agrees_and_is_said_to_state_none():
    case = replace(withdrawal(), corroborations=(ema_says(effective=""),))

    assert words(message(case), "CORROBORATION").startswith(
        "EMA medicine data | EU marketing authorisation withdrawn, date not stated | "
        "tier 1, an authority; agrees"
    )


def test_what_is_no_change_of_status_is_compared_by_its_own_fact():
    change = Change(path="product.atc_code", action="changed", before="L04", after="L04AX08")
    case = happening("classification.atc_changed", change, source="medpath")

    told_of = words(message(case, known={"ema": {"product.atc_code": "L04AX08"}}), "CORROBORATION")

    assert told_of == "EMA medicine data | says the same: L04AX08"


def test_a_source_that_was_not_read_at_an_address_still_corroborates():
    other = ema_says()
    other = replace(other, provenance=replace(other.provenance, url=""))
    case = replace(withdrawal(), corroborations=(other,))

    assert [line.style for line in lines(message(case), "CORROBORATION")] == ["plain"]


def test_a_watcher_without_an_authority_among_its_sources_says_so():
    alone = compose(withdrawal(), why=WHY, sources={"medpath": SourceName("MedPath", 3)})

    assert words(alone, "CORROBORATION") == "No authority is among the sources we watch."


def test_another_country_is_told_with_its_own_source_and_no_prescription_status():
    told_of = words(message(withdrawal(), known={"wikipedia": JAPAN}), "ELSEWHERE")

    assert told_of == (
        "Japan | marketing discontinued January 2026 (to the month, no day stated), "
        "by Takeda Pharma | as stated by Wikipedia, tier 4"
    )


def test_nothing_known_of_other_countries_is_said():
    told_of = words(message(withdrawal()), "ELSEWHERE")

    assert told_of == "MedPath states nothing of other jurisdictions."
