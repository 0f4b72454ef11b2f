"""What people do about a case: acknowledge it, give it to somebody, judge it.

Each is an event of the case, in the same transaction as the case's state. The state follows from
the events, so that it can be made anew from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Literal, TypeAlias

from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject
from watcher.core.text import tidy
from watcher.errors import NotFoundError, OperationalError
from watcher.ports import Clock
from watcher.ports.cases import CaseState
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.decisions import Decider, decided, details_of, reason, record
from watcher.services.own_events import own_stream

Verdict: TypeAlias = Literal["irrelevant", "wrong"]
"""`irrelevant`: true, and no concern of ours; `wrong`: it is not so."""

ACKNOWLEDGED, ASSIGNED = "alert.acknowledged", "alert.assigned"
JUDGED, ESCALATED = "alert.judged", "alert.escalated"
KIND = "case"
"""The kind of subject that a case is in its own stream, `watcher/case:<key>`."""
VERDICTS: tuple[Verdict, ...] = ("irrelevant", "wrong")
_MESSAGE = "message:"
_LEAST = 4
_LONGEST_NAME = 100
_NOBODY = "nobody"


def subject_of(case: str) -> Subject:
    """Return what the events of a case are about."""
    return Subject(KIND, case)


def case_named(work: Work, name: str) -> str:
    """Return the key of the case that a person means.

    Args:
        work: Where to look.
        name: The beginning of its key, of 4 characters at least; one of its events, by position or
            id; or one of its messages, `message:12`.

    Raises:
        NotFoundError: There is none, or more than one.
    """
    name = name.strip()
    if name.startswith(_MESSAGE):
        return _of_message(work, name.removeprefix(_MESSAGE))
    by_key = work.cases.named(name.casefold()) if len(name) >= _LEAST else ()
    found = {each.key for each in by_key} | _of_event(work, name)
    if len(found) == 1:
        return found.pop()
    which = "more than one case is" if found else "no case is"
    message = f"{which} meant by {name!r}; see `watcher cases`"
    raise NotFoundError(message)


def _of_message(work: Work, number: str) -> str:
    if not number.isdecimal():
        message = f"expected {_MESSAGE} and a number, found {number[:40]!r}"
        raise NotFoundError(message)
    return work.outbox.find(int(number)).case


def _of_event(work: Work, name: str) -> set[str]:
    try:
        told = work.log.find(name)
    except NotFoundError:
        return set()
    row = work.cases.of_event(told.position)
    return {row.key} if row else set()


def acknowledge(store: Store, case: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Note that somebody has seen a case and answers for it; it is not escalated any more.

    Args:
        store: Where.
        case: The case; see `case_named`.
        why: A remark, or nothing.
        by: Who; the same request again changes nothing.
        clock: Tells when.

    Raises:
        NotFoundError: There is no such case.
        OperationalError: Somebody has acknowledged or judged it before.
    """

    def wanted(state: CaseState) -> Event:
        if state.state not in {"open", "assigned"}:
            message = f"{_done_before(state)}; nothing is left to acknowledge"
            raise OperationalError(message)
        return _event(ACKNOWLEDGED, state, "acknowledged", by, why)

    return _decide(store, case, wanted, by, clock)


