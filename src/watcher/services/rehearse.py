"""An archive of the past run through the live line: what would have been sent, and what not, why.

The same steps as for live captures, with a fetcher that serves the archive and a clock that stands
at each page's time. Messages are composed and stay in the outbox of a scratch store: nothing here
knows a channel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.core.events import Cause, Recorded
from watcher.core.rules import Decision, Rule, explain
from watcher.core.telling import decide
from watcher.ports import Answer, Request
from watcher.ports.store import EventFilter, Work
from watcher.ports.telling import DigestItem, Waiting
from watcher.services.alert import Compose, alert
from watcher.services.archive import Page
from watcher.services.check import Outcome, Tools, check
from watcher.services.correlate import axis
from watcher.services.explain import Audience
from watcher.services.rerun import Still
from watcher.services.source import Source

_EVER = "9999"
"""Later than any digest is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message that would have been sent.

    Attributes:
        at: When, RFC 3339 UTC.
        channel: The channel's id.
        rules: The ids of the rules that wanted it.
        subject: Its subject line.
        case: The case's key.
        events: The positions of the events it tells.
    """

    at: str
    channel: str
    rules: tuple[str, ...]
    subject: str
    case: str
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """One event that no message would have told, and why."""

    told: Recorded
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one page of the archive came to."""

    page: Page
    outcome: Outcome
    messages: tuple[Message, ...] = ()
    untold: tuple[Untold, ...] = ()


def rehearse(
    pages: Sequence[Page],
    source_of: Callable[[str], Source],
    tools: Tools,
    audience: Audience,
    compose: Compose,
) -> Iterator[Step]:
    """Yield what each page comes to, in the order of the archive.

    Args:
        pages: The archive, oldest first.
        source_of: The source that an address belongs to.
        tools: A scratch store and scratch snapshots; fetcher, clocks and cause are replaced.
        audience: Who would be told of what.
        compose: Makes a case's message.
    """
    rules = audience.rules
    people, groups = [*audience.people.values()], [*audience.groups.values()]
    seen, known = 0, set[tuple[str, str]]()
    for page in pages:
        clock = Still(page.at)
        then = replace(
            tools,
            fetcher=_FromArchive(page),
            clock=clock,
            recorder=clock,
            due=lambda _target, now: now,
            cause=Cause.OBSERVED,
            judged_as=page.judged_as,
        )
        outcome = check(source_of(page.url), page.url, then)
        queued = alert(tools.store, rules, compose, clock, people, groups).queued
        with tools.store.reading() as work:
            waiting = work.outbox.latest(queued) if queued else ()
            for_digests = sorted(work.digests.due(_EVER), key=lambda item: item.due)
            messages = (
                *(_message(work, each, audience, page.at) for each in waiting),
                *(
                    _line(work, each, audience, page.at)
                    for each in for_digests
                    if (each.channel, each.key) not in known
                ),
            )
            known.update((each.channel, each.key) for each in for_digests)
            told = {position for message in messages for position in message.events}
            untold = tuple(
                Untold(told=each, reasons=why_not(work, each, rules))
                for each in work.log.read(EventFilter(after=seen, without_baseline=True))
                if each.position not in told
            )
            seen = work.log.head()
        yield Step(page=page, outcome=outcome, messages=messages, untold=untold)


@dataclass(frozen=True, slots=True)
class _FromArchive:
    """A fetcher that answers with one page of the archive."""

    page: Page

    def fetch(self, request: Request) -> Answer:  # noqa: ARG002  the archive has one answer
        return self.page.answer()


def _message(work: Work, waiting: Waiting, audience: Audience, now: datetime) -> Message:
    positions = work.cases.positions(waiting.case)
    return Message(
        at=waiting.next_attempt or waiting.created_at,
        channel=waiting.channel,
        rules=_wanting(work, positions, waiting.channel, audience, now),
        subject=waiting.envelope.subject,
        case=waiting.case,
        events=positions,
    )


def _line(work: Work, item: DigestItem, audience: Audience, now: datetime) -> Message:
    """Return a line of a digest as the message that it will be part of."""
    positions = work.cases.positions(item.case)
    lead = work.log.find(str(positions[0])).event
    return Message(
        at=item.due,
        channel=item.channel,
        rules=_wanting(work, positions, item.channel, audience, now),
        subject=f"{item.cadence} digest: {lead.type} of {lead.subject.id}",
        case=item.case,
        events=positions,
    )


def _wanting(
    work: Work, positions: Sequence[int], channel: str, audience: Audience, now: datetime
) -> tuple[str, ...]:
    """Return the ids of the rules that lead an event of a case to a channel."""
    found: dict[str, None] = {}
    for position in positions:
        told = work.log.find(str(position))
        state = work.streams.get(told.stream).state
        for telling in decide(audience.rules, audience.people, audience.groups, [told], state, now):
            if telling.is_told and telling.channel == channel:
                found.update(dict.fromkeys(telling.rules))
    return tuple(found)


def why_not(work: Work, told: Recorded, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return why no message told of an event: a reason a rule, or what became of it before them.

    Args:
        work: The store, after `alert` went over the event.
        told: An event that stands in no message's case.
        rules: Who would be told of what.
    """
    if told.position in work.held.of_state("held"):
        return (
            "held back: so many subjects of its source changed alike that a person has to look",
        )
    known = work.cases.last_on(axis(work, told))
    positions = work.cases.positions(known.key) if known else ()
    if known is not None and known.lead != told.position and told.position in positions:
        lead = work.log.find(str(known.lead)).provenance
        return (f"corroborates what {lead.source} told at {lead.observed_at[:16]}",)
    decisions = _decisions(work, told, rules)
    if any(decision.is_told for decision in decisions):
        return ("told before: its message stands in the outbox already",)
    return tuple(map(str, decisions)) or ("there are no rules",)


def _decisions(work: Work, told: Recorded, rules: Sequence[Rule]) -> Sequence[Decision]:
    return explain(rules, told, work.streams.get(told.stream).state)
