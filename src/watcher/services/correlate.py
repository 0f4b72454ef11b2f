"""New events → cases: what one capture tells together, and what another source has told before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from watcher.core.case import Case, gravest_first, happening_key
from watcher.core.conflict import Disagreement, corroboration, disagreements, far_apart
from watcher.core.correction import CORRECTED, wrong
from watcher.core.events import Cause, Event, Evidence, Provenance, Recorded
from watcher.core.facts import State, Subject
from watcher.ports.cases import CaseRow
from watcher.ports.store import Append, EventFilter, Work

AUTHORITY = 1
"""The tier whose word confirms or denies."""
_CONFIRMED = 2
"""The last tier whose word needs no other: the holder's."""
RECONCILER = "watcher"
"""The source that tells what follows from comparing the others."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case and, where it was there before, the event of one more source telling of it."""

    case: Case
    second: Recorded | None = None

    @property
    def is_new(self) -> bool:
        """Return whether it is told for the first time."""
        return self.second is None


def correlate(work: Work, told: Iterable[Recorded], now: str) -> list[Opened]:
    """Return the cases that `told` opens or corroborates, and keep them.

    Events of one capture on one subject are told together, the gravest leading. A status that
    another source stated before is the same happening: it is corroborated, and where the two
    disagree on the date beyond its precision, or on who acted, that is a conflict of its own.

    Args:
        work: The transaction.
        told: New events, in the order of the log.
        now: When what follows from them is recorded.
    """
    opened: list[Opened] = []
    for _, group in groupby(told, key=_together):
        rest = gravest_first(list(group))
        while rest:
            known = _known_case(work, rest[0])
            if known is None:
                opened.append(_open(work, rest))
                break
            work.cases.corroborate(known.key, [rest[0].position])
            case = case_of(work, known)
            _append_comparison(work, case, rest[0], now)
            opened.append(Opened(case, second=rest[0]))
            rest = rest[1:]
    return opened


def _together(told: Recorded) -> tuple[str, str, str]:
    """Return what events have in common that are told together.

    What follows from comparing sources is told one by one: that one more says so can wait for a
    digest, that it says otherwise cannot.
    """
    is_compared = told.event.type in {"corroboration.added", "conflict.detected"}
    return told.stream, told.provenance.capture, told.event_id if is_compared else ""


def axis(work: Work, told: Recorded) -> str:
    """Return what can only be one way at a time: a medicine's status in a jurisdiction.

    Other events stand for themselves. An encyclopaedia's article on a substance speaks of the one
    medicine that has it; where several do, it speaks of none of them.
    """
    event = told.event
    if event.details.get("after") or event.type == "market.ceased":
        # what is announced has not happened: it confirms no status and none confirms it
        family = _FAMILIES.get(event.type, "status")
        return f"{medicine(work, event.subject)}|{event.jurisdiction}|{family}"
    return told.event_id


_FAMILIES = {"market.ceased": "market", "authorisation.withdrawal_announced": "announcement"}


def medicine(work: Work, subject: Subject) -> Subject:
    """Return the one medicine with this substance, or the subject itself."""
    if subject.kind != "substance":
        return subject
    named = {
        Subject.parse(stream.name.partition("/")[2]) for stream in work.streams.named(subject.id)
    }
    medicines = [each for each in named if each.kind == "medicine"]
    return medicines[0] if len(medicines) == 1 else subject


def case_of(work: Work, row: CaseRow) -> Case:
    """Return a kept case with its events."""
    return cases_of(work, [row])[row.key]


def cases_of(work: Work, rows: Sequence[CaseRow]) -> Mapping[str, Case]:
    """Return kept cases with their events, by key: a few questions, however many there are."""
    positions = work.cases.all_positions([row.key for row in rows])
    told = work.log.at(place for places in positions.values() for place in places)
    states = work.streams.states(told[row.lead].stream for row in rows)
    return {
        row.key: _case(work, row, [told[place] for place in positions[row.key]], states)
        for row in rows
    }


def _case(work: Work, row: CaseRow, told: Sequence[Recorded], states: Mapping[str, State]) -> Case:
    lead = next(each for each in told if each.position == row.lead)
    capture = (lead.stream, lead.provenance.capture)
    return Case(
        key=row.key,
        lead=lead,
        together=tuple(
            each
            for each in told
            if each is not lead and (each.stream, each.provenance.capture) == capture
        ),
        corroborations=tuple(each for each in told if each.stream != lead.stream),
        facts=_facts(work, lead, states.get(lead.stream, {})),
    )


def _facts(work: Work, lead: Recorded, state: State) -> State:
    """Return what is known of a lead's subject: by its source, or by all where we compared them."""
    facts = dict(state)
    if lead.provenance.source == RECONCILER:
        for other in work.streams.of_subject(lead.event.subject).values():
            facts = {**other, **facts}
    return facts


def _known_case(work: Work, lead: Recorded) -> CaseRow | None:
    last = work.cases.last_on(axis(work, lead))
    if last is None or last.after != _after(lead.event):
        return None
    first = work.log.find(str(last.lead))
    if first.position in corrected(work):
        return None  # nobody confirms what we have taken back
    if not _is_still_claimed(work, first) or far_apart(first.event, lead.event):
        return None
    positions = work.cases.positions(last.key)
    streams = {work.log.find(str(position)).stream for position in positions}
    # the same stream telling it again has told of something else in between: A → B → A → B
    return None if lead.stream in streams else last


