"""New events → rules → outbox and digests: by checkpoint, in one transaction.

Messages, lines and checkpoint move together. A crash before the commit leaves them where they were,
and the same events make the same messages again; a crash after it leaves the messages in the
outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.case import Case
from watcher.core.events import Cause, Recorded
from watcher.core.other_sources import Known
from watcher.core.recipients import Group, Person
from watcher.core.rules import Rule
from watcher.core.taxonomy import TYPES
from watcher.core.telling import Telling, decide
from watcher.ports import Clock, Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import Opened, contradict, corrected, correlate
from watcher.services.following_up import Thread, also, confirmed_key, confirms, thread
from watcher.services.standing import is_taken_back
from watcher.services.telling_people import News, Queued, note_told, reached, tell

CONSUMER = "alert"
"""The name of this step's checkpoint."""
SENT = "alert.sent"
"""The record that a message was delivered; to tell of it would make the next one."""
GIVEN_UP = "alert.given_up"
_UNANSWERED = frozenset({"corroboration.added", "source.recovered"})
"""Types that end or add to something told before: nobody has to acknowledge them."""
_BATCH = 1_000
_DISPUTED = timedelta(days=7)
"""How long an unconfirmed claim is held against what the authority says."""

Compose = Callable[[Case, str, Known, str], Envelope]
"""Makes the message of a case, given why its reader gets it, what other sources say now, and whom
it is for: `person:anna`, or `channel:pv-team`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What one pass over new events came to.

    Attributes:
        events: How many events were looked at.
        cases: How many cases they opened.
        queued: How many messages were put into the outbox.
        lines: How many lines were put into digests that are due later.
        unconfirmed: Critical cases that only aggregators and encyclopaedias tell of.
        unheard: Given-up messages of which no operator can be told: no rule names one, or only
            through the channel that is dead.
    """

    events: int = 0
    cases: int = 0
    queued: int = 0
    lines: int = 0
    unconfirmed: tuple[Case, ...] = ()
    unheard: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What one batch is told by."""

    work: Work
    rules: Sequence[Rule]
    people: Mapping[str, Person]
    groups: Mapping[str, Group]
    compose: Compose
    now: datetime
    unheard: list[Recorded] = field(default_factory=list)


def alert(
    store: Store,
    rules: Sequence[Rule],
    compose: Compose,
    clock: Clock,
    people: Sequence[Person] = (),
    groups: Sequence[Group] = (),
) -> Alerted:
    """Queue what is new for everyone whom a rule wants told, each when they want to be.

    Args:
        store: Where.
        rules: Who is told of what.
        compose: Makes the messages.
        clock: Tells the time.
        people: Everyone whom rules may name.
        groups: People who are told together.
    """
    total = Alerted()
    known = {person.id: person for person in people}
    sets = {group.id: group for group in groups}
    while True:
        with store.writing() as work:
            done = _batch(
                _Desk(
                    work=work,
                    rules=rules,
                    people=known,
                    groups=sets,
                    compose=compose,
                    now=clock.now(),
                )
            )
        total = _sum(total, done)
        if not done.events:
            return total


def _sum(one: Alerted, other: Alerted) -> Alerted:
    return Alerted(
        events=one.events + other.events,
        cases=one.cases + other.cases,
        queued=one.queued + other.queued,
        lines=one.lines + other.lines,
        unconfirmed=(*one.unconfirmed, *other.unconfirmed),
        unheard=(*one.unheard, *other.unheard),
    )


def _batch(desk: _Desk) -> Alerted:
    work, now = desk.work, instant(desk.now)
    contradict(work, instant(desk.now - _DISPUTED), now)
    after = work.checkpoint(CONSUMER)
    head = work.log.head()  # before the events: one that comes meanwhile is not passed over
    # first readings are never news, and thousands of them are tens of megabytes once understood
    new = tuple(work.log.read(EventFilter(after=after, limit=_BATCH, without_baseline=True)))
    is_all = len(new) < _BATCH
    if new:
        new = _whole_captures(work, new)
    end = max(head if is_all else 0, new[-1].position if new else 0)
    if end > after:
        work.move_checkpoint(CONSUMER, end)
    released = _released(work, now)
    apart = {told.position for told in released}
    taken_back = corrected(work)
    released = [told for told in released if told.position not in taken_back]
    apart.update(taken_back)
    for state in ("held", "dismissed", "told"):
        # those told are the released of an earlier batch, where the checkpoint was not there yet
        apart.update(work.held.of_state(state))
    aside = work.log.set_aside()
    observed = [
        told
        for told in new
        if _is_news(told) and told.position not in apart and not is_taken_back(work, told, aside)
    ]
    opened = correlate(work, [*released, *observed], now)
    cases = [each.case for each in opened if each.is_new]
    queued = sum((_queue(desk, each) for each in opened), Queued())
    return Alerted(
        events=len(new) + len(released),
        cases=len(cases),
        queued=queued.messages,
        lines=queued.lines,
        unconfirmed=tuple(case for case in cases if case.is_unconfirmed),
        unheard=tuple(desk.unheard),
    )


def _is_news(told: Recorded) -> bool:
    return told.cause is Cause.OBSERVED and told.event.type != SENT


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


def _queue(desk: _Desk, opened: Opened) -> Queued:
    """Queue a case for each channel that hears of it, once; return how much."""
    case = opened.case
    told = (*case.events,) if opened.second is None else (opened.second,)
    state = {**desk.work.streams.get(told[0].stream).state, **case.facts}
    decided = decide(desk.rules, desk.people, desk.groups, told, state, desk.now)
    if opened.second is not None:
        return _queue_again(desk, opened, decided)
    if case.lead.event.type == GIVEN_UP:
        decided = _elsewhere(desk, case, decided)
    follows = thread(desk.work, case)
    heard = follows.heard if follows.is_for_all else ()
    tellings = (*decided, *also(heard, decided, case.severity, desk.people, desk.now))
    if case.lead.event.type not in _UNANSWERED:
        note_told(desk.work, case.key, tellings, desk.rules)
    news = News(
        key=case.key,
        case=case.key,
        kind="follow_up" if follows.heard else _kind(case),
        letter=_letter(desk, case),
        replies=follows.replies,
    )
    wanted = (each for each in tellings if each.channel not in follows.told)
    return tell(desk.work, news, wanted, desk.now)


def _queue_again(desk: _Desk, opened: Opened, decided: Sequence[Telling]) -> Queued:
    """Queue a known case for those who are new to it, and the authority's word for all others.

    One more source telling of it reaches whoever was not told of it yet: their rules may not have
    let the first one through. And where the first could not be confirmed, the authority's word
    follows to everyone who had it.
    """
    case = opened.case
    had = Thread(reached(desk.work, case.key))
    new_to_it = [each for each in decided if each.channel not in had.replies]
    note_told(desk.work, case.key, new_to_it, desk.rules)
    news = News(key=case.key, case=case.key, kind=_kind(case), letter=_letter(desk, case))
    done = tell(desk.work, news, new_to_it, desk.now)
    if not confirms(opened):
        return done
    again = [each for each in decided if each.channel in had.replies and each.is_told]
    again += also(had.heard, decided, case.severity, desk.people, desk.now)
    word = replace(news, key=confirmed_key(case.key), kind="follow_up", replies=had.replies)
    return done + tell(desk.work, word, again, desk.now)


def _elsewhere(desk: _Desk, case: Case, decided: Sequence[Telling]) -> tuple[Telling, ...]:
    """Return who is told that a message was given up: nobody through the channel that took none.

    And nobody is told that such a notice was given up in its turn: two dead channels would go on
    telling of each other.
    """
    lead = case.lead
    others = [each for each in decided if each.is_told and each.channel != lead.event.subject.id]
    if not others or lead.event.details.get("of") == GIVEN_UP:
        desk.unheard.append(lead)
        return ()
    return tuple(others)


def _kind(case: Case) -> str:
    return "operator" if TYPES[case.lead.event.type].is_operational else "alert"


def _letter(desk: _Desk, case: Case) -> Callable[[str, str], Envelope]:
    """Return what makes the case's message, given why its reader gets it and whom it is for."""
    others = desk.work.streams.of_subject(case.lead.event.subject)
    known = {source: state for source, state in others.items() if source not in case.sources}
    return lambda reason, recipient: desk.compose(case, reason, known, recipient)
