"""Two sources on one happening: what agrees, what contradicts, what is another happening."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import ALOFISEL, a_case, a_recorded, a_withdrawal
from watcher.core.conflict import Disagreement, corroboration, disagreements, far_apart
from watcher.core.events import Event, Recorded


def a_telling(effective: str = "2024-12-13", **details: str) -> Recorded:
    event = a_withdrawal(effective)
    return a_recorded(replace(event, details={**event.details, **details}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a_telling(), a_telling()),
        (a_telling("2024-12"), a_telling("2024-12-13")),
        (a_telling("2024-12-13"), a_telling("2024")),
        (a_telling(""), a_telling("2024-12-13")),
        (a_telling(actor="EMA"), a_telling()),
        (a_telling(requested_by="Takeda Pharma"), a_telling(requested_by="Takeda Pharma A/S")),
    ],
)
def test_who_says_less_or_says_it_otherwise_contradicts_nothing(one: Recorded, other: Recorded):
    assert disagreements(one, other) == ()


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("2024-12-13", "2024-12-14", Disagreement("date", "2024-12-13", "2024-12-14")),
        ("2024-11", "2024-12-01", Disagreement("date", "2024-11", "2024-12-01")),
    ],
)
def test_two_dates_that_cannot_be_one_day_disagree(one: str, other: str, found: Disagreement):
    assert disagreements(a_telling(one), a_telling(other)) == (found,)


def test_every_contradiction_is_named_with_what_each_side_says():
    one = a_telling(actor="European Commission", requested_by="Takeda Pharma A/S")
    other = a_telling("2025", actor="EMA", requested_by="TiGenix")

    assert disagreements(one, other) == (
        Disagreement("date", "2024-12-13", "2025"),
        Disagreement("actor", "European Commission", "EMA"),
        Disagreement("requested_by", "Takeda Pharma A/S", "TiGenix"),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-12-13", "2024-12-13"),
        ("2024-12-13", "2025-01-13"),  # 31 days: a decision and its notification
        ("2025-01-13", "2024-12-13"),
        ("2024-12", "2025-01-31"),  # 31 days after the last of December
        ("", "2024-12-13"),
    ],
)
def test_two_dates_within_a_month_can_be_of_one_happening(one: str, other: str):
    assert not far_apart(a_withdrawal(one), a_withdrawal(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2024-12-13", "2025-01-14"),
        ("2025-01-14", "2024-12-13"),
        ("2024-12", "2025-02-01"),
        ("2019", "2024-12-13"),
    ],
)
def test_more_than_a_month_between_two_dates_makes_two_happenings(one: str, other: str):
    assert far_apart(a_withdrawal(one), a_withdrawal(other))


@pytest.mark.parametrize(
    ("effective", "precision"),
    [("2024-12-13", "day"), ("2024-12", "month"), ("2024", "year"), ("", None)],
)
def test_a_corroboration_says_who_tells_of_which_case_and_how_precisely(
    effective: str, precision: str | None
):
    case = a_case()
    second = a_recorded(
        replace(a_withdrawal(effective), jurisdiction="JP"), source="holder", tier=2
    )

    told = corroboration(replace(case, corroborations=(second,)), second)

    said = {"case": case.key, "by": "holder", "tier": "2", "of": "authorisation.withdrawn"}
    dated = {"precision": precision} if precision else {}
    assert told == Event(
        type="corroboration.added",
        subject=ALOFISEL,
        jurisdiction="JP",
        effective=effective,
        details={**said, "confidence": "B", **dated},
    )


def test_to_leave_something_out_is_no_contradiction_whoever_does():
    more, less = a_telling(actor="EMA", requested_by="Takeda"), a_telling()

    assert disagreements(more, less) == disagreements(less, more) == ()