def corrected(work: Work) -> frozenset[int]:
    """Return the positions of the events that a person has said are wrong."""
    return wrong(work.log.read(EventFilter(types=(CORRECTED,))))


def _is_still_claimed(work: Work, told: Recorded) -> bool:
    """Return whether the source that opened a case still says so: a claim taken back confirms none.

    An encyclopaedia's vandal of last year must not be what a real withdrawal is filed under.
    """
    after = told.event.details.get("after")
    if not after:
        return True
    state = work.streams.get(told.stream).state
    prefix = f"authorisation[{told.event.jurisdiction}]."
    status = state.get(f"{prefix}status")
    return status == after if status is not None else f"{prefix}{after}" in state


def _open(work: Work, group: Sequence[Recorded]) -> Opened:
    lead = group[0]
    happening = happening_key(lead.event)
    key = hashlib.sha256(f"{happening} {lead.event_id}".encode()).hexdigest()[:32]
    row = CaseRow(
        key=key,
        happening=happening,
        axis=axis(work, lead),
        after=_after(lead.event),
        effective=lead.event.effective,
        lead=lead.position,
        opened_at=lead.recorded_at,
        tier=lead.provenance.tier,
    )
    work.cases.open(row, [each.position for each in group])
    together = tuple(group[1:])
    return Opened(
        Case(
            key=key,
            lead=lead,
            together=together,
            facts=_facts(work, lead, work.streams.get(lead.stream).state),
        )
    )


def _after(event: Event) -> str:
    return event.details.get("after") or event.type


def contradict(work: Work, since: str, now: str) -> None:
    """Append a conflict for each unconfirmed case that an authority, looked at since, denies.

    An aggregator says withdrawn; the authority was asked again and still says authorised. It is
    told once a case and source, however often it is asked.
    """
    doubted = work.cases.doubted(since)  # not all: this is asked each second
    if not doubted:
        return
    taken_back = corrected(work)
    cases = cases_of(work, [row for row in doubted if row.lead not in taken_back])
    for case in cases.values():
        if case.lead.provenance.tier <= _CONFIRMED:
            continue
        after = case.lead.event.details.get("after")
        if not after or not case.is_unconfirmed:
            continue
        subject = medicine(work, case.lead.event.subject)
        path = f"authorisation[{case.lead.event.jurisdiction}].status"
        for source, state in work.streams.of_subject(subject).items():
            status = state.get(path)
            if isinstance(status, str) and status != after:
                _append_denial(work, case, source, status, now)


def _append_denial(work: Work, case: Case, source: str, status: str, now: str) -> None:
    seen = work.captures.targets_counted(source, with_retired=True).last_good_at
    has_been_seen_since = seen > case.lead.provenance.observed_at
    subject = case.lead.event.subject
    known = work.log.latest(
        EventFilter(subject=str(medicine(work, subject)), sources=(source,), limit=1)
    )
    if not has_been_seen_since or not known or known[0].provenance.tier != AUTHORITY:
        return
    found = Disagreement("status", case.lead.event.details["after"], status)
    event = _conflict(case, known[0], found)
    stream = work.streams.get(f"{RECONCILER}/{subject}")
    append = Append(
        stream=stream.name,
        subject=subject,
        expected_version=stream.version,
        events=(event,),
        evidence=(case.lead.provenance.evidence[:2],),
        state=stream.state,
    )
    # the lead's capture makes the same denial the same event, which stands in the log once
    provenance = _provenance(case.lead, case.lead.provenance.evidence[:2])
    work.log.append(append, provenance, Cause.OBSERVED, now)


def _append_comparison(work: Work, case: Case, second: Recorded, now: str) -> None:
    """Append what follows from a second telling: that it agrees, and where it does not."""
    subject = case.lead.event.subject
    found = disagreements(case.lead, second)
    events = [corroboration(case, second), *(_conflict(case, second, each) for each in found)]
    stream = work.streams.get(f"{RECONCILER}/{subject}")
    told = (*case.lead.provenance.evidence[:2], *second.provenance.evidence[:2])
    append = Append(
        stream=stream.name,
        subject=subject,
        expected_version=stream.version,
        events=tuple(events),
        evidence=(told,) * len(events),
        state=stream.state,
    )
    work.log.append(append, _provenance(second, told), Cause.OBSERVED, now)


def _conflict(case: Case, second: Recorded, found: Disagreement) -> Event:
    return Event(
        type="conflict.detected",
        subject=case.lead.event.subject,
        jurisdiction=case.lead.event.jurisdiction,
        details={
            "about": found.about,
            "one": f"{found.one} ({case.lead.provenance.source})",
            "other": f"{found.other} ({second.provenance.source})",
            "case": case.key,
        },
    )


def _provenance(second: Recorded, evidence: tuple[Evidence, ...]) -> Provenance:
    told = second.provenance
    return Provenance(
        source=RECONCILER,
        tier=told.tier,
        url=told.url,
        capture=told.capture,
        snapshot=told.snapshot,
        reader=told.reader,
        observed_at=told.observed_at,
        previously=told.previously,
        published=told.published,
        evidence=evidence,
    )
