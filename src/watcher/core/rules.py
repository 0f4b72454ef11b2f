"""Rules: who is told of an event, who is not, and why.

A rule is a row of named tests; the first one that fails is the reason why nobody is told. Before
all others stands the promise that only what was *observed* alerts: a baseline, a re-reading by a
better reader, a correction or an import never does, whatever a rule asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from watcher.core.events import Cause, Recorded
from watcher.core.facts import State
from watcher.core.recipients import Cadence
from watcher.core.taxonomy import TYPES, Severity
from watcher.core.watch_list import EVERYTHING, Match, NoMatch, WatchList, judge, matches

__all__ = [
    "EVERYTHING",
    "RULES_VERSION",
    "Decision",
    "Match",
    "Rule",
    "WatchList",
    "applies",
    "explain",
    "matches",
]

RULES_VERSION = "1"
"""Raised whenever the same rules would decide otherwise on the same event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which events of which medicines go to which channels; what is empty leaves it open.

    Attributes:
        id: Its id in `sources.yaml`.
        watch_list: The medicines it is about.
        events: Event types, or families of them: `authorisation.*`, `document.added`. Events about
            watching itself (`source.*` …) go only to a rule that names them here.
        least: The least severity.
        jurisdictions: `EU`, `JP` …; an event that has none is let through.
        sources: Ids of sources.
        tiers: Tiers of sources, 1 (the authority) to 4.
        channels: Ids of the channels that are told at once.
        tell: Ids of the people and groups that are told when they want to be.
        cadences: How soon those are told, where not as they asked.
        shift: 1: its events are taken for one step graver than they are; -1: lighter.
        escalate_to: Ids of people and groups that are told when nobody acknowledges.
        escalate_after: Seconds until then.
    """

    id: str
    watch_list: WatchList = EVERYTHING
    events: tuple[str, ...] = ()
    least: Severity = Severity.LOW
    jurisdictions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tiers: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    cadences: Mapping[Severity, Cadence] = field(default_factory=dict)
    shift: int = 0
    escalate_to: tuple[str, ...] = ()
    escalate_after: int = 0

    def weighed(self, severity: Severity) -> Severity:
        """Return how grave this rule takes an event of `severity` for."""
        ranked = sorted(Severity, key=lambda each: each.rank)
        return ranked[min(max(severity.rank + self.shift, 0), len(ranked) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one rule says of one event.

    Attributes:
        rule: The rule.
        is_told: Whether its channels are told.
        reason: Why, or why not, in words.
        match: Why the medicine is on the rule's watch list; None where nobody is told, or where
            the event is about watching itself.
    """

    rule: Rule
    is_told: bool
    reason: str
    match: Match | None = None

    def __str__(self) -> str:
        """Return `withdrawals: told (pv-team), substance: darvadstrocel`."""
        names = ", ".join((*self.rule.tell, *self.rule.channels))
        verdict = f"told ({names})" if self.is_told else "not told"
        return f"{self.rule.id}: {verdict}, {self.reason}"


def applies(rule: Rule, told: Recorded, state: State) -> Decision:
    """Return whether `rule` tells its channels of an event, with the reason.

    Args:
        rule: The rule.
        told: The event as it stands in the log.
        state: What is known of its subject now. What the event itself changed is looked up on
            both sides, so that who watches a holder hears of a transfer away from it.
    """
    for refuses in _TESTS:
        if why := refuses(rule, told):
            return Decision(rule=rule, is_told=False, reason=why)
    if TYPES[told.event.type].is_operational:
        return Decision(rule=rule, is_told=True, reason=f"the rule names {told.event.type}")
    judged = judge(rule.watch_list, told.event.subject, state)
    if isinstance(judged, NoMatch):
        earlier = matches(rule.watch_list, told.event.subject, _before(told, state))
        judged = earlier or judged
    match = judged if isinstance(judged, Match) else None
    return Decision(rule=rule, is_told=match is not None, reason=str(judged), match=match)


def explain(rules: Iterable[Rule], told: Recorded, state: State) -> tuple[Decision, ...]:
    """Return every rule's decision on an event: who is told, who is not, and why."""
    return tuple(applies(rule, told, state) for rule in rules)


def is_named(pattern: str, event_type: str) -> bool:
    """Return whether `pattern` names `event_type`: itself, or its family with `.*`."""
    family, _, rest = pattern.partition(".")
    return pattern == event_type or (rest == "*" and event_type.startswith(f"{family}."))


def _before(told: Recorded, state: State) -> State:
    """Return `state` as it was before the event."""
    before = dict(state)
    for change in told.event.changes:
        before.pop(change.path, None)
        if change.action != "added":
            before[change.path] = change.before
    return before


def _not_observed(_rule: Rule, told: Recorded) -> str:
    if told.cause is Cause.OBSERVED:
        return ""
    return f"cause is {told.cause.value}: only observed events alert"


def _not_its_event(rule: Rule, told: Recorded) -> str:
    name = told.event.type
    if any(is_named(pattern, name) for pattern in rule.events):
        return ""
    if TYPES[name].is_operational:
        return f"{name} is about watching itself: only a rule that names it is told"
    return f"{name} is none of its events" if rule.events else ""


def _too_light(rule: Rule, told: Recorded) -> str:
    severity = rule.weighed(told.event.severity)
    if severity.rank >= rule.least.rank:
        return ""
    return f"severity {severity.value} is below {rule.least.value}"


def _elsewhere(rule: Rule, told: Recorded) -> str:
    place = told.event.jurisdiction
    if not rule.jurisdictions or not place or place in rule.jurisdictions:
        return ""
    return f"jurisdiction {place} is not {' or '.join(rule.jurisdictions)}"


def _other_source(rule: Rule, told: Recorded) -> str:
    source = told.provenance.source
    if not rule.sources or source in rule.sources:
        return ""
    return f"source {source} is not {' or '.join(rule.sources)}"


def _other_tier(rule: Rule, told: Recorded) -> str:
    tier = told.provenance.tier
    if not rule.tiers or tier in rule.tiers:
        return ""
    return f"tier {tier} is not {' or '.join(map(str, rule.tiers))}"


_TESTS = (_not_observed, _not_its_event, _too_light, _elsewhere, _other_source, _other_tier)
"""Each returns why nobody is told, or nothing; in the order in which a person would ask."""
