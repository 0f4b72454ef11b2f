"""The command that shows what a reader reads: `read`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
)
from watcher.cli.pages import believed, chosen, fetched, is_address
from watcher.cli.printing import as_json, escaped, progressing, short, table
from watcher.core.facts import Reading
from watcher.core.text import shorten
from watcher.readers.reader import Payload, Reader
from watcher.readers.registry import READERS
from watcher.services.reading import Summary, payloads, summarise


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(read)


@told_errors
def read(
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, tar archives, or one address.", metavar="WHAT"),
    ] = None,
    reader: Annotated[str, typer.Option("--reader", "-r", help="Empty: list them.")] = "",
    summary: Annotated[
        bool, typer.Option("--summary", help="Count what is filled over all of them.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Read pages and show every fact with its quote and place; nothing is kept.

    Exit code 1 where a page is not understood.
    """
    if not reader or not what:
        rows = [(found.id, found.about) for found in READERS.values()]
        table("", ("reader", "reads"), rows)
        return
    wanted = chosen(reader)
    if summary:
        _summary(wanted, [Path(each) for each in what], json=json)
        return
    for name, payload in _payloads(what, wanted, config):
        reading = wanted.read(payload)
        if json:
            as_json(reading)
        else:
            _show(name, reading)


def _payloads(what: list[str], wanted: Reader, config: Path) -> list[tuple[str, Payload]]:
    if len(what) == 1 and is_address(what[0]):
        answer = fetched(what[0], configuration(config))
        return [(what[0], believed(answer, what[0], wanted))]
    return list(payloads(Path(each) for each in what))


def _show(name: str, reading: Reading) -> None:
    for record in reading.records:
        table(
            f"{name}: {record.subject}, read by {reading.reader}",
            ("fact", "value", "quote", "place"),
            (
                (
                    escaped(fact.path),
                    escaped(short(fact.value)),
                    escaped(shorten(fact.quote, 60)),
                    escaped(fact.place),
                )
                for fact in record.facts
            ),
        )
    for unknown in reading.unknown:
        say(f"not known: {unknown}")


def _summary(wanted: Reader, paths: list[Path], *, json: bool) -> None:
    found = Summary()
    for so_far in progressing("reading", summarise(wanted, payloads(paths))):
        found = so_far
    if json:
        as_json(found)
    else:
        total = max(found.records, 1)
        table(
            f"{found.records} records read by {wanted.id}, {len(found.failed)} refused",
            ("fact", "filled#", "share#"),
            (
                (escaped(path), count, f"{100 * count / total:.1f} %")
                for path, count in found.filled.most_common()
            ),
        )
        table("", ("status", "records#"), found.statuses.most_common())
        for name, why in found.failed.items():
            say(f"refused: {name}: {why}")
        for words, count in found.unknown.most_common(20):
            say(f"not known ({count} times): {words}")
    if found.failed:
        raise typer.Exit(FOUND_NOTHING_GOOD)
