"""What the commands share: options, opening the store, and what an error looks like."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from watcher.bootstrap import SystemClock, Watcher, World, opened, wait
from watcher.config.env_file import with_env_file
from watcher.config.load import checked, load
from watcher.config.model import Config
from watcher.core.text import visible
from watcher.errors import ConfigError, IntegrityError, StoreError, WatcherError
from watcher.readers.registry import READERS

P = ParamSpec("P")
R = TypeVar("R")

FOUND_NOTHING_GOOD, UNUSABLE, WRONG_HISTORY = 1, 2, 3
"""Exit codes; 0 is success."""

ConfigPath = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="WATCHER_CONFIG", help="The configuration.", show_default=True
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DEFAULT_CONFIG = Path("sources.yaml")
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})
"""What a disk says that takes nothing."""
_NAMES_A_COMMAND = "`watcher "


def configuration(path: Path) -> Config:
    """Return the checked configuration at `path`.

    Raises:
        ConfigError: It cannot be used as written.
    """
    return load(path, environment(path), READERS, probe=_probe)


def configured(body: bytes, path: Path, secrets: Mapping[str, str] | None = None) -> Config:
    """Return the configuration that `body` would be in the file at `path`.

    Args:
        body: The file's bytes.
        path: Its place.
        secrets: Variables that will be beside it, but are not yet.

    Raises:
        ConfigError: It could not be used as written.
    """
    known = {**environment(path), **(secrets or {})}
    return checked(body, path, known, READERS, probe=_probe)


def environment(path: Path) -> Mapping[str, str]:
    """Return the variables that the configuration at `path` may name; see `env_file`.

    Raises:
        ConfigError: The file `.env` beside it cannot be used.
    """
    return with_env_file(path, os.environ)


def _probe(url: str) -> object:
    """Raise ValueError where a channel's address cannot be used, so that it is told in its line."""
    from watcher.notify.channels import channel  # noqa: PLC0415  # loads Apprise where it must

    return channel("probe", url, clock=SystemClock())


@contextmanager
def watching(path: Path, *, writable: bool) -> Iterator[Watcher]:
    """Return the program wired by the configuration at `path`."""
    world = World(clock=SystemClock(), sleep=wait)
    with opened(configuration(path), world, writable=writable) as watcher:
        yield watcher


def told_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Return `command` with our errors as one red line each, and an exit code by their fate."""

    @wraps(command)
    def telling(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WatcherError as error:
            _complain(_told(error))
            raise typer.Exit(_fate(error)) from error
        except OSError as error:
            if error.errno in _DISK:
                _complain(f"{error}; nothing more was kept")
                _complain(f"next: {StoreError.next_step}")
                raise typer.Exit(WRONG_HISTORY) from error
            if error.filename is None:
                raise  # a pipe that was closed, or a fault of ours: not a file a person can mend
            _complain(f"{error.filename}: {error.strerror or 'cannot be used'}")
            _complain("next: see that it is there, and that this user may read and write it")
            raise typer.Exit(UNUSABLE) from error

    return telling


def _told(error: WatcherError) -> str:
    """Return what is wrong and, where the message names no command itself, what to do next."""
    message = str(error)
    if isinstance(error, ConfigError):
        count = len(error.problems)
        what = f"{count} problem{'s'[: count != 1]} in the configuration; nothing was done"
        return f"{message}\n{what}\nnext: {error.next_step}"
    return message if _NAMES_A_COMMAND in message else f"{message}\nnext: {error.next_step}"


def _fate(error: WatcherError) -> int:
    """Return the exit code of an error."""
    if isinstance(error, ConfigError):
        return UNUSABLE
    is_history = isinstance(error, IntegrityError | StoreError)
    return WRONG_HISTORY if is_history else FOUND_NOTHING_GOOD


def _complain(message: str) -> None:
    typer.secho(visible(message, keep="\n"), fg=typer.colors.RED, err=True)


def say(message: str) -> None:
    """Tell a person something beside the result: to stderr, so that pipes stay clean."""
    typer.echo(visible(message, keep="\n"), file=sys.stderr)
