"""What the database says when it fails, as errors of ours: with what it means and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from watcher.errors import DamagedStoreError, StoreError, WatcherError

_TRANSIENT = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_CANTOPEN: "io",
    sqlite3.SQLITE_READONLY: "io",
    sqlite3.SQLITE_PERM: "io",
}
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_ADVICE = {
    "full": "no room is left on its disk, and nothing was kept: make room",
    "locked": "another program has been writing to it for too long: see which one has it open",
    "io": "its disk could not be read or written: see the machine's log",
}
_PRIMARY = 0xFF
"""The bits of a result code that name the fault; the others tell where it came up."""


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Raise the faults of the database at `path` within this block as errors of ours.

    A statement that is itself wrong stays the error that it is: that is a fault of the program.

    Raises:
        StoreError: There is no room, another program holds it, or its disk failed.
        DamagedStoreError: The file is not as SQLite wrote it.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        fault = _fault(path, error.orig)
        if fault is None:
            raise
        raise fault from error


def _fault(path: Path, error: BaseException | None) -> WatcherError | None:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _DAMAGED:
        message = f"{path} is damaged ({error}): run `watcher verify`, and put a backup back"
        return DamagedStoreError(message)
    kind = _TRANSIENT.get(code)
    return StoreError(f"{path}: {error}; {_ADVICE[kind]}", kind=kind) if kind else None
