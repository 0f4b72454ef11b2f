"""What we remember of the hosts we are guests of, as protocols: it has to survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

ASKING = "being asked"
"""`Standing.why` while a request is under way; found at a start, the last process was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where we stand with one host; instants are RFC 3339, UTC, and empty where there is none.

    Attributes:
        host: Its name, with a port where that is not the usual one.
        day: The UTC day that requests and bytes are of: `2026-11-22`.
        requests: How often it was asked on that day, robots.txt and redirects included.
        bytes: How many bytes of bodies it sent on that day, their encoding undone.
        last_asked: When the last request ended, or began where it is under way.
        failures: How many faults in a row.
        paused_until: Until when it is left alone.
        why: Why it is left alone, in words; `ASKING` while a request is under way.
    """

    host: str
    day: str = ""
    requests: int = 0
    bytes: int = 0
    last_asked: str = ""
    failures: int = 0
    paused_until: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsCopy:
    """A server's robots.txt as we know it; instants are RFC 3339, UTC.

    Attributes:
        text: The rules; empty: there is no such file, and no restriction.
        at: When it was last fetched or confirmed; empty: never.
        etag: The validator to send next time.
        last_modified: Likewise.
        tried_at: When it was last asked for.
        failing_since: Since when it cannot be had; empty: it could be.
        failure: Why not, in words.
        kind: The kind of that failure, as in `FetchError`.
    """

    text: str = ""
    at: str = ""
    etag: str = ""
    last_modified: str = ""
    tried_at: str = ""
    failing_since: str = ""
    failure: str = ""
    kind: str = ""


class Hosts(Protocol):
    """The hosts in one transaction."""

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        ...

    def standings(self) -> tuple[Standing, ...]:
        """Return where we stand with every host ever asked, by name."""
        ...

    def put(self, standing: Standing) -> None:
        """Keep where we stand with a host; what is known of its robots.txt stays."""
        ...

    def robots(self, host: str) -> Mapping[str, RobotsCopy]:
        """Return the robots.txt of a host, by root: `https://www.ema.europa.eu`."""
        ...

    def put_robots(self, host: str, root: str, copy: RobotsCopy) -> None:
        """Keep the robots.txt of one root of a host."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of asking for a host's turn.

    Attributes:
        is_ours: Whether this process may ask the host until it leaves; else another one does.
        standing: Where we stand with it, where another process may have asked it since we did.
    """

    is_ours: bool = True
    standing: Standing | None = None


class HostLedger(Protocol):
    """Remembers hosts across restarts, each call a transaction of its own or part of the next.

    Where several processes share one, a host is asked by one of them at a time: who asks enters
    first and leaves afterwards, as often as it entered.
    """

    def enter(self, host: str) -> Entry:
        """Take the host's turn, unless another process has it."""
        ...

    def leave(self, standing: Standing) -> None:
        """Give the host's turn back, with where we stand with it now."""
        ...

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        ...

    def anew(self, host: str) -> Standing | None:
        """Return where we stand with a host that another process may have asked; None: none may."""
        ...

    def keep(self, standing: Standing) -> None:
        """Keep a standing durably before returning."""
        ...

    def note(self, standing: Standing) -> None:
        """Keep a standing with whatever is committed next; a crash before that may lose it."""
        ...

    def robots(self, host: str, root: str) -> RobotsCopy | None:
        """Return the robots.txt of a root, or None where it was never asked for."""
        ...

    def keep_robots(self, host: str, root: str, copy: RobotsCopy) -> None:
        """Keep a robots.txt durably before returning."""
        ...


class Rests(Protocol):
    """Tells which hosts are left alone for longer than a look should wait."""

    def resting(self, url: str) -> str:
        """Return why the host of `url` is left alone for now, in words; empty: it may be asked."""
        ...

    def ready_in(self, url: str) -> float:
        """Return in how many seconds the pace lets us ask the host of `url`; 0: now."""
        ...

    def holding(self, host: str) -> AbstractContextManager[bool]:
        """Be the one process that asks a host within this block; tell whether we are."""
        ...
