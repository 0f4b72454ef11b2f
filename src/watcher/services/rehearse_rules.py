"""Rules over the past of our own log: who would have been told of what, against who was.

Each case is decided on as it stood when its events were recorded, by the function that alerts.
Nothing is written and nothing is sent. How many messages a person may get in an hour is not
counted: that decides when they hear of something, never whether.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal

from watcher.core.case import Case, gravest_first
from watcher.core.events import Recorded, apply
from watcher.core.facts import State
from watcher.core.phrases import title, what_and_when
from watcher.core.taxonomy import Severity
from watcher.core.telling import Telling, decide
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import RECONCILER, case_of
from watcher.services.explain import Audience

Sign = Literal["+", "=", "−"]
_TOLD_KINDS = frozenset({"alert", "follow_up", "operator"})
_RANKED = sorted(Severity, key=lambda each: each.rank)
_FOLLOWS = "it follows on what they would have been told before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """That a channel hears of a case, or heard of it.

    Attributes:
        at: When, RFC 3339 UTC; of a digest, when it is due.
        how: `now`, `daily`, `weekly` or `summary`.
        severity: How grave it is taken for.
    """

    at: str
    how: str
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One case for one reader: what these rules say, and what was told.

    Attributes:
        case: The case's key.
        position: The position of the event that leads it.
        at: When it was recorded, RFC 3339 UTC.
        what: What it tells of, in words.
        channel: The channel's id.
        person: Who reads it; empty: whoever does.
        would: What they would hear by these rules; None: nothing.
        was: What they were told; None: nothing.
        why: Why they would be told, or would not.
    """

    case: str
    position: int
    at: str
    what: str
    channel: str
    person: str
    would: Heard | None
    was: Heard | None
    why: str

    @property
    def sign(self) -> Sign:
        """Return `+` where it is new, `−` where it is told no longer, `=` where it stays."""
        if self.was is None:
            return "+"
        return "=" if self.would else "−"

    @property
    def severity(self) -> Severity:
        """Return how grave it is taken for."""
        heard = self.would or self.was
        return heard.severity if heard else Severity.LOW


@dataclass(frozen=True, slots=True)
class _Was:
    """What a channel was told of a case: to whom, how, and the key of what it follows on."""

    person: str
    heard: Heard
    answers: str = ""


@dataclass(slots=True)
class _Reach:
    """Whom one case reaches: by these rules, channel by channel, and in truth."""

    case: Case
    would: dict[str, Telling] = field(default_factory=dict)
    refused: dict[str, Telling] = field(default_factory=dict)

    def add(self, tellings: Sequence[Telling]) -> None:
        for each in tellings:
            (self.would if each.is_told else self.refused).setdefault(each.channel, each)


def rehearse_rules(
    store: Store, audience: Audience, *, since: str = "", until: str = ""
) -> tuple[Compared, ...]:
    """Return what rules would tell of the past of the log, compared with what was told.

    Args:
        store: Where; it is only read.
        audience: Whose rules and people to ask.
        since: Only cases recorded since this day or instant; empty: ever.
        until: Only cases recorded up to this instant; empty: today.
    """
    with store.reading() as work:
        reached = _reached(work, audience, since, until)
        return tuple(each for key in reached for each in _compared(work, key, reached))


def _reached(work: Work, audience: Audience, since: str, until: str) -> dict[str, _Reach]:
    """Return whom each case of the past would reach, as things stood then."""
    found: dict[str, _Reach] = {}
    states: dict[str, State] = {}
    log = work.log.read(EventFilter())
    for (stream, _capture), group in groupby(log, key=lambda e: (e.stream, e.provenance.capture)):
        events = list(group)
        if until and events[0].recorded_at > until:
            break
        for each in events:
            states[stream] = apply(states.get(stream, {}), each.event)
        if events[-1].recorded_at >= since:
            _decide(work, audience, events, states, found)
    return found


def _decide(
    work: Work,
    audience: Audience,
    events: Sequence[Recorded],
    states: Mapping[str, State],
    found: dict[str, _Reach],
) -> None:
    """Add whom the events of one capture reach: those that open a case, and those that join one."""
    by_case: dict[str, list[Recorded]] = {}
    for each in events:
        if row := work.cases.of_event(each.position):
            by_case.setdefault(row.key, []).append(each)
            found.setdefault(row.key, _Reach(case_of(work, row)))
    for key, told in by_case.items():
        facts = _facts(told[0], found[key].case.lead, states)
        at = datetime.fromisoformat(told[0].recorded_at)
        ordered = gravest_first(told)
        tellings = decide(audience.rules, audience.people, audience.groups, ordered, facts, at)
        found[key].add(tellings)


def _facts(told: Recorded, lead: Recorded, states: Mapping[str, State]) -> State:
    """Return what was known when an event was told: by its source, and by the one it confirms."""
    own = states[told.stream]
    if told.provenance.source == RECONCILER:
        subject = str(told.event.subject)
        others = [state for name, state in states.items() if name.partition("/")[2] == subject]
        for state in others:
            own = {**state, **own}
    return own if told.stream == lead.stream else {**own, **states.get(lead.stream, {})}


def _compared(work: Work, key: str, reached: Mapping[str, _Reach]) -> Iterator[Compared]:
    reach, was = reached[key], _was(work, key)
    lead = reach.case.lead
    for channel in dict.fromkeys([*reach.would, *was]):
        telling, old = reach.would.get(channel), was.get(channel)
        would, why = _heard(telling), telling.why if telling else ""
        if old is not None and telling is None:
            is_thread = old.answers in reached and channel in reached[old.answers].would
            would = old.heard if is_thread else None
            why = _FOLLOWS if is_thread else _why_not(reach, channel)
        yield Compared(
            case=key,
            position=lead.position,
            at=lead.recorded_at,
            what=_words(reach.case),
            channel=channel,
            person=telling.person if telling else old.person if old else "",
            would=would,
            was=old.heard if old else None,
            why=why,
        )


def _words(case: Case) -> str:
    event = case.lead.event
    return f"{title(event.subject, case.facts, {})} – {what_and_when(event, case.facts)}"


def _why_not(reach: _Reach, channel: str) -> str:
    refused = reach.refused.get(channel)
    return refused.plan.reason if refused else "no rule leads to this channel"


def _heard(telling: Telling | None) -> Heard | None:
    if telling is None:
        return None
    return Heard(
        at=f"{telling.plan.at:%Y-%m-%dT%H:%M:%SZ}",
        how=str(telling.plan.cadence),
        severity=telling.severity,
    )


def _was(work: Work, case: str) -> Mapping[str, _Was]:
    """Return what each channel was told of a case, first."""
    found: dict[str, _Was] = {}
    for each in work.outbox.of_case(case):
        if each.kind in _TOLD_KINDS:
            heard = Heard(at=each.created_at, how="now", severity=_RANKED[each.severity])
            answers = each.envelope.in_reply_to if each.kind == "follow_up" else ""
            found.setdefault(each.channel, _Was(each.person, heard, answers))
    for item in work.digests.of_case(case):
        heard = Heard(at=item.due, how=item.cadence, severity=_RANKED[item.severity])
        found.setdefault(item.channel, _Was(item.person, heard))
    return found
