"""Labels and marks of a life line: placed beside their dates so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from watcher.core.text import shorten

EDGE = 10
"""The margin at both sides, in px."""
BAR = 14
"""The height of a bar, in px."""
ROW = 19
"""The height of a row of words, in px."""
CHARACTER = 6.7
"""The mean width of a character in px at this size, on the safe side."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words that belong to a place on the line, with their mark.

    Attributes:
        x: Where, in px.
        words: Empty: only the mark is drawn.
        title: More words, for whoever points at it.
        mark: `ending`, a key of `BELOW`, or none.
        style: Classes of the text.
        days: From where to where it may have been, for marks that stand for many days.
    """

    x: float
    words: str
    title: str
    mark: str = ""
    style: str = ""
    days: tuple[float, float] = (0.0, 0.0)


_ENDING = '<path class="mark critical" d="M{x} {y}m0 -7l7 12h-14z"><title>{title}</title></path>'
BELOW = {
    "market": '<path class="mark" d="M{x} {y}m0 6l6 -11h-12z"/>',
    "holder": '<path class="mark" d="M{x} {y}m0 -6l6 6l-6 6l-6 -6z"/>',
    "referral": '<rect class="mark" x="{left}" y="{up}" width="10" height="10"/>',
    "other": '<circle class="mark" cx="{x}" cy="{y}" r="5"/>',
}
"""Marks that stand below the bar, beside the documents: none of them ends an authorisation."""


def labelled(
    labels: Sequence[Label], *, width: int, top: float, below: float
) -> tuple[list[str], float]:
    """Return labels drawn below a bar, in as few rows as they fit into, and where the last ends.

    From the right to the left, so that the line down to a lower row crosses no words above it.

    Args:
        labels: In any order.
        width: Of the picture, in px.
        top: Where the bar begins.
        below: Where the first row begins.
    """
    rows: list[list[tuple[float, float]]] = []
    lines: list[str] = []
    texts: list[str] = []
    for label in sorted(labels, key=lambda label: -label.x):
        if label.words:
            words = shorten(label.words, int((width - 2 * EDGE) / CHARACTER))
            long = len(words) * CHARACTER
            left = _beside(label.x, long, width)
            y = below + ROW * (_row(rows, label.x, left, long) + 1) - 5
            lines.append(f'<path class="lead" d="M{label.x} {top + BAR}V{round(y + 3, 1)}"/>')
            texts.append(
                f'<text class="{label.style.strip()}" {_anchor(label.x, left, long)} y="{y}">'
                f"{escape(words)}<title>{escape(label.title)}</title></text>"
            )
        texts += _marked(label, top)
    return lines + texts, below + ROW * len(rows)


def _beside(x: float, long: float, width: int) -> float:
    """Return where words begin that stand right of `x`, or left of it where they fit better."""
    if x + 5 + long <= width - EDGE:
        return x + 5
    return x - 5 - long if x - 5 - long >= EDGE else max(EDGE, width - EDGE - long)


def _anchor(x: float, left: float, long: float) -> str:
    """Return where words stand: those left of `x` end at it, however wide they come out."""
    is_left = left + long <= x - 4
    return f'x="{round(x - 5, 1)}" text-anchor="end"' if is_left else f'x="{round(left, 1)}"'


def _row(rows: list[list[tuple[float, float]]], x: float, left: float, long: float) -> int:
    """Return the first row in which the words have room, and take it."""
    taken = (min(left, x) - 4, max(left + long, x) + 8)
    for number, row in enumerate(rows):
        if all(_is_apart(taken, one) for one in row):
            row.append(taken)
            return number
    rows.append([taken])
    return len(rows) - 1


def _marked(label: Label, top: float) -> Iterator[str]:
    if label.mark == "ending":
        yield _ENDING.format(x=label.x, y=top + BAR / 2, title=escape(label.title))
    elif shape := BELOW.get(label.mark):
        y = top + BAR + 8
        if label.days[1] - label.days[0] > 12:  # as wide as the mark: a whole year, say
            yield f'<path class="lead" d="M{label.days[0]} {y}H{label.days[1]}m0 -4v8"/>'
        yield shape.format(x=label.x, y=y, left=label.x - 5, up=y - 5)


def _is_apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[1] < other[0] or other[1] < one[0]
