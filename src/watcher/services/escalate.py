"""Cases that nobody has acknowledged in time → somebody else is told, once.

The messages, the event and the case's state move together: killed before the commit nobody is told
and the next pass does it again; killed after it, it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.core.capture import instant
from watcher.core.case import Case
from watcher.core.escalation import Escalation, Had
from watcher.core.events import Event
from watcher.core.phrases import instant as in_words
from watcher.core.recipients import Cadence, Group, Person, plan
from watcher.core.recipients import told as to_be_told
from watcher.core.taxonomy import Severity
from watcher.ports import Clock, Envelope
from watcher.ports.cases import CaseState
from watcher.ports.store import Store, Work
from watcher.ports.telling import Waiting
from watcher.services.acknowledge import ESCALATED, after, subject_of
from watcher.services.correlate import case_of, corrected
from watcher.services.decisions import record
from watcher.services.telling_people import Reached, reached

KIND = "escalation"
WHY = "Nobody has acknowledged it in time, and a rule names you for that."

Compose = Callable[[Escalation, str, str, str], Envelope]
"""Makes the message, given its key, the key of the one it follows, and whom it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who there is to tell.

    Attributes:
        people: By id.
        groups: By id.
    """

    people: Mapping[str, Person]
    groups: Mapping[str, Group]

    def name(self, person: str) -> str:
        """Return what a person is called."""
        return str(self.people[person]) if person in self.people else person


def escalate(store: Store, staff: Staff, compose: Compose, clock: Clock) -> int:
    """Tell somebody else of each case that nobody has acknowledged in time; return how many.

    Whoever is away is told, and so is who stands in. What is not critical waits for the end of
    their night.

    Args:
        store: Where.
        staff: Who there is to tell.
        compose: Makes the messages.
        clock: Tells when.
    """
    now = clock.now()
    with store.reading() as work:
        overdue = work.case_states.overdue(instant(now))
    return sum(_escalate(store, each.case, staff, compose, now) for each in overdue)


def _escalate(store: Store, case: str, staff: Staff, compose: Compose, now: datetime) -> bool:
    """Escalate one case unless it was acknowledged meanwhile; return whether it was escalated."""
    with store.writing() as work:
        state = next(
            (each for each in work.case_states.overdue(instant(now)) if each.case == case), None
        )
        if state is None:
            return False
        found = _case(work, case)
        if found is None or found.lead.position in corrected(work):
            # nobody is asked to answer for what we have taken back
            work.case_states.put(replace(state, escalate_at=""))
            return False
        told = _tell(work, found, state, staff, compose, now)
        work.case_states.put(after(state, record(work, _event(state, told), instant(now))))
        return True


def _case(work: Work, key: str) -> Case | None:
    row = next(iter(work.cases.named(key)), None)
    return case_of(work, row) if row else None


def _event(state: CaseState, told: list[str]) -> Event:
    details = {
        "before": state.state,
        "assigned_to": state.assigned_to,
        "to": ", ".join(told) or f"nobody: {state.escalate_to} is not in sources.yaml",
        "reason": f"by {in_words(state.escalate_at, seconds=False)}",
    }
    shown = {name: text for name, text in details.items() if text}
    return Event(type=ESCALATED, subject=subject_of(state.case), details=shown)


def _tell(
    work: Work, case: Case, state: CaseState, staff: Staff, compose: Compose, now: datetime
) -> list[str]:
    """Put the messages into the outbox; return the ids of those they are for."""
    heard = reached(work, case.key)
    about = _escalation(work, case, state, heard, staff)
    first = heard[0].first.envelope.key if heard else ""
    key = f"{case.key}-{KIND}"
    told: list[str] = []
    for person, cover in to_be_told(state.escalate_to.split(","), staff.people, staff.groups, now):
        reasons = filter(None, (about.why, cover and f"{person} {cover}."))
        mine = replace(about, why="\n".join(reasons))
        letter = compose(mine, key, first, f"person:{person.id}")
        for channel in person.channels:
            work.outbox.add(_message(state, person, channel, letter, now))
        told.append(person.id)
    return told


def _message(
    state: CaseState, person: Person, channel: str, letter: Envelope, now: datetime
) -> Waiting:
    """Return the message, due at once or, where it is not critical, at the end of their night."""
    severity = next(each for each in Severity if each.rank == state.severity)
    return Waiting(
        id=0,
        key=letter.key,
        case=state.case,
        channel=channel,
        envelope=letter,
        state="pending",
        next_attempt=instant(plan(person, severity, now, Cadence.NOW).at),
        created_at=instant(now),
        person=person.id,
        kind=KIND,
        severity=state.severity,
    )


def _escalation(
    work: Work, case: Case, state: CaseState, heard: tuple[Reached, ...], staff: Staff
) -> Escalation:
    others = work.streams.of_subject(case.lead.event.subject)
    had = (Had(name=_name(each, staff), delivered_at=each.first.delivered_at) for each in heard)
    return Escalation(
        case=case,
        since=min((each.first.created_at for each in heard), default=""),
        had=tuple(dict.fromkeys(had)),
        assigned_to=staff.name(state.assigned_to) if state.assigned_to else "",
        why=WHY,
        known={source: said for source, said in others.items() if source not in case.sources},
    )


def _name(heard: Reached, staff: Staff) -> str:
    return staff.name(heard.person) if heard.person else f"channel {heard.channel}"
