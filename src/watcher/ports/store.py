"""The stores the steps write to and read from, as protocols: one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from watcher.core.events import Cause, Event, Evidence, Provenance, Recorded
from watcher.core.facts import State, Subject
from watcher.core.taxonomy import Severity
from watcher.ports.access import Access
from watcher.ports.captures import Captures
from watcher.ports.cases import Cases, CaseStates
from watcher.ports.cluster import Claims, Processes
from watcher.ports.held import Held
from watcher.ports.hosts import Hosts
from watcher.ports.memos import Memos
from watcher.ports.proof import Proof
from watcher.ports.search import Search
from watcher.ports.snapshots import SnapshotStore as SnapshotStore  # noqa: PLC0414  named here too
from watcher.ports.telling import ChannelHealth, Digests, Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Events to append to one stream, and the state they lead to."""

    stream: str
    subject: Subject
    expected_version: int
    events: tuple[Event, ...]
    evidence: tuple[tuple[Evidence, ...], ...]
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Where a stream stands: the view that every diff starts from."""

    name: str
    version: int = 0
    state: State = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events to read; empty means all."""

    types: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    subject: str = ""
    stream: str = ""
    causes: tuple[Cause, ...] = ()
    least: Severity | None = None
    since: str = ""
    until: str = ""
    without_baseline: bool = False
    after: int = 0
    limit: int = 0

    def later_than(self, position: int) -> EventFilter:
        """Return this filter for what comes after `position`, without a limit."""
        return replace(self, after=position, limit=0)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event with the very bytes that its hash covers.

    Attributes:
        told: The event as it is understood today.
        schema: The number of the payload's form.
        payload: The payload as it was written.
    """

    told: Recorded
    schema: int
    payload: bytes


class EventLog(Protocol):
    """The append-only, gapless, chained log."""

    def append(
        self, append: Append, provenance: Provenance, cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append events to their stream and return them as recorded.

        An event that stands in the log already (same id) is not appended again.

        Raises:
            VersionConflictError: The stream is not at the expected version.
        """
        ...

    def append_all(
        self, told: Sequence[tuple[Append, Provenance]], cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append to many streams what `append` would one after the other, and all of it at once.

        Raises:
            VersionConflictError: A stream is not at the expected version; nothing was appended.
        """
        ...

    def adopt(self, told: Iterable[Recorded], recorded_at: str) -> int:
        """Append events as another log tells them, and return how many there were.

        Place, version and time of recording are this log's own. The view is left as it is, and has
        to be made anew for their streams: see `Streams.refold`.

        Raises:
            IntegrityError: One stands in the log already.
        """
        ...

    def read(self, which: EventFilter) -> Iterator[Recorded]:
        """Return events in the order of their positions."""
        ...

    def stored(self, which: EventFilter) -> Iterator[Stored]:
        """Return events with their payloads as written, in the order of their positions."""
        ...

    def latest(self, which: EventFilter) -> tuple[Recorded, ...]:
        """Return the last `which.limit` events, oldest first."""
        ...

    def at(self, positions: Iterable[int]) -> Mapping[int, Recorded]:
        """Return the events at these positions; those the log does not have are left out."""
        ...

    def find(self, id_or_position: str) -> Recorded:
        """Return one event by position, id or unambiguous beginning of its id.

        Raises:
            NotFoundError: There is none, or more than one.
        """
        ...

    def counted(self, *, after: int = 0) -> Mapping[tuple[str, int], int]:
        """Return how many events follow a position, by type and rank of severity."""
        ...

    def subjects(self, kind: str, *, after: str = "", limit: int = 100) -> tuple[str, ...]:
        """Return the subjects of a kind that anything ever happened to, in order, from one on.

        Args:
            kind: The kind, such as `medicine`.
            after: The subject after which to go on, `kind:id`; empty: from the first.
            limit: How many at most.
        """
        ...

    def subjects_alike(self, source: str, event_type: str, since: str) -> int:
        """Return how many subjects of a source had an event of a type since an instant."""
        ...

    def observed_until(self, streams: Sequence[str]) -> Mapping[str, str]:
        """Return when the last event of each stream was observed; none of those not begun."""
        ...

    def head(self) -> int:
        """Return the last position; 0 while the log is empty."""
        ...

    def set_aside(self, until: int = 0) -> frozenset[int]:
        """Return the positions that count no longer by the amendments up to `until`; 0: all."""
        ...

    def verify(self) -> Iterator[int]:
        """Yield each position that fits its chain, in order.

        Raises:
            BrokenLogError: At the first row that does not fit.
        """
        ...

    def checked(self) -> Iterator[Recorded]:
        """Yield each event whose row fits its chain, in order.

        Raises:
            BrokenLogError: At the first row that does not fit.
        """
        ...


class Streams(Protocol):
    """The view of every stream's state, rebuilt from the log at will."""

    def get(self, stream: str) -> Stream:
        """Return where a stream stands; version 0 and an empty state where it has not begun."""
        ...

    def of_source(self, source: str, kind: str = "") -> Mapping[str, Stream]:
        """Return all streams of one source by name; of one kind of subject, or of any."""
        ...

    def states(self, names: Iterable[str]) -> Mapping[str, State]:
        """Return the states of streams by name; those that have not begun are left out."""
        ...

    def each_of(self, source: str) -> Iterator[Stream]:
        """Return the streams of one source by name, a few hundred in memory at a time."""
        ...

    def subjects(self, kind: str, *, after: str = "", limit: int = 100) -> tuple[str, ...]:
        """Return the subjects of a kind in order, from the one after `after` on."""
        ...

    def of_subjects(self, subjects: Sequence[str]) -> tuple[Stream, ...]:
        """Return the streams of these subjects that sources tell, by name."""
        ...

    def of_subject(self, subject: Subject) -> Mapping[str, State]:
        """Return what each source says of a subject, by source."""
        ...

    def named(self, text: str) -> tuple[Stream, ...]:
        """Return the streams whose subject, product name or substance is `text`, folded."""
        ...

    def missing(self, streams: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return how often in a row each path of these streams was missing."""
        ...

    def set_missing(self, stream: str, counts: Mapping[str, int]) -> None:
        """Replace the counts of one stream."""
        ...

    def rebuild(self) -> None:
        """Drop the view and make it anew from the events of the log that count."""
        ...

    def refold(self, streams: Sequence[str]) -> None:
        """Make these streams anew from what counts of them; one of which nothing does is gone."""
        ...

    def digest(self) -> str:
        """Return the digest of what all sources say and have said, to prove that two are equal.

        Equal for two stores that hold the same captures, in whatever order these were read.
        """
        ...


class Work(Protocol):
    """The tables as one transaction sees them."""

    @property
    def log(self) -> EventLog:
        """The event log."""
        ...

    @property
    def streams(self) -> Streams:
        """The view of every stream's state."""
        ...

    @property
    def search(self) -> Search:
        """The words medicines are found by."""
        ...

    @property
    def captures(self) -> Captures:
        """Captures and targets."""
        ...

    @property
    def proof(self) -> Proof:
        """What makes the log provable."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Messages waiting."""
        ...

    @property
    def cases(self) -> Cases:
        """Cases."""
        ...

    @property
    def digests(self) -> Digests:
        """What waits for a digest."""
        ...

    @property
    def case_states(self) -> CaseStates:
        """What people have done about cases."""
        ...

    @property
    def channel_health(self) -> ChannelHealth:
        """How each channel does."""
        ...

    @property
    def held(self) -> Held:
        """Events held back."""
        ...

    @property
    def hosts(self) -> Hosts:
        """The hosts we are guests of."""
        ...

    @property
    def memos(self) -> Memos:
        """Memos of the past."""
        ...

    @property
    def access(self) -> Access:
        """Who may sign in, and who has."""
        ...

    @property
    def processes(self) -> Processes:
        """The processes that work on this store."""
        ...

    @property
    def claims(self) -> Claims:
        """Who looks at what."""
        ...

    def checkpoint(self, consumer: str) -> int:
        """Return the last position a consumer has dealt with; 0 before its first."""
        ...

    def move_checkpoint(self, consumer: str, position: int) -> None:
        """Keep how far a consumer is."""
        ...


class Store(Protocol):
    """Where everything is kept, one transaction at a time."""

    def writing(self) -> AbstractContextManager[Work]:
        """Return a transaction that commits at its end, or leaves no trace."""
        ...

    def reading(self) -> AbstractContextManager[Work]:
        """Return a view of one moment; nothing can be written through it."""
        ...
