"""Commands about the configuration: `config check|schema|show` and `test-channel`."""

from __future__ import annotations

from typing import Annotated

import typer

from watcher.bootstrap import SystemClock
from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
    watching,
)
from watcher.cli.printing import as_json, table
from watcher.config.schema import config_schema
from watcher.core.capture import instant
from watcher.errors import NotFoundError
from watcher.ports import Envelope


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    config = typer.Typer(help="Check, explain or show the configuration.", no_args_is_help=True)
    config.command("check")(check)
    config.command("schema")(schema)
    config.command("show")(show)
    app.add_typer(config, name="config")
    app.command("test-channel")(try_channel)


@told_errors
def check(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Check the configuration and report everything wrong with it at once.

    Exit code 2 where it cannot be used.
    """
    checked = configuration(config)
    if json:
        as_json({"ok": True, "notices": checked.notices})
        return
    for notice in checked.notices:
        say(str(notice))
    sources, rules = len(checked.sources), len(checked.rules)
    say(f"{config}: good; {sources} sources, {len(checked.channels)} channels, {rules} rules")


@told_errors
def schema() -> None:
    """Print the JSON Schema of sources.yaml, for editors."""
    as_json(config_schema())


@told_errors
def show(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the configuration as understood, with defaults; secrets stay as they are written."""
    as_json(configuration(config).redacted())


@told_errors
def try_channel(
    channel: Annotated[str, typer.Argument(help="A channel's id; empty: list them.")] = "",
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Send a harmless sample through one channel and say what the receiver answered.

    Exit code 1 where it was not taken.
    """
    with watching(config, writable=True) as watcher:
        if not channel:
            rows = [(each.id, each.title, each.scheme) for each in watcher.config.channels]
            table("", ("channel", "who", "kind"), rows)
            return
        if channel not in watcher.channels:
            message = f"there is no channel {channel!r}; there are: {', '.join(watcher.channels)}"
            raise NotFoundError(message)
        now = instant(SystemClock().now())
        answer = watcher.channels[channel].send(
            Envelope(
                key=f"test-{now}",
                subject="[TEST] watcher: this channel works",
                text=f"A test of the channel {channel}, sent {now}. Nothing has happened.\n",
                chat=f"**watcher**: a test of the channel {channel}. Nothing has happened.",
            )
        )
        say(f"{channel}: taken; {answer}")
