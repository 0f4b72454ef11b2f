"""New events → cases: what one capture tells together, and what another source has told before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from watcher.core.case import Case, gravest_first, happening_key
from watcher.core.edtf import compatible
from watcher.core.events import Event, Recorded
from watcher.ports.store import CaseRow, Work


@dataclass(frozen=True, slots=True)
class Opened:
    """A case and whether it was there before: then this is one more source telling of it."""

    case: Case
    is_new: bool


def correlate(work: Work, told: Iterable[Recorded]) -> list[Opened]:
    """Return the cases that `told` opens or corroborates, and keep them.

    Events of one capture on one subject are told together, the gravest leading. A status that
    another source stated before, with a date that can be the same, is the same happening.
    """
    opened: list[Opened] = []
    for _, group in groupby(told, key=lambda each: (each.stream, each.provenance.capture)):
        rest = gravest_first(list(group))
        while rest:
            known = _known_case(work, rest[0])
            if known is None:
                opened.append(_open(work, rest))
                break
            work.cases.corroborate(known.key, [rest[0].position])
            opened.append(Opened(case_of(work, known), is_new=False))
            rest = rest[1:]
    return opened


def axis(event: Event, event_id: str) -> str:
    """Return what can only be one way at a time: a subject's status in a jurisdiction.

    Other events stand for themselves.
    """
    if event.details.get("after") or event.type.startswith("market."):
        family = "market" if event.type.startswith("market.") else "status"
        return f"{event.subject}|{event.jurisdiction}|{family}"
    return event_id


def case_of(work: Work, row: CaseRow) -> Case:
    """Return a kept case with its events."""
    told = [work.log.find(str(position)) for position in work.cases.positions(row.key)]
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
        facts=work.streams.get(lead.stream).state,
    )


def _known_case(work: Work, lead: Recorded) -> CaseRow | None:
    last = work.cases.last_on(axis(lead.event, lead.event_id))
    if last is None or last.after != _after(lead.event):
        return None
    if not compatible(last.effective, lead.event.effective):
        return None
    positions = work.cases.positions(last.key)
    streams = {work.log.find(str(position)).stream for position in positions}
    # the same stream telling it again has told of something else in between: A → B → A → B
    return None if lead.stream in streams else last


def _open(work: Work, group: Sequence[Recorded]) -> Opened:
    lead = group[0]
    happening = happening_key(lead.event)
    key = hashlib.sha256(f"{happening} {lead.event_id}".encode()).hexdigest()[:32]
    row = CaseRow(
        key=key,
        happening=happening,
        axis=axis(lead.event, lead.event_id),
        after=_after(lead.event),
        effective=lead.event.effective,
        lead=lead.position,
        opened_at=lead.recorded_at,
    )
    work.cases.open(row, [each.position for each in group])
    return Opened(
        Case(
            key=key,
            lead=lead,
            together=tuple(group[1:]),
            facts=work.streams.get(lead.stream).state,
        ),
        is_new=True,
    )


def _after(event: Event) -> str:
    return event.details.get("after") or event.type
