"""Commands about events held back: `held`, `release`, `dismiss`."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.cli.common import DEFAULT_CONFIG, AsJson, ConfigPath, say, told_errors, watching
from watcher.cli.ordering import As, NoWait, Why, in_words, ordered
from watcher.cli.printing import EVENT_COLUMNS, as_json, escaped, event_row, table
from watcher.services import holding

Batch = Annotated[str, typer.Argument(help="A batch's id; see `watcher held`.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    for command in (held, release, dismiss):
        app.command()(command)


@told_errors
def held(
    batch: Annotated[str, typer.Argument(help="Show this batch's events; empty: list all.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """List changes alike in so many subjects at once that no one was told of them yet."""
    with watching(config, writable=False) as watcher:
        batches = holding.held_batches(watcher.store)
        events = holding.held_events(watcher.store, batch) if batch else ()
    if json:
        as_json(events if batch else batches)
    elif batch:
        table("", EVENT_COLUMNS, map(event_row, events))
    else:
        table(
            "",
            ("batch", "source", "since", "what", "events#", "state", "why"),
            (
                (
                    each.batch,
                    each.source,
                    each.since[:16].replace("T", " "),
                    escaped(each.alike),
                    each.events,
                    each.state,
                    escaped(each.why),
                )
                for each in batches
            ),
        )


@told_errors
def release(
    batch: Batch,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Tell of a held batch after all, to whom the rules say."""
    arguments = {"batch": batch, "why": why}
    done = ordered(config, "release", arguments, named=named, no_wait=no_wait)
    say(f"{batch} released: {in_words(done)}")


@told_errors
def dismiss(
    batch: Batch,
    why: Why = "",
    named: As = "",
    no_wait: NoWait = False,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Let a held batch stand in the log and tell no one of it."""
    arguments = {"batch": batch, "why": why}
    ordered(config, "dismiss", arguments, named=named, no_wait=no_wait)
    say(f"{batch} dismissed")
