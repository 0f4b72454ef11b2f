"""Durations, sizes, cron expressions and time zones."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass

from watcher.config.document import Node, Scalar
from watcher.config.inspection import Inspection, did_you_mean, found
from watcher.config.kinds import Schema, text_at
from watcher.core.cron import parse_cron
from watcher.core.schedule import find_zone

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_BYTES = {"kB": 1000, "MB": 1_000_000}


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with a unit, read as a whole number of the smallest one.

    Attributes:
        what: What it is, with examples.
        units: How much each unit is.
        least: The least it may be, as it would be written.
        most: The most, likewise.
    """

    what: str
    units: dict[str, int]
    least: str
    most: str

    def read(self, node: Node, on: Inspection) -> int | None:
        """Return the quantity in the smallest unit."""
        text = text_at(node, on, self.what, "add a unit")
        if text is None:
            return None
        value = self._value(text)
        if value is None:
            on.expected(node, self.what)
        elif not (self._value(self.least) or 0) <= value <= (self._value(self.most) or 0):
            on.expected(node, f"something from {self.least} to {self.most}")
        else:
            return value
        return None

    def _value(self, text: str) -> int | None:
        match = re.fullmatch(self._pattern, text, re.ASCII)
        return int(match[1]) * self.units[match[2]] if match else None

    @property
    def _pattern(self) -> str:
        return rf"(\d{{1,6}}) ?({'|'.join(self.units)})"

    def schema(self) -> Schema:
        """Return a string of a number and a unit."""
        return {"type": "string", "pattern": f"^{self._pattern}$"}


def duration(least: str, most: str) -> _Quantity:
    """Return the kind of a duration between both, in seconds."""
    return _Quantity("a duration such as 30s, 5m, 12h or 1d", _SECONDS, least, most)


def per_day(least: str, most: str) -> _Quantity:
    """Return the kind of a number of requests a day between both."""
    return _Quantity("a number a day such as 2000/day", {"/day": 1}, least, most)


@dataclass(frozen=True, slots=True)
class DurationOr:
    """A duration, or a word that stands for none.

    Attributes:
        duration: The duration.
        word: The word.
        meant: What the word stands for; no duration may be as many seconds.
    """

    duration: _Quantity
    word: str
    meant: int

    def read(self, node: Node, on: Inspection) -> int | None:
        """Return the duration in seconds."""
        if isinstance(node, Scalar) and node.value == self.word:
            return self.meant
        return self.duration.read(node, on)

    def schema(self) -> Schema:
        """Return a string of a number and a unit, or the word."""
        return {"anyOf": [self.duration.schema(), {"type": "string", "enum": [self.word]}]}


def size(least: str, most: str) -> _Quantity:
    """Return the kind of a size between both, in bytes."""
    return _Quantity("a size such as 500kB or 20MB", _BYTES, least, most)


@dataclass(frozen=True, slots=True)
class CronText:
    """A cron expression of five fields."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the expression."""
        text = text_at(node, on, 'a cron expression such as "15 6,18 * * *"')
        try:
            if text is not None:
                parse_cron(text)
        except ValueError as error:
            on.note(node, f'{error}; write it like "15 6,18 * * *"')
            return None
        return text

    def schema(self) -> Schema:
        """Return a string of five fields."""
        return {"type": "string", "pattern": r"^\S+( \S+){4}$"}


@dataclass(frozen=True, slots=True)
class Zone:
    """The name of a time zone."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the name."""
        name = text_at(node, on, "a time zone such as Europe/Amsterdam")
        if name is None:
            return None
        try:
            find_zone(name)
        except ValueError:
            guess = did_you_mean(name, zoneinfo.available_timezones())
            on.note(node, f"there is no time zone {found(node)}{guess}")
            return None
        return name

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "minLength": 1}
