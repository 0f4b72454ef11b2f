"""What is counted at a host's door, by the monotonic clock, and its translation to what is kept.

Within a process only seconds that never run backwards count; what outlives it is told in UTC. A
wall clock set back or forward between two processes therefore neither shortens a pace nor makes a
pause longer than a day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.fetch.pauses import A_DAY
from watcher.ports import Clock
from watcher.ports.hosts import ASKING, Entry, RobotsCopy, Standing

_NEVER = float("-inf")
_LONGEST_EXCHANGE = 600.0  # the longest `timeout` that can be configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What we remember of a host; instants are the clock's monotonic seconds.

    Attributes:
        host: Its name.
        last_asked: When the last request ended, or began where it is under way.
        paused_until: Until when it is left alone.
        failures: How many faults in a row.
        day: The UTC day that the counts are of.
        requests: How often it was asked on that day.
        bytes: What it sent on that day.
        why: Why it is left alone.
    """

    host: str
    last_asked: float = _NEVER
    paused_until: float = _NEVER
    failures: int = 0
    day: str = ""
    requests: int = 0
    bytes: int = 0
    why: str = ""

    def today(self, clock: Clock) -> Tally:
        """Return it with the counts of the present day."""
        day = clock.now().date().isoformat()
        return self if self.day == day else replace(self, day=day, requests=0, bytes=0)

    def standing(self, clock: Clock) -> Standing:
        """Return what is to be kept of it."""
        return Standing(
            host=self.host,
            day=self.day,
            requests=self.requests,
            bytes=self.bytes,
            last_asked=_told(self.last_asked, clock),
            failures=self.failures,
            paused_until=_told(self.paused_until, clock),
            why=self.why,
        )


def of_standing(kept: Standing, clock: Clock) -> Tally:
    """Return the tally of what was kept by an earlier process.

    Of a request that was under way when that process was killed no one knows when it ended: it
    counts as ended just now, or as long ago as it would have been given up.
    """
    now = clock.monotonic()
    ago = max(-_seconds_to(kept.last_asked, clock), 0.0) if kept.last_asked else -_NEVER
    if kept.why == ASKING:
        ago = max(ago - _LONGEST_EXCHANGE, 0.0)
    rest = min(_seconds_to(kept.paused_until, clock), A_DAY) if kept.paused_until else 0.0
    return Tally(
        host=kept.host,
        last_asked=now - ago,
        paused_until=now + rest if rest > 0 else _NEVER,
        failures=kept.failures,
        day=kept.day,
        requests=kept.requests,
        bytes=kept.bytes,
        why="" if kept.why == ASKING else kept.why,
    )


def _told(seconds: float, clock: Clock) -> str:
    if seconds == _NEVER:
        return ""
    return instant(clock.now() + timedelta(seconds=seconds - clock.monotonic()))


def _seconds_to(kept: str, clock: Clock) -> float:
    return (datetime.fromisoformat(kept) - clock.now()).total_seconds()


class Unwritten:
    """A ledger that is gone with its process: for a single question, and for tests of the rest."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._robots: dict[str, RobotsCopy] = {}

    def enter(self, host: str) -> Entry:  # noqa: ARG002  nobody else is there
        """Take the host's turn: it is ours alone."""
        return Entry()

    def leave(self, standing: Standing) -> None:
        """Give the host's turn back."""

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        return self._standings.get(host, Standing(host=host))

    def anew(self, host: str) -> Standing | None:  # noqa: ARG002  no other process asks any
        """Return None: no other process asks a host."""
        return None

    def keep(self, standing: Standing) -> None:
        """Keep a standing."""
        self._standings[standing.host] = standing

    note = keep

    def robots(self, host: str, root: str) -> RobotsCopy | None:  # noqa: ARG002  roots differ
        """Return the robots.txt of a root, or None where it was never asked for."""
        return self._robots.get(root)

    def keep_robots(self, host: str, root: str, copy: RobotsCopy) -> None:  # noqa: ARG002
        """Keep a robots.txt."""
        self._robots[root] = copy
