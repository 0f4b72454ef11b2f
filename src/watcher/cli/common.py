"""What the commands share: options, opening the store, and what an error looks like."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from watcher.bootstrap import SystemClock, Watcher, World, opened, wait
from watcher.config.load import checked, load
from watcher.config.model import Config
from watcher.core.text import visible
from watcher.errors import ConfigError, IntegrityError, OperationalError, StoreError
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


def configuration(path: Path) -> Config:
    """Return the checked configuration at `path`.

    Raises:
        ConfigError: It cannot be used as written.
    """
    return load(path, os.environ, READERS, probe=_probe)


def configured(body: bytes, path: Path) -> Config:
    """Return the configuration that `body` would be in the file at `path`.

    Raises:
        ConfigError: It could not be used as written.
    """
    return checked(body, path, os.environ, READERS, probe=_probe)


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
        except ConfigError as error:
            _complain(str(error))
            count = len(error.problems)
            _complain(f"{count} problem{'s'[: count != 1]} in the configuration; nothing was done")
            raise typer.Exit(UNUSABLE) from error
        except (IntegrityError, StoreError) as error:
            _complain(str(error))
            raise typer.Exit(WRONG_HISTORY) from error
        except OperationalError as error:
            _complain(str(error))
            raise typer.Exit(FOUND_NOTHING_GOOD) from error
        except OSError as error:
            if error.errno not in _DISK:
                raise
            _complain(f"{error}; nothing more was kept")
            raise typer.Exit(WRONG_HISTORY) from error

    return telling


def _complain(message: str) -> None:
    typer.secho(visible(message, keep="\n"), fg=typer.colors.RED, err=True)


def say(message: str) -> None:
    """Tell a person something beside the result: to stderr, so that pipes stay clean."""
    typer.echo(visible(message, keep="\n"), file=sys.stderr)
