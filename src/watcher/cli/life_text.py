"""A life line in letters: as wide as the terminal, in colour on one, and plain in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rich.text import Text

from watcher.core.lifeline import Lane, LifeLine, Point, Span
from watcher.core.lifeline_steps import Step, When
from watcher.core.lifeline_words import place
from watcher.core.status import ENDED, NEVER, PENDING
from watcher.core.status import AuthorisationStatus as Status
from watcher.core.text import shorten

_SIGNS = {"market": "▽", "holder": "◇", "referral": "□", "other": "○"}
_STYLES = {"─": "", "━": "bold", "╍": "yellow", "┄": "dim", "▒": "", "▲": "bold red"}
_KEY = "─ application  ━ authorised  ╍ suspended  ▲ ended  ▒ day not stated  ‹ or earlier"
_KEY_OF_POINTS = "▽ market  ◇ holder  □ referral  ○ other  ı document  ≠ sources disagree"
_LEAST = 24


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    columns: int

    def at(self, day: date) -> int:
        share = (day - self.first).days / max(1, (self.last - self.first).days)
        return round(min(max(share, 0.0), 1.0) * (self.columns - 1))


def draw(line: LifeLine, *, width: int) -> Iterator[Text]:
    """Yield the rows of a life line: lanes, then every date with who says so, then conflicts.

    Args:
        line: What to draw.
        width: Of the terminal, in columns.
    """
    substance = f" ({line.substance})" if line.substance else ""
    yield Text.assemble((f"{line.name}{substance}", "bold"), f"  {line.number}")
    holder = f"EU holder {line.holder}; " if line.holder else ""
    yield Text(f"{holder}as known on {line.until}", style="dim")
    yield Text()
    names = max(len(place(lane.jurisdiction)) for lane in line.lanes) + 2
    scale = _Scale(date(line.begins.year, 1, 1), line.ends, max(_LEAST, width - names))
    yield Text(" " * names + _years(scale), style="dim")
    for lane in line.lanes:
        yield from _lane(lane, scale, names, line.ends)
    keys = f"{_KEY}  {_KEY_OF_POINTS}"
    for key in (keys,) if len(keys) <= width else (_KEY, _KEY_OF_POINTS):
        yield Text(key, style="dim")
    yield Text()
    yield from _dates(line, width)
    for lane in line.lanes:
        for conflict in lane.conflicts:
            words = f"≠ CONFLICT  {place(lane.jurisdiction)}, {conflict.about}: "
            yield Text(words + " ≠ ".join(conflict.words), style="yellow")


def _years(scale: _Scale) -> str:
    years = range(scale.first.year, scale.last.year + 1)
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100) if _fits(scale, len(years), step))
    row = [" "] * (scale.columns + 4)
    for year in years:
        if every == 1 or year % every == 0:
            at = scale.at(date(year, 1, 1))
            row[at : at + 4] = str(year)
    return "".join(row).rstrip()


def _fits(scale: _Scale, years: int, step: int) -> bool:
    return step == 100 or scale.columns * step / years >= 6


def _lane(lane: Lane, scale: _Scale, names: int, until: date) -> Iterator[Text]:
    row = Text(place(lane.jurisdiction).ljust(names))
    for sign in _bar(lane, scale, until):
        row.append(sign, style=_STYLES.get(sign, ""))
    row.rstrip()
    yield row
    documents = [" "] * scale.columns
    for point in lane.points:
        if point.kind == "document":
            documents[scale.at(point.when.first)] = "ı"
    if "ı" in documents:
        yield Text(" " * names + "".join(documents).rstrip(), style="dim")
    yield Text()


def _bar(lane: Lane, scale: _Scale, until: date) -> list[str]:
    """Return one sign a column: spans first, then what stands on them."""
    bar = [" "] * scale.columns
    for span in lane.spans:
        _fill(bar, span, scale, until)
    for step in lane.steps:
        if step.status in ENDED:
            bar[scale.at(step.when.first)] = "▲"
        for claim in step.disputed:
            bar[scale.at(claim.when.first)] = "≠"
    for point in lane.points:
        if point.kind in _SIGNS:
            bar[scale.at(point.when.middle)] = _SIGNS[point.kind]
    return bar


def _fill(bar: list[str], span: Span, scale: _Scale, until: date) -> None:
    begin = scale.at(span.begins.first)
    end = scale.at(span.ends.first if span.ends else until)
    sign = "━"
    if span.status in ENDED | NEVER:
        sign = "┄"
    elif span.status in PENDING:
        sign = "─"
    elif span.status is Status.SUSPENDED:
        sign = "╍"
    bar[begin : end + 1] = sign * (end + 1 - begin)
    if span.begins.first != span.begins.last:
        unsure = scale.at(span.begins.last)
        bar[begin : unsure + 1] = "▒" * (unsure + 1 - begin)
    if span.begins.is_latest:
        bar[begin] = "‹"


def _dates(line: LifeLine, width: int) -> Iterator[Text]:
    rows: list[tuple[date, str, str, str, str]] = []
    for lane in line.lanes:
        name = place(lane.jurisdiction)
        rows += (_step_row(name, step) for step in lane.steps)
        rows += (_point_row(name, point) for point in lane.points)
    ordered = sorted(rows)
    dates, names, whats = (
        min(most, max((len(str(row[column])) for row in ordered), default=0))
        for column, most in ((1, 14), (2, 16), (3, max(_LEAST, width // 2)))
    )
    for _, day, name, what, who in ordered:
        style = "bold red" if what in {status.in_words for status in ENDED} else ""
        yield Text.assemble(
            f"{day:{dates}}  {name:{names}}  ",
            (f"{shorten(what, whats):{whats}}", style),
            (f"  {who}", "dim"),
        )


def _step_row(name: str, step: Step) -> tuple[date, str, str, str, str]:
    who = ", ".join(dict.fromkeys(claim.source for claim in step.claims))
    return step.when.first, _date(step.when), name, step.status.in_words, who


def _point_row(name: str, point: Point) -> tuple[date, str, str, str, str]:
    what = f"document: {point.label}" if point.kind == "document" else point.label
    return point.when.first, _date(point.when), name, what, ", ".join(point.sources)


def _date(when: When) -> str:
    return f"by {when.edtf}" if when.is_latest else when.edtf
