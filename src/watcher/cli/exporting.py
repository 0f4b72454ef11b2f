"""Commands about taking things out: `export`, `timemap`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import watcher
from watcher.bootstrap import SystemClock, Watcher, source_names
from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.printing import as_json, progressing
from watcher.core import wording
from watcher.core.capture import instant
from watcher.errors import NotFoundError
from watcher.ports.store import EventFilter
from watcher.services.export import (
    About,
    Selected,
    Selection,
    about,
    csv_lines,
    json_lines,
    selected,
)
from watcher.services.timemap import DEFAULT_BASE, time_map

PROGRAM = f"watcher {watcher.__version__}"
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file to write; else to stdout.")
]
_File = Annotated[Path, typer.Option("--output", "-o", help="The file to write.")]
_Since = Annotated[str, typer.Option(help="Observed since: 2024-12-01 or an instant.")]
_Until = Annotated[str, typer.Option(help="Observed until; a day means its end.")]


class Format(StrEnum):
    """A form in which the log is taken out."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    CLOUDEVENTS = "cloudevents"
    CLOUDEVENTS_BATCH = "cloudevents-batch"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    group = typer.Typer(
        no_args_is_help=True, help="Take out the log, the captured pages, or one medicine."
    )
    group.command()(log)
    group.command()(captures)
    group.command()(dossier)
    app.add_typer(group, name="export")
    app.command()(timemap)


