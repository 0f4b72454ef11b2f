"""A person puts a wrong event right: the state, the case, and everyone who was told of it.

All of it is one transaction. The wrong event stays in the log for ever; what corrects it follows in
the same stream, so that the state folds to what is so. Those who were told are told again, in the
same way, and nobody else; what was never sent is not sent any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.core.capture import instant
from watcher.core.case import Case, without
from watcher.core.correction import CORRECTED, Undone, is_claim, put_right, undo
from watcher.core.correction_message import Correction
from watcher.core.events import Cause, Event, Recorded
from watcher.core.facts import Value
from watcher.core.given_value import given
from watcher.core.recipients import Cadence, Person, plan
from watcher.core.taxonomy import TYPES, Severity
from watcher.errors import OperationalError
from watcher.ports import Clock, Envelope
from watcher.ports.store import Store, Work
from watcher.ports.telling import Waiting
from watcher.services.alert import Compose
from watcher.services.correlate import case_of, corrected
from watcher.services.decisions import Decider, decided, details_of, reason
from watcher.services.digests import made_anew
from watcher.services.instants import after_all
from watcher.services.own_events import appended
from watcher.services.telling_people import may_have_gone, reached

ComposeCorrection = Callable[[Correction, str, str], Envelope]
"""Makes a correction's message, given its key and the key of the message it answers."""
REST = "It came with something that turned out to be wrong, which is left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is to be put right.

    Attributes:
        event: The event's position, id or the beginning of its id.
        why: Why it is wrong; everyone who was told reads it.
        right: What is so instead, each `PATH=VALUE`; empty: the whole event is taken back.
        is_sources_fault: Whether the source itself is wrong: then what it says stays as it is, and
            only what was told is taken back.
    """

    event: str
    why: str
    right: tuple[str, ...] = ()
    is_sources_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Makes the messages that a correction needs.

    Attributes:
        correction: The one that puts right what was told.
        case: The one about a case, for what was right in a message that is not sent.
        people: Everyone by id: what is not critical waits for the end of their night.
    """

    correction: ComposeCorrection
    case: Compose
    people: Mapping[str, Person] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What a correction came to.

    Attributes:
        by: The event.
        told: How many were told.
        cancelled: How many messages were stopped before anyone had them.
    """

    by: Recorded
    told: int = 0
    cancelled: int = 0


def correct(store: Store, wrong: Wrong, letters: Letters, by: Decider, clock: Clock) -> Corrected:
    """Put an event right and tell everyone who was told of it.

    Args:
        store: Where.
        wrong: What, and why.
        letters: Makes the messages.
        by: Who decides; the same request again changes nothing.
        clock: Tells when.

    Raises:
        NotFoundError: There is no such event.
        OperationalError: No reason was given, it was corrected before, it is of a kind that cannot
            be, or a value cannot be set so.
    """
    why = reason(wrong.why, f"event {wrong.event} is wrong")
    now = instant(clock.now())
    with store.writing() as work:
        told = work.log.find(wrong.event)
        if done := decided(work, told.stream, by):
            return Corrected(by=done)
        _refuse(work, told, wrong)
        undone = _undone(work, told, wrong)
        correction = _append(work, told, undone, replace(wrong, why=why), by, now)
        return _tell(work, told, correction, letters, now)


def _refuse(work: Work, told: Recorded, wrong: Wrong) -> None:
    """Raise where an event cannot be corrected, or not in this way."""
    message = ""
    if told.position in corrected(work):
        message = f"event {told.position} was corrected before: see `watcher audit`"
    elif TYPES[told.event.type].is_operational and told.event.type != CORRECTED:
        message = f"{told.event.type} is about watching itself and states nothing to correct"
    elif wrong.right and wrong.is_sources_fault:
        message = "what a source says is not set by hand where the source itself is wrong"
    elif wrong.right and told.event.type == CORRECTED:
        message = "a correction can only be taken back as a whole"
    elif told.cause is Cause.BASELINE and not wrong.right and not wrong.is_sources_fault:
        message = "it is all that was known at the beginning: say what of it is wrong, with --set"
    if message:
        raise OperationalError(message)


def _undone(work: Work, told: Recorded, wrong: Wrong) -> Undone:
    if wrong.is_sources_fault:
        return Undone(())
    state = work.streams.get(told.stream).state
    if not wrong.right:
        return undo(told, state)
    facts = {path: value for path, value in state.items() if not is_claim(path)}
    stated = {each.path: _either(each.after, each.before) for each in told.event.changes}
    try:
        right = dict(given(text, (facts, stated)) for text in wrong.right)
    except ValueError as error:
        raise OperationalError(str(error)) from error
    undone = put_right(told, state, right)
    if not undone.changes:
        message = f"that is what is known already: {', '.join(wrong.right)}"
        raise OperationalError(message)
    return undone


def _either(one: Value, other: Value) -> Value:
    return other if one is None else one


def _append(
    work: Work, told: Recorded, undone: Undone, wrong: Wrong, by: Decider, now: str
) -> Recorded:
    """Append the correction to the stream of the event it puts right."""
    stream = work.streams.get(told.stream)
    row = work.cases.of_event(told.position)
    details = {
        **details_of(by, wrong.why),
        "corrects": told.event_id,
        "position": str(told.position),
        "fault": "source" if wrong.is_sources_fault else "ours",
        "left_alone": "\n".join(undone.left_alone),
        "case": row.key if row else told.event.details.get("case", ""),
    }
    event = Event(
        type=CORRECTED,
        subject=told.event.subject,
        changes=undone.changes,
        jurisdiction=told.event.jurisdiction,
        details={name: text for name, text in details.items() if text},
    )
    # the capture and its payload stay named: they are what was misread, or what misleads
    at = after_all(work, told.stream, now)
    seen = replace(told.provenance, observed_at=at, derivation="", evidence=())
    return work.log.append(appended(stream, event), seen, Cause.CORRECTED, now)[0]


def _tell(
    work: Work, told: Recorded, correction: Recorded, letters: Letters, now: str
) -> Corrected:
    """Stop what was not sent, and answer what was, once a channel."""
    row = work.cases.of_event(told.position)
    key = row.key if row else told.event.details.get("case", "")
    sent = _messages(work, told, key)
    stopped = [each for each in sent if _was_never_sent(each)]
    for each in sent:
        if each.state in {"pending", "sending"}:
            work.outbox.update(replace(each, state="cancelled", answer="corrected before it went"))
    cancelled = len(stopped)
    if key and told.event.type != CORRECTED:
        cancelled += made_anew(work, key)
    answered = _answered(work, told, key, sent)
    if not sent and not answered:
        return Corrected(by=correction, cancelled=cancelled)
    case = _case(work, told, key)
    for first in answered.values():
        letter = _letter(work, case, told, correction, first, letters)
        work.outbox.add(_message(letter, case, first, letters, now))
    if row:
        _tell_rest(work, case, [each for each in stopped if each.channel not in answered], letters)
    return Corrected(by=correction, told=len(answered), cancelled=cancelled)


def _answered(work: Work, told: Recorded, key: str, sent: Sequence[Waiting]) -> dict[str, Waiting]:
    """Return by channel the message that told of an event first, of its own or in a digest."""
    found: dict[str, Waiting] = {}
    for each in sent:
        if may_have_gone(each):
            found.setdefault(each.channel, each)
    if key and told.event.type != CORRECTED:
        for heard in reached(work, key):
            if heard.may_have_it:
                found.setdefault(heard.channel, heard.first)
    return found


def _message(letter: Envelope, case: Case, first: Waiting, letters: Letters, now: str) -> Waiting:
    """Return the correction for one who was told, with the severity they were told with."""
    severity = max(case.severity, *_of_rank(first.severity), key=lambda each: each.rank)
    person = letters.people.get(first.person)
    at = now
    if person is not None:
        at = instant(plan(person, severity, datetime.fromisoformat(now), Cadence.NOW).at)
    return Waiting(
        id=0,
        key=letter.key,
        case=case.key,
        channel=first.channel,
        envelope=letter,
        state="pending",
        next_attempt=at,
        created_at=now,
        person=first.person,
        kind="correction",
        severity=severity.rank,
    )


def _of_rank(rank: int) -> list[Severity]:
    return [severity for severity in Severity if severity.rank == rank]


def _messages(work: Work, told: Recorded, key: str) -> list[Waiting]:
    """Return the messages that told of an event: of its case, or of that one correction."""
    if not key:
        return []
    messages = work.outbox.of_case(key)
    own = correction_key(key, told)
    if told.event.type == CORRECTED:
        return [each for each in messages if each.key == own]
    return [each for each in messages if not each.key.startswith(correction_key(key))]


def correction_key(case: str, correction: Recorded | None = None) -> str:
    """Return the key of a correction's message; without one, what all such keys begin with."""
    return f"{case}-corrected-{correction.event_id[:12] if correction else ''}"


