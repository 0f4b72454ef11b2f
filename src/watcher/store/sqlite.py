"""One SQLite file, one writer.

WAL with `synchronous=FULL`: what was committed survives a power cut. Exactly one connection writes
and checkpoints, since SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections
checkpoint at once; a second writing process is turned away by a lock file.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from watcher.errors import IntegrityError, StoreBusyError
from watcher.store.copying import copy_database
from watcher.store.database import HEAD, refuse_newer, refuse_other, upgrade, version
from watcher.store.driver import done
from watcher.store.sqlite_faults import told_plainly
from watcher.store.sqlite_wakes import SqliteWakes

_BUSY_MILLISECONDS = 10_000
_log = logging.getLogger(__name__)


class SqliteDatabase:
    """A SQLite database with one writing connection and any number of readers.

    A transaction that reads first and then writes cannot wait for the lock: SQLite answers
    "database is locked" at once, whatever the busy timeout. So writers begin with BEGIN IMMEDIATE.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self._turn = threading.RLock()
        self._lock_file: TextIO | None = _claim(path) if writable else None
        if not writable and not path.exists():
            message = f"there is no database at {path} yet: run `watcher once` or `watcher run`"
            raise IntegrityError(message)
        self._engine = _engine(path, writable=writable)
        self._writer: sa.Connection | None = None
        is_open = False
        try:
            with told_plainly(path):
                self._open(writable=writable)
            is_open = True
        finally:
            if not is_open:
                self.close()

    def _open(self, *, writable: bool) -> None:
        if writable:
            self._writer = self._engine.connect().execution_options(sqlite_begin="IMMEDIATE")
            self._migrate(self._writer)
        else:
            self._refuse_other_versions()

    def close(self) -> None:
        """Close every connection and let the next writer in."""
        with self._turn:
            # a thread in the middle of a transaction finishes it first: half of one must not stay
            if self._writer is not None:
                self._writer.close()
            self._writer = None
        self._engine.dispose()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Return the writing connection within one transaction."""
        return self._writing()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection that sees one moment."""
        return self._reading()

    def apart(self) -> AbstractContextManager[sa.Connection]:
        """Return the writing connection likewise: there is no other."""
        return self._writing()

    def announce(self, _connection: sa.Connection, news: AbstractSet[str]) -> None:
        """Do nothing: whoever waits sees that the file changed."""

    def wakes(self) -> SqliteWakes:
        """Return what wakes a consumer when any process has committed something."""
        return SqliteWakes(self._path)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with told_plainly(self._path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        if self._writer is None:
            message = "this store was opened for reading only"
            raise IntegrityError(message)
        with self._turn, told_plainly(self._path), self._writer.begin():
            yield self._writer

    def _migrate(self, writer: sa.Connection) -> None:
        with writer.begin():
            found = version(writer)
        if found == HEAD:
            return
        refuse_newer(found)
        if found:
            self._keep_as_it_was(found)
        # all steps in one transaction: one that fails leaves the database as it was
        with writer.begin():
            upgrade(writer)

    def _keep_as_it_was(self, found: str) -> None:
        kept = self._path.with_name(f"{self._path.name}.before-{HEAD}")
        copy_database(self._path, kept)
        _log.warning(
            "%s is upgraded from version %s to %s; as it was it is kept in %s",
            self._path.name,
            found,
            HEAD,
            kept,
        )

    def _refuse_other_versions(self) -> None:
        with self._engine.connect() as reader:
            found = version(reader)
        refuse_other(found, self._path)


def _engine(path: Path, *, writable: bool) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{path}",
        # SQLAlchemy is to say BEGIN itself; the driver would begin late and without IMMEDIATE
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    def connected(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        if writable:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    def begun(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        if mode == "DEFERRED":
            # only the writer may checkpoint; a reader that closes last must not either
            done(connection, "PRAGMA wal_autocheckpoint = 0")
        done(connection, f"BEGIN {mode}")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)
    return engine


def _claim(path: Path) -> TextIO:
    """Return the lock file held, so that no second process writes to this database.

    Raises:
        StoreBusyError: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        message = f"{path} is in use by another watcher (process {holder}): stop it first"
        raise StoreBusyError(message) from error
    is_ours = False
    try:
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        is_ours = True
    finally:
        if not is_ours:
            _let_go(lock)
    return lock


def _let_go(lock: TextIO) -> None:
    """Close a lock file that could not be written to; what is left in its buffer fails again."""
    with suppress(OSError):
        lock.close()
