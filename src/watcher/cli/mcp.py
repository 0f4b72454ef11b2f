"""The command for assistants: `mcp`."""

from __future__ import annotations

import sys

import typer

import watcher
from watcher.cli.common import DEFAULT_CONFIG, ConfigPath, told_errors, watching


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(mcp)


@told_errors
def mcp(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Answer an assistant over stdin and stdout (Model Context Protocol); it can only read.

    Three tools: `search_events`, `get_medicine`, `verify_event`. Every answer names its source, the
    address and the words it was read from. Name this command in the assistant's own settings.
    """
    from watcher.mcp.stdio import Server  # noqa: PLC0415
    from watcher.mcp.tools import INSTRUCTIONS, tools  # noqa: PLC0415

    with watching(config, writable=False) as wired:
        server = Server(tools(wired), version=watcher.__version__, instructions=INSTRUCTIONS)
        server.serve(sys.stdin.buffer, sys.stdout.buffer)
