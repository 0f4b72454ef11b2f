"""Pictures of what was measured, as SVG: bars against their aims, and curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_ROW, _LEFT, _WIDTH = 22, 590, 300
_PANEL, _TALL, _MARGIN = 330, 180, 50


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure against its aim.

    Attributes:
        name: What was measured.
        value: The median.
        aim: The aim; None: it is only noted.
        most: Whether the aim is the most it may be; else it is the least.
        spread: The least and the most that was measured.
        rounds: In how many pairs.
    """

    name: str
    value: float
    aim: float | None
    most: bool
    spread: tuple[float, float]
    rounds: int

    @property
    def holds(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value <= self.aim if self.most else self.value >= self.aim

    @property
    def reached(self) -> float:
        """Return how much of the aim is reached: 1 is all of it, more is better; 0 without one."""
        if self.aim is None:
            return 0.0
        if not self.value:
            return 2.0 if self.most else 0.0
        return self.aim / self.value if self.most else self.value / self.aim

    @property
    def aim_in_words(self) -> str:
        return "–" if self.aim is None else f"{'≤' if self.most else '≥'} {self.aim:g}"

    @property
    def verdict(self) -> str:
        return {None: "", True: "holds", False: "not reached"}[self.holds]

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Measure:
        """Return a measure as a record keeps it."""
        fields = {name: value for name, value in kept.items() if name != "holds"}
        return cls(**{**fields, "spread": tuple(kept["spread"])})


def short(value: float) -> str:
    """Return a figure in three digits, or whole."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def one_value(name: str, value: float, aim: float | None, rounds: int = 1) -> Measure:
    """Return a measure that was taken once, or of which nothing but the median was kept."""
    return Measure(name, value, aim, most=True, spread=(value, value), rounds=rounds)


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over another.

    Attributes:
        name: What is shown.
        across: What the points lie along.
        up: What was measured there.
        points: Place and value, from left to right.
    """

    name: str
    across: str
    up: str
    points: Sequence[tuple[float, float]]


def bars(records: Sequence[Sequence[dict[str, Any]]]) -> str:
    """Return how much of each aim was reached: a bar to the line is all of it.

    Args:
        records: The measures of each record, the newest last; those before it are marks.
    """
    newest = [each for each in map(Measure.read, records[-1]) if each.aim is not None]
    before = {each["name"]: Measure.read(each) for record in records[:-1] for each in record}
    height, total = _ROW * len(newest) + 50, _LEFT + _WIDTH + 90
    middle = _LEFT + _WIDTH / 2
    parts = [
        _opened(total, height, "Measures against their aims"),
        f'<line x1="{middle}" y1="24" x2="{middle}" y2="{height - 18}" stroke="#333"/>',
        f'<text x="{middle}" y="16" text-anchor="middle">the aim</text>',
    ]
    for place, each in enumerate(newest):
        y = 30 + place * _ROW
        long = min(each.reached, 2.0) * _WIDTH / 2
        shade, mark = ("#1a7f37", "✓") if each.holds else ("#b35900", "✗")
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(each.name)}</text>'
        )
        parts.append(f'<rect x="{_LEFT}" y="{y}" width="{long:.0f}" height="15" fill="{shade}"/>')
        if each.name in before:
            was = _LEFT + min(before[each.name].reached, 2.0) * _WIDTH / 2
            parts.append(f'<line x1="{was:.0f}" y1="{y - 2}" x2="{was:.0f}" y2="{y + 17}" '
                         'stroke="#666" stroke-dasharray="2"/>')  # fmt: skip
        parts.append(
            f'<text x="{_LEFT + _WIDTH + 8}" y="{y + 12}">{mark} {short(each.value)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def curves(shown: Sequence[Curve]) -> str:
    """Return the curves side by side; each begins at nought, so that flat is flat."""
    parts = [_opened(_PANEL * max(1, len(shown)), _TALL + 2 * _MARGIN, "Costs along a length")]
    for place, curve in enumerate(shown):
        parts += _panel(curve, place * _PANEL)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(curve: Curve, left: float) -> list[str]:
    across = max(x for x, _ in curve.points) or 1
    up = max(y for _, y in curve.points) * 1.1 or 1
    x0, y0, wide = left + _MARGIN, _TALL + _MARGIN - 10, _PANEL - _MARGIN - 30
    places = [(x0 + x / across * wide, y0 - y / up * _TALL) for x, y in curve.points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    middle = x0 + wide / 2
    return [
        f'<text x="{middle}" y="16" text-anchor="middle">{escape(curve.name)}</text>',
        f'<path d="M{x0},{y0 - _TALL} V{y0} H{x0 + wide}" fill="none" stroke="#333"/>',
        f'<polyline points="{line}" fill="none" stroke="#1a7f37" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="#1a7f37"/>' for x, y in places),
        f'<text x="{x0 - 6}" y="{y0 - _TALL + 8}" text-anchor="end">{up:.3g}</text>',
        f'<text x="{x0 - 6}" y="{y0}" text-anchor="end">0</text>',
        f'<text x="{x0 + wide}" y="{y0 + 16}" text-anchor="end">{across:,.0f}</text>',
        f'<text x="{middle}" y="{y0 + 34}" text-anchor="middle">'
        f"{escape(curve.up)} by {escape(curve.across)}</text>",
    ]


def _opened(width: float, height: float, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(label)}">\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    )
