"""Where `watcher` begins: the list of commands at once, else the one command that is asked for.

A shell that asks what may be typed next is answered without loading any.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable

from watcher.cli.contents import COMMANDS, page

FOR_SHELL = "WATCHER_COMPLETE_FOR"
"""The variable in which a shell names itself when it asks for completions."""
_NO_COMMAND = 2


def main() -> None:
    """Run what the command line asks for and end with its exit code."""
    arguments = sys.argv[1:]
    if shell := os.environ.get(FOR_SHELL, ""):
        from watcher.cli.completion import answer  # noqa: PLC0415  and nothing else

        sys.stdout.write(answer(shell, arguments, os.environ))
        return
    if arguments in ([], ["--help"]):
        sys.stdout.write(page())
        sys.exit(0 if arguments else _NO_COMMAND)
    asked_for(arguments)()


def asked_for(arguments: list[str]) -> Callable[[], object]:
    """Load what a command line needs and return what runs it.

    What is loaded stays until the end: to search it for garbage while it grows, again and again
    later, and once more at the end, takes a third of a start. So it is left out of all searches.
    """
    gc.disable()
    try:
        # the command line's library takes six times as long to load as Python itself
        from watcher.cli.application import application  # noqa: PLC0415

        return application(modules(arguments))
    finally:
        gc.freeze()
        gc.enable()
        atexit.register(gc.freeze)


def modules(arguments: list[str]) -> tuple[str, ...]:
    """Return the modules of `watcher.cli` that a command line needs: one, or in doubt all."""
    asked = arguments[0] if arguments else ""
    return (COMMANDS[asked][0],) if asked in COMMANDS else ()
