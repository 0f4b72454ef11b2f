"""Dates with the precision they were stated in (EDTF, ISO 8601-2, level 0).

A regulator's "December 2024" is a month and stays one: it becomes `2024-12`, never `2024-12-01`.
Two dates are compared as the intervals they stand for.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["year", "month", "day"]

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@dataclass(frozen=True, slots=True, order=True)
class Edtf:
    """A date as precise as it was stated: a year, a month or a day."""

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> Edtf:
        """Return the date that `text` writes as YYYY, YYYY-MM or YYYY-MM-DD.

        Raises:
            ValueError: It is none of these forms, or no such day exists.
        """
        return cls(*_numbers(text))

    @classmethod
    def of(cls, day: date) -> Edtf:
        """Return `day` at day precision."""
        return cls(day.year, day.month, day.day)

    @property
    def precision(self) -> Precision:
        """Return how precise the date is."""
        if self.day:
            return "day"
        return "month" if self.month else "year"

    @property
    def first(self) -> date:
        """Return the first day the date can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """Return the last day the date can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def contains(self, other: Edtf) -> bool:
        """Return whether every day of `other` is one of ours: 2024-12 contains 2024-12-13."""
        return self.first <= other.first and other.last <= self.last

    def is_compatible(self, other: Edtf) -> bool:
        """Return whether both can speak of the same day."""
        return self.contains(other) or other.contains(self)

    def refines(self, coarser: Edtf) -> bool:
        """Return whether this says the same as `coarser`, more precisely."""
        return self != coarser and coarser.contains(self)

    def in_words(self) -> str:
        """Return the date as people write it, no more precise than it is: 13 December 2024."""
        if not self.month:
            return str(self.year)
        month = f"{_MONTHS[self.month - 1]} {self.year}"
        return f"{self.day} {month}" if self.day else month

    def __str__(self) -> str:
        """Return the EDTF text."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)


def is_edtf(text: object) -> bool:
    """Return whether `text` is a date we can read."""
    try:
        return isinstance(text, str) and bool(_numbers(text))
    except ValueError:
        return False


def checked(text: str) -> str:
    """Return `text` as it is, if it is a date: what costs a tenth of making one and writing it.

    Raises:
        ValueError: It is none of the forms of EDTF level 0, or no such day exists.
    """
    _numbers(text)
    return text


def _numbers(text: str) -> tuple[int, int, int]:
    """Return year, month and day of a date; 0 for what it does not state.

    Raises:
        ValueError: As `Edtf.parse`.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        message = f"not an EDTF level 0 date: {text!r}"
        raise ValueError(message)
    year, month, day = (int(part) if part else 0 for part in match.groups())
    date(year, month or 1, day or 1)  # raises ValueError for a day that does not exist
    if (match[2] and not month) or (match[3] and not day):
        message = f"no such month or day: {text!r}"
        raise ValueError(message)
    return year, month, day


def in_words(text: str) -> str:
    """Return an EDTF text in words, or the text itself where it is none."""
    return Edtf.parse(text).in_words() if is_edtf(text) else text


def compatible(one: str, other: str) -> bool:
    """Return whether two EDTF texts can speak of the same day; an empty one contradicts nothing."""
    if not (is_edtf(one) and is_edtf(other)):
        return not one or not other
    return Edtf.parse(one).is_compatible(Edtf.parse(other))
