"""A channel that fails again and again is left alone for a while, and then tried with one message.

Three failures in a row close it: for a minute, then for twice as long each time the one message
fails too, for an hour at most. One that is taken opens it again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from watcher.core.backoff import fraction

CLOSES_AFTER = 3
"""Failures in a row, whichever messages they met."""
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
_MOST_DOUBLINGS = 6
_SPREAD = 0.2


class Way(StrEnum):
    """What may go through a channel now."""

    OPEN = "open"
    """Everything."""
    ONE = "one"
    """One message, to see whether it is well again."""
    SHUT = "shut"
    """Nothing."""


def way(failures: int, closed_until: datetime | None, now: datetime) -> Way:
    """Return what may go through a channel.

    Args:
        failures: How many attempts in a row failed.
        closed_until: Until when it is left alone; None: it is not. One further off than the
            longest rest was set by a clock that ran ahead, and is over.
        now: The time.
    """
    if failures < CLOSES_AFTER:
        return Way.OPEN
    if closed_until is not None and now < closed_until <= now + LONGEST:
        return Way.SHUT
    return Way.ONE


def rest(channel: str, failures: int) -> timedelta:
    """Return for how long a channel is left alone after so many failures in a row.

    Up to a fifth shorter by chance, which the channel's id decides: channels at one dead server
    are not all tried in the same second.
    """
    if failures < CLOSES_AFTER:
        return timedelta(0)
    doublings = min(failures - CLOSES_AFTER, _MOST_DOUBLINGS)
    whole = min(SHORTEST * (1 << doublings), LONGEST)
    return whole * (1 - _SPREAD * fraction(f"{channel} {failures}"))
