"""What the steps that tell people keep: cases, events held back, and messages that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.ports import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message in the outbox.

    Attributes:
        id: Its row.
        key: Case, channel and recipient made one: the idempotency key.
        case: The case's key.
        channel: The channel's id.
        envelope: What is sent.
        state: `pending`, `sending`, `delivered`, `given_up`, or `cancelled`: it was wrong, and was
            not sent.
        attempts: How often it was tried.
        next_attempt: When to try next, RFC 3339 UTC.
        created_at: When it was put there.
        delivered_at: When the receiver took it.
        answer: What the receiver said last.
    """

    id: int
    key: str
    case: str
    channel: str
    envelope: Envelope
    state: str
    attempts: int = 0
    next_attempt: str = ""
    created_at: str = ""
    delivered_at: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBatch:
    """Changes alike in so many subjects at once that no one is told before a person looks.

    Attributes:
        batch: Its id.
        source: The source's id.
        alike: What changed: the event type, and the path where it was one.
        since: When it was observed.
        state: `held`, `released`, `told` or `dismissed`.
        events: How many events it has.
        why: What the person who decided wrote.
        decided_at: When; empty while no one has.
    """

    batch: str
    source: str
    alike: str
    since: str
    state: str
    events: int
    why: str = ""
    decided_at: str = ""


class Held(Protocol):
    """Events that stand in the log and are told to no one until a person has looked."""

    def hold(
        self, batch: str, source: str, alike: str, since: str, positions: Sequence[int]
    ) -> None:
        """Hold events back."""
        ...

    def batches(self) -> tuple[HeldBatch, ...]:
        """Return all batches, the newest last."""
        ...

    def positions(self, batch: str) -> tuple[int, ...]:
        """Return the positions of a batch's events.

        Raises:
            NotFoundError: There is no such batch.
        """
        ...

    def of_state(self, state: str) -> tuple[int, ...]:
        """Return the positions of all events whose batch is in a state, in order."""
        ...

    def decide(self, batch: str, state: str, at: str, why: str) -> None:
        """Release or dismiss a batch."""
        ...


class Outbox(Protocol):
    """Messages waiting to be delivered; each stands in it once."""

    def put(self, key: str, case: str, channel: str, envelope: Envelope, at: str) -> bool:
        """Put a message in unless it stands there; return whether it was new."""
        ...

    def due(self, now: str, horizon: str, limit: int) -> tuple[Waiting, ...]:
        """Return messages to try now, oldest first.

        One that waits beyond `horizon` was put off by a clock that ran ahead: it is due too.
        """
        ...

    def find(self, number: int) -> Waiting:
        """Return one message.

        Raises:
            NotFoundError: There is none of that number.
        """
        ...

    def of_case(self, case: str) -> tuple[Waiting, ...]:
        """Return all messages about a case, oldest first."""
        ...

    def update(self, waiting: Waiting) -> None:
        """Keep what became of a message."""
        ...

    def latest(self, limit: int, state: str = "") -> tuple[Waiting, ...]:
        """Return the last messages, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """What is kept of a case to recognise it when another source tells of it."""

    key: str
    happening: str
    axis: str
    after: str
    effective: str
    lead: int
    opened_at: str


class Cases(Protocol):
    """Cases and the events that tell of them."""

    def last_on(self, axis: str) -> CaseRow | None:
        """Return the newest case on an axis: one subject's status in one jurisdiction."""
        ...

    def of_event(self, position: int) -> CaseRow | None:
        """Return the case that an event tells of, or None where it opened and joined none."""
        ...

    def recent(self, since: str) -> tuple[CaseRow, ...]:
        """Return the cases opened since an instant, oldest first."""
        ...

    def open(self, row: CaseRow, positions: Sequence[int]) -> None:
        """Open a case with the positions of its events, the lead first."""
        ...

    def corroborate(self, key: str, positions: Sequence[int]) -> None:
        """Attach events of another source."""
        ...

    def positions(self, key: str) -> tuple[int, ...]:
        """Return the positions of all its events: the lead, its companions, corroborations."""
        ...
