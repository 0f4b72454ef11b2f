"""Back-pressure: fetching slows where what was found is not told as fast as it is found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from watcher.core.capture import NEWS, URGENT


class Pressure(StrEnum):
    """How much may be fetched now."""

    NONE = "none"
    SLOW = "slow"
    """Tables, feeds, pages of which something was said, and what is to be confirmed."""
    STOP = "stop"
    """What is to be confirmed, and nothing else."""

    @property
    def least(self) -> int:
        """Return the least priority of what is looked at."""
        return {Pressure.NONE: 0, Pressure.SLOW: NEWS, Pressure.STOP: URGENT}[self]


@dataclass(frozen=True, slots=True)
class Lag:
    """How far those who tell are behind those who look.

    Attributes:
        events: Events of the log that nobody has been told of yet, nor been found not to concern.
        messages: Messages that should have gone by now.
    """

    events: int
    messages: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.events} events are not told yet and {self.messages} messages wait to be sent"


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how much on fetching slows, and from how much on it stops."""

    slow_events: int = 10_000
    stop_events: int = 50_000
    slow_messages: int = 2_000
    stop_messages: int = 10_000


def pressure(lag: Lag, before: Pressure, bounds: Bounds | None = None) -> Pressure:
    """Return how much may be fetched at this lag.

    What was slowed goes on only when three quarters of the bound are left: else it would be slowed
    and let go in turn every few seconds.

    Args:
        lag: How far those who tell are behind.
        before: What was so until now.
        bounds: From how much on; None: the usual ones.
    """
    limits = bounds or Bounds()
    if _over(lag, limits.stop_events, limits.stop_messages, before is Pressure.STOP):
        return Pressure.STOP
    if _over(lag, limits.slow_events, limits.slow_messages, before is not Pressure.NONE):
        return Pressure.SLOW
    return Pressure.NONE


def _over(lag: Lag, events: int, messages: int, was: bool) -> bool:  # noqa: FBT001  private
    share = 3 if was else 4
    return lag.events * 4 >= events * share or lag.messages * 4 >= messages * share
