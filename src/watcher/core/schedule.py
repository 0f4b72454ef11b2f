"""When to look next: intervals and cron expressions, as instants that we compute ourselves.

A due instant is kept in UTC with its target, so a restart, a clock set back or a night on which the
clocks change neither loses a look nor doubles one, and any timer will do as a wake-up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from watcher.core.cron import instants, parse_cron

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Look at an interval.

    Attributes:
        seconds: The interval, at least 1.
        jitter: Up to how many seconds later, so that many sources do not ask at once; less than
            the interval.

    Raises:
        ValueError: One of them is out of its range.
    """

    seconds: int
    jitter: int = 0

    def __post_init__(self) -> None:
        if self.seconds < 1:
            message = f"an interval of {self.seconds} seconds"
            raise ValueError(message)
        if not 0 <= self.jitter < self.seconds:
            message = f"a jitter of {self.jitter} seconds in an interval of {self.seconds}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Cron:
    """Look when a zone's clock shows certain times.

    Attributes:
        text: Five fields, as `core.cron` reads them.
        zone: An IANA time zone: `Europe/Amsterdam`.
        jitter: Up to how many seconds later; never so much later that the next time has come.

    Raises:
        ValueError: It is no cron expression or no zone, or the jitter is negative.
    """

    text: str
    zone: str = "UTC"
    jitter: int = 0

    def __post_init__(self) -> None:
        parse_cron(self.text)
        find_zone(self.zone)
        if self.jitter < 0:
            message = f"a jitter of {self.jitter} seconds"
            raise ValueError(message)


Schedule: TypeAlias = Every | Cron


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone called `name`.

    Raises:
        ValueError: There is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = f"there is no time zone {name!r}"
        raise ValueError(message) from None


def next_due(
    schedule: Schedule, after: datetime, *, seed: str, anchor: datetime = EPOCH
) -> datetime:
    """Return the first instant after `after` at which it is time to look, in UTC.

    However many instants were missed before `after`, they are one look: the one being made.

    Args:
        schedule: The interval or cron expression.
        after: Usually now.
        seed: Draws the jitter: the same seed, the same instants, on any machine.
        anchor: An instant from which intervals are counted, such as the last due one.
    """
    if isinstance(schedule, Every):
        return _next_of_interval(schedule, after, seed, anchor)
    return _next_of_cron(schedule, after, seed)


def due(
    schedule: Schedule,
    kept: datetime | None,
    now: datetime,
    *,
    seed: str,
) -> datetime:
    """Return when a target is due, by what was kept for it when it was last looked at.

    A target that was never looked at is due now. So is one whose kept instant is further away than
    the schedule can ask for: the schedule was changed, or the clock was set back.

    Args:
        schedule: Its schedule as it is now.
        kept: What `next_due` said then, or None.
        now: The present instant.
        seed: As for `next_due`.
    """
    if kept is None or kept > _latest(schedule, now, seed):
        return now
    return kept


def _latest(schedule: Schedule, now: datetime, seed: str) -> datetime:
    if isinstance(schedule, Every):
        return now + timedelta(seconds=schedule.seconds + schedule.jitter)
    return _next_of_cron(schedule, now, seed)


def _next_of_interval(schedule: Every, after: datetime, seed: str, anchor: datetime) -> datetime:
    step = timedelta(seconds=schedule.seconds)
    nominal = anchor + (after - anchor) // step * step
    while (instant := nominal + _jitter(seed, nominal, schedule.jitter)) <= after:
        nominal += step
    return instant.astimezone(UTC)


def _next_of_cron(schedule: Cron, after: datetime, seed: str) -> datetime:
    zone = find_zone(schedule.zone)
    # A day early: what yesterday's clocks jumped over, and jitter, can fall on today.
    first = (after - timedelta(days=1, seconds=schedule.jitter)).astimezone(zone).date()
    return next(
        drawn
        for instant, following in pairwise(instants(parse_cron(schedule.text), zone, first))
        if (drawn := instant + _jitter(seed, instant, _room(schedule, following - instant))) > after
    )


def _room(schedule: Cron, step: timedelta) -> int:
    """Return how many seconds a look may be late without running into the one after it."""
    return min(schedule.jitter, int(step.total_seconds()))


def _jitter(seed: str, nominal: datetime, room: int) -> timedelta:
    """Return less than `room` seconds, always the same for this seed and instant."""
    if room <= 0:
        return timedelta(0)
    drawn = hashlib.sha256(f"{seed} {nominal.astimezone(UTC).isoformat()}".encode()).digest()
    return timedelta(seconds=int.from_bytes(drawn[:8]) % room)
