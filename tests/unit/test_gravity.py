"""How grave an event is where its type leaves that open."""

from __future__ import annotations

import pytest

from watcher.core.events import Change, Event
from watcher.core.facts import Subject
from watcher.core.gravity import severity
from watcher.core.taxonomy import TYPES


def event(name: str, path: str, value: object) -> Event:
    stated = {path: value, "page.url": "https://list.example.org/one"}
    changes = tuple(Change(path=key, action="added", after=each) for key, each in stated.items())
    return Event(type=name, subject=Subject("row", "one"), changes=changes)


@pytest.mark.parametrize(
    ("name", "path", "value", "grave"),
    [
        ("dhpc.issued", "dhpc.regulatory_outcome", "Withdrawal", "critical"),
        ("dhpc.issued", "dhpc.regulatory_outcome", "REVOCATION ", "critical"),
        ("dhpc.issued", "dhpc.regulatory_outcome", "Suspension", "critical"),
        ("dhpc.issued", "dhpc.regulatory_outcome", "Variation", "high"),
        ("dhpc.issued", "dhpc.regulatory_outcome", None, "high"),
        ("dhpc.issued", "dhpc.type", "Withdrawal", "high"),
        ("psusa.outcome_published", "psusa.regulatory_outcome", "Suspension", "critical"),
        ("psusa.outcome_published", "psusa.regulatory_outcome", "Variation", "normal"),
        ("psusa.outcome_published", "psusa.regulatory_outcome", "Maintenance", "low"),
        ("referral.started", "referral.type", "Article 107i procedures", "critical"),
        ("referral.started", "referral.type", "Article 31 referrals", "high"),
        ("shortage.started", "dhpc.regulatory_outcome", "Withdrawal", "high"),
    ],
)
def test_an_outcome_makes_an_event_graver_or_less_grave(name, path, value, grave):
    assert event(name, path, value).severity == grave


@pytest.mark.parametrize(
    ("section", "grave"), [("4.1", "high"), ("4.8", "normal"), ("5.1", "low"), ("", "normal")]
)
def test_a_section_is_as_grave_as_what_stands_in_it(section, grave):
    assert severity("product_information.section_changed", section=section) == grave


def test_all_other_types_are_as_grave_as_the_table_says():
    known = {name: severity(name) for name in TYPES}

    assert known == {name: kind.severity for name, kind in TYPES.items()}


def test_a_type_nobody_knows_has_no_severity():
    with pytest.raises(KeyError, match=r"medicine\.vanished"):
        severity("medicine.vanished")
