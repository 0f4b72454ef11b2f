"""Commands about the self-test: `selftest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from watcher.bootstrap import SystemClock
from watcher.cli.common import FOUND_NOTHING_GOOD, AsJson, say, told_errors
from watcher.cli.printing import as_json, escaped, progressing, table, write_text
from watcher.core.text import shorten
from watcher.selftest.play import Step, play
from watcher.selftest.report import report


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(selftest)


@told_errors
def selftest(
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a report to this file, to be printed.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Meet some thirty faults on loopback and show that each promise was kept.

    A site that misbehaves on purpose is watched by this program as it is installed here, in a
    folder of its own. Needs no network, changes nothing, takes some twenty seconds. Exit code 1
    where a promise was broken.
    """
    steps = list(progressing("meeting faults", play()))
    if html is not None:
        write_text(html, report(steps, SystemClock().now()))
    broken = [step for step in steps if not step.is_kept]
    if json:
        as_json({"ok": not broken, "steps": steps})
    else:
        table("", ("fault", "what happened", "promise", ""), map(_row, steps))
        say(f"{len(steps)} steps, {len(broken)} promises broken")
    if broken:
        raise typer.Exit(FOUND_NOTHING_GOOD)


def _row(step: Step) -> tuple[object, ...]:
    kept = Text("kept", style="green") if step.is_kept else Text("BROKEN", style="bold red")
    return escaped(step.name), escaped(shorten(step.happened, 60)), escaped(step.promise), kept
