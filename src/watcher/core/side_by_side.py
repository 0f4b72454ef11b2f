"""Two texts side by side: what was put in, taken out or reworded, with the noise counted apart.

Noise is what differs and says nothing: a line only spelled, spaced or punctuated otherwise, and a
line that stands elsewhere in the same words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from watcher.core.text import fold, squash

Kind = Literal["same", "changed", "added", "removed", "respelled", "moved"]
Piece = tuple[bool, str]
"""Words, and whether they are on this side alone."""

MOST_LINES = 6_000
"""Lines of a side that are compared: beyond, comparing takes seconds and nobody reads it."""
_MOST_WORDS = 400
_LEAST_ALIKE = 0.4
_CONTEXT = 2
_NUMBERS = re.compile(r"\d+")
_MARKS = re.compile(r"(?<!\d)[\W_]+(?!\d)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a line before and the one after, each in pieces; an empty side has no line."""

    kind: Kind
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows that need not be read, folded into one: what they are and how many."""

    what: Literal["unchanged", "noise"]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """Two texts compared.

    Attributes:
        parts: Rows to read, and folds.
        counts: How many rows are of each kind.
        left_out: How many lines were too many to compare.
    """

    parts: tuple[Row | Fold, ...]
    counts: dict[Kind, int]
    left_out: int = 0

    @property
    def is_same(self) -> bool:
        """Return whether nothing differs that says anything."""
        return not any(self.counts.get(kind) for kind in ("changed", "added", "removed"))

    @property
    def noise(self) -> int:
        """Return how many rows differ without saying anything."""
        return self.counts.get("respelled", 0) + self.counts.get("moved", 0)


def side_by_side(before: Sequence[str], after: Sequence[str]) -> SideBySide:
    """Return two texts compared line by line.

    Args:
        before: The lines of the one.
        after: The lines of the other.
    """
    left_out = max(0, len(before) - MOST_LINES) + max(0, len(after) - MOST_LINES)
    rows = _with_moves(_rows(before[:MOST_LINES], after[:MOST_LINES]))
    return SideBySide(
        parts=tuple(_folded(rows)),
        counts=dict(Counter(row.kind for row in rows)),
        left_out=left_out,
    )


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    # by the letters alone, so that a line only spelled otherwise is met by its twin
    keys = [[_key(line) for line in side] for side in (before, after)]
    start = _alike(zip(*keys, strict=False))
    end = _alike(zip(reversed(keys[0][start:]), reversed(keys[1][start:]), strict=False))
    yield from map(_twin, before[:start], after[:start])
    until = len(before) - end, len(after) - end
    matcher = SequenceMatcher(None, keys[0][start : until[0]], keys[1][start : until[1]])
    for tag, low, high, other_low, other_high in matcher.get_opcodes():
        old = before[start + low : start + high]
        new = after[start + other_low : start + other_high]
        if tag == "equal":
            yield from map(_twin, old, new)
        else:
            yield from _replaced(old, new)
    yield from map(_twin, before[until[0] :], after[until[1] :])


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """Return how many pairs are equal before the first that is not."""
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _twin(old: str, new: str) -> Row:
    kind: Kind = "same" if old == new else "respelled"
    return Row(kind, ((False, old),), ((False, new),))


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Yield lines that take the place of others: beside each other where only a number differs."""
    stems, others = ([_NUMBERS.sub("", squash(line)) for line in side] for side in (old, new))
    for _, low, high, other_low, other_high in SequenceMatcher(None, stems, others).get_opcodes():
        gone, come = old[low:high], new[other_low:other_high]
        if len(gone) == len(come):
            for one, other in zip(gone, come, strict=True):
                yield from _reworded(one, other)
        else:
            yield from (Row("removed", before=((True, line),)) for line in gone)
            yield from (Row("added", after=((True, line),)) for line in come)


def _reworded(old: str, new: str) -> Iterator[Row]:
    words = old.split(" "), new.split(" ")
    if max(map(len, words)) > _MOST_WORDS:
        yield Row("changed", ((True, old),), ((True, new),))
        return
    matcher = SequenceMatcher(None, *words, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        yield Row("removed", before=((True, old),))
        yield Row("added", after=((True, new),))
        return
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, low, high, other_low, other_high in matcher.get_opcodes():
        for side, part in zip(
            sides, (words[0][low:high], words[1][other_low:other_high]), strict=True
        ):
            if part:
                side.append((tag != "equal", " ".join(part)))
    yield Row("changed", tuple(sides[0]), tuple(sides[1]))


def _with_moves(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with those marked whose line stands elsewhere on the other side."""
    found = list(rows)
    gone = Counter(_line(row.before) for row in found if row.kind == "removed")
    come = Counter(_line(row.after) for row in found if row.kind == "added")
    moved = gone & come
    left: dict[Kind, Counter[str]] = {"removed": Counter(moved), "added": Counter(moved)}
    for at, row in enumerate(found):
        if row.kind in left:
            key = _line(row.before or row.after)
            if left[row.kind][key]:
                left[row.kind][key] -= 1
                found[at] = replace(row, kind="moved")
    return found


def _line(side: tuple[Piece, ...]) -> str:
    return _key(" ".join(words for _, words in side))


def _key(line: str) -> str:
    """Return what a line says: marks and spaces count beside a number alone; 5.0 mg is not 50."""
    folded = fold(line)
    return _MARKS.sub("", folded) or folded


def _folded(rows: Sequence[Row]) -> Iterator[Row | Fold]:
    """Yield the rows that differ, those around them, and folds in the place of all others."""
    told = [at for at, row in enumerate(rows) if row.kind in {"changed", "added", "removed"}]
    shown = {near for at in told for near in range(at - _CONTEXT, at + _CONTEXT + 1)}
    is_plain = [row.kind not in {"respelled", "moved"} for row in rows]
    for (is_shown, plain), run in groupby(
        range(len(rows)), key=lambda at: (at in shown and is_plain[at], is_plain[at])
    ):
        held = tuple(rows[at] for at in run)
        if is_shown:
            yield from held
        else:
            yield Fold("unchanged" if plain else "noise", held)
