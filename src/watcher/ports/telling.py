"""What the steps that tell people keep: cases, events held back, and messages that wait."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
        person: Id of the person it is for; empty: the channel is told, whoever reads it.
        kind: What it is: `alert`, `follow_up`, `correction`, `digest`, `summary`, `heartbeat`,
            `escalation` or `operator`.
        severity: Rank of the severity it is told with, 3 for critical to 0 for low.
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
    person: str = ""
    kind: str = "alert"
    severity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """One line that waits for a digest, or was told in one.

    Attributes:
        person: Id of the person.
        channel: The channel it goes through.
        cadence: `daily`, `weekly`, or `summary`: the flood of a moment in one message.
        due: When the digest is due, RFC 3339 UTC.
        case: The case it tells of.
        key: What makes it this line: it stands in one digest of a channel.
        why: Which rule asked for it, in words.
        severity: Rank, 3 for critical to 0 for low.
        told_in: Key of the message that told it; empty: it waits.
    """

    person: str
    channel: str
    cadence: str
    due: str
    case: str
    key: str
    why: str = ""
    severity: int = 0
    told_in: str = ""


class Digests(Protocol):
    """What waits for a digest; each line stands in one of a channel, and nothing is taken away."""

    def add(self, item: DigestItem) -> bool:
        """Put a line in unless it stands there; return whether it was new."""
        ...

    def due(self, now: str, horizon: str = "") -> tuple[DigestItem, ...]:
        """Return the lines whose digest is due and that were not told, by channel and age.

        One that waits beyond `horizon` was put off by a clock that ran ahead: it is due too.
        """
        ...

    def tell(self, items: Sequence[DigestItem], key: str) -> None:
        """Note that these lines are told in the message of that key."""
        ...

    def of_case(self, case: str) -> tuple[DigestItem, ...]:
        """Return all lines about a case."""
        ...

    def heard(self, cases: Sequence[str]) -> tuple[Heard, ...]:
        """Return who was told of these cases in a digest, or will be, oldest first."""
        ...

    def told_in(self, key: str) -> tuple[DigestItem, ...]:
        """Return the lines of one digest."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseState:
    """What people have done about a case.

    Attributes:
        case: The case's key.
        state: `open`, `acknowledged`, `assigned`, `irrelevant` or `wrong`.
        by: Who decided last.
        at: When, RFC 3339 UTC.
        why: The reason given.
        assigned_to: Whose it is now.
        severity: Rank of the gravest severity it was told with.
        escalate_at: When somebody else is told unless it is acknowledged; empty: never.
        escalate_to: Ids of who is told then, separated by commas.
        escalated_at: When that was done.
        gravity: How grave it is: its severity, or where it was not told its lead's; kept by the
            store.
        lead: The position of its lead; 0: there is no such case; kept by the store.
    """

    case: str
    state: str = "open"
    by: str = ""
    at: str = ""
    why: str = ""
    assigned_to: str = ""
    severity: int = 0
    escalate_at: str = ""
    escalate_to: str = ""
    escalated_at: str = ""
    gravity: int = 0
    lead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichCases:
    """Which cases are meant; empty means all.

    Attributes:
        states: How they stand: `open`, `acknowledged`, `assigned`, `irrelevant`, `wrong`.
        least: Rank of the least severity they were told with.
        since: Opened since this instant, RFC 3339 UTC.
        until: Opened before this instant.
        before: Their lead stands before this position of the log; 0: anywhere.
    """

    states: Collection[str] = ()
    least: int = 0
    since: str = ""
    until: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """That a message, or a line of a digest, told of a case.

    Attributes:
        case: The case.
        person: Id of the person; empty: whoever reads the channel.
        channel: The channel's id.
        state: What became of the message; of a line `digest` or `waits for a digest`.
        at: When the message was delivered.
    """

    case: str
    person: str
    channel: str
    state: str
    at: str = ""


