"""Two sources on one happening: what a second telling confirms, and where the two disagree.

A month and a day within it agree. "Takeda Pharma" and "Takeda Pharma A/S" are one organisation. Two
authorities named as the one who acted are a disagreement on the actor, not on what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watcher.core.case import Case
from watcher.core.edtf import Edtf, compatible
from watcher.core.events import Event, Recorded
from watcher.core.identity import organisation_key


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing two sources say differently: `date`, `actor` or `requested_by`."""

    about: str
    one: str
    other: str


def disagreements(first: Recorded, second: Recorded) -> tuple[Disagreement, ...]:
    """Return where a second telling contradicts the first; to leave something out is not to."""
    one, other = first.event, second.event
    found: list[Disagreement] = []
    if not compatible(one.effective, other.effective):
        found.append(Disagreement("date", one.effective, other.effective))
    for about in ("actor", "requested_by"):
        names = one.details.get(about, ""), other.details.get(about, "")
        if all(names) and organisation_key(names[0]) != organisation_key(names[1]):
            found.append(Disagreement(about, *names))
    return tuple(found)


_SAME_HAPPENING = timedelta(days=31)


def far_apart(one: Event, other: Event) -> bool:
    """Return whether two dates of effect are so far apart that they are two happenings.

    A decision and its notification differ by days; two sources a day apart disagree on a date.
    """
    if compatible(one.effective, other.effective):
        return False
    first, second = Edtf.parse(one.effective), Edtf.parse(other.effective)
    gap = max(second.first - first.last, first.first - second.last)
    return gap > _SAME_HAPPENING


def corroboration(case: Case, second: Recorded) -> Event:
    """Return the event of one more source telling of a case, with how sure we are now."""
    details = {
        "case": case.key,
        "by": second.provenance.source,
        "tier": str(second.provenance.tier),
        "of": case.lead.event.type,
        "confidence": case.confidence,
    }
    if precision := _precision(second.event.effective):
        details["precision"] = precision
    return Event(
        type="corroboration.added",
        subject=case.lead.event.subject,
        jurisdiction=second.event.jurisdiction,
        effective=second.event.effective,
        details=details,
    )


def _precision(date: str) -> str:
    return {4: "year", 7: "month", 10: "day"}.get(len(date), "")
