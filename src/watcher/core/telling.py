"""Who hears of something, through which channel and when; and who does not, and why.

One function decides it, for the step that alerts and for whoever asks why. A channel hears of one
thing once, however many rules, groups and people lead to it: by the soonest of their plans, and
with all their reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.core.events import Recorded
from watcher.core.facts import State
from watcher.core.recipients import Cadence, Group, Person, Plan, plan
from watcher.core.recipients import told as recipients
from watcher.core.rules import Decision, Rule, explain
from watcher.core.taxonomy import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """That a channel hears of something, or does not.

    Attributes:
        channel: The channel's id.
        person: Id of the person who reads it; empty: a rule names the channel itself.
        plan: How soon and why then; `never` with the reason where it is not told.
        why: Why this reader, a line a reason: person, watch list, rule, whom they stand in for.
        severity: How grave the rules take it for.
        rules: Ids of the rules that lead here.
    """

    channel: str
    person: str
    plan: Plan
    why: str
    severity: Severity
    rules: tuple[str, ...] = ()

    @property
    def is_told(self) -> bool:
        """Return whether the channel hears of it, now or later."""
        return self.plan.cadence is not Cadence.NEVER

    @property
    def is_at_once(self) -> bool:
        """Return whether it is a message of its own, be it at the end of the night."""
        return self.plan.cadence is Cadence.NOW


def decide(
    rules: Iterable[Rule],
    people: Mapping[str, Person],
    groups: Mapping[str, Group],
    told: Sequence[Recorded],
    state: State,
    now: datetime,
) -> tuple[Telling, ...]:
    """Return what each channel that any rule leads to hears of events that are told together.

    Args:
        rules: All rules.
        people: All people by id.
        groups: All groups by id.
        told: The events, the gravest first; a rule that wants one of them tells them all.
        state: What is known of their subject now.
        now: The moment that decides who sleeps and who is away.

    Returns:
        A telling a channel, in the order in which the rules name them. Where `is_told` is false
        the plan's reason is why not.
    """
    found: dict[str, list[Telling]] = {}
    for rule in rules:
        decision, severity = _decision(rule, told, state)
        for telling in _tellings(decision, severity, people, groups, now):
            found.setdefault(telling.channel, []).append(telling)
    return tuple(map(_joined, found.values()))


def _decision(rule: Rule, told: Sequence[Recorded], state: State) -> tuple[Decision, Severity]:
    """Return what a rule says of these events, and how grave it takes what it wants for."""
    decisions = [explain((rule,), each, state)[0] for each in told]
    for decision, each in zip(decisions, told, strict=True):
        if decision.is_told:
            return decision, rule.weighed(each.event.severity)
    return decisions[0], rule.weighed(told[0].event.severity)


def _tellings(
    decision: Decision,
    severity: Severity,
    people: Mapping[str, Person],
    groups: Mapping[str, Group],
    now: datetime,
) -> Iterator[Telling]:
    """Yield what one rule makes of each channel it leads to."""
    rule = decision.rule
    refused = None if decision.is_told else _never(decision, now)
    at_once = refused or Plan(cadence=Cadence.NOW, at=now, reason="at once: the rule names it")
    named = Telling(
        channel="", person="", plan=at_once, why=why(decision), severity=severity, rules=(rule.id,)
    )
    for channel in rule.channels:
        yield replace(named, channel=channel)
    for person, stands_in in recipients(rule.tell, people, groups, now):
        when = refused or plan(person, severity, now, rule.cadences.get(severity))
        reason = why(decision, person, stands_in)
        for channel in person.channels:
            yield replace(named, channel=channel, person=person.id, plan=when, why=reason)


def _never(decision: Decision, now: datetime) -> Plan:
    return Plan(cadence=Cadence.NEVER, at=now, reason=f"rule {decision.rule.id}: {decision.reason}")


def why(decision: Decision, person: Person | None = None, stands_in: str = "") -> str:
    """Return why somebody is told, in words.

    Args:
        decision: What the rule says: the watch list, what is on it, and the rule.
        person: Who is told; None: whoever reads the channel that the rule names.
        stands_in: For whom they stand in and until when, where it is not for themselves.
    """
    rule = decision.rule
    reason = f"watch list “{rule.watch_list}” ({decision.reason}), rule {rule.id}"
    if person is None:
        return reason
    return f"{person}, who {stands_in}: {reason}" if stands_in else f"{person}: {reason}"


def _joined(tellings: Sequence[Telling]) -> Telling:
    """Return one telling of several to one channel: the soonest, for all their reasons."""
    heard = [each for each in tellings if each.is_told]
    if not heard:
        reasons = dict.fromkeys(each.plan.reason for each in tellings)
        refused = tellings[0]
        return replace(
            refused,
            plan=replace(refused.plan, reason="; ".join(reasons)),
            rules=_each(each.rules for each in tellings),
        )
    soonest = min(heard, key=lambda each: (each.plan.at, not each.is_at_once))
    return replace(
        soonest,
        why="\n".join(dict.fromkeys(each.why for each in heard)),
        severity=max((each.severity for each in heard), key=lambda each: each.rank),
        rules=_each(each.rules for each in heard),
    )


def _each(rules: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for some in rules for rule in some))
