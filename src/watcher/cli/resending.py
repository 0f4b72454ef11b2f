"""What `watcher alerts --resend-since` asks for: all messages of a time, again."""

from __future__ import annotations

from pathlib import Path

import typer

from watcher.cli.common import configuration
from watcher.cli.moments import instant_of


def period_again(
    config: Path, channel: str, between: tuple[str, str], to: str
) -> dict[str, str | int | bool | list[str]]:
    """Return the arguments of the order `resend_period`.

    Args:
        config: The configuration's file.
        channel: For which channel the messages were queued; it need not be configured any more.
        between: From when on and until when, as written: days or instants; until may be empty.
        to: Through which other channel they are to go; empty: the same.

    Raises:
        BadParameter: A channel or the beginning is missing, a time cannot be read, or the channel
            to send through is not configured.
    """
    since, until = between
    if not since or not channel:
        message = "say of which time and channel: --resend-since 2026-11-20 --channel pv-team"
        raise typer.BadParameter(message)
    known = [each.id for each in configuration(config).channels]
    wanted = to or channel
    if wanted not in known:
        message = f"there is no channel {wanted!r}; sources.yaml has: {', '.join(known)}"
        raise typer.BadParameter(message, param_hint="--to" if to else "--channel")
    return {
        "channel": channel,
        "since": instant_of(_first_of(since), "--resend-since"),
        "until": instant_of(until, "--until") if until else "",
        "to": to,
    }


def _first_of(text: str) -> str:
    """Return the first instant of a day, or the instant that `text` is."""
    return f"{text}T00:00:00Z" if len(text) == len("2026-11-20") else text
