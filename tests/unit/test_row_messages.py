"""What a person is told of a new row of a list: which medicine, what it states, where it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.happenings import SOURCES, case_of, recorded
from watcher.core.case import Case
from watcher.core.diff import changes
from watcher.core.events import Change, Event
from watcher.core.facts import State, Subject
from watcher.core.message import Message, compose
from watcher.core.official import official_address

PAGE = "https://www.ema.europa.eu/en/medicines/dhpc/testol-0"
LETTER: State = {
    "dhpc.medicine": ["Testol", "Testol Forte"],
    "dhpc.active_substance": ["testolumab"],
    "dhpc.type": "Quality defect",
    "dhpc.regulatory_outcome": "Withdrawal",
    "dhpc.procedure_number": "",
    "dhpc.disseminated": "2026-11-28",
    "product.category": "Human",
    "page.url": PAGE,
    "page.first_published": "2026-11-28",
}


def row(kind: str, name: str, state: State, *, source: str = "ema", **more: str) -> Case:
    event = Event(
        type=name, subject=Subject(kind, "testol-0"), changes=tuple(changes({}, state)), **more
    )
    return case_of([recorded(event, source=source)], state)


def message(case: Case) -> Message:
    return compose(case, why="because", sources=SOURCES)


def said(told: Message, label: str) -> dict[str, str]:
    [section] = [part for part in told.sections if part.label == label]
    return {line.term: line.text for line in section.lines}


def test_a_letter_is_told_with_its_medicine_its_outcome_and_where_it_stands():
    told = message(row("dhpc", "dhpc.issued", LETTER, effective="2026-11-28"))

    assert told.subject == (
        "[CRITICAL] Testol, Testol Forte – letter to healthcare professionals issued: "
        "Quality defect, outcome Withdrawal, 28 Nov 2026 (testolumab) [confidence B]"
    )
    assert said(told, "WHAT CHANGED") == {
        "": "Letter to healthcare professionals issued: Quality defect, outcome Withdrawal",
        "regulatory outcome": "Withdrawal",
        "type": "Quality defect",
    }
    assert said(told, "PRODUCT") == {"name": "Testol, Testol Forte", "substance": "testolumab"}
    assert said(told, "DO")[""]
    assert PAGE in str(told.sections)


def test_a_letter_without_type_or_outcome_is_told_all_the_same():
    state = {path: value for path, value in LETTER.items() if path in {"dhpc.medicine", "page.url"}}
    told = message(row("dhpc", "dhpc.issued", state))

    assert told.subject.startswith("[HIGH] Testol, Testol Forte – letter to healthcare")
    assert "outcome" not in told.subject


def test_an_outcome_that_became_an_ending_is_told_from_what_to_what():
    change = Change(
        path="dhpc.regulatory_outcome", action="changed", before="Variation", after="Withdrawal"
    )
    event = Event(type="dhpc.issued", subject=Subject("dhpc", "testol-0"), changes=(change,))
    told = message(case_of([recorded(event, source="ema")], LETTER))

    assert told.subject.startswith("[CRITICAL] Testol, Testol Forte – ")
    assert "Variation → Withdrawal" in told.subject
    assert said(told, "WHAT CHANGED").keys() == {""}


@pytest.mark.parametrize(
    ("kind", "name", "state", "beginning", "details"),
    [
        (
            "shortage",
            "shortage.started",
            {
                "shortage.medicine": "Testol 20 mg",
                "product.inn": ["testolumab"],
                "shortage.status": "ongoing",
                "shortage.strengths": ["20 mg"],
                "shortage.alternatives": "Yes",
            },
            "[HIGH] Testol 20 mg – shortage started",
            {"status": "ongoing", "strengths": "20 mg", "alternatives": "Yes"},
        ),
        (
            "referral",
            "referral.started",
            {
                "referral.name": "Testolumab-containing medicines",
                "referral.type": "Article 107i procedures",
                "referral.is_on_safety": True,
            },
            "[CRITICAL] Testolumab-containing medicines – referral started",
            {"name": "Testolumab-containing medicines", "type": "Article 107i procedures"},
        ),
        (
            "psusa",
            "psusa.outcome_published",
            {"psusa.in_scope": ["testolumab"], "psusa.regulatory_outcome": "Suspension"},
            "[CRITICAL] testolumab – ",
            {"regulatory outcome": "Suspension"},
        ),
    ],
)
def test_each_list_tells_what_its_rows_state(kind, name, state, beginning, details):
    told = message(row(kind, name, state))

    assert told.subject.startswith(beginning)
    assert details.items() <= said(told, "WHAT CHANGED").items()
    assert "holder" not in said(told, "PRODUCT")


def test_the_official_place_is_the_page_of_the_list_that_an_authority_keeps():
    case = row("recall", "recall.issued", {"page.url": "https://agency.example.org/recalls/1"})
    origin = replace(case.lead.provenance, url="https://agency.example.org/recalls", tier=1)
    ours = replace(case, lead=replace(case.lead, provenance=origin))
    theirs = replace(ours, lead=replace(ours.lead, provenance=replace(origin, tier=3)))
    elsewhere = replace(ours, facts={"page.url": "https://mirror.example.com/1"})
    broken = replace(ours, facts={"page.url": "https://[agency/1"})

    assert official_address(ours) == "https://agency.example.org/recalls/1"
    general = "https://www.ema.europa.eu/en/medicines"
    assert [official_address(each) for each in (theirs, elsewhere, broken)] == [general] * 3
