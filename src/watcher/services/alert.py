"""New events → rules → outbox: by checkpoint, in one transaction.

Messages and checkpoint move together. A crash before the commit leaves both where they were, and
the same events make the same messages again; a crash after it leaves the messages in the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from watcher.core.capture import instant
from watcher.core.case import Case
from watcher.core.events import Cause, Recorded
from watcher.core.other_sources import Known
from watcher.core.rules import Decision, Rule, explain
from watcher.ports import Clock, Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import correlate

CONSUMER = "alert"
"""The name of this step's checkpoint."""
_BATCH = 1_000

Compose = Callable[[Case, str, Known], Envelope]
"""Makes the message of a case, given why its reader gets it and what other sources say now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What one pass over new events came to.

    Attributes:
        events: How many events were looked at.
        cases: How many cases they opened.
        queued: How many messages were put into the outbox.
        unconfirmed: Critical cases that only aggregators and encyclopaedias tell of.
    """

    events: int = 0
    cases: int = 0
    queued: int = 0
    unconfirmed: tuple[Case, ...] = ()


def alert(store: Store, rules: Sequence[Rule], compose: Compose, clock: Clock) -> Alerted:
    """Put a message into the outbox for everyone a rule wants told of what is new."""
    total = Alerted()
    while True:
        with store.writing() as work:
            done = _batch(work, rules, compose, instant(clock.now()))
        total = Alerted(
            events=total.events + done.events,
            cases=total.cases + done.cases,
            queued=total.queued + done.queued,
            unconfirmed=(*total.unconfirmed, *done.unconfirmed),
        )
        if not done.events:
            return total


def _batch(work: Work, rules: Sequence[Rule], compose: Compose, now: str) -> Alerted:
    after = work.checkpoint(CONSUMER)
    new = tuple(work.log.read(EventFilter(after=after, limit=_BATCH)))
    if new:
        new = _whole_captures(work, new)
        work.move_checkpoint(CONSUMER, new[-1].position)
    held = {*work.held.of_state("held"), *work.held.of_state("dismissed")}
    observed = [told for told in new if told.cause is Cause.OBSERVED and told.position not in held]
    released = _released(work, now)
    opened = [each.case for each in correlate(work, [*released, *observed], now) if each.is_new]
    return Alerted(
        events=len(new) + len(released),
        cases=len(opened),
        queued=sum(_queue(work, case, rules, compose, now) for case in opened),
        unconfirmed=tuple(case for case in opened if case.is_unconfirmed),
    )


def _released(work: Work, now: str) -> list[Recorded]:
    """Return the events a person has released, and note that they are being told now."""
    positions = work.held.of_state("released")
    for batch in work.held.batches():
        if batch.state == "released":
            work.held.decide(batch.batch, "told", now, batch.why)
    return [work.log.find(str(position)) for position in positions]


def _whole_captures(work: Work, new: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """Return `new` with the rest of its last capture: what was seen together is told together."""
    last = new[-1]
    rest = list(new)
    for told in work.log.read(EventFilter(after=last.position)):
        if (told.stream, told.provenance.capture) != (last.stream, last.provenance.capture):
            break
        rest.append(told)
    return tuple(rest)


def _queue(work: Work, case: Case, rules: Sequence[Rule], compose: Compose, now: str) -> int:
    """Put the case's message in for each channel that a rule names, once; return how many."""
    whys: dict[str, list[str]] = {}
    for decision in _told(case, rules):
        for channel in decision.rule.channels:
            whys.setdefault(channel, []).append(why(decision))
    if not whys:
        return 0
    others = work.streams.of_subject(case.lead.event.subject)
    known = {source: state for source, state in others.items() if source not in case.sources}
    return sum(
        work.outbox.put(case.key, case.key, channel, compose(case, "\n".join(reasons), known), now)
        for channel, reasons in whys.items()
    )


def _told(case: Case, rules: Sequence[Rule]) -> list[Decision]:
    """Return one decision a rule that wants any event of the case told."""
    found: dict[str, Decision] = {}
    for told in case.events:
        for decision in explain(rules, told, case.facts):
            if decision.is_told:
                found.setdefault(decision.rule.id, decision)
    return list(found.values())


def why(decision: Decision) -> str:
    """Return why somebody is told, in words: the watch list, what is on it, and the rule."""
    rule = decision.rule
    return f"watch list “{rule.watch_list}” ({decision.reason}), rule {rule.id}"
