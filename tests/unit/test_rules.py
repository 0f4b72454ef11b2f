"""Who is told of an event, who is not, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.watching import BLOCKED, DOCUMENT, STATE, WITHDRAWN, recorded
from watcher.core.events import Cause, Change, Event
from watcher.core.rules import EVERYTHING, Rule, WatchList, applies, explain, is_named
from watcher.core.taxonomy import Severity

CROHN = WatchList(id="crohn-atmp", title="Crohn / ATMP", substances=("darvadstrocel",))


def a_rule(**what: object) -> Rule:
    return Rule(id="withdrawals", channels=("pv-team",), **what)  # type: ignore[arg-type]


def reason(told=None, state=STATE, **what: object) -> str:
    decision = applies(a_rule(**what), told or recorded(), state)
    assert decision.is_told is False
    assert decision.match is None
    return decision.reason


def test_a_withdrawal_of_a_watched_medicine_is_told_with_the_reason():
    decision = applies(a_rule(watch_list=CROHN, events=("authorisation.*",)), recorded(), STATE)

    assert decision.is_told
    assert decision.match is not None
    assert decision.match.watch_list is CROHN
    assert str(decision) == "withdrawals: told (pv-team), substance: darvadstrocel"


def test_a_rule_without_any_filter_tells_of_every_medicine():
    assert str(applies(a_rule(), recorded(), {})) == (
        "withdrawals: told (pv-team), everything is watched"
    )


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.OBSERVED])
def test_nothing_but_an_observed_event_is_told(cause):
    assert reason(recorded(cause=cause)) == (f"cause is {cause.value}: only observed events alert")


def test_an_event_that_is_too_light_is_not_told():
    why = reason(recorded(DOCUMENT), least=Severity.HIGH)

    assert why == "severity normal is below high"


@pytest.mark.parametrize("least", Severity)
def test_an_event_as_grave_as_the_least_or_graver_is_told(least):
    withdrawn = recorded()

    assert withdrawn.event.severity is Severity.CRITICAL
    assert applies(a_rule(least=least), withdrawn, STATE).is_told


def test_an_event_the_rule_does_not_ask_for_is_not_told():
    assert reason(recorded(DOCUMENT), events=("authorisation.*", "document.removed")) == (
        "document.added is none of its events"
    )


def test_an_event_elsewhere_is_not_told():
    assert reason(jurisdictions=("JP", "UK")) == "jurisdiction EU is not JP or UK"


def test_an_event_without_a_jurisdiction_passes_a_rule_that_names_one():
    assert applies(a_rule(jurisdictions=("EU",)), recorded(DOCUMENT), STATE).is_told


def test_another_source_or_tier_is_not_told():
    told = recorded(source="medpath", tier=3)

    assert reason(told, sources=("ema-medicines",)) == "source medpath is not ema-medicines"
    assert reason(told, sources=("ema", "register")) == "source medpath is not ema or register"
    assert reason(told, tiers=(1, 2)) == "tier 3 is not 1 or 2"


def test_another_medicine_is_not_told():
    assert reason(state={}, watch_list=CROHN) == (
        "not on watch list Crohn / ATMP: no substance of it is stated"
    )


def test_events_about_watching_go_only_to_a_rule_that_names_them():
    told = recorded(BLOCKED)

    assert reason(told) == (
        "source.blocked is about watching itself: only a rule that names it is told"
    )
    assert reason(told, events=("authorisation.*",)).endswith("only a rule that names it is told")
    assert str(applies(a_rule(events=("source.*",)), told, {})) == (
        "withdrawals: told (pv-team), the rule names source.blocked"
    )


def test_who_watches_a_holder_hears_of_a_transfer_away_from_it():
    moved = Event(
        type="authorisation.holder_transferred",
        subject=WITHDRAWN.subject,
        jurisdiction="EU",
        changes=(
            Change(
                path="authorisation[EU].holder",
                action="changed",
                before={"name": "Takeda Pharma A/S", "text": "Takeda Pharma A/S"},
                after={"name": "Another Holder B.V.", "text": "Another Holder B.V."},
            ),
        ),
    )
    state = STATE | {"authorisation[EU].holder": moved.changes[0].after}

    for name in ("Takeda Pharma", "Another Holder"):
        watching = WatchList(id="holders", holders=(name,))
        assert applies(a_rule(watch_list=watching), recorded(moved), state).is_told


def test_what_an_event_added_is_not_taken_for_what_was_known_before():
    added = replace(
        WITHDRAWN, changes=(Change(path="product.inn", action="added", after=["darvadstrocel"]),)
    )

    assert applies(a_rule(watch_list=CROHN), recorded(added), STATE).is_told
    assert not applies(a_rule(watch_list=CROHN), recorded(added), {}).is_told


def test_explain_gives_the_decision_of_every_rule_in_their_order():
    rules = [
        Rule(id="mine", watch_list=CROHN, channels=("a", "b")),
        Rule(id="light", least=Severity.CRITICAL, channels=("c",)),
        Rule(id="operator", events=("source.*",), channels=("d",)),
    ]

    assert [str(decision) for decision in explain(rules, recorded(DOCUMENT), STATE)] == [
        "mine: told (a, b), substance: darvadstrocel",
        "light: not told, severity normal is below critical",
        "operator: not told, document.added is none of its events",
    ]


def test_a_pattern_names_a_type_or_a_family_and_no_half_words():
    assert is_named("authorisation.withdrawn", "authorisation.withdrawn")
    assert is_named("authorisation.*", "authorisation.withdrawn")
    assert not is_named("author.*", "authorisation.withdrawn")
    assert not is_named("authorisation.with*", "authorisation.withdrawn")
    assert not is_named("authorisation", "authorisation.withdrawn")


def test_a_rule_tells_at_once_unless_it_says_otherwise():
    assert a_rule().watch_list is EVERYTHING


@pytest.mark.parametrize(
    ("severity", "shift", "weighed"),
    [
        (Severity.CRITICAL, 1, Severity.CRITICAL),
        (Severity.HIGH, 1, Severity.CRITICAL),
        (Severity.NORMAL, -1, Severity.LOW),
        (Severity.LOW, -1, Severity.LOW),
        (Severity.HIGH, 0, Severity.HIGH),
    ],
)
def test_nothing_is_taken_for_graver_than_the_gravest_or_lighter_than_the_lightest(
    severity, shift, weighed
):
    assert a_rule(shift=shift).weighed(severity) is weighed
