"""The looks of the last days as a picture: a strip, and a calendar of weeks, with words for both.

The shapes differ, not the colours alone. In the strip a day with good looks only is a low bar, one
with a look that failed a tall one with a notch above it, a day without any look a dot; in the
calendar they are a square, a diamond and a dot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from markupsafe import Markup

from watcher.core.edtf import Edtf
from watcher.services.sources_page import DayLooked

_STEP, _WIDTH, _BASE = 4, 3, 22
_CELL, _LEFT, _TOP = 21, 34, 20
"""Of the calendar: the size of a day, and what is left for the names of weekdays and months."""
_WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_SHAPES: Mapping[str, str] = {
    "good": "M{x} {y}m4 4h10v10h-10z",
    "bad": "M{x} {y}m9 1l8 8l-8 8l-8-8z",
    "none": "M{x} {y}m8 8h2v2h-2z",
}


def strip(days: Sequence[DayLooked]) -> Markup:
    """Return the strip as inline SVG: the days, the oldest first."""
    width, height = len(days) * _STEP, _BASE + 2
    lines = [
        _head("strip", width, height, days),
        f'<path class="base" d="M0 {_BASE + 0.5}H{width}"/>',
        *(_mark(number * _STEP, each) for number, each in enumerate(days)),
        "</svg>",
    ]
    return Markup("".join(lines))  # noqa: S704  # what is put into it is ours, or escaped


def calendar(days: Sequence[DayLooked]) -> Markup:
    """Return the days as a calendar, a column a week, as inline SVG; the last day has a frame."""
    before = days[0].day.weekday()
    weeks = -(-(before + len(days)) // 7)
    width, height = _LEFT + weeks * _CELL, _TOP + 7 * _CELL
    lines = [_head("calendar", width, height, days)]
    for row, name in enumerate(_WEEKDAYS):
        lines.append(f'<text x="0" y="{_TOP + row * _CELL + 13}">{name}</text>')
    for number, each in enumerate(days, before):
        x, y = _LEFT + number // 7 * _CELL, _TOP + number % 7 * _CELL
        if each.day.day == 1:
            name = Edtf(each.day.year, each.day.month).in_words()[:3]
            lines.append(f'<text x="{x}" y="12">{name}</text>')
        lines.append(_cell(x, y, each, is_last=each is days[-1]))
    return Markup("".join([*lines, "</svg>"]))  # noqa: S704  # ours, or escaped


def keys() -> Mapping[str, Markup]:
    """Return the shapes of the calendar alone, to explain them."""
    return {
        kind: Markup(  # noqa: S704  # ours
            f'<svg class="calendar" width="18" height="18" aria-hidden="true">'
            f'<path class="{kind}" d="{shape.format(x=0, y=0)}"/></svg>'
        )
        for kind, shape in _SHAPES.items()
    }


def in_words(days: Sequence[DayLooked]) -> str:
    """Return what the picture shows, in a sentence."""
    bad = [each for each in days if each.bad]
    none = sum(not each.verdicts for each in days)
    told = [f"{len(days)} days: {len(days) - len(bad) - none} with good looks only"]
    last = f", the last on {_day(bad[-1])}" if bad else ""
    told.append(f"{len(bad)} with looks that failed{last}")
    told.append(f"{none} without a look")
    return "; ".join(told)


def _head(name: str, width: int, height: int, days: Sequence[DayLooked]) -> str:
    words = escape(in_words(days))
    return (
        f'<svg class="{name}" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="{words}"><title>{words}</title>'
    )


def _day(each: DayLooked) -> str:
    return Edtf.of(each.day).in_words()


def _title(each: DayLooked) -> str:
    looked = ", ".join(f"{count} {verdict}" for verdict, count in each.verdicts.items())
    return f"<title>{_day(each)}: {escape(looked) or 'no look'}</title>"


def _mark(x: int, each: DayLooked) -> str:
    reach = f'<path class="reach" d="M{x} 0h{_STEP}v{_BASE}h-{_STEP}z"/>'
    if not each.verdicts:
        shape = f'<path class="none" d="M{x + 0.5} {_BASE - 3}h2v2h-2z"/>'
    elif each.bad:
        top = 6 if each.good else 2
        shape = (
            f'<path class="bad" d="M{x} {top}h{_WIDTH}V{_BASE}h-{_WIDTH}z'
            f'M{x} {top - 4}h{_WIDTH}v2h-{_WIDTH}z"/>'
        )
    else:
        shape = f'<path class="good" d="M{x} {_BASE - 8}h{_WIDTH}v8h-{_WIDTH}z"/>'
    return f"<g>{_title(each)}{reach}{shape}</g>"


def _cell(x: int, y: int, each: DayLooked, *, is_last: bool) -> str:
    kind = "none" if not each.verdicts else "bad" if each.bad else "good"
    frame = f'<rect class="today" x="{x}" y="{y}" width="18" height="18" rx="2"/>' * is_last
    return (
        f'<g>{_title(each)}<rect class="cell" x="{x}" y="{y}" width="18" height="18" rx="2"/>'
        f'<path class="{kind}" d="{_SHAPES[kind].format(x=x, y=y)}"/>{frame}</g>'
    )