def assign(store: Store, case: str, to: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Give a case to somebody; until it is acknowledged it can be escalated all the same.

    Args:
        store: Where.
        case: The case; see `case_named`.
        to: Whose it is to be: a person's id, or a name.
        why: A remark, or nothing.
        by: Who; the same request again changes nothing.
        clock: Tells when.

    Raises:
        NotFoundError: There is no such case.
        OperationalError: It is theirs already, or no name was given.
    """
    name = tidy(to)
    if not name or len(name) > _LONGEST_NAME:
        message = f"say whose it is to be, in up to {_LONGEST_NAME} characters: --to NAME"
        raise OperationalError(message)

    def wanted(state: CaseState) -> Event:
        if state.assigned_to == name:
            message = f"it is {name}'s already"
            raise OperationalError(message)
        before = state.assigned_to or _NOBODY
        return _event(ASSIGNED, state, name, by, why, before=before)

    return _decide(store, case, wanted, by, clock)


def judge(store: Store, case: str, verdict: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Say of a case that it is irrelevant, or wrong; it is not escalated any more.

    What was told stays told: a correction is a decision of its own.

    Args:
        store: Where.
        case: The case; see `case_named`.
        verdict: One of `VERDICTS`.
        why: The reason; it is needed.
        by: Who; the same request again changes nothing.
        clock: Tells when.

    Raises:
        NotFoundError: There is no such case.
        OperationalError: No reason was given, it was judged so before, or there is no such verdict.
    """
    if verdict not in VERDICTS:
        message = f"expected {' or '.join(VERDICTS)}, found {verdict[:40]!r}"
        raise OperationalError(message)
    given = reason(why, f"it is {verdict}")

    def wanted(state: CaseState) -> Event:
        if state.state == verdict:
            raise OperationalError(_done_before(state))
        return _event(JUDGED, state, verdict, by, given)

    return _decide(store, case, wanted, by, clock)


def done_under(store: Store, case: str, request: str) -> Recorded | None:
    """Return what was decided on a case under a request's id, or None where nothing was.

    Args:
        store: Where.
        case: The case's whole key.
        request: The request's id.
    """
    with store.reading() as work:
        return decided(work, own_stream(subject_of(case)), Decider(who="", request=request))


def _decide(
    store: Store, case: str, wanted: Callable[[CaseState], Event], by: Decider, clock: Clock
) -> Recorded:
    now = instant(clock.now())
    with store.writing() as work:
        key = case_named(work, case)
        if done := decided(work, own_stream(subject_of(key)), by):
            return done
        state = work.case_states.get(key)
        told = record(work, wanted(state), now)
        work.case_states.put(after(state, told))
        return told


def _event(
    kind: str, state: CaseState, outcome: str, by: Decider, why: str, *, before: str = ""
) -> Event:
    """Return the event of a decision, from what to what it leads."""
    details = {
        **details_of(by, why.strip()),
        "before": before or state.state,
        "after": outcome,
    }
    return Event(type=kind, subject=subject_of(state.case), details=details)


def _done_before(state: CaseState) -> str:
    did = f"judged it {state.state}" if state.state in VERDICTS else f"{state.state} it"
    return f"{state.by} {did} on {state.at[:16].replace('T', ' ')} UTC"


def after(state: CaseState, told: Recorded) -> CaseState:
    """Return a case's state after one of its events: the one way in which it comes to be.

    Args:
        state: Its state before.
        told: An event of its stream; one that is none of `ABOUT` changes nothing.
    """
    step = _STEPS.get(told.event.type)
    return state if step is None else step(state, told)


def _by(state: CaseState, told: Recorded) -> CaseState:
    details = told.event.details
    return replace(
        state, by=details.get("who", ""), at=told.recorded_at, why=details.get("why", "")
    )


def _acknowledged(state: CaseState, told: Recorded) -> CaseState:
    return replace(_by(state, told), state="acknowledged")


def _assigned(state: CaseState, told: Recorded) -> CaseState:
    """Return it with somebody; who has acknowledged or judged it has done so all the same."""
    to = told.event.details.get("after", "")
    if state.state not in {"open", "assigned"}:
        return replace(state, assigned_to=to)
    return replace(_by(state, told), state="assigned", assigned_to=to)


def _judged(state: CaseState, told: Recorded) -> CaseState:
    return replace(_by(state, told), state=told.event.details["after"])


def _escalated(state: CaseState, told: Recorded) -> CaseState:
    return replace(state, escalated_at=told.recorded_at)


_STEPS: Mapping[str, Callable[[CaseState, Recorded], CaseState]] = {
    ACKNOWLEDGED: _acknowledged,
    ASSIGNED: _assigned,
    JUDGED: _judged,
    ESCALATED: _escalated,
}
ABOUT = tuple(_STEPS)
"""The types of events that a case's state follows from."""


@dataclass(frozen=True, slots=True)
class Remade:
    """The digest of all cases' states before and after they were made anew from the log."""

    before: str
    after: str

    @property
    def is_equal(self) -> bool:
        """Return whether the log alone leads to the same states."""
        return self.before == self.after


def rebuild_case_states(work: Work) -> Remade:
    """Make anew from the log what people did about cases; equal digests prove it was true.

    How grave a case was told to be, and when it is to be escalated to whom, is what alerting put
    there by the rules of that day, and is kept.
    """
    before = _digest(work)
    for state in work.case_states.all():
        work.case_states.put(
            CaseState(
                case=state.case,
                severity=state.severity,
                escalate_at=state.escalate_at,
                escalate_to=state.escalate_to,
            )
        )
    for told in [*work.log.read(EventFilter(types=ABOUT))]:
        case = told.event.subject
        if case.kind == KIND:
            work.case_states.put(after(work.case_states.get(case.id), told))
    return Remade(before, _digest(work))


def _digest(work: Work) -> str:
    rows = [astuple(each) for each in work.case_states.all()]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