@told_errors
def log(
    config: ConfigPath = DEFAULT_CONFIG,
    format_: Annotated[
        Format,
        typer.Option(
            "--format",
            help="jsonl: the record itself, its chain included; csv, xlsx: rows for "
            "spreadsheets; cloudevents: CloudEvents 1.0, one a line or as a batch.",
        ),
    ] = Format.JSONL,
    output: _Output = None,
    since: _Since = "",
    until: _Until = "",
    type_: Annotated[
        list[str] | None, typer.Option("--type", help="A type or pattern: authorisation.*")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only of this source.")] = None,
    product: Annotated[str, typer.Option(help="A name, product number or substance.")] = "",
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help="Also what was known at the beginning. Left to itself: in jsonl yes, else no.",
            show_default=False,
        ),
    ] = None,
    set_aside: Annotated[
        bool | None,
        typer.Option(
            "--set-aside/--no-set-aside",
            help="Also events that a later amendment set aside. In jsonl yes, else no.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Take out the log: one event a line, streamed; a file is there whole or not at all."""
    whole = format_ is Format.JSONL
    selection = Selection(
        which=EventFilter(
            types=tuple(type_ or ()),
            sources=tuple(source or ()),
            since=_instant(since, "--since"),
            until=_instant(until, "--until", is_end=True),
        ),
        product=product,
        baseline=whole if baseline is None else baseline,
        set_aside=whole if set_aside is None else set_aside,
    )
    if format_ is Format.XLSX and output is None:
        message = "a workbook goes into a file: name it with -o"
        raise typer.BadParameter(message, param_hint="--output")
    with watching(config, writable=False) as wired, wired.store.reading() as work:
        _refuse_unknown(wired, source or ())
        told = about(work, selection, program=PROGRAM, at=_now())
        found = progressing("exporting", selected(work, selection))
        if format_ is Format.XLSX and output is not None:
            from watcher.services.workbook_out import write_workbook  # noqa: PLC0415

            write_workbook(output, told, found)
        else:
            _put(output, _chunks(format_, told, found))
    if output is not None:
        say(f"written: {output}")


def _chunks(format_: Format, told: About, found: Iterable[Selected]) -> Iterator[bytes]:
    from watcher.services.cloud_events import cloud_events  # noqa: PLC0415

    if format_ is Format.JSONL:
        return json_lines(told, found)
    if format_ is Format.CSV:
        return csv_lines(found)
    return cloud_events(told, found, batch=format_ is Format.CLOUDEVENTS_BATCH)


def _put(output: Path | None, chunks: Iterable[bytes]) -> None:
    from watcher.services.whole_file import write_whole  # noqa: PLC0415

    if output is not None:
        write_whole(output, chunks)
        return
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.flush()


@told_errors
def captures(
    output: _File,
    config: ConfigPath = DEFAULT_CONFIG,
    source: Annotated[str, typer.Option(help="Only of this source.")] = "",
    since: _Since = "",
    until: _Until = "",
) -> None:
    """Take out the captured pages as a WARC 1.1 file, which web archives read.

    Failed looks are in it too, with verdict and reason. A name that ends in .warc is not packed.
    """
    from watcher.services.warc import last_with_payload, write_warc  # noqa: PLC0415
    from watcher.services.whole_file import written_whole  # noqa: PLC0415

    count = 0
    with watching(config, writable=False) as wired, wired.store.reading() as work:
        _refuse_unknown(wired, [source] if source else ())
        found = work.captures.read(
            source=source,
            since=_instant(since, "--since"),
            until=_instant(until, "--until", is_end=True),
        )
        with written_whole(output) as scratch, scratch.open("wb") as out:
            written = write_warc(
                out,
                found,
                wired.snapshots,
                _warcinfo(wired),
                packed=output.suffix != ".warc",
                earlier=last_with_payload(work.captures),
            )
            for _ in progressing("exporting", written):
                count += 1
            if not count:
                message = "no capture is of that source and time: see `watcher captures`"
                raise NotFoundError(message)
    say(f"written: {output}, {count:,} captures")


def _warcinfo(wired: Watcher) -> dict[str, str]:
    return {
        "software": PROGRAM,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/"
        "warc-1.1/",
        "created": _now(),
        "operator": wired.config.contact,
        "description": "Captures with their content encoding undone; one metadata record each.",
        "acknowledgement": wording.FOOT_ORIGIN,
        "disclaimer": wording.FOOT_DISCLAIMER,
    }


@told_errors
def dossier(
    product: Annotated[str, typer.Argument(help="A name, a product number or a substance.")],
    output: _File,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Write everything known of one medicine as one page, for a person who has to check it.

    HTML without script, nothing fetched. For a PDF, print it from a browser: it is made for paper.
    """
    from watcher.services.dossier import dossier as gathered  # noqa: PLC0415
    from watcher.services.dossier_page import dossier_page  # noqa: PLC0415
    from watcher.services.lifeline import life_of  # noqa: PLC0415
    from watcher.services.past import Moment  # noqa: PLC0415
    from watcher.services.whole_file import write_whole  # noqa: PLC0415

    now = _now()
    with watching(config, writable=False) as wired:
        names = source_names(wired.config)
        with wired.store.reading() as work:
            told = gathered(work, product, sources=names, at=now, program=PROGRAM)
        moment = Moment(axis="position", at=str(told.head))
        line = life_of(wired.store, product, moment, until=date.fromisoformat(now[:10]))
    write_whole(output, [dossier_page(told, line).encode("utf-8", "replace")])
    say(f"written: {output}, {told.title}, {len(told.events)} events")


@told_errors
def timemap(
    url: Annotated[str, typer.Argument(help="The address that was looked at.")],
    config: ConfigPath = DEFAULT_CONFIG,
    source: Annotated[str, typer.Option(help="Only captures of this source.")] = "",
    base: Annotated[
        str, typer.Option(help="Where mementos are served; the pages of this program, by default.")
    ] = DEFAULT_BASE,
    json: AsJson = False,
) -> None:
    """List the captures of an address as a Memento TimeMap (RFC 7089), in link format or JSON.

    Exit code 1 where no look at it was good.
    """
    with watching(config, writable=False) as wired, wired.store.reading() as work:
        found = time_map(url, work.captures.read(source=source, url=url), base)
    if not found.mementos:
        message = f"no look at {url} was good: see `watcher captures`"
        raise NotFoundError(message)
    if json:
        as_json(found.plain())
        return
    for line in found.link_format():
        typer.echo(line, nl=False)


def _refuse_unknown(wired: Watcher, sources: Iterable[str]) -> None:
    """Raise for a source that is neither configured nor was ever looked at."""
    for name in sources:
        if name not in wired.sources:
            _known_once(wired, name)


def _known_once(wired: Watcher, name: str) -> None:
    with wired.store.reading() as work:
        if not work.captures.latest(source=name, limit=1):
            wired.source(name)


def _now() -> str:
    return instant(SystemClock().now())


def _instant(text: str, option: str, *, is_end: bool = False) -> str:
    """Return the instant a person means: of a day, its beginning or its end."""
    if not text:
        return ""
    try:
        if len(text) == len("2024-12-01"):
            edge = time.max if is_end else time.min
            return instant(datetime.combine(date.fromisoformat(text), edge, UTC))
        return instant(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError as error:
        message = f"{text!r} is neither a day (2024-12-01) nor an instant"
        raise typer.BadParameter(message, param_hint=option) from error
