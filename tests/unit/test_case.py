"""A case: what is one happening, how sure we are of it, what is left when some is taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import a_case, a_recorded, a_withdrawal
from watcher.core.case import Case, gravest_first, happening_key, without
from watcher.core.events import Change, Event, Recorded
from watcher.core.facts import Subject
from watcher.core.taxonomy import Severity

TAKHZYRO = Subject("medicine", "EMEA/H/C/004806")


def a_renaming(**changed: object) -> Event:
    change = Change(
        path="product.brand_name", action="changed", before="Alofisel", after="Alofisel Neo"
    )
    return replace(a_withdrawal(), type="fact.changed", changes=(change,), details={}, **changed)


def told_by(source: str, tier: int, **details: str) -> Recorded:
    event = a_withdrawal()
    named = replace(event, details={**event.details, **details})
    return a_recorded(named, position=tier, source=source, tier=tier)


def a_case_of(*tellers: Recorded) -> Case:
    return replace(a_case(tellers[0]), corroborations=tellers[1:])


def test_one_happening_has_one_key_whoever_tells_it_and_whenever_it_took_effect():
    plain = a_withdrawal()
    told_later = replace(plain, effective="2024-12", details={**plain.details, "actor": "EMA"})

    assert happening_key(told_later) == happening_key(plain)
    assert len(happening_key(plain)) == 32


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "authorisation.suspended"},
        {"subject": TAKHZYRO},
        {"jurisdiction": "JP"},
        {"details": {"after": "suspended"}},
    ],
)
def test_another_kind_subject_jurisdiction_or_outcome_is_another_happening(
    changed: dict[str, object],
):
    plain = a_withdrawal()

    assert happening_key(replace(plain, **changed)) != happening_key(plain)


def test_a_changed_fact_is_told_apart_by_its_path_and_its_values():
    plain = a_renaming()
    (change,) = plain.changes
    others = [
        replace(plain, changes=(replace(change, **{name: "another"}),))
        for name in ("path", "before", "after")
    ]

    assert len({happening_key(each) for each in (plain, *others)}) == 4
    assert happening_key(replace(plain, effective="2020")) == happening_key(plain)


def test_an_outcome_that_is_told_outweighs_the_facts_that_changed_with_it():
    plain = a_withdrawal()

    assert happening_key(replace(plain, changes=())) == happening_key(plain)


@pytest.mark.parametrize(
    ("tellers", "confidence"),
    [
        ([told_by("ema", 1), told_by("fda", 1)], "A"),
        ([told_by("ema", 1)], "B"),
        ([told_by("ema", 1), told_by("ema", 1)], "B"),
        ([told_by("encyclopedia", 4), told_by("ema", 1)], "B"),
        ([told_by("holder", 2)], "C"),
        ([told_by("aggregator", 3, actor="EMA")], "C"),
        ([told_by("aggregator", 3), told_by("encyclopedia", 4, actor="EMA")], "C"),
        ([told_by("aggregator", 3)], "D"),
        ([told_by("encyclopedia", 4, actor="EMA")], "D"),
    ],
)
def test_how_sure_we_are_goes_by_who_says_so(tellers: list[Recorded], confidence: str):
    assert a_case_of(*tellers).confidence == confidence


@pytest.mark.parametrize(
    "tellers",
    [
        [told_by("aggregator", 3)],
        [told_by("aggregator", 3), told_by("encyclopedia", 4)],
    ],
)
def test_a_critical_claim_of_aggregators_and_encyclopaedias_alone_is_unconfirmed(
    tellers: list[Recorded],
):
    assert a_case_of(*tellers).is_unconfirmed


@pytest.mark.parametrize(
    "tellers",
    [
        [told_by("holder", 2)],
        [told_by("aggregator", 3), told_by("ema", 1)],
        [a_recorded(a_renaming(), source="aggregator", tier=3)],
    ],
)
def test_a_holder_or_an_authority_confirms_and_what_is_not_critical_needs_nobody_to(
    tellers: list[Recorded],
):
    assert not a_case_of(*tellers).is_unconfirmed


def test_the_sources_are_named_once_each_and_the_lead_first():
    case = a_case_of(told_by("register", 1), told_by("ema", 1), told_by("register", 1))

    assert case.sources == ("register", "ema")


def test_a_case_is_as_grave_as_its_lead_and_its_events_begin_with_it():
    withdrawn, renamed = a_recorded(position=7), a_recorded(a_renaming(), position=3)
    case = replace(a_case(withdrawn), together=(renamed,))

    assert case.severity is Severity.CRITICAL
    assert case.events == (withdrawn, renamed)


def test_the_gravest_event_leads_and_of_equals_the_first_in_the_log():
    renamed = a_recorded(a_renaming(), position=1)
    first, second = a_recorded(position=2), a_recorded(position=3)

    assert gravest_first([renamed, second, first]) == [first, second, renamed]


def test_a_case_of_which_nothing_is_taken_back_stays_as_it_is():
    case = a_case_of(a_recorded(position=2), a_recorded(position=3, source="register"))

    assert without(case, {1, 4}) is case


def test_a_case_whose_every_event_is_taken_back_is_none():
    case = a_case_of(a_recorded(position=2), a_recorded(position=3, source="register"))

    assert without(case, {2, 3}) is None


def test_when_the_lead_is_taken_back_the_gravest_of_the_rest_leads_and_knows_its_own_stream():
    lead, renamed = a_recorded(position=1), a_recorded(a_renaming(), position=2)
    elsewhere = a_recorded(position=5, source="register")
    beside = a_recorded(a_renaming(), position=6, source="register")
    case = replace(a_case(lead), together=(renamed,), corroborations=(elsewhere, beside))

    left = without(case, {1})

    assert left is not None
    assert left.lead == elsewhere
    assert left.together == (beside,)
    assert left.corroborations == (renamed,)
    assert (left.key, left.facts) == (case.key, case.facts)
