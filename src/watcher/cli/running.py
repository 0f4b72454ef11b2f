"""Commands that look once: `once`, `check`."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from watcher.bootstrap import Watcher
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.ordering import ordered, person
from watcher.cli.printing import EVENT_COLUMNS, as_json, console, event_row, table
from watcher.core.text import shorten
from watcher.errors import StoreBusyError
from watcher.services.check import Outcome
from watcher.services.source import Source


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(once)
    app.command()(check)


@told_errors
def once(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Look at every source once, now; tell and deliver what is new; end."""
    with watching(config, writable=True) as watcher:
        watcher.note_configuration(person(""))
        _look(watcher, list(watcher.sources.values()), json=json)


@told_errors
def check(
    source: Annotated[str, typer.Argument(help="A source's id; see `watcher sources`.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Look at one source now; tell and deliver what is new.

    Where the service runs, it is asked to look. Exit code 1 where a look was not good.
    """
    try:
        with watching(config, writable=True) as watcher:
            _look(watcher, [watcher.source(source)], json=json)
    except StoreBusyError:
        done = ordered(config, "look", {"source": source})
        say(f"the running service looks at {done.result['addresses']} addresses of {source} now")


def _look(watcher: Watcher, sources: list[Source], *, json: bool) -> None:
    # thousands of pages may be looked at: of one where nothing happened nothing is kept to be shown
    done: list[Outcome] = []
    are_good = True
    with _progress() as progress:
        task = progress.add_task(
            "looking", total=sum(len(watcher.addresses(source)) for source in sources)
        )
        for source in sources:
            with closing(watcher.check_all(source)) as outcomes:
                for outcome in outcomes:
                    are_good = are_good and outcome.capture.verdict.is_good
                    if json or outcome.events:
                        done.append(outcome)
                    progress.advance(task)
                    say(f"{source.id}: {_in_words(outcome)}")
    alerted = watcher.alert()
    watcher.escalate()
    watcher.heartbeat()
    delivered = watcher.deliver()
    if alerted.queued or delivered:
        say(f"{alerted.queued} messages queued, {delivered} delivered")
    _show(done, json=json)
    if not are_good:
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _in_words(outcome: Outcome) -> str:
    capture = outcome.capture
    if not capture.verdict.is_good:
        return f"{capture.verdict}: {shorten(capture.reason, 200)}"
    if outcome.baseline:
        known = f"{outcome.baseline} subjects read for the first time, told to no one"
        return f"{known}; {len(outcome.events)} events" if outcome.events else known
    return f"{len(outcome.events)} events" if outcome.events else "nothing new"


def _show(done: list[Outcome], *, json: bool) -> None:
    """Print the events."""
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
