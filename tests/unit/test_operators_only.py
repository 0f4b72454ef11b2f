"""Alarms of the service reach its operators, and nobody who waits for news of medicines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kit.watching import SOURCE, recorded
from watcher.core.events import Event
from watcher.core.facts import Subject
from watcher.core.recipients import Group, Person
from watcher.core.rules import EVERYTHING, Rule, WatchList
from watcher.core.taxonomy import TYPES, Severity
from watcher.core.telling import decide

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = {name: Person(id=name, channels=(f"{name}-mail",)) for name in ("anna", "olga")}
GROUPS = {"pv": Group(id="pv", people=("anna",))}
OPERATIONAL = sorted(name for name, kind in TYPES.items() if kind.is_operational)
MEDICAL = sorted({f"{kind.family}.*" for kind in TYPES.values() if not kind.is_operational})
NEWS = (
    Rule(id="all", channels=("pv",), tell=("pv",)),
    Rule(id="families", events=tuple(MEDICAL), tell=("pv",), shift=1),
    Rule(id="listed", watch_list=WatchList(id="m", substances=("x",)), tell=("pv",)),
    Rule(id="first", watch_list=EVERYTHING, tiers=(1, 2, 3, 4), tell=("anna",)),
)


@pytest.mark.parametrize("name", OPERATIONAL)
def test_no_rule_that_does_not_name_it_tells_of_an_alarm(name):
    alarm = recorded(Event(type=name, subject=SOURCE))

    told = decide(NEWS, PEOPLE, GROUPS, (alarm,), {"product.inn": ["x"]}, NOW)

    assert {each.channel for each in told} == {"pv", "anna-mail"}
    assert not any(each.is_told for each in told)
    assert all("only a rule that names it is told" in each.plan.reason for each in told[:1])


@pytest.mark.parametrize("name", OPERATIONAL)
def test_the_operator_whose_rule_names_it_is_told_whatever_else_the_rule_watches(name):
    family = f"{TYPES[name].family}.*"
    operator = Rule(
        id="operator",
        events=(family,),
        tell=("olga",),
        watch_list=WatchList(id="m", substances=("x",)),
        cadences=dict.fromkeys(Severity),
    )
    alarm = recorded(Event(type=name, subject=Subject("source", "ema")))

    told = decide((*NEWS, operator), PEOPLE, GROUPS, (alarm,), {}, NOW)

    assert [each.person for each in told if each.is_told] == ["olga"]


def test_there_are_alarms_to_speak_of():
    assert {"source.blocked", "watch.overdue", "heartbeat.sent", "alert.given_up"} <= {*OPERATIONAL}
