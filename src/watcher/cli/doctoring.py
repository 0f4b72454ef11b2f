"""The command that looks whether all is well, and says what to do where it is not: `doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from watcher.bootstrap import SystemClock, World, channels_of, polite_fetcher, wait
from watcher.cli.common import (
    DEFAULT_CONFIG,
    FOUND_NOTHING_GOOD,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
)
from watcher.cli.printing import as_json, console, progressing
from watcher.config.model import Channel
from watcher.core.capture import instant
from watcher.core.text import visible
from watcher.core.trial_message import compose_trial
from watcher.doctor.examine import Examination, program
from watcher.doctor.finding import Area, Finding, Level
from watcher.errors import ConfigError
from watcher.notify.render import render

_STYLE = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILING: "bold red"}
_WORD = {Level.OK: "ok", Level.WARNING: "warning", Level.FAILING: "FAILING"}


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(doctor)


@told_errors
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask no source.")] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Send a harmless sample through every channel.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Read every address of a source, not only its first.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Look at all a watcher stands on: machine, configuration, database, channels, each source.

    Each source is read once, as politely as ever, and nothing of it is kept: a site that has
    changed is a report here before it is a surprise. It writes nothing and works while the service
    runs. Each finding is ok, warning or failing, and says what it means and what to do. Exit code 1
    where something fails.
    """
    steps = _examined(config, offline=offline, send=send, every=every)
    found = list(progressing("examining", steps))
    failing = sum(each.level is Level.FAILING for each in found)
    if json:
        as_json({"ok": not failing, "findings": [asdict(each) for each in found]})
    else:
        _print(found)
        warnings = sum(each.level is Level.WARNING for each in found)
        say(f"{len(found)} looked at: {failing} failing, {warnings} warnings")
    if failing:
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _examined(path: Path, *, offline: bool, send: bool, every: bool) -> Iterator[Finding]:
    try:
        config = configuration(path)
    except ConfigError as error:
        yield from program()
        yield from _unusable(error)
        return
    world = World(clock=SystemClock(), sleep=wait)
    ways = channels_of(config, world.clock) if send else {}

    def sample(channel: Channel) -> str:
        now = instant(world.clock.now())
        return ways[channel.id].send(render(compose_trial(channel.id, now), key=f"test-{now}"))

    yield from Examination(
        config=config,
        world=world,
        fetcher=None if offline else polite_fetcher(config, world),
        send=sample if send else None,
        every_address=every,
    ).findings()


def _unusable(error: ConfigError) -> Iterator[Finding]:
    for problem in error.problems:
        yield Area("configuration").failing(
            f"line {problem.line}" if problem.line else problem.file,
            f"{problem.key}: {problem.message}",
            means="nothing starts with this configuration, and the rest cannot be examined",
            advice="mend it, then `watcher config check`; `watcher init` writes a first one",
        )


def _print(found: list[Finding]) -> None:
    """Print the findings by area, and below each that is not well what it means and what to do."""
    screen = console()
    area = ""
    for each in found:
        if each.area != area:
            area = each.area
            screen.print(Text(area, style="bold"))
        line = Text("  ")
        line.append(f"{_WORD[each.level]:<8}", _STYLE[each.level])
        line.append(f"{visible(each.what)}: {visible(each.found)}")
        screen.print(line)
        if each.level is not Level.OK:
            for word, told in (("means", each.means), ("do", each.advice)):
                row = Table.grid(padding=(0, 1))
                row.add_row(Text(f"{'':10}{word:<5}", no_wrap=True), Text(visible(told)))
                screen.print(row)
