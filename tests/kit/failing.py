"""Every place at which the world can fail us, counted: the n-th fails, once or from there on.

The method is SQLite's own: for n = 1, 2, 3 … let the n-th operation fail, until a run passes that
no failure touched. Counted are writes, syncs, renames and removals of files, SQLite's own writes
below it, its statements and commits, what a fetcher and a channel do.
"""

from __future__ import annotations

import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from kit import sqlite_calls
from watcher.store import sqlite as opening

_FILES = ("fsync", "replace", "unlink", "mkdir", "truncate", "open")
_WRITING = frozenset("wax+")
_EXECUTING = ("do_execute", "do_executemany")


def _no_watcher(_what: str) -> None:
    """Watch nothing."""


@dataclass(slots=True)
class Faults:
    """Counts operations and lets one fail, or all from one on.

    Attributes:
        at: The number of the operation that fails; 0: none does.
        for_ever: Whether all after it fail too.
        seen: Called at each operation, before it is done.
        steps: How many operations there were.
        fired: What failed.
        acked: Hash by position of every event whose transaction was answered for.
        home: Where the database is that is meant; None: any. A scratch store elsewhere is not.
        is_quiet: Whether nothing is counted just now.
        is_below: Whether SQLite's own writes are counted, below its commits, too.
    """

    at: int = 0
    for_ever: bool = False
    seen: Callable[[str], None] = _no_watcher
    steps: int = 0
    fired: list[str] = field(default_factory=list)
    acked: dict[int, str] = field(default_factory=dict)
    home: Path | None = None
    is_quiet: bool = False
    is_below: bool = False

    def step(self, what: str) -> None:
        """Count one operation.

        Raises:
            OSError: It is the one to fail.
        """
        if self.is_quiet:
            return
        self.steps += 1
        with self.paused():
            self.seen(what)
        if self.at and (self.steps == self.at or (self.for_ever and self.steps > self.at)):
            self.fired.append(what)
            number = errno.EIO if "fsync" in what else errno.ENOSPC
            raise OSError(number, os.strerror(number))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Count nothing within this block."""
        before, self.is_quiet = self.is_quiet, True
        try:
            yield
        finally:
            self.is_quiet = before


def each_fault(*, for_ever: bool, is_below: bool = False) -> Iterator[Faults]:
    """Yield faults for n = 0, 1, 2, 3 …, until one comes back that nothing fired of; 0 is none."""
    for number in count():
        faults = Faults(at=number, for_ever=for_ever, is_below=is_below)
        yield faults
        if number and not faults.fired:
            return


@contextmanager
def failing(faults: Faults) -> Iterator[None]:
    """Count, and let fail, every operation of this process within this block."""
    with ExitStack() as stack:
        stack.enter_context(_files(faults))
        stack.enter_context(_statements(faults))
        stack.enter_context(_commits(faults))
        if faults.is_below:
            stack.enter_context(sqlite_calls.watched(faults.step))
        yield


@contextmanager
def compiled_once() -> Iterator[None]:
    """Let all stores that are opened within this block share their compiled statements.

    A loop over failure points opens hundreds, and would spend half of its time on this.
    """
    made = opening._engine
    first: list[sa.Engine] = []

    def shared(path: Path, *, writable: bool) -> sa.Engine:
        engine = made(path, writable=writable)
        first.append(engine)
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        return engine

    opening._engine = shared
    try:
        yield
    finally:
        opening._engine = made


@contextmanager
def _files(faults: Faults) -> Iterator[None]:
    """Watch what Python does with files: `pathlib` and `tempfile` go through these as well."""
    real = {name: getattr(os, name) for name in _FILES}
    opened = io.open

    def watched(name: str) -> Callable[..., Any]:
        def act(*arguments: Any, **named: Any) -> Any:
            faults.step(f"file {name}")
            return real[name](*arguments, **named)

        return act

    def opening(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        made = opened(file, mode, *arguments, **named)
        return _Written(made, faults) if _WRITING.intersection(mode) else made

    try:
        for name in _FILES:
            setattr(os, name, watched(name))
        io.open = opening  # type: ignore[assignment]
        yield
    finally:
        for name, act in real.items():
            setattr(os, name, act)
        io.open = opened


class _Written:
    """A file whose writes may fail, half done."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def write(self, data: Any) -> Any:
        try:
            self._faults.step("file write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        return self._file.write(data)

    def writelines(self, chunks: Any) -> None:
        for chunk in chunks:
            self.write(chunk)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@contextmanager
def _statements(faults: Faults) -> Iterator[None]:
    """Watch statements that write, each before it is run.

    Through the dialect's methods, not the library's events: not all of them pass by the library.
    """
    dialect: Any = SQLiteDialect_pysqlite
    executed = {name: getattr(dialect, name) for name in _EXECUTING}

    def watched(execute: Callable[..., None]) -> Callable[..., None]:
        def executing(itself: Any, cursor: Any, statement: str, *more: Any) -> None:
            is_writing = statement.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE"))
            if is_writing and _is_at_home(faults, cursor.connection):
                _raised_by_sqlite(faults, f"statement {statement.split(maxsplit=1)[0]}")
            execute(itself, cursor, statement, *more)

        return executing

    # put back as it was: a method that a class inherits does not become its own
    with pytest.MonkeyPatch.context() as patch:
        for name, execute in executed.items():
            patch.setattr(dialect, name, watched(execute))
        yield


@contextmanager
def _commits(faults: Faults) -> Iterator[None]:
    """Watch commits: one may fail before it, or only its answer."""
    dialect: Any = SQLiteDialect_pysqlite
    committed = dialect.do_commit

    def committing(itself: Any, fairy: Any) -> None:
        connection = fairy.dbapi_connection
        is_meant = connection.in_transaction and _is_at_home(faults, connection)
        if is_meant:
            try:
                _raised_by_sqlite(faults, "commit")
            except sqlite3.OperationalError:
                connection.rollback()  # as SQLite does when a commit cannot be written
                raise
        committed(itself, fairy)
        if is_meant:
            _raised_by_sqlite(faults, "the commit's answer")
            _acknowledge(faults, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "do_commit", committing)
        yield


def _raised_by_sqlite(faults: Faults, what: str) -> None:
    try:
        faults.step(what)
    except OSError as error:
        raised = sqlite3.OperationalError("database or disk is full")
        raised.sqlite_errorcode = sqlite3.SQLITE_FULL
        raised.sqlite_errorname = "SQLITE_FULL"
        raise raised from error


def _is_at_home(faults: Faults, connection: sqlite3.Connection) -> bool:
    """Return whether this is a connection that writes to the database that is meant."""
    if connection.execute("PRAGMA query_only").fetchone()[0]:
        return False
    place = connection.execute("PRAGMA database_list").fetchone()[2]
    return faults.home is None or Path(place).is_relative_to(faults.home)


def _acknowledge(faults: Faults, connection: sqlite3.Connection) -> None:
    """Remember every event that stands in the log now: none of them may be lost from here on."""
    with faults.paused(), suppress(sqlite3.OperationalError):  # before its tables were made
        rows = connection.execute("SELECT position, hash FROM events").fetchall()
        faults.acked.update(rows)
