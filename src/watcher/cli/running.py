"""Commands that look: `run`, `once`, `check`, `import`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from watcher.bootstrap import SystemClock, Watcher, World, opened
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
    watching,
)
from watcher.cli.printing import EVENT_COLUMNS, as_json, console, event_row, table
from watcher.core.text import shorten
from watcher.runtime.embedded import Service, Stop
from watcher.runtime.log import to_stderr
from watcher.services.check import Outcome
from watcher.services.exchange import dated, import_files
from watcher.services.source import Source


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(run)
    app.command()(once)
    app.command()(check)
    app.command("import")(import_)


@told_errors
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the service: look when it is time, tell what is new, deliver what waits.

    SIGTERM and Ctrl-C end it: what has begun is finished, and the exit code is 0.
    """
    log = to_stderr()
    checked = configuration(config)
    stop = Stop()
    with opened(checked, World(clock=SystemClock(), sleep=stop), writable=True) as watcher:
        count = sum(len(source.urls) for source in watcher.sources.values())
        log.info("watching %d addresses of %d sources", count, len(watcher.sources))
        for notice in checked.notices:
            log.info("%s", notice)
        Service(watcher=watcher, stop=stop, log=log).run()


@told_errors
def once(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Look at every source once, now; tell and deliver what is new; end."""
    with watching(config, writable=True) as watcher:
        _look(watcher, list(watcher.sources.values()), json=json)


@told_errors
def check(
    source: Annotated[str, typer.Argument(help="A source's id; see `watcher sources`.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Look at one source now; tell and deliver what is new.

    Exit code 1 where a look was not good.
    """
    with watching(config, writable=True) as watcher:
        _look(watcher, [watcher.source(source)], json=json)


@told_errors
def import_(
    source: Annotated[str, typer.Argument(help="The source that these files are of.")],
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Dated files, or folders.")],
    config: ConfigPath = DEFAULT_CONFIG,
    url: Annotated[str, typer.Option(help="Which target, where the source has several.")] = "",
    json: AsJson = False,
) -> None:
    """Read dated files of the past as history: observed at their own time, and told to no one.

    A file's name tells its date: 2024-08-22_1506_medicines.xlsx.
    """
    with watching(config, writable=True) as watcher:
        wanted = watcher.source(source)
        files = dated(paths)
        done: list[Outcome] = []
        with _progress() as progress:
            task = progress.add_task("reading", total=len(files))
            imported = import_files(wanted, url or wanted.urls[0], files, watcher.tools)
            for file, outcome in imported:
                done.append(outcome)
                progress.advance(task)
                say(f"{file.path.name}: {_in_words(outcome)}")
        watcher.alert()  # moves past what was imported: it tells no one
        _show(done, json=json)


def _look(watcher: Watcher, sources: list[Source], *, json: bool) -> None:
    done: list[Outcome] = []
    with _progress() as progress:
        task = progress.add_task("looking", total=sum(len(source.urls) for source in sources))
        for outcome in _outcomes(watcher, sources):
            done.append(outcome)
            progress.advance(task)
            say(f"{outcome.capture.source}: {_in_words(outcome)}")
    alerted = watcher.alert()
    delivered = watcher.deliver()
    if alerted.queued or delivered:
        say(f"{alerted.queued} messages queued, {delivered} delivered")
    _show(done, json=json)


def _outcomes(watcher: Watcher, sources: list[Source]) -> Iterator[Outcome]:
    for source in sources:
        for url in source.urls:
            yield watcher.check(source, url)


def _in_words(outcome: Outcome) -> str:
    capture = outcome.capture
    if not capture.verdict.is_good:
        return f"{capture.verdict}: {shorten(capture.reason, 200)}"
    if outcome.baseline:
        known = f"{outcome.baseline} subjects read for the first time, told to no one"
        return f"{known}; {len(outcome.events)} events" if outcome.events else known
    return f"{len(outcome.events)} events" if outcome.events else "nothing new"


def _show(done: list[Outcome], *, json: bool) -> None:
    """Print the events; end with 1 where a look was not good."""
    if json:
        as_json(
            [
                {
                    "capture": outcome.capture,
                    "baseline": outcome.baseline,
                    "events": [*outcome.events],
                }
                for outcome in done
            ]
        )
    elif rows := [event_row(told) for outcome in done for told in outcome.events]:
        table("", EVENT_COLUMNS, rows)
    if not all(outcome.capture.verdict.is_good for outcome in done):
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _progress() -> Progress:
    """Return a progress bar that shows on a terminal and nowhere else."""
    screen = console()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
