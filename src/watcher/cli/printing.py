"""Tables for people, JSON for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Console
from rich.errors import MarkupError
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from watcher.cli.common import say
from watcher.core.events import Recorded
from watcher.core.facts import Value
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten, visible
from watcher.errors import OperationalError

_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "yellow",
    Severity.NORMAL: "",
    Severity.LOW: "dim",
}
_PLAIN_WIDTH = 160
T = TypeVar("T")


def console() -> Console:
    """Return a console: as wide as the terminal, or wide enough to be read by grep."""
    return Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH, highlight=False)


def as_json(value: object) -> None:
    """Print a value as one JSON document."""
    sys.stdout.buffer.write(msgspec.json.format(_json(value), indent=2) + b"\n")
    sys.stdout.flush()


def as_json_line(value: object) -> None:
    """Print a value as one line of JSON, at once: for streams."""
    sys.stdout.buffer.write(_json(value) + b"\n")
    sys.stdout.flush()


def _json(value: object) -> bytes:
    return msgspec.json.encode(plain(value), order="deterministic")


def plain(value: object) -> object:
    """Return a value made of what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if isinstance(value, str | int | bool | None) else str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; a column whose name ends in # is set to the right."""
    screen = console()
    if tuple(columns[: len(EVENT_COLUMNS)]) == EVENT_COLUMNS and screen.width < _WIDE:
        columns, rows = _NARROW_COLUMNS, map(_narrowed, rows)
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(
            column.rstrip("#"),
            justify="right" if column.endswith("#") else "left",
            overflow="fold",
            no_wrap=column in _WHOLE,
        )
    for row in rows:
        drawn.add_row(*map(_cell, row))
    screen.print(drawn)


def _narrowed(row: Sequence[object]) -> tuple[object, ...]:
    """Return an event's row for a narrow terminal: what happened below one another, not beside."""
    number, observed, severity, event, subject, what, source, cause, *more = map(str, row)
    lines = (event, f"{subject}  {what}", f"[dim]{source}, {cause}[/]", *filter(None, more))
    return number, observed, severity, "\n".join(lines)


def _cell(cell: object) -> Text:
    """Return a cell in its colours; whatever would steer the terminal or lead elsewhere is text."""
    if isinstance(cell, Text):
        return cell
    written = visible(str(cell), keep="\n")
    try:
        drawn = Text.from_markup(written)
    except MarkupError:
        return Text(written)
    leads = any("link" in str(span.style) or "@" in str(span.style) for span in drawn.spans)
    return Text(written) if leads else drawn


def progressing(what: str, steps: Iterable[T], *, total: int | None = None) -> Iterator[T]:
    """Yield `steps`, with a count, the time and, where `total` is known, a bar on a terminal."""
    bars = (BarColumn(),) if total else ()
    columns = (TextColumn("{task.description}"), *bars, MofNCompleteColumn(), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        for step in steps:
            bar.advance(task)
            yield step


def event_row(told: Recorded) -> tuple[str, ...]:
    """Return an event as a row of a table."""
    event = told.event
    severity = (
        f"[{style}]{event.severity}[/]"
        if (style := _STYLE[event.severity])
        else (str(event.severity))
    )
    return (
        str(told.position),
        told.provenance.observed_at[:16].replace("T", " "),
        severity,
        event.type,
        escaped(str(event.subject.id)),
        escaped(summary(told)),
        told.provenance.source,
        str(told.cause),
    )


EVENT_COLUMNS = ("#", "observed", "severity", "event", "subject", "what", "source", "cause")
_NARROW_COLUMNS = ("#", "observed", "severity", "event")
_WIDE = 120
"""Characters from which an event has room for all its columns beside one another."""
_WHOLE = frozenset({"#", "observed", "severity"})
"""Columns that are never broken: a date in two lines is no date to compare."""


def summary(told: Recorded) -> str:
    """Return what an event says in a few words."""
    event = told.event
    place = f" ({event.jurisdiction})" if event.jurisdiction else ""
    if "after" in event.details:
        date = f", effective {event.effective}" if event.effective else ", no date stated"
        return f"{event.details.get('before', '')} → {event.details['after']}{place}{date}"
    if title := event.details.get("title"):
        return shorten(title, 60)
    if reason := event.details.get("reason"):
        return shorten(reason, 60)
    revision = event.change("product_information.revision")
    if change := revision or (event.changes[0] if len(event.changes) == 1 else None):
        return f"{change.path}: {short(change.before)} → {short(change.after)}"
    return f"{len(event.changes)} facts"


def short(value: Value) -> str:
    """Return a value in a few characters."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return shorten(str(value.get("name") or value.get("title") or "…"), 40)
    if isinstance(value, list):
        return shorten("; ".join(map(str, value)), 40)
    return shorten(str(value), 40)


def escaped(text: str) -> str:
    """Return `text` so that nothing in it is taken for a colour, a link or a command."""
    return escape(visible(text, keep="\n"))


def write_text(path: Path, text: str) -> None:
    """Write a page or a picture to `path` and say so; `-` is standard output.

    Raises:
        OperationalError: It cannot be written there.
    """
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise OperationalError(message) from error
    say(f"written: {path}")