def _was_never_sent(message: Waiting) -> bool:
    return message.state == "pending" and not may_have_gone(message)


def _case(work: Work, told: Recorded, key: str) -> Case:
    """Return the case that was told of; a correction of a correction tells of that one alone."""
    row = work.cases.of_event(told.position)
    if row is None:
        state = work.streams.get(told.stream).state
        return Case(key=key, lead=told, facts=state)
    return case_of(work, row)


def _letter(
    work: Work,
    case: Case,
    told: Recorded,
    correction: Recorded,
    first: Waiting,
    letters: Letters,
) -> Envelope:
    origin = told.event.details.get("corrects") if told.event.type == CORRECTED else ""
    content = Correction(
        case=case,
        wrong=told,
        by=correction,
        told_at=first.delivered_at or first.created_at,
        is_certain=bool(first.delivered_at),
        severity=work.log.find(origin).event.severity if origin else case.severity,
    )
    return letters.correction(content, correction_key(case.key, correction), first.key)


def _tell_rest(work: Work, case: Case, stopped: Sequence[Waiting], letters: Letters) -> None:
    """Tell what was right in messages that were stopped: nothing is lost with what was wrong."""
    taken_back = corrected(work)
    left = without(case, taken_back)
    if left is None or not stopped:
        return
    letter = letters.case(left, REST, {}, "")
    count = len(left.events) + len(left.corroborations)
    for each in stopped:
        key = f"{each.key}-rest-{count}"
        rest = replace(each, key=key, envelope=replace(letter, key=key), state="pending")
        work.outbox.add(rest)
