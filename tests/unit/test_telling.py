"""Who hears of something through which channel and when, and who does not, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from factories import a_state
from kit.happenings import withdrawal
from watcher.core.recipients import Absence, Cadence, Group, Person, Plan, Quiet
from watcher.core.rules import Rule, WatchList
from watcher.core.taxonomy import Severity
from watcher.core.telling import Telling, decide

NIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
ANNA = Person(
    id="anna", title="Anna", channels=("mail-anna",), quiet=Quiet(begins=time(20), ends=time(7))
)
BEN = Person(id="ben", title="Ben", channels=("mail-ben", "chat"))
PEOPLE = {person.id: person for person in (ANNA, BEN)}
GROUPS = {"team": Group(id="team", people=("anna", "ben"))}
CRITICAL = (withdrawal().lead,)


def told(*rules, people=PEOPLE, events=CRITICAL, now=NIGHT):
    return decide(rules, people, GROUPS, events, a_state(), now)


def by_channel(tellings):
    return {each.channel: each for each in tellings}


def test_everyone_of_a_group_is_told_through_each_of_their_channels():
    tellings = told(Rule(id="r", tell=("team",)))

    assert [(each.channel, each.person) for each in tellings] == [
        ("mail-anna", "anna"),
        ("mail-ben", "ben"),
        ("chat", "ben"),
    ]
    assert all(each.is_at_once and each.plan.at == NIGHT for each in tellings)
    assert tellings[0].why == "Anna: watch list “everything” (everything is watched), rule r"


def test_who_is_named_twice_is_told_once_by_the_soonest_with_both_reasons():
    lighter = Rule(id="light", tell=("anna",), cadences={Severity.CRITICAL: Cadence.WEEKLY})
    (telling,) = told(lighter, Rule(id="grave", tell=("team", "anna")))[:1]

    assert (telling.is_at_once, telling.rules) == (True, ("light", "grave"))
    assert len(telling.why.splitlines()) == 2


def test_a_channel_of_two_people_and_a_rule_hears_once():
    shared = {
        "anna": Person(id="anna", channels=("room",), cadences={Severity.CRITICAL: Cadence.DAILY}),
        "ben": Person(id="ben", channels=("room",)),
    }
    (telling,) = told(Rule(id="r", tell=("team",), channels=("room",)), people=shared)

    assert telling.is_at_once
    assert len(telling.why.splitlines()) == 3


def test_who_stands_in_is_told_for_whom_and_until_when():
    away = Absence(first=date(2026, 11, 20), last=date(2026, 11, 30), cover="ben")
    people = {"anna": Person(id="anna", title="Anna", channels=("a",), away=(away,)), "ben": BEN}
    tellings = by_channel(told(Rule(id="r", tell=("anna",)), people=people))

    assert set(tellings) == {"a", "mail-ben", "chat"}
    assert tellings["chat"].why.startswith("Ben, who stands in for Anna until 2026-11-30: ")


def test_a_rule_that_takes_it_for_lighter_lets_the_night_pass():
    (telling,) = told(Rule(id="r", tell=("anna",), shift=-1))

    assert telling.severity is Severity.HIGH
    assert telling.plan.at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    assert telling.plan.reason == "quiet until 07:00 UTC"


def test_who_is_not_told_is_listed_with_the_reason():
    elsewhere = Rule(
        id="r",
        watch_list=WatchList(id="w", products=("Other",)),
        tell=("anna",),
        channels=("room",),
    )
    never = Rule(id="n", tell=("ben",), cadences={Severity.CRITICAL: Cadence.NEVER})
    tellings = by_channel(told(elsewhere, never))

    assert not any(each.is_told for each in tellings.values())
    assert tellings["room"].plan.reason.startswith("rule r: ")
    assert tellings["chat"].plan.reason == "critical events are not told to them"


def test_one_rule_that_refuses_does_not_take_another_rules_telling_back():
    (telling,) = told(
        Rule(id="no", events=("document.*",), channels=("room",)),
        Rule(id="yes", channels=("room",)),
    )

    assert (telling.is_told, telling.rules) == (True, ("yes",))


def test_what_a_rule_names_a_channel_for_is_told_at_once_with_all_that_leads_there():
    (telling,) = told(Rule(id="r", channels=("room",)))

    assert telling == Telling(
        channel="room",
        person="",
        plan=Plan(cadence=Cadence.NOW, at=NIGHT, reason="at once: the rule names it"),
        why="watch list “everything” (everything is watched), rule r",
        severity=Severity.CRITICAL,
        rules=("r",),
    )


def test_what_is_refused_is_refused_now_for_every_reason_and_by_every_rule():
    other = WatchList(id="w", products=("Other",))
    rules = (
        Rule(id="one", watch_list=other, channels=("room",)),
        Rule(id="two", watch_list=other, channels=("room",)),
    )
    (telling,) = told(*rules)

    first, second = telling.plan.reason.split("; ")
    assert first.startswith("rule one: ")
    assert second.startswith("rule two: ")
    assert (telling.plan.cadence, telling.plan.at) == (Cadence.NEVER, NIGHT)
    assert telling.rules == ("one", "two")


def test_of_two_plans_for_one_moment_the_message_of_its_own_comes_before_the_digest():
    morning = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    sleeper = Person(
        id="anna",
        channels=("room",),
        daily=time(7, 30),
        quiet=Quiet(begins=time(20), ends=time(7, 30)),
    )
    digest = Rule(id="digest", tell=("anna",), cadences={Severity.HIGH: Cadence.DAILY}, shift=-1)
    alone = Rule(id="alone", tell=("anna",), cadences={Severity.HIGH: Cadence.NOW}, shift=-1)

    for rules in ((digest, alone), (alone, digest)):
        (telling,) = told(*rules, people={"anna": sleeper})
        assert (telling.plan.at, telling.is_at_once) == (morning, True)


def test_of_two_rules_the_graver_word_counts_and_the_reasons_are_lines():
    lighter = Rule(id="light", channels=("room",), shift=-2)
    (telling,) = told(lighter, Rule(id="grave", channels=("room",)))

    assert telling.severity is Severity.CRITICAL
    assert [line.rpartition(" ")[2] for line in telling.why.split("\n")] == ["light", "grave"]
