"""Who decides: as the command line says, or else as the machine does."""

from __future__ import annotations

import getpass
import os
import platform

import typer

_LONGEST_NAME = 100


def person(named: str) -> str:
    """Return who decides: the name given, or the login name and the machine's.

    Raises:
        BadParameter: The name given is blank, too long or not on one line.
    """
    named = named or os.environ.get("WATCHER_USER", "")
    if not named:
        return f"{_login()}@{platform.node() or 'localhost'}"
    name = named.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        message = f"expected a name of up to {_LONGEST_NAME} characters on one line"
        raise typer.BadParameter(message, param_hint="--as")
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return f"user {os.getuid()}"
