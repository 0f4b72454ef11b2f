"""A copy of a SQLite database as of one moment, made while another process writes to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from watcher.errors import IntegrityError
from watcher.store.durable import WRITING, sync_folder

_PAGES = 1_024
Copied = Callable[[int, int], None]
"""Is told how many pages are done, and of how many."""


def copy_database(source: Path, destination: Path, told: Copied = lambda _done, _of: None) -> None:
    """Copy a database into one file that needs no other beside it; an older one is replaced.

    The copy is of the moment at which it begins: a reading transaction holds that moment while the
    pages are copied in steps, so what is written meanwhile neither gets in nor starts it anew.

    Args:
        source: The database; it is only read.
        destination: The copy; there whole or not at all.
        told: Is told how far it is.

    Raises:
        IntegrityError: The database cannot be read.
        OSError: The copy cannot be written.
    """
    beside = destination.with_name(f"{WRITING}{destination.name}")
    is_whole = False
    try:
        _copy(source, beside, told)
        beside.replace(destination)
        is_whole = True
    except sqlite3.Error as error:
        message = f"{source} cannot be copied to {destination}: {error}"
        raise IntegrityError(message) from error
    finally:
        if not is_whole:
            beside.unlink(missing_ok=True)
    sync_folder(destination.parent)


def _copy(source: Path, destination: Path, told: Copied) -> None:
    # a connection that cannot write cannot checkpoint either: only the writer may
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, isolation_level=None)) as reader,
        closing(sqlite3.connect(destination, isolation_level=None)) as copy,
    ):
        reader.execute("PRAGMA busy_timeout = 10000")
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        reader.backup(
            copy, pages=_PAGES, progress=lambda _status, left, of: told(of - left, of), sleep=0.01
        )
        reader.execute("COMMIT")
        copy.execute("PRAGMA journal_mode = DELETE")
    with destination.open("rb") as file:
        os.fsync(file.fileno())
