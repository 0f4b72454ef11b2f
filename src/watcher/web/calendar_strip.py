"""The looks of the last days as a strip: one mark a day, with a text that says the same.

A day with good looks only is a low bar, one with a look that failed a tall one with a notch above
it, a day without any look a dot: the shapes differ, not the colours alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from markupsafe import Markup

from watcher.core.edtf import Edtf
from watcher.services.sources_page import DayLooked

_STEP, _WIDTH, _BASE = 4, 3, 22
_MONTHS_BELOW = 36


def strip(days: Sequence[DayLooked], *, with_months: bool = False) -> Markup:
    """Return the strip as inline SVG.

    Args:
        days: The days, the oldest first.
        with_months: Whether the months are named below.
    """
    width = len(days) * _STEP
    height = _MONTHS_BELOW if with_months else _BASE + 2
    words = in_words(days)
    lines = [
        f'<svg class="strip" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(words)}">',
        f"<title>{escape(words)}</title>",
        f'<path class="base" d="M0 {_BASE + 0.5}H{width}"/>',
        *(_mark(number * _STEP, each) for number, each in enumerate(days)),
        *(_months(days) if with_months else ()),
        "</svg>",
    ]
    return Markup("".join(lines))  # noqa: S704  # what is put into it is ours, or escaped


def in_words(days: Sequence[DayLooked]) -> str:
    """Return what a strip shows, in a sentence."""
    bad = [each for each in days if each.bad]
    none = sum(not each.verdicts for each in days)
    told = [f"{len(days)} days: {len(days) - len(bad) - none} with good looks only"]
    last = f", the last on {_day(bad[-1])}" if bad else ""
    told.append(f"{len(bad)} with looks that failed{last}")
    told.append(f"{none} without a look")
    return "; ".join(told)


def _day(each: DayLooked) -> str:
    return Edtf.of(each.day).in_words()


def _mark(x: int, each: DayLooked) -> str:
    looked = ", ".join(f"{count} {verdict}" for verdict, count in each.verdicts.items())
    title = f"<title>{_day(each)}: {escape(looked) or 'no look'}</title>"
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
    return f"<g>{title}{reach}{shape}</g>"


def _months(days: Sequence[DayLooked]) -> Iterator[str]:
    for number, each in enumerate(days):
        if each.day.day == 1:
            name = Edtf(each.day.year, each.day.month).in_words()[:3]
            x = number * _STEP
            yield f'<path class="base" d="M{x + 0.5} {_BASE}v5"/>'
            yield f'<text x="{x + 3}" y="{_MONTHS_BELOW - 2}">{name}</text>'
