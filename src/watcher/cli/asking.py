"""Commands that ask the past: `replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli.common import (
    DEFAULT_CONFIG,
    WRONG_HISTORY,
    AsJson,
    ConfigPath,
    say,
    told_errors,
    watching,
)
from watcher.cli.moments import Axis, AxisOption, KnownAt, in_words, moment_of
from watcher.cli.printing import as_json, escaped, table
from watcher.services.memos import forget, remember
from watcher.services.past import POSITION
from watcher.services.replay import Known, as_of, rebuild


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(replay)


@told_errors
def replay(
    as_of_: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="WHEN", help="A day (its end), an instant, `now` or `position:N`."
        ),
    ] = "now",
    position: Annotated[
        int | None, typer.Option(min=0, help="As the log stood there; same as position:N.")
    ] = None,
    product: Annotated[str, typer.Option(help="A name, product number or substance.")] = "",
    axis: AxisOption = Axis.OBSERVED,
    known_at: KnownAt = "",
    rebuild_: Annotated[
        bool, typer.Option("--rebuild", help="Make the views anew from the log and compare.")
    ] = False,
    memo: Annotated[
        bool, typer.Option("--memo", help="Write a memo of now, so that the past is near.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Show what was known at a moment, or what was so on a day by what was known then.

    It can send nothing. `--axis effective --as-of 2024-12-31 --known-at 2025-02-01` asks for both
    times at once. Exit code 3 where `--rebuild` finds views that were not what the log leads to.
    """
    if rebuild_ or memo:
        (_rebuild if rebuild_ else _memo)(config, json=json)
        return
    when = as_of_ if position is None else f"{POSITION}{position}"
    moment = moment_of(when, axis, known_at)
    with watching(config, writable=False) as watcher:
        found = as_of(
            watcher.store,
            moment.at,
            axis=moment.axis,
            product=product,
            known_at=moment.known_at,
        )
    if json:
        as_json(found)
        return
    say(f"{len(found)} subjects as of {in_words(moment)}")
    status = f"EU status on {moment.at[:10]}" if moment.axis == "effective" else "EU status"
    table("", ("name", "number", status, "source", "last event", "observed"), map(_row, found))


def _row(known: Known) -> tuple[str, ...]:
    return (
        escaped(known.name),
        known.stream.partition(":")[2],
        known.status or "not stated",
        known.source,
        known.last_event,
        known.last_at[:10],
    )


def _rebuild(config: ConfigPath, *, json: bool) -> None:
    with watching(config, writable=True) as watcher:
        done = rebuild(watcher.store)
        forget(watcher.store)
    if json:
        as_json(done)
    else:
        say(f"before {done.before}\nafter  {done.after}")
        say("equal" if done.is_equal else "NOT EQUAL: the views were not what the log leads to")
    if not done.is_equal:
        raise typer.Exit(WRONG_HISTORY)


def _memo(config: ConfigPath, *, json: bool) -> None:
    with watching(config, writable=True) as watcher:
        position = remember(watcher.store, at_head=True)
    if json:
        as_json({"position": position})
    elif position:
        say(f"a memo of every stream as of position {position} is kept")
    else:
        say("there is one of the log's end already, or the log is empty")
