"""Many processes on one store, as protocols: who is there, and who looks at what.

Work is shared by server: whoever holds a server's turn asks it, and nobody else does, whatever
machine they are on. What a process holds is free again as soon as it is known to be dead: it has
given no sign of life for `DEAD_AFTER`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

BEAT_SECONDS = 5.0
"""Seconds between two signs of life."""
DEAD_AFTER = timedelta(seconds=20)
"""A process that has given no sign of life for so long is dead: what it held is free."""
LEASE = timedelta(minutes=15)
"""How long a target that somebody is at is not due, whatever becomes of them."""
LOST_AFTER = 15.0
"""Seconds after which a process that could give no sign of life stops asking: sooner than others
take it for dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that works on the store; instants are RFC 3339, UTC.

    Attributes:
        id: Drawn by chance at its start.
        role: `worker`, `scheduler`, `web` or `run`.
        machine: The machine's name.
        pid: Its number there.
        version: The program's.
        started_at: When it started.
        beat_at: Its last sign of life.
        state: `working`, or `ending` while it finishes what it has begun.
    """

    id: str
    role: str
    machine: str
    pid: int
    version: str
    started_at: str
    beat_at: str
    state: str = "working"


class Processes(Protocol):
    """The processes in one transaction."""

    def beat(self, process: Process) -> None:
        """Keep a process's sign of life."""
        ...

    def all(self) -> tuple[Process, ...]:
        """Return every process that has not said that it ended, by role and start."""
        ...

    def leave(self, process: str) -> None:
        """Forget a process that has ended: what it held is free."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDue:
    """A server that may be asked for something now.

    Attributes:
        host: Its name, with a port where that is not the usual one.
        since: Since when its longest due target is due; empty: at once.
        priority: The highest priority among what is due.
    """

    host: str
    since: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A target that a process is to look at.

    Attributes:
        source: Its source's id.
        url: Its address.
        at: Since when it is due; empty: at once.
        until: Until when it is not due again, should nothing come of it.
        deaths: How many processes died while they had it.
    """

    source: str
    url: str
    at: str
    until: str = ""
    deaths: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How the work stands.

    Attributes:
        targets: How many targets there are that have a turn at all.
        due: How many are due and nobody has them yet.
        leased: How many somebody has.
        oldest: Since when the longest due one is due; empty: none is, or it never was looked at.
        hosts: How many servers they are asked of.
        held: How many servers' turns are held.
    """

    targets: int
    due: int
    leased: int
    oldest: str
    hosts: int
    held: int


class Claims(Protocol):
    """Who looks at what, in one transaction."""

    def waiting(self, now: str, limit: int, least: int = 0) -> tuple[HostDue, ...]:
        """Return servers that nobody holds and of which something is due, the most urgent first.

        Servers that are left alone, since they asked for a pause or failed, are not among them.

        Args:
            now: The present instant.
            limit: How many at most.
            least: The least priority of what is due.
        """
        ...

    def hold(self, name: str, process: str, now: str) -> bool:
        """Take a turn, at a server or at anything else that one process at a time does.

        Returns:
            Whether it is ours now: it is where nobody held it, where we did already, or where who
            held it is dead.
        """
        ...

    def holds(self, name: str, process: str) -> bool:
        """Return whether a process holds a turn; while this transaction lasts, it stays so."""
        ...

    def keep_only(self, process: str, names: Collection[str], now: str) -> None:
        """Give back every turn of a process but these, and the targets claimed with them."""
        ...

    def free_others(self, process: str, names: Collection[str], now: str) -> None:
        """Free the targets of a process at all servers but these: the store failed amid a turn.

        It reads all targets, so it is for when there is reason to.
        """
        ...

    def let_go(self, name: str, process: str) -> None:
        """Give a turn back."""
        ...

    def give_back(self, process: str, rest: Sequence[Claimed]) -> None:
        """Let what a process claimed and did not look at be due as it was.

        What was brought forward meanwhile stays so, and what was looked at to its end is left.
        """
        ...

    def take(
        self, host: str, process: str, now: datetime, limit: int, least: int = 0
    ) -> tuple[Claimed, ...]:
        """Claim targets of a server that are due: by priority, then those due longest.

        They are put off for as long as `LEASE` says, so that a program that dies of one does not
        look at it again at once, and who brings one forward meanwhile is seen to have. One that a
        process died of is claimed alone, so that it takes no other along.

        Args:
            host: The server, whose turn the process holds.
            process: Who claims.
            now: The present instant.
            limit: How many at most.
            least: The least priority.
        """
        ...

    def who_has(self, source: str, url: str) -> str:
        """Return the process that has claimed a target; empty: none has."""
        ...

    def late(self, source: str, before: str) -> tuple[str, ...]:
        """Return addresses of a source that have been due since before an instant, a few of them.

        Those due longest come first; what is due at once, since nobody knows since when, does not
        count, nor does what somebody is at.
        """
        ...

    def bury(self, now: str) -> tuple[Claimed, ...]:
        """Free what dead processes held, and forget them; return what they were at.

        Each of these counts one death more.
        """
        ...

    def clock(self) -> datetime | None:
        """Return the instant by the clock that all processes share: the database's.

        None where a store is on one machine only, and that machine's clock will do.
        """
        ...

    def backlog(self, now: str) -> Backlog:
        """Return how the work stands."""
        ...