class CaseStates(Protocol):
    """What people have done about each case."""

    def get(self, case: str) -> CaseState:
        """Return the state of a case; open where no one has done anything."""
        ...

    def put(self, state: CaseState) -> None:
        """Keep the state of a case."""
        ...

    def overdue(self, now: str) -> tuple[CaseState, ...]:
        """Return the open cases that are to be escalated by now and were not."""
        ...

    def open(self) -> tuple[CaseState, ...]:
        """Return all cases that nobody has acknowledged."""
        ...

    def count_open(self) -> int:
        """Return how many cases nobody has acknowledged."""
        ...

    def gravest(
        self, states: Collection[str], limit: int, below: tuple[int, int] | None = None
    ) -> tuple[CaseState, ...]:
        """Return cases that stand so, the gravest first, then the newest.

        Args:
            states: How they stand; empty: in any way.
            limit: How many at most.
            below: Only those that come after this gravity and lead.
        """
        ...

    def newest(self, which: WhichCases, limit: int) -> tuple[CaseState, ...]:
        """Return cases, the newest first, `limit` at most."""
        ...

    def all(self) -> tuple[CaseState, ...]:
        """Return all cases that anybody was told of, or has done anything about."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a channel does.

    Attributes:
        channel: Its id.
        failures: How many attempts in a row failed.
        closed_until: Until when nothing is sent through it; empty: it is open.
        last_taken: When a receiver last took something.
        last_refused: When an attempt last failed.
        answer: What was said last.
    """

    channel: str
    failures: int = 0
    closed_until: str = ""
    last_taken: str = ""
    last_refused: str = ""
    answer: str = ""


class ChannelHealth(Protocol):
    """How each channel does."""

    def get(self, channel: str) -> Health:
        """Return how a channel does; well where nothing is known."""
        ...

    def put(self, health: Health) -> None:
        """Keep how a channel does."""
        ...

    def all(self) -> tuple[Health, ...]:
        """Return all channels that anything is known of."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How many messages of one channel are in one state.

    Attributes:
        channel: The channel's id.
        state: As in `Waiting`.
        messages: How many.
        oldest: When the oldest of them was put there, RFC 3339 UTC.
    """

    channel: str
    state: str
    messages: int
    oldest: str


class Outbox(Protocol):
    """Messages waiting to be delivered; each stands in it once."""

    def put(self, key: str, case: str, channel: str, envelope: Envelope, at: str) -> bool:
        """Put a message in unless it stands there; return whether it was new."""
        ...

    def add(self, message: Waiting) -> bool:
        """Put a whole message in unless its key and channel stand there; its id is given anew."""
        ...

    def count(self, person: str, channel: str, since: str) -> int:
        """Return how many messages of their own a person has got, or will get, since an instant."""
        ...

    def due(self, now: str, horizon: str, limit: int, channel: str = "") -> tuple[Waiting, ...]:
        """Return messages to try now, the gravest first, then the oldest; of all channels or one.

        One that waits beyond `horizon` was put off by a clock that ran ahead: it is due too.
        """
        ...

    def channels_due(self, now: str, horizon: str) -> tuple[str, ...]:
        """Return the ids of the channels through which there is something to try now."""
        ...

    def count_due(self, before: str) -> int:
        """Return how many messages should have gone before an instant and were never tried.

        What a receiver refused waits for its next attempt, and is nobody's delay here.
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

    def heard(self, cases: Sequence[str]) -> tuple[Heard, ...]:
        """Return who was told of these cases in a message, or will be, oldest first."""
        ...

    def of_channel(self, channel: str, since: str, until: str) -> tuple[Waiting, ...]:
        """Return what was queued for a channel from an instant to before another, oldest first."""
        ...

    def with_key(self, key: str) -> tuple[Waiting, ...]:
        """Return the messages of that key: one a channel at most."""
        ...

    def read(self, since: str = "", until: str = "") -> Iterator[Waiting]:
        """Return all messages queued since an instant and up to another, oldest first."""
        ...

    def page(
        self, *, after: int = 0, limit: int = 50, state: str = "", channel: str = ""
    ) -> tuple[Waiting, ...]:
        """Return the messages that follow the number `after`, in the order of their numbers."""
        ...

    def depths(self) -> tuple[Depth, ...]:
        """Return how many messages there are, by channel and state."""
        ...

    def update(self, waiting: Waiting) -> None:
        """Keep what became of a message."""
        ...

    def latest(self, limit: int, state: str = "", channel: str = "") -> tuple[Waiting, ...]:
        """Return the last messages, oldest first; of one state and channel, or of all."""
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

    def of_events(self, positions: Sequence[int]) -> Mapping[int, CaseRow]:
        """Return by position the cases that these events tell of."""
        ...

    def with_keys(self, keys: Sequence[str]) -> Mapping[str, CaseRow]:
        """Return cases by their whole keys."""
        ...

    def recent(self, since: str) -> tuple[CaseRow, ...]:
        """Return the cases opened since an instant, oldest first."""
        ...

    def named(self, beginning: str) -> tuple[CaseRow, ...]:
        """Return the cases whose keys begin so, two at most: one is meant, or none."""
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

    def all_positions(self, keys: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """Return by key the positions of all events of these cases."""
        ...
