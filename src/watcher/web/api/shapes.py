"""What the API answers, field by field; names are those of the commands' `--json`.

They describe answers and are made into the OpenAPI document. Values of facts are whatever a source
states: a text, a whole number, a truth, nothing, or lists and objects of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from watcher.core.capture import Capture, Target
from watcher.core.events import Cause, Nature, Provenance
from watcher.core.facts import Subject
from watcher.core.taxonomy import Severity
from watcher.services.cases import CaseView
from watcher.services.decisions import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTold:
    """One fact that appeared, changed or is no longer stated."""

    path: str
    action: Literal["added", "changed", "removed"]
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that happened to one subject, as one source tells it."""

    type: str
    subject: Subject
    changes: list[ChangeTold]
    jurisdiction: str
    effective: str
    nature: Nature
    details: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """An event as it stands in the log.

    Attributes:
        counts: Whether it still counts; a later amendment may have set it aside.
    """

    position: int
    event_id: str
    stream: str
    version: int
    event: Happened
    cause: Cause
    provenance: Provenance
    recorded_at: str
    hash: str
    severity: Severity
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """Events in the order of the log.

    Attributes:
        items: The events.
        next: The address of the next page; null: there are no more for now.
        after: How far the log was gone through: ask on after it.
        head: The last position of the log.
    """

    items: list[EventTold]
    next: str | None
    after: int
    head: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureTold(Capture):
    """One attempt to fetch a target, with its number in the ledger."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturesPage:
    """Captures in the order of the ledger; `after` is a number in it."""

    items: list[CaptureTold]
    next: str | None
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineListed:
    """One medicine in a list.

    Attributes:
        id: Its identity, `EMEA/H/C/004258`.
        name: What its sources call it.
        statuses: The EU authorisation status by source; empty where one states none.
    """

    id: str
    name: str
    statuses: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicinesPage:
    """Medicines by identity; `after` is the last one's."""

    items: list[MedicineListed]
    next: str | None
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What one source said of one subject, as of a moment."""

    source: str
    subject: str
    name: str
    stream: str
    version: int
    status: str
    last_event: str
    last_at: str
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineTold:
    """One medicine as of a moment, source by source."""

    id: str
    name: str
    as_of: str
    axis: str
    known_at: str
    sources: list[Saying]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPage:
    """Cases, the newest first; `after` is the position of the last one's lead."""

    items: list[CaseView]
    next: str | None
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTold:
    """Where we are with one source.

    Attributes:
        state: `well`, `failing`, `overdue`, or `new`: never looked at well.
        targets: How many addresses of it are looked at.
        verdicts: How many looks turned out to be what.
    """

    source: str
    title: str
    tier: int
    reader: str
    state: Literal["well", "failing", "overdue", "new"]
    last_good_at: str
    next_due: str
    records: int
    failures: int
    failing_since: str
    targets: int
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceInFull(SourceTold):
    """One source with each of its addresses."""

    urls: list[Target]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTold:
    """What is known of one payload.

    Attributes:
        state: `kept`, `redacted` or `gone`.
        captures: The first looks that met it, 100 at most.
    """

    digest: str
    size: int
    media_type: str
    state: Literal["kept", "redacted", "gone"]
    why: str
    captures: list[CaptureTold]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTold:
    """One message and what became of it; its text is not told, for it carries one-time links."""

    id: int
    key: str
    case: str
    channel: str
    person: str
    kind: str
    severity: int
    subject: str
    state: str
    attempts: int
    next_attempt: str
    created_at: str
    delivered_at: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesPage:
    """Messages in the order in which they were queued; `after` is a message's number."""

    items: list[DeliveryTold]
    next: str | None
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsPage:
    """What people did about cases, in the order of the log."""

    items: list[Decision]
    next: str | None
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a decision came to."""

    case: str
    before: str
    after: str
    who: str
    at: str
    position: int
    lead: int
