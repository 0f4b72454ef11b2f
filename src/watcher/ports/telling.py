"""What the steps that tell people keep: cases, events held back, and messages that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.ports import Envelope
from watcher.ports.cases import Heard


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
