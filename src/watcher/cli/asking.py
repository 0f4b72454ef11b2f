"""Commands that ask the past: `replay`, `verify`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock
from watcher.cli.common import (
    DEFAULT_CONFIG,
    WRONG_HISTORY,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.printing import as_json, escaped, progressing, table
from watcher.core.capture import instant
from watcher.services.audit import verify as verify_all
from watcher.services.audit import verify_event
from watcher.services.replay import Known, as_of, rebuild


class Axis(StrEnum):
    """Which time is meant."""

    OBSERVED = "observed"
    RECORDED = "recorded"
    EFFECTIVE = "effective"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(replay)
    app.command()(verify)


@told_errors
def replay(
    as_of_: Annotated[
        str, typer.Option("--as-of", help="A day (its end), an instant, or `now`.")
    ] = "now",
    product: Annotated[str, typer.Option(help="A name, product number or substance.")] = "",
    axis: Annotated[
        Axis,
        typer.Option(
            help="observed: what looks had shown by then; recorded: what stood in the log; "
            "effective: what was so by the dates known today."
        ),
    ] = Axis.OBSERVED,
    rebuild_: Annotated[
        bool, typer.Option("--rebuild", help="Make the views anew from the log and compare.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what was known at a moment, or make the views anew from the log.

    It can send nothing. Exit code 3 where the views were not what the log leads to.
    """
    if rebuild_:
        _rebuild(config, json=json)
        return
    moment = _moment(as_of_)
    with watching(config, writable=False) as watcher:
        found = as_of(watcher.store, moment, axis=axis.value, product=product)
    if json:
        as_json(found)
        return
    say(f"{len(found)} subjects as of {moment} ({axis.value})")
    table("", ("name", "number", "EU status", "source", "last event", "on"), map(_row, found))


@told_errors
def verify(
    event: Annotated[str, typer.Argument(help="One event's position or id; empty: all.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Check that the history is the one that was written, and that its snapshots are whole.

    Exit code 3 where it is not; the first thing wrong is named.
    """
    with watching(config, writable=False) as watcher:
        if event:
            found = [verify_event(watcher.store, watcher.snapshots, event)]
        else:
            found = [*progressing("verifying", verify_all(watcher.store, watcher.snapshots))]
    rows = len(found) if event else sum(name.startswith("position") for name in found)
    if json:
        as_json({"ok": True, "events": rows, "snapshots": 1 if event else len(found) - rows})
    else:
        say(f"whole: {rows} events and {1 if event else len(found) - rows} snapshots")


def _row(known: Known) -> tuple[str, ...]:
    return (
        escaped(known.name),
        known.stream.partition(":")[2],
        known.status or "not stated",
        known.source,
        known.last_event,
        known.last_at[:10],
    )


def _moment(text: str) -> str:
    """Return the instant that `text` means; a day means its last one."""
    if text == "now":
        return instant(SystemClock().now())
    try:
        if len(text) == len("2024-12-01"):
            return instant(datetime.combine(date.fromisoformat(text), time.max, UTC))
        return instant(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError as error:
        message = f"{text!r} is neither a day (2024-12-01), an instant nor `now`"
        raise typer.BadParameter(message, param_hint="--as-of") from error


def _rebuild(config: ConfigPath, *, json: bool) -> None:
    with watching(config, writable=True) as watcher:
        done = rebuild(watcher.store)
    if json:
        as_json(done)
    else:
        say(f"before {done.before}\nafter  {done.after}")
        say("equal" if done.is_equal else "NOT EQUAL: the views were not what the log leads to")
    if not done.is_equal:
        raise typer.Exit(WRONG_HISTORY)
