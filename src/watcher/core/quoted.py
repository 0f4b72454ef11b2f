"""Where a quote stands in a text: found by its letters and digits, whatever was printed between.

A quote is kept verbatim but for white space, and it may run over several lines of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watcher.core.text import squash

MOST_CHARACTERS = 3_000_000
_MOST_FOUND = 50
_BEGINNING = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """Part of a line that belongs to a quote: the line's index, from where to where."""

    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """Where a quote stands.

    Attributes:
        places: Every place, each with the parts of the lines it runs over.
        is_whole: Whether all of it stands there, or only its beginning.
    """

    places: tuple[tuple[Mark, ...], ...] = ()
    is_whole: bool = True


def find_quote(lines: Sequence[str], quote: str) -> Quoted:
    """Return where `quote` stands in `lines`; where it does not, where its beginning does.

    Args:
        lines: The text, a line each; beyond `MOST_CHARACTERS` nothing is looked for.
        quote: The words.
    """
    needle = squash(quote)
    if not needle:
        return Quoted()
    hay, at = _letters(lines)
    if found := _all(hay, needle):
        return Quoted(tuple(_marks(at, start, len(needle)) for start in found))
    start = hay.find(needle[:_BEGINNING]) if len(needle) > _BEGINNING else -1
    if start < 0:
        return Quoted((), is_whole=False)
    return Quoted((_marks(at, start, _BEGINNING),), is_whole=False)


def _letters(lines: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the letters and digits of a text, folded, and where each of them stands."""
    letters: list[str] = []
    at: list[tuple[int, int]] = []
    left = MOST_CHARACTERS
    for index, line in enumerate(lines):
        left -= len(line)
        if left < 0:
            break
        for place, printed in enumerate(line):
            if printed.isalnum():
                folded = printed.casefold()
                letters.append(folded)
                at += [(index, place)] * len(folded)
    return "".join(letters), at


def _all(hay: str, needle: str) -> list[int]:
    found: list[int] = []
    start = hay.find(needle)
    while start >= 0 and len(found) < _MOST_FOUND:
        found.append(start)
        start = hay.find(needle, start + len(needle))
    return found


def _marks(at: Sequence[tuple[int, int]], start: int, length: int) -> tuple[Mark, ...]:
    ends: dict[int, tuple[int, int]] = {}
    for line, place in at[start : start + length]:
        first = ends[line][0] if line in ends else place
        ends[line] = (first, place + 1)
    return tuple(Mark(line, first, last) for line, (first, last) in ends.items())
