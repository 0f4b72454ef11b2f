"""The command that shows what a reader reads: `read`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, World, polite_fetcher, wait
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
)
from watcher.cli.printing import as_json, escaped, progressing, short, table
from watcher.core.facts import Reading
from watcher.core.text import shorten
from watcher.errors import NotFoundError
from watcher.ports import Request
from watcher.readers.judge import judge
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
    chosen = _chosen(reader)
    if summary:
        _summary(chosen, [Path(each) for each in what], json=json)
        return
    for name, payload in _payloads(what, chosen, config):
        reading = chosen.read(payload)
        if json:
            as_json(reading)
        else:
            _show(name, reading)


def _chosen(name: str) -> Reader:
    if name not in READERS:
        message = f"there is no reader {name!r}; there are: {', '.join(READERS)}"
        raise NotFoundError(message)
    return READERS[name]


def _payloads(what: list[str], chosen: Reader, config: Path) -> list[tuple[str, Payload]]:
    if len(what) == 1 and what[0].startswith(("http://", "https://")):
        return [(what[0], _fetched(what[0], chosen, config))]
    return list(payloads(Path(each) for each in what))


def _fetched(url: str, chosen: Reader, config: Path) -> Payload:
    """Ask for a page as politely as the service would, and judge it before it is read."""
    world = World(clock=SystemClock(), sleep=wait)
    answer = polite_fetcher(configuration(config), world).fetch(Request(url=url))
    judgement = judge(answer, url, chosen)
    if not judgement.verdict.is_good:
        message = f"{url}: {judgement.verdict}: {judgement.reason}"
        raise NotFoundError(message)
    stated = answer.headers.get("content-type", "")
    return Payload(body=answer.body, media_type=stated, url=answer.url)


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


def _summary(chosen: Reader, paths: list[Path], *, json: bool) -> None:
    found = Summary()
    for so_far in progressing("reading", summarise(chosen, payloads(paths))):
        found = so_far
    if json:
        as_json(found)
    else:
        total = max(found.records, 1)
        table(
            f"{found.records} records read by {chosen.id}, {len(found.failed)} refused",
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
