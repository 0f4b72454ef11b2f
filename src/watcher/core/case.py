"""A case: one happening in the world, told by one or more events of one or more sources."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from watcher.core.events import Event, Recorded
from watcher.core.facts import State
from watcher.core.taxonomy import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One happening and everything that tells of it.

    Attributes:
        key: `happening_key` of its lead.
        lead: The event that says it best: the gravest, of the best source, the first.
        together: Events of the same capture and subject that are told in the same message.
        corroborations: Events of other sources that tell of the same happening.
        facts: What the lead's source says of the subject now.
    """

    key: str
    lead: Recorded
    together: tuple[Recorded, ...] = ()
    corroborations: tuple[Recorded, ...] = ()
    facts: State = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Return the severity of its gravest event."""
        return self.lead.event.severity

    @property
    def events(self) -> tuple[Recorded, ...]:
        """Return the lead and what is told together with it."""
        return (self.lead, *self.together)

    @property
    def confidence(self) -> str:
        """Return A to D: how sure we are, by who says so.

        A two authorities, B one authority, C an aggregator or holder that names the authority or
        is corroborated, D an encyclopaedia or a lone aggregator. Copies of one origin count once.
        """
        tiers = {told.provenance.source: told.provenance.tier for told in self._tellers}
        authorities = sum(1 for tier in tiers.values() if tier == 1)
        if authorities:
            return "A" if authorities > 1 else "B"
        names_origin = any(told.event.details.get("actor") for told in self._tellers)
        best = min(tiers.values())
        return "C" if best == 2 or (best == 3 and names_origin) else "D"

    @property
    def is_unconfirmed(self) -> bool:
        """Return whether a critical claim rests on aggregators and encyclopaedias alone."""
        return self.severity is Severity.CRITICAL and all(
            told.provenance.tier > 2 for told in self._tellers
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the ids of the sources that tell of it, the lead's first."""
        return tuple(dict.fromkeys(told.provenance.source for told in self._tellers))

    @property
    def _tellers(self) -> tuple[Recorded, ...]:
        return (self.lead, *self.corroborations)


def happening_key(event: Event) -> str:
    """Return what makes a happening this one: its kind, its subject, its jurisdiction, its outcome.

    Neither the source nor the reader's version nor the capture is in it, so that a second source or
    a better reader cannot make a second happening of it. Facts that changed are in it by value.
    """
    after = event.details.get("after") or [
        (change.path, change.before, change.after) for change in event.changes
    ]
    told = repr((event.type, str(event.subject), event.jurisdiction, after))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def gravest_first(events: Sequence[Recorded]) -> list[Recorded]:
    """Return `events` by severity, then by their place in the log."""
    return sorted(events, key=lambda told: (-told.event.severity.rank, told.position))


def without(case: Case, taken_back: Collection[int]) -> Case | None:
    """Return what is left of a case without the events at these positions; None: nothing is."""
    tellers = (*case.events, *case.corroborations)
    rest = [told for told in tellers if told.position not in taken_back]
    if len(rest) == len(tellers):
        return case
    if not rest:
        return None
    lead, *others = gravest_first(rest)
    return replace(
        case,
        lead=lead,
        together=tuple(each for each in others if each.stream == lead.stream),
        corroborations=tuple(each for each in others if each.stream != lead.stream),
    )
