"""New events → rules → outbox: by checkpoint, in one transaction.

Messages and checkpoint move together. A crash before the commit leaves both where they were, and
the same events make the same messages again; a crash after it leaves the messages in the outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.case import Case
from watcher.core.events import Cause, Recorded
from watcher.core.other_sources import Known
from watcher.core.rules import Decision, Rule, explain
from watcher.ports import Clock, Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import Opened, contradict, corrected, correlate

CONSUMER = "alert"
"""The name of this step's checkpoint."""
_BATCH = 1_000
_DISPUTED = timedelta(days=7)
"""How long an unconfirmed claim is held against what the authority says."""
CONFIRMING_TIER = 2
"""Authorities and holders; what only others say is unconfirmed."""

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
    since = instant(datetime.fromisoformat(now) - _DISPUTED)
    contradict(work, since, now)
    after = work.checkpoint(CONSUMER)
    new = tuple(work.log.read(EventFilter(after=after, limit=_BATCH)))
    if new:
        new = _whole_captures(work, new)
        work.move_checkpoint(CONSUMER, new[-1].position)
    released = _released(work, now)
    apart = {told.position for told in released}
    taken_back = corrected(work)
    released = [told for told in released if told.position not in taken_back]
    apart.update(taken_back)
    apart.update(work.held.of_state("held"), work.held.of_state("dismissed"))
    observed = [told for told in new if told.cause is Cause.OBSERVED and told.position not in apart]
    opened = correlate(work, [*released, *observed], now)
    cases = [each.case for each in opened if each.is_new]
    return Alerted(
        events=len(new) + len(released),
        cases=len(cases),
        queued=sum(_queue(work, each, rules, compose, now) for each in opened),
        unconfirmed=tuple(case for case in cases if case.is_unconfirmed),
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


def _queue(work: Work, opened: Opened, rules: Sequence[Rule], compose: Compose, now: str) -> int:
    """Put the case's message in for each channel that a rule names, once; return how many.

    One more source telling of a known case reaches whoever was not told of it yet: their rules
    may not have let the first one through. And where the first could not be confirmed, the
    authority's word follows to everyone who had it.
    """
    case = opened.case
    told = (*case.events,) if opened.second is None else (opened.second,)
    whys: dict[str, list[str]] = {}
    for decision in _told(told, case, work, rules):
        for channel in decision.rule.channels:
            whys.setdefault(channel, []).append(why(decision))
    if not whys:
        return 0
    others = work.streams.of_subject(case.lead.event.subject)
    known = {source: state for source, state in others.items() if source not in case.sources}
    queued = 0
    for channel, reasons in whys.items():
        letter = compose(case, "\n".join(reasons), known)
        is_new = work.outbox.put(case.key, case.key, channel, letter, now)
        if not is_new and _confirms(opened):
            key = f"{case.key}-confirmed"
            follow = replace(letter, key=key, in_reply_to=case.key)
            is_new = work.outbox.put(key, case.key, channel, follow, now)
        queued += is_new
    return queued


def _confirms(opened: Opened) -> bool:
    """Return whether this telling is the first by an authority or the holder."""
    second = opened.second
    if second is None or second.provenance.tier > CONFIRMING_TIER:
        return False
    tellers = [opened.case.lead, *opened.case.corroborations]
    earlier = [each for each in tellers if each.position != second.position]
    return all(each.provenance.tier > CONFIRMING_TIER for each in earlier)


def _told(
    told: Sequence[Recorded], case: Case, work: Work, rules: Sequence[Rule]
) -> list[Decision]:
    """Return one decision a rule that wants any of these events told."""
    found: dict[str, Decision] = {}
    for each in told:
        facts = {**work.streams.get(each.stream).state, **case.facts}
        for decision in explain(rules, each, facts):
            if decision.is_told:
                found.setdefault(decision.rule.id, decision)
    return list(found.values())


def why(decision: Decision) -> str:
    """Return why somebody is told, in words: the watch list, what is on it, and the rule."""
    rule = decision.rule
    return f"watch list “{rule.watch_list}” ({decision.reason}), rule {rule.id}"
