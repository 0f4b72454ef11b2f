"""Each type of event in words of its own, and the name of what it happened to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.happenings import (
    AFTER,
    BEFORE,
    SOURCES,
    case_of,
    happening,
    notice,
    recorded,
    told,
    wikipedia_says,
    withdrawal,
)
from watcher.core.events import Change, Event
from watcher.core.facts import Subject
from watcher.core.message import Message, compose
from watcher.core.phrases import instant
from watcher.core.sections import short_id
from watcher.core.taxonomy import TYPES
from watcher.core.wording_events import PHRASES

WHY = 'watch list "Crohn / ATMP" (substance: darvadstrocel)'


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


def test_a_holder_is_told_from_whom_to_whom():
    change = Change(
        path="authorisation[EU].holder",
        action="changed",
        before={"name": "Old Pharma Ltd", "text": "Old Pharma Ltd, Dublin"},
        after={"name": "New Pharma A/S", "text": "New Pharma A/S, Copenhagen"},
    )
    case = happening("authorisation.holder_transferred", change, jurisdiction="EU")

    assert message(case).subject == (
        "[NORMAL] Alofisel – EU marketing authorisation holder: "
        "Old Pharma Ltd → New Pharma A/S (darvadstrocel) [confidence B]"
    )


def test_a_product_whose_holder_is_not_stated_says_so():
    before, after = (
        tuple(fact for fact in facts if not fact.path.endswith("holder"))
        for facts in (BEFORE, AFTER)
    )

    assert "holder | not stated" in words(message(told(before, after)), "PRODUCT")


def test_the_end_of_marketing_in_another_country_is_no_end_of_an_authorisation():
    change = Change(path="market[JP].discontinued", action="added", after="2026-01")
    case = happening(
        "market.ceased", change, source="wikipedia", jurisdiction="JP", effective="2026-01"
    )
    ended = message(case)

    assert ended.subject == (
        "[HIGH] Alofisel – marketing in Japan ended, Jan 2026 (darvadstrocel) [confidence D]"
    )
    assert "The marketing authorisation may remain valid." in words(ended, "WHAT CHANGED")
    assert "since | January 2026 (to the month, no day stated)" in words(ended, "DATES")


@pytest.mark.parametrize(
    ("number", "committee"), [("EMEA/H/C/000001", "CHMP"), ("EMEA/V/C/000001", "CVMP")]
)
def test_an_opinion_is_of_the_committee_that_decides_on_such_medicines(number, committee):
    case = happening("opinion.positive_adopted", effective="2026-11-14")
    case = replace(case, facts={"product.number": number})

    assert f"positive {committee} opinion adopted, 14 Nov 2026" in message(case).subject
    assert "A recommendation only" in words(message(case), "WHAT CHANGED")


def test_a_long_text_is_shown_before_and_after_but_not_in_the_subject():
    change = Change(path="indication.text", action="changed", before="a " * 90, after="b " * 90)
    case = happening("product_information.section_changed", change, details={"section": "4.1"})

    assert message(case).subject.startswith("[HIGH] Alofisel – product information")
    assert "a a" not in message(case).subject
    assert [line.term for line in lines(message(case), "WHAT CHANGED")] == ["", "before", "after"]


def test_a_renamed_document_is_told_by_both_names():
    before, after = {"title": "Old name"}, {"title": "New name"}
    change = Change(path="document[x]", action="changed", before=before, after=after)
    details = {"title": "New name", "aspects": "title"}
    case = happening("document.renamed", change, details=details)

    assert words(message(case), "WHAT CHANGED").splitlines() == [
        "Document renamed: New name",
        "title | Old name → New name",
    ]


def test_a_value_stated_for_the_first_time_was_not_stated_before():
    change = Change(path="product.atc_code", action="added", after="L04AX08")

    assert (
        "ATC code: not stated → L04AX08"
        in message(happening("fact.changed", change, nature="added")).subject
    )


def test_a_value_no_longer_stated_is_not_called_empty():
    change = Change(path="product.atc_code", action="removed", before="L04AX08")

    assert (
        "ATC code: L04AX08 → no longer stated"
        in message(happening("fact.changed", change, nature="removed")).subject
    )


def test_a_rare_step_asks_for_a_second_look():
    details = {"before": "refused", "after": "authorised", "rare": "yes"}
    case = happening("authorisation.granted", jurisdiction="EU", details=details)

    assert "An unusual step" in words(message(case), "WHAT CHANGED")


def test_a_notice_to_operators_draws_no_conclusion_about_medicines():
    blocked = message(notice("source.blocked", reason="a challenge page", verdict="blocked"))

    assert blocked.subject == (
        "[OPERATOR, NORMAL] EMA medicine data – source blocks us: a challenge page"
    )
    assert blocked.badge == "OPERATOR · NORMAL"
    assert "Nothing about medicines is concluded from this." in words(blocked, "DO")
    assert {part.label for part in blocked.sections} == {
        *("WHAT HAPPENED", "SOURCE", "DATES", "EVIDENCE", "WHY YOU", "DO"),
    }


def test_a_notice_about_a_doubtful_source_is_not_itself_unconfirmed():
    overdue = Event(type="watch.overdue", subject=Subject("source", "medpath"))

    assert message(case_of([recorded(overdue)])).marks == ()


def test_a_medicine_without_a_name_is_called_by_its_number():
    case = replace(withdrawal(), facts={})

    assert message(case).title == "EMEA/H/C/004258"


def test_a_name_that_is_the_substance_stands_once():
    facts = {"product.brand_name": "Darvadstrocel", "product.inn": ["darvadstrocel"]}

    assert message(replace(withdrawal(), facts=facts)).title == "Darvadstrocel"


def test_a_case_on_a_substance_is_called_by_it():
    assert message(case_of([wikipedia_says()])).title == "darvadstrocel"


def test_an_id_that_begins_with_digits_alone_is_not_taken_for_a_position():
    lead = replace(withdrawal().lead, event_id="1" * 14 + "a" * 50)

    assert short_id(lead) == "1" * 14 + "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T06:21:07Z", "22 November 2026, 06:21:07 UTC"),
        ("2026-11-22T07:21:07+01:00", "22 November 2026, 06:21:07 UTC"),
        ("2026-11-22T06:21:07", "2026-11-22T06:21:07"),
        ("yesterday", "yesterday"),
    ],
)
def test_an_instant_is_told_in_utc_and_one_without_a_zone_is_left_as_it_is(text, expected):
    assert instant(text) == expected


def test_every_type_of_the_taxonomy_has_words_of_its_own():
    assert PHRASES.keys() == TYPES.keys()


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_every_type_can_be_told(kind):
    told_of = message(happening(kind, jurisdiction="EU"))

    assert "{" not in told_of.subject
    assert told_of.headline.endswith("UTC.")
    assert words(told_of, "DO")
