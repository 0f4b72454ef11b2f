"""Where `watcher` begins: the list of commands at once, else the one command that is asked for."""

from __future__ import annotations

import os
import sys

from watcher.cli.contents import COMMANDS, page

_COMPLETING = "_WATCHER_COMPLETE"
_NO_COMMAND = 2


def main() -> None:
    """Run what the command line asks for and end with its exit code."""
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"]) and _COMPLETING not in os.environ:
        sys.stdout.write(page())
        sys.exit(0 if arguments else _NO_COMMAND)
    # the command line's library takes six times as long to load as Python itself
    from watcher.cli.application import application  # noqa: PLC0415

    application(modules(arguments))()


def modules(arguments: list[str]) -> tuple[str, ...]:
    """Return the modules of `watcher.cli` that a command line needs: one, or in doubt all."""
    asked = arguments[0] if arguments else ""
    if asked in COMMANDS and _COMPLETING not in os.environ:
        return (COMMANDS[asked][0],)
    return ()
