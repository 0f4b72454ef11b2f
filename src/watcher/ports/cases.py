"""What is kept of cases: how one is recognised, and what people have done about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


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


ANY_TIER = 9
"""Taken for one that confirms nothing: whoever needs to know asks the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """What is kept of a case to recognise it when another source tells of it.

    Attributes:
        tier: That of the source that told first; `ANY_TIER` where it was not kept.
    """

    key: str
    happening: str
    axis: str
    after: str
    effective: str
    lead: int
    opened_at: str
    tier: int = ANY_TIER


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

    def doubted(self, since: str) -> tuple[CaseRow, ...]:
        """Return the recent cases that a source of tier 3 or beyond told of first, oldest first.

        Those opened since the instant; one whose tier was not kept is among them.
        """
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
