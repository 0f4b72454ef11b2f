"""A life line as a picture: inline SVG in light and dark, with its words for those who listen.

Ink and paper but for severity: an ending is critical, a suspension high, and a word and a shape
say so too. What is not known to the day is hatched over all the days it can mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

from watcher.core.lifeline import Lane, LifeLine, Point, Span
from watcher.core.lifeline_labels import BAR, BELOW, CHARACTER, EDGE, ROW, Label, labelled
from watcher.core.lifeline_steps import Step, When
from watcher.core.lifeline_words import in_prose, place, when_in_words
from watcher.core.phrases import short_date
from watcher.core.status import ENDED, NEVER, PENDING
from watcher.core.status import AuthorisationStatus as Status
from watcher.core.text import shorten

WIDE, NARROW = 1080, 346
"""Widths in px: for a page at a desk and on paper, and for a telephone."""

STYLE = """
.ll{--paper:#ffffff;--ink:#1b1d20;--soft:#5a626b;--rule:#dcdfe3;--bar:#46515c;--hatch:#ffffff;
--critical:#b3261e;--high:#8f4700;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,
'Helvetica Neue',Arial,'Liberation Sans',sans-serif;font-size:12.5px;
font-variant-numeric:tabular-nums}
@media (prefers-color-scheme:dark){.ll{--paper:#15171a;--ink:#eceae6;--soft:#a7adb4;--rule:#2e3339;
--bar:#aab4be;--hatch:#15171a;--critical:#ff9d94;--high:#ffb871}}
@media print{.ll{--paper:#ffffff;--ink:#000000;--soft:#444444;--rule:#cccccc;--bar:#555555;
--hatch:#ffffff;--critical:#b3261e;--high:#8f4700}}
.ll text{fill:var(--ink);stroke:var(--paper);stroke-width:4px;paint-order:stroke;
stroke-linejoin:round}.ll .soft{fill:var(--soft)}.ll .head{font-weight:650;font-size:14px}
.ll .grid{stroke:var(--rule);stroke-width:1}.ll .lead{stroke:var(--soft);stroke-width:1;fill:none}
.ll .authorised{fill:var(--bar)}.ll .suspended{fill:var(--high)}
.ll .pending{stroke:var(--bar);stroke-width:3}
.ll .ended{stroke:var(--soft);stroke-width:2;stroke-dasharray:1 5;stroke-linecap:round}
.ll .document{stroke:var(--ink);stroke-width:1.5}
.ll .mark{fill:var(--paper);stroke:var(--ink);stroke-width:1.5;stroke-linejoin:round}
.ll .critical{fill:var(--critical);stroke:var(--critical)}.ll text.critical{stroke:var(--paper)}
.ll text.high{fill:var(--high)}.ll .strong{font-weight:650}
.ll .said{font-weight:400;font-size:12.5px}.ll .hatch{fill:var(--hatch)}
.ll .paper{fill:var(--paper)}
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """From days to px.

    Attributes:
        width: Of the picture, in px.
        first: The day at its left margin.
        last: The day at its right one.
    """

    width: int
    first: date
    last: date

    @classmethod
    def of(cls, line: LifeLine, width: int) -> Scale:
        """Return the scale on which a life line is drawn in a width."""
        return cls(width, date(line.begins.year, 1, 1), max(line.ends, line.begins))

    def at(self, day: date) -> float:
        """Return where a day lies, in px."""
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        return round(EDGE + min(max(share, 0.0), 1.0) * (self.width - 2 * EDGE), 1)


@dataclass(slots=True)
class _Sheet:
    """Lines of SVG, from the top down."""

    name: str
    y: float = 0.0
    lines: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        self.lines += lines


def svg(line: LifeLine, *, width: int = WIDE, is_alone: bool = True) -> str:
    """Return the picture.

    Args:
        line: What to draw.
        width: In px; the words keep their size and wrap into more rows where it is narrow.
        is_alone: Whether it is a file of its own, which has to bring its style with it.
    """
    scale = Scale.of(line, width)
    sheet = _Sheet(f"ll{width}", y=30.0)
    for lane in line.lanes:
        _lane(sheet, lane, scale, line.ends)
        if is_alone:
            _conflicts(sheet, lane, width)
    height = round(sheet.y + 2)
    name = sheet.name
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ll" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" aria-labelledby="{name}t {name}d">'
        f'<title id="{name}t">{escape(f"Life line of {line.name}")}</title>'
        f'<desc id="{name}d">{escape(in_prose(line))}</desc>'
    )
    style = f"<style>{STYLE}</style>" if is_alone else ""
    paper = f'<rect width="{width}" height="{height}" class="paper"/>'
    hatch = (
        f'<defs><pattern id="{name}h" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="hatch" width="2.4" height="5"/>'
        "</pattern></defs>"
    )
    body = "\n".join([*_years(scale, height), *sheet.lines])
    return f"{head}{style}{hatch}{paper if is_alone else ''}\n{body}\n</svg>\n"


def _years(scale: Scale, height: int) -> Iterator[str]:
    years = range(scale.first.year, scale.last.year + 1)
    room = scale.width / max(1, len(years))
    every = next(step for step in (1, 2, 5, 10, 20, 50) if room * step >= 42 or step == 50)
    for year in years:
        if year % every == 0 or (year == years[0] and every == 1):
            x = scale.at(date(year, 1, 1))
            anchor = "start" if x < EDGE + 14 else "middle"
            yield f'<line class="grid" x1="{x}" x2="{x}" y1="22" y2="{height}"/>'
            yield f'<text class="soft" x="{x}" y="14" text-anchor="{anchor}">{year}</text>'


def _lane(sheet: _Sheet, lane: Lane, scale: Scale, until: date) -> None:
    y = sheet.y + 16
    documents = [point for point in lane.points if point.kind == "document"]
    sheet.add(
        f'<text class="head" x="{EDGE}" y="{y}">{escape(place(lane.jurisdiction))}'
        f'<tspan class="soft said" dx="10">'
        f"{escape(_heading(lane, len(documents)))}</tspan></text>"
    )
    top = y + 12
    for span in lane.spans:
        _span(sheet, span, scale, top, until)
    ticks = top + BAR + 5
    for point in documents:
        x = scale.at(point.when.first)
        title = f"<title>{escape(_told(point))}</title>"
        sheet.add(f'<path class="document" d="M{x} {ticks}v7">{title}</path>')
    labels = [*_step_labels(lane, scale), *_point_labels(lane.points, scale)]
    below = ticks + (14 if documents or any(label.mark in BELOW for label in labels) else 3)
    drawn, bottom = labelled(labels, width=scale.width, top=top, below=below)
    sheet.add(*drawn)
    sheet.y = bottom + 14


def _heading(lane: Lane, documents: int) -> str:
    status = lane.status
    what = (
        f"{status.in_words} {when_in_words(lane.steps[-1].when)}" if status else "no dates stated"
    )
    return f"{what} · {documents} document{'s'[: documents != 1]}" if documents else what


def _conflicts(sheet: _Sheet, lane: Lane, width: int) -> None:
    for conflict in lane.conflicts:
        words = shorten(f"≠ CONFLICT about {conflict.about}: {', '.join(conflict.words)}", 400)
        sheet.y += 4
        for row in _wrapped(words, width - 2 * EDGE):
            sheet.add(f'<text class="high strong" x="{EDGE}" y="{sheet.y}">{escape(row)}</text>')
            sheet.y += ROW


def _told(point: Point) -> str:
    return f"{point.label}, {when_in_words(point.when)} ({', '.join(point.sources)})"


def _span(sheet: _Sheet, span: Span, scale: Scale, top: float, until: date) -> None:
    begin = scale.at(span.begins.first)
    end = scale.at(span.ends.last if span.ends else until)
    title = f"{span.status.in_words} {when_in_words(span.begins)}"
    if span.ends:
        title += f", until {short_date(span.ends.edtf)}"
    tip = f"<title>{escape(title)}</title>"
    middle = top + BAR / 2
    if span.status in ENDED | NEVER:
        sheet.add(f'<path class="ended" d="M{begin + 9} {middle}H{end}">{tip}</path>')
    elif span.status in PENDING:
        sheet.add(f'<path class="pending" d="M{begin} {middle}H{end}">{tip}</path>')
    else:
        width = max(2.0, round(end - begin, 1))
        is_thin = span.status is Status.SUSPENDED
        kind = "suspended" if is_thin else "authorised"
        y, height = (middle - 3, 6) if is_thin else (top, BAR)
        box = f'x="{begin}" y="{y}" width="{width}" height="{height}"'
        sheet.add(f'<rect class="{kind}" {box}>{tip}</rect>')
        for when in filter(None, (span.begins, span.ends)):
            _unsure(sheet, when, scale, top)


def _unsure(sheet: _Sheet, when: When, scale: Scale, top: float) -> None:
    """Hatch the days on which it may have been; before "no later than" they are not known."""
    left, right = scale.at(when.first), scale.at(when.last)
    if when.is_latest:
        sheet.add(f'<path class="lead" d="M{left} {top}l-7 {BAR / 2}l7 {BAR / 2}"/>')
    if right - left >= 3:
        box = f'x="{left}" y="{top}" width="{round(right - left, 1)}" height="{BAR}"'
        sheet.add(f'<rect {box} fill="url(#{sheet.name}h)"/>')


def _step_labels(lane: Lane, scale: Scale) -> Iterator[Label]:
    for step in lane.steps:
        style = "" if step.status in PENDING else "strong"
        if step is lane.steps[-1] and step.status in ENDED | {Status.SUSPENDED}:
            style += " critical" if step.status in ENDED else " high"
        mark = "ending" if step.status in ENDED else ""
        # the only step of a lane stands in its heading already
        words = _step(step) if len(lane.steps) > 1 else ""
        yield Label(scale.at(step.when.first), words, _said(step), mark, style)
        for claim in step.disputed:
            words = f"≠ {short_date(claim.when.edtf)}, says {claim.source}"
            yield Label(scale.at(claim.when.first), words, words, style="high")


def _step(step: Step) -> str:
    by = "by " if step.when.is_latest else ""
    return f"{step.status.in_words} {by}{short_date(step.when.edtf)}"


def _said(step: Step) -> str:
    return "; ".join(f"{claim.source}: {when_in_words(claim.when)}" for claim in step.claims)


def _point_labels(points: Sequence[Point], scale: Scale) -> Iterator[Label]:
    for point in points:
        if point.kind != "document":
            by = "seen " if point.when.is_latest else ""
            words = f"{shorten(point.label, 46)}, {by}{short_date(point.when.edtf)}"
            days = scale.at(point.when.first), scale.at(point.when.last)
            middle = scale.at(point.when.middle)
            yield Label(middle, words, _told(point), point.kind, days=days)


def _wrapped(words: str, width: float) -> list[str]:
    """Return `words` in rows that fit."""
    rows = [""]
    for word in words.split():
        if rows[-1] and (len(rows[-1]) + 1 + len(word)) * CHARACTER > width:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows
