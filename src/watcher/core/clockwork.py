"""Whether the machine's clock moved by itself: two clocks read together, and read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=1)
"""A time service moves a clock by less than this; more changes what is due."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Both clocks of the machine, read together.

    Attributes:
        wall: What the clock shows, UTC.
        steady: Seconds that never run backwards.
    """

    wall: datetime
    steady: float


def jump(before: Moment, now: Moment) -> timedelta | None:
    """Return how far the clock moved beyond the time that went by, or None where it did not.

    Negative where it was set back. A machine that slept looks like one whose clock was set
    forward: its steady clock stands still meanwhile.
    """
    moved = (now.wall - before.wall) - timedelta(seconds=now.steady - before.steady)
    return moved if abs(moved) > TOLERANCE else None
