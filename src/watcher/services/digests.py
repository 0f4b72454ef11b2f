"""Lines that are due → one message a person, channel and cadence, in one transaction.

A digest tells what is so when it is made, not when its lines were put in: a case that was corrected
meanwhile is told as taken back, one that somebody acknowledged as acknowledged. Where nothing
waits, there is no message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from watcher.core.capture import instant
from watcher.core.case import Case, without
from watcher.core.correction import CORRECTED
from watcher.core.digest import MOST_IN_DIGEST, Digest, Remark
from watcher.core.phrases import what_and_when
from watcher.core.recipients import Cadence, Person
from watcher.ports import Clock, Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.ports.telling import DigestItem, Waiting
from watcher.services.correlate import case_of, corrected
from watcher.services.telling_people import SUMMARY, may_have_gone

Compose = Callable[[Digest, str], Envelope]
"""Makes the message of a digest, given its key."""
_HORIZON = timedelta(days=8)
"""No digest is put off for longer than a week: what is due later was so by a clock ahead."""
_ALL = "9999"
"""An instant after all others."""
_DECIDED = frozenset({"acknowledged", "irrelevant", "wrong"})


class _To(NamedTuple):
    person: str
    channel: str
    cadence: str


def due(store: Store, compose: Compose, clock: Clock, people: Sequence[Person] = ()) -> int:
    """Put each digest whose time has come into the outbox; return how many messages these are.

    A summary takes along what waits for the next one: something critical in it hurries all of it.

    Args:
        store: Where.
        compose: Makes the messages.
        clock: Tells the time.
        people: Whose local day it is.
    """
    now = clock.now()
    with store.reading() as work:
        waiting = work.digests.due(instant(now), instant(now + _HORIZON))
    known = {person.id: person for person in people}
    queued = 0
    for to in dict.fromkeys(map(_to, waiting)):
        with store.writing() as work:
            queued += _queue(work, to, compose, now, known.get(to.person))
    return queued


def _to(item: DigestItem) -> _To:
    return _To(item.person, item.channel, item.cadence)


def _queue(work: Work, to: _To, compose: Compose, now: datetime, person: Person | None) -> int:
    until = _ALL if to.cadence == SUMMARY else instant(now)
    waiting = work.digests.due(until, instant(now + _HORIZON))
    lines = _Lines(work, [item for item in waiting if _to(item) == to])
    parts = lines.parts()
    for number, part in enumerate(parts, start=1):
        key = _key(work, to, lines.items[0].due)
        of = f", part {number} of {len(parts)}" if len(parts) > 1 else ""
        digest = Digest(
            cases=tuple(each.case for each in part),
            period=_period(to.cadence, now, person) + of,
            why="\n".join(dict.fromkeys(why for each in part for why in each.whys)),
            remarks={each.case.key: each.remark for each in part if each.remark},
        )
        items = [item for each in part for item in each.items]
        work.outbox.add(_message(to, key, compose(digest, key), items, now))
        work.digests.tell(items, key)
    return len(parts)


class _Line(NamedTuple):
    """One case of a digest, with what became of it and all the lines that asked for it."""

    case: Case
    remark: Remark | None
    items: list[DigestItem]

    @property
    def whys(self) -> list[str]:
        return [why for item in self.items for why in item.why.splitlines()]


class _Lines:
    """The lines of one digest, a case each, the gravest first."""

    def __init__(self, work: Work, items: Sequence[DigestItem]) -> None:
        self.items = sorted(items, key=lambda item: item.due)
        self._work = work
        self._taken_back = corrected(work)

    def parts(self) -> list[list[_Line]]:
        """Return them in parts of what one message can hold; all of them are told."""
        by_case: dict[str, list[DigestItem]] = {}
        for item in self.items:
            by_case.setdefault(item.case, []).append(item)
        lines = [self._line(case, items) for case, items in by_case.items()]
        lines.sort(key=lambda each: (-each.case.severity.rank, each.case.lead.position))
        return [lines[at : at + MOST_IN_DIGEST] for at in range(0, len(lines), MOST_IN_DIGEST)]

    def _line(self, key: str, items: list[DigestItem]) -> _Line:
        work = self._work
        row = work.cases.named(key)[0]
        case = case_of(work, row)
        left = without(case, self._taken_back)
        if left is None or case.lead.position in self._taken_back:
            words = self._correction(case)
            if left is None:
                return _Line(case, Remark(words, is_wrong=True), items)
            return _Line(left, Remark(f"part of it was wrong: {words}"), items)
        newer = work.cases.last_on(row.axis)
        return _Line(left, self._became(left, newer.lead if newer else row.lead), items)

    def _correction(self, case: Case) -> str:
        """Return who took it back and why."""
        wrong = {told.event_id for told in (*case.events, *case.corroborations)}
        for told in self._work.log.read(EventFilter(types=(CORRECTED,))):
            if told.event.details.get("corrects") in wrong:
                return f"taken back before you were told: {told.event.details.get('why', '')}"
        return "taken back before you were told"

    def _became(self, case: Case, newest: int) -> Remark | None:
        """Return what became of a case that was not corrected: decided on, or over since."""
        words = []
        state = self._work.case_states.get(case.key)
        if state.state in _DECIDED:
            why = f": {state.why}" if state.why else ""
            words.append(f"{state.state}, says {state.by}{why}")
        elif state.assigned_to:
            words.append(f"given to {state.assigned_to}")
        if newest > case.lead.position:
            words.append(f"since then: {self._words(newest)}")
        if over := self._over_since(case):
            words.append(f"well again since {over[:16].replace('T', ' ')} UTC")
        return Remark("; ".join(words), is_wrong=state.state == "wrong") if words else None

    def _words(self, position: int) -> str:
        told = self._work.log.find(str(position))
        return what_and_when(told.event, self._work.streams.get(told.stream).state)

    def _over_since(self, case: Case) -> str:
        """Return since when a source in trouble is well again; empty: it is not, or was not."""
        lead = case.lead
        if not lead.event.type.startswith("source.") or lead.event.type == "source.recovered":
            return ""
        wanted = EventFilter(stream=lead.stream, types=("source.recovered",), after=lead.position)
        return next((told.provenance.observed_at for told in self._work.log.read(wanted)), "")


def _key(work: Work, to: _To, at: str) -> str:
    """Return the key of the next message to this reader for this instant.

    What was told stands at its lines, in the same transaction; so a key that is taken means one
    more part, or one that is made anew because a line of the first was corrected.
    """
    kind = SUMMARY if to.cadence == SUMMARY else "digest"
    wanted = f"{kind}:{to.person or to.channel}:{to.cadence}:{at}"
    key, number = wanted, 1
    while any(message.channel == to.channel for message in work.outbox.with_key(key)):
        number += 1
        key = f"{wanted}:{number}"
    return key


def _period(cadence: str, now: datetime, person: Person | None) -> str:
    local = now.astimezone(ZoneInfo(person.zone) if person else UTC)
    day = f"{local.day} {local:%B %Y}"
    if cadence == SUMMARY:
        return f"{day}, {local:%H:%M} {person.zone if person else 'UTC'}, much at once"
    return f"the week to {day}" if cadence == Cadence.WEEKLY else day


def _message(
    to: _To, key: str, letter: Envelope, items: Sequence[DigestItem], now: datetime
) -> Waiting:
    at = instant(now)
    return Waiting(
        id=0,
        key=key,
        case="",
        channel=to.channel,
        envelope=replace(letter, key=key),
        state="pending",
        next_attempt=at,
        created_at=at,
        person=to.person,
        kind=SUMMARY if to.cadence == SUMMARY else "digest",
        severity=max(item.severity for item in items),
    )


def made_anew(work: Work, case: str) -> int:
    """Stop the digests about a case that have not gone, and let their lines wait again.

    They are made anew at once, with what is so by then.

    Args:
        work: The transaction in which the case was found wrong.
        case: The case's key.

    Returns:
        How many were stopped.
    """
    told = {item.told_in for item in work.digests.of_case(case) if item.told_in}
    stopped = [
        message
        for key in sorted(told)
        for message in work.outbox.with_key(key)
        if message.kind in {"digest", SUMMARY}
        and message.state == "pending"
        and not may_have_gone(message)
    ]
    for message in stopped:
        answer = "a line of it was corrected before it went; it is made anew"
        work.outbox.update(replace(message, state="cancelled", answer=answer))
        mine = [
            item for item in work.digests.told_in(message.key) if item.channel == message.channel
        ]
        work.digests.tell(mine, "")
    return len(stopped)
