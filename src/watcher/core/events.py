"""Events: what happened between two readings, in the past tense, with what it changed.

One shape serves all types of the taxonomy: an event carries the facts it changed, before and after,
so that `apply` needs no second table and nothing that a source said can be lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from watcher.core import gravity
from watcher.core.facts import State, Subject, Value
from watcher.core.taxonomy import Severity

Nature = Literal["", "added", "removed", "changed", "refined", "respelled", "backfilled"]


class Cause(StrEnum):
    """Why an event stands in the log; only `observed` ones may ever alert."""

    BASELINE = "baseline"
    """Known when watching began."""
    OBSERVED = "observed"
    """A new capture said something else than the one before."""
    REREAD = "reread"
    """A better reader said something else of an old snapshot."""
    CORRECTED = "corrected"
    """A person put a wrong event right."""
    IMPORTED = "imported"
    """Read from an archive, at the archive's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that appeared, changed or is no longer stated."""

    path: str
    action: Literal["added", "changed", "removed"]
    before: Value = None
    after: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to one subject, as one source tells it.

    Attributes:
        type: A name of the taxonomy.
        subject: To what it happened.
        changes: The facts it changed; empty for events about watching itself.
        jurisdiction: `EU`, `JP` … where it has one.
        effective: The date of its legal effect, EDTF with the stated precision; empty: not stated.
        nature: How a fact changed, for types that leave it open.
        details: What else was stated: who acted, who asked, the reason in its own words.
    """

    type: str
    subject: Subject
    changes: tuple[Change, ...] = ()
    jurisdiction: str = ""
    effective: str = ""
    nature: Nature = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Return the severity before any watch list raises or lowers it."""
        return gravity.severity(
            self.type, section=self.details.get("section", ""), stated=self._stated
        )

    def change(self, path: str) -> Change | None:
        """Return the change at `path`, or None."""
        return next((change for change in self.changes if change.path == path), None)

    def _stated(self, path: str) -> Value:
        change = self.change(path)
        return change.after if change else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words a change was read from and where they stand in the snapshot."""

    path: str
    quote: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How we know: who said it, when we looked and with what eyes.

    Attributes:
        source: The source's id in `sources.yaml`.
        tier: 1 (the authority) to 4 (an encyclopaedia).
        url: The address that was read.
        capture: The capture's id.
        snapshot: The payload's digest, `sha256:…`.
        reader: `ema_medicine_page@1`.
        observed_at: When we captured it, RFC 3339 UTC.
        previously: When the last good capture before it was made; empty if there was none.
        published: The date the source itself puts on what it says; EDTF or RFC 3339, or empty.
        derivation: Name and version of the rules by which two readings became events; empty: it
            was recorded before they had one, or did not come of two readings.
        evidence: The quotes.
    """

    source: str
    tier: int
    url: str
    capture: str
    snapshot: str
    reader: str
    observed_at: str
    previously: str = ""
    published: str = ""
    derivation: str = ""
    evidence: tuple[Evidence, ...] = ()

    def quoting(self, evidence: tuple[Evidence, ...]) -> Provenance:
        """Return the same with these quotes; for each event of a log, so it is written out."""
        return Provenance(
            source=self.source,
            tier=self.tier,
            url=self.url,
            capture=self.capture,
            snapshot=self.snapshot,
            reader=self.reader,
            observed_at=self.observed_at,
            previously=self.previously,
            published=self.published,
            derivation=self.derivation,
            evidence=evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it stands in the log.

    Attributes:
        position: Its place in the log, from 1, without gaps.
        event_id: sha256 of stream, type, changes and capture: the same diff gives the same id.
        stream: `source/subject`.
        version: Its place in the stream, from 1, without gaps.
        cause: Why it stands here.
        recorded_at: When we appended it, RFC 3339 UTC.
        hash: sha256 of the previous hash and this row.
    """

    position: int
    event_id: str
    stream: str
    version: int
    event: Event
    cause: Cause
    provenance: Provenance
    recorded_at: str
    hash: str


def apply(state: State, event: Event) -> dict[str, Value]:
    """Return `state` with the event's changes made."""
    after = dict(state)
    for change in event.changes:
        if change.action == "removed":
            after.pop(change.path, None)
        else:
            after[change.path] = change.after
    return after


def fold_events(events: Iterable[Event], state: State | None = None) -> dict[str, Value]:
    """Return the state a whole history leads to, from `state` on."""
    after = dict(state or {})
    for event in events:
        after = apply(after, event)
    return after
