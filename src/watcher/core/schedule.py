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


def look_again(schedule: Schedule, looked: datetime, *, seed: str) -> datetime:
    """Return when to look again after a look that was made at `looked`.

    An interval counts from the look, so that sources of one interval do not all wake together; the
    jitter comes on top of it, and never in its place.
    """
    if isinstance(schedule, Every):
        after = looked + timedelta(seconds=schedule.jitter)
        return _next_of_interval(schedule, after, seed, looked)
    return _next_of_cron(schedule, looked, seed)


def due(schedule: Schedule, kept: datetime | None, now: datetime) -> datetime:
    """Return when a target is due, by what was kept for it when it was last looked at.

    A target that was never looked at is due now. So is one whose kept instant lies beyond the
    schedule's `horizon`: the schedule was changed, or the clock was set back far.

    Args:
        schedule: Its schedule as it is now.
        kept: What `next_due` said then, or None.
        now: The present instant.
    """
    if kept is None or kept > horizon(schedule, now):
        return now
    return kept


def horizon(schedule: Schedule, now: datetime) -> datetime:
    """Return the latest instant that may have been kept as a target's next one.

    It is one look further than the schedule asks for: a clock set back by an hour leaves every
    kept instant as it is, and no target is looked at twice for it.
    """
    jitter = timedelta(seconds=schedule.jitter)
    if isinstance(schedule, Every):
        return now + timedelta(seconds=schedule.seconds + min(schedule.seconds, 3600)) + jitter
    exact = Cron(schedule.text, schedule.zone)
    return _next_of_cron(exact, _next_of_cron(exact, now, ""), "") + jitter


def interval(schedule: Schedule, now: datetime) -> timedelta:
    """Return how long it is from the next look to the one after it."""
    if isinstance(schedule, Every):
        return timedelta(seconds=schedule.seconds)
    exact = Cron(schedule.text, schedule.zone)
    first = _next_of_cron(exact, now, "")
    return _next_of_cron(exact, first, "") - first


def spread(seconds: int, after: datetime, *, seed: str) -> datetime:
    """Return the next of the instants that lie `seconds` apart, at an offset drawn from `seed`.

    Thousands of targets of one interval are looked at evenly, one after the other, and each has
    its place in the interval for good.
    """
    offset = _jitter(seed, EPOCH, seconds)
    return _next_of_interval(Every(seconds), after, seed, EPOCH + offset)


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
