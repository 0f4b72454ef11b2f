"""What the name of a file of the past tells: when it was fetched, and of what kind it is.

An instant must not depend on which other files are there, or the order of imports would change
the history. So a name that tells a number beside its date keeps files of one minute apart:
`2024-08-22_1506_2.html` is two microseconds after 15:06, and `2024-08-22_1506_3e5bdb8.xlsx` some
tenths of a second, in the order of such names.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.errors import OperationalError

MEDIA_TYPES = {
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}
_DATED = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T_ ](\d{2})[:.h]?(\d{2})(?:[:.]?(\d{2})(?=[Z_. -]|$))?)?"
)
_WORD = re.compile(r"[0-9a-z]+")
_MOST_NUMBERED = 99_999
_LETTERS = 30
"""Kinds of letters told apart in a tag; four of them make less than a second."""
_READ = 4


def date_of(path: Path) -> datetime:
    """Return the instant that a file's name tells, UTC.

    Raises:
        OperationalError: It tells none, or one that does not exist.
    """
    match = _DATED.search(path.name)
    if match is None:
        message = f"{path}: its name has no date; call it like 2024-08-22_1506_medicines.xlsx"
        raise OperationalError(message)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        message = f"{path}: its name has a date that does not exist: {match[0]}"
        raise OperationalError(message) from error
    return at + timedelta(microseconds=_place(path.name[match.end() :]))


def _place(rest: str) -> int:
    """Return the place among files of one instant, by the first word with a digit in `rest`."""
    stem = (rest.rpartition(".")[0] if "." in rest else rest).casefold()
    words = (word for word in _WORD.findall(stem) if not word.isalpha())
    tag = next(words, "")
    if tag.isdecimal() and int(tag) <= _MOST_NUMBERED:
        return int(tag)
    return _MOST_NUMBERED + 1 + _rank(tag) if tag else 0


def _rank(tag: str) -> int:
    """Return a number that grows with `tag` in the order of the alphabet, below 900,000."""
    rank = 0
    for letter in tag[:_READ].ljust(_READ, "\0"):
        rank = rank * _LETTERS + _kind(letter)
    return rank


def _kind(letter: str) -> int:
    """Return 0 for no letter, 1 to 10 for a digit, 11 to 28 for a letter; from p on in fours."""
    if letter == "\0":
        return 0
    if letter.isdecimal():
        return 1 + int(letter)
    number = ord(letter) - ord("a")
    return 11 + min(number, 15 + max(number - 15, 0) // 4)
