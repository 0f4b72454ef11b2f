"""What we saw and when, as a strip below a life line and to its scale.

Above stand the dates that sources state; here the days on which we learnt of them. Each day leads
to the page as it was known then, each mark to its case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from watcher.core.lifeline import LifeLine
from watcher.core.lifeline_labels import EDGE
from watcher.core.lifeline_svg import Scale
from watcher.core.taxonomy import Severity

_TICK, _MARK, _MOST_ROWS = 5.0, 15.0, 4
_TOP, _LINE = 20.0, 12.0
_ROOM = 90
"""What the words at the left margin take, in px."""
_SHAPES = {
    Severity.CRITICAL: "M{x} {t}l6 11h-12z",
    Severity.HIGH: "M{x} {t}l6 6l-6 6l-6 -6z",
    Severity.NORMAL: "M{x} {t}a5.5 5.5 0 1 0 .1 0z",
    Severity.LOW: "M{x} {t}a5.5 5.5 0 1 0 .1 0z",
}
"""A shape a severity: ▲ ◆ ● ○."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mark on the strip: the day, how grave, in words, and where it leads."""

    day: date
    severity: Severity
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which something was seen, and the page as it was known then."""

    day: date
    words: str
    url: str


def seen_strip(line: LifeLine, marks: Sequence[Seen], days: Sequence[Day], *, width: int) -> str:
    """Return the strip as inline SVG; its links can be followed without a script.

    Args:
        line: The life line it belongs to.
        marks: The cases.
        days: The days on which something was seen.
        width: In px.
    """
    scale = Scale.of(line, width)
    placed = list(_placed(marks, scale))
    rows = max((row for _, _, row in placed), default=-1) + 1
    height = round(_TOP + _LINE + 8 + rows * _MARK)
    start = scale.at(min((each.day for each in days), default=line.ends))
    beside = _TOP + 10 if start > _ROOM else 12
    label = f"{len(marks)} cases and {len(days)} days on which something was seen"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ll seen" role="group" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" aria-label="{escape(label)}">',
        f'<text class="soft" x="{EDGE}" y="{beside}" aria-hidden="true">seen by us</text>',
        f'<path class="looking" d="M{start} {_TOP + 6}H{scale.at(scale.last)}"/>',
        *_ticks(days, scale),
        *(_mark(each, x, _TOP + _LINE + 4 + row * _MARK) for each, x, row in placed),
        "</svg>",
    ]
    return "\n".join(lines)


def _ticks(days: Iterable[Day], scale: Scale) -> Iterator[str]:
    """Yield a tick a day; of days that would cover one another the first is drawn."""
    last = -_TICK
    for each in sorted(days, key=lambda each: each.day):
        x = scale.at(each.day)
        if x - last >= _TICK:
            last = x
            words = escape(each.words)
            yield (  # the form and the links beside it lead there too, with fewer stops for keys
                f'<a href="{escape(each.url)}" tabindex="-1" aria-hidden="true">'
                f'<title>{words}</title><path class="reach" d="M{x - 4} {_TOP - 2}h8v16h-8z"/>'
                f'<path class="tick" d="M{x} {_TOP}v12"/></a>'
            )


def _placed(marks: Iterable[Seen], scale: Scale) -> Iterator[tuple[Seen, float, int]]:
    """Yield each mark with its place: below one another where they would touch."""
    ends: list[float] = []
    for each in sorted(marks, key=lambda each: (each.day, -each.severity.rank)):
        x = min(max(scale.at(each.day), EDGE), scale.width - EDGE)
        free = (row for row, end in enumerate(ends) if x - end >= _MARK)
        row = next(free, len(ends))
        if row == len(ends) and row < _MOST_ROWS:
            ends.append(x)
        row = min(row, _MOST_ROWS - 1)
        ends[row] = x
        yield each, x, row


def _mark(each: Seen, x: float, top: float) -> str:
    shape = _SHAPES[each.severity].format(x=x, t=top)
    words = escape(each.words)
    return (
        f'<a href="{escape(each.url)}" aria-label="{words}"><title>{words}</title>'
        f'<path class="case {each.severity}" d="{shape}"/></a>'
    )
