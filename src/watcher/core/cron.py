"""Cron expressions: when the clock on a zone's wall says that it is time, as instants.

Five fields: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday), each `*`, a
number or English name, a range, a list of these, with a step after `*` or a range. Where both days
are given, either will do (POSIX). Of the nights on which the clocks change, what an hour field
other than `*` asks for happens once: at the first of two 02:30s, and where there is no 02:30, as
soon as the clock has jumped over it. An hour field of `*` asks for every hour that really passes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Field:
    """What one of the five fields may hold."""

    what: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def number(self, text: str) -> int:
        """Return the number `text` stands for."""
        if text in self.names:
            return self.names.index(text) + self.least
        number = int(text) if text.isdecimal() else -1
        if not self.least <= number <= self.most:
            message = f"{text!r} is no {self.what}"
            raise ValueError(message)
        return number


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    _Field("minute (0-59)", 0, 59),
    _Field("hour (0-23)", 0, 23),
    _Field("day of the month (1-31)", 1, 31),
    _Field("month (1-12 or jan-dec)", 1, 12, _MONTHS),
    _Field("day of the week (0-7 or sun-sat)", 0, 7, _WEEKDAYS),
)
_PART = re.compile(r"(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/(\d{1,3}))?")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Timetable:
    """A cron expression taken apart: which minutes, hours and days it asks for."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_hour: bool
    either_day: bool

    def asks_for(self, day: date) -> bool:
        """Return whether anything is due on `day`."""
        in_month = day.day in self.days
        in_week = day.isoweekday() % 7 in self.weekdays
        fits = (in_month or in_week) if self.either_day else (in_month and in_week)
        return fits and day.month in self.months


@lru_cache(maxsize=256)
def parse_cron(text: str) -> Timetable:
    """Return what `text` asks for.

    Raises:
        ValueError: It is no cron expression of five fields, or asks for a day that never comes.
    """
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        message = f"a cron expression has 5 fields, this one {len(fields)}"
        raise ValueError(message)
    minutes, hours, days, months, weekdays = map(_numbers, _FIELDS, fields)
    either_day = fields[2] != "*" and fields[4] != "*"
    if not either_day and all(min(days) > _LONGEST[month - 1] for month in months):
        message = "none of these months has such a day"
        raise ValueError(message)
    return Timetable(
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=days,
        months=months,
        weekdays=frozenset(day % 7 for day in weekdays),
        every_hour=fields[1] == "*",
        either_day=either_day,
    )


def _numbers(field: _Field, text: str) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _part(field, part))


def _part(field: _Field, text: str) -> range:
    """Return the numbers of `*`, `5`, `mon-fri` or `8-18/2`."""
    match = _PART.fullmatch(text)
    if match is None:
        message = f"{text!r} is no {field.what}, range or list"
        raise ValueError(message)
    star, first, last, step = match.groups()
    if step is not None and (int(step) == 0 or not (star or last)):
        message = f"{text!r}: a step of 1 or more stands after * or a range"
        raise ValueError(message)
    least = field.least if star else field.number(first)
    most = field.most if star else field.number(last or first)
    if last == "sun":
        most = field.most
    if least > most:
        message = f"{text!r} runs backwards"
        raise ValueError(message)
    return range(least, most + 1, int(step or 1))


def instants(timetable: Timetable, zone: ZoneInfo, first: date) -> Iterator[datetime]:
    """Yield the instants it asks for, in UTC and in order, from the local day `first` on.

    There is always another one, at most eight years on: `parse_cron` refuses days that never come.
    """
    latest = datetime.min.replace(tzinfo=UTC)
    day = first
    while True:
        for instant in _of_day(timetable, zone, day) if timetable.asks_for(day) else ():
            if instant > latest:
                yield instant
                latest = instant
        day += _DAY


def _of_day(timetable: Timetable, zone: ZoneInfo, day: date) -> list[datetime]:
    found: set[datetime] = set()
    for hour, minute in product(timetable.hours, timetable.minutes):
        wall = datetime.combine(day, time(hour, minute), tzinfo=zone)
        found.update(_instants_of(wall, zone, every_hour=timetable.every_hour))
    return sorted(found)


def _instants_of(wall: datetime, zone: ZoneInfo, *, every_hour: bool) -> tuple[datetime, ...]:
    """Return when the wall's clock shows this time: once, twice in autumn, never in spring."""
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return (first,)
    if first < second:
        return (first, second) if every_hour else (first,)
    if every_hour or first - second >= _DAY:  # a zone that skips a whole day has no such day
        return ()
    return (_end_of_gap(zone, second, first),)


def _end_of_gap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the instant between both at which the zone's clocks jump."""
    offset = before.astimezone(zone).utcoffset()

    def has_jumped(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    span = range(int((after - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(span, True, key=has_jumped))  # noqa: FBT003
