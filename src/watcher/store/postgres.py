"""PostgreSQL, written to by any number of processes: one at a time writes to the log.

Every transaction that may write to the log takes an advisory lock as it begins and holds it until
it is committed. So positions have no gaps, are seen in their order, and what a transaction has read
stays true until it commits: the promises that SQLite keeps by its single writer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa

from watcher.errors import IntegrityError
from watcher.store.database import HEAD, refuse_newer, refuse_other, upgrade, version
from watcher.store.postgres_faults import told_plainly
from watcher.store.postgres_types import portable_types
from watcher.store.postgres_wakes import TOPIC, PostgresWakes

LOCK = 0x7761746368  # "watch"
"""The key of the advisory lock that a writer to the log holds; one a database."""

_PARTS = "watcher_parts"
_TAKE_TURN = sa.text(f"SELECT pg_advisory_xact_lock({LOCK})")
_NOTIFY = sa.text("SELECT pg_notify(:topic, :news)")
_POOL, _OVERFLOW, _POOL_SECONDS = 5, 40, 30
_SETTINGS = (
    # a writer waits as long for its turn as it would on SQLite, several times over
    "SET lock_timeout = '60s'",
    # a process that hangs in the middle of a transaction must not hold up all others for ever
    "SET idle_in_transaction_session_timeout = '5min'",
    # what was committed survives a power cut, whatever the server does for others
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'",
)
_NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "watcher",
    "client_encoding": "utf8",
}
_log = logging.getLogger(__name__)


def shown(url: sa.URL) -> str:
    """Return which database is meant, in words that hold no secret."""
    host = url.host or url.query.get("host") or "this machine"
    return f"database {url.database or url.username or 'postgres'} at {host}"


class PostgresDatabase:
    """A PostgreSQL database that any number of processes write to, each in its turn."""

    def __init__(self, url: sa.URL, *, writable: bool, is_of_any_version: bool = False) -> None:
        """Open it; for writing with its tables made or upgraded where this role may.

        Args:
            url: Where it is.
            writable: Whether it is to be written to.
            is_of_any_version: Whether it is only looked at, whatever tables it has.

        Raises:
            StoreError: It cannot be reached, or refuses this role.
            IntegrityError: Its tables are of another version.
        """
        self.name = shown(url)
        self._url = url
        self._is_writable = writable
        # one thread of a process at a time asks for the turn: the others need no connection yet
        self._turn = threading.RLock()
        self._has_turn = False
        self._engine = _engine(url)
        self._readers = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        if is_of_any_version:
            return
        is_open = False
        try:
            with told_plainly(self.name):
                self._open(writable=writable)
            is_open = True
        finally:
            if not is_open:
                self.close()

    def _open(self, *, writable: bool) -> None:
        with self._readers.begin() as reader:
            found = version(reader)
        if found == HEAD:
            return
        refuse_newer(found)
        if not writable:
            if not found:
                message = f"there are no tables in {self.name} yet: run `watcher once`"
                raise IntegrityError(message)
            refuse_other(found, self.name)
        self._migrate()

    def _migrate(self) -> None:
        # all steps in one transaction, behind the lock: another process may be at it as well
        with self._engine.begin() as writer:
            writer.execute(_TAKE_TURN)
            found = version(writer)
            refuse_newer(found)
            if found == HEAD:
                return
            upgrade(writer)
        if found:
            _log.warning("%s was upgraded from version %s to %s", self.name, found, HEAD)

    def close(self) -> None:
        """Close every connection."""
        with self._turn:
            # a thread in the middle of a transaction finishes it first
            self._engine.dispose()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection whose transaction alone writes to the log."""
        return self._writing()

    def apart(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection whose transaction leaves the log alone; see the protocol."""
        return self._apart()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection that sees one moment."""
        return self._reading()

    def announce(self, connection: sa.Connection, news: AbstractSet[str]) -> None:
        """Wake whoever listens as soon as this transaction is committed."""
        connection.execute(_NOTIFY, {"topic": TOPIC, "news": ",".join(sorted(news))})

    def wakes(self) -> PostgresWakes:
        """Return what wakes a consumer when any process has told of something new."""
        return PostgresWakes(self._url, self.name)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with told_plainly(self.name), self._readers.begin() as connection, _closed(connection):
            yield connection

    @contextmanager
    def _apart(self) -> Iterator[sa.Connection]:
        self._require_writable()
        with told_plainly(self.name), self._engine.begin() as connection, _closed(connection):
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        self._require_writable()
        with self._turn:
            if self._has_turn:
                # it would wait for itself
                message = "this thread is in the middle of a transaction that writes"
                raise sa.exc.InvalidRequestError(message)
            self._has_turn = True
            try:
                with told_plainly(self.name), self._engine.begin() as connection:
                    connection.execute(_TAKE_TURN)
                    with _closed(connection):
                        yield connection
            finally:
                self._has_turn = False

    def _require_writable(self) -> None:
        if not self._is_writable:
            message = "this store was opened for reading only"
            raise IntegrityError(message)


@contextmanager
def _closed(connection: sa.Connection) -> Iterator[None]:
    """Close at the end what was asked for in parts and not read to its end.

    A cursor of the server's ends with its transaction; whoever still holds its iterator must not
    reach, much later, into the connection of somebody else.
    """
    parts: list[psycopg.ServerCursor] = []
    about = connection.info
    about[_PARTS] = parts
    try:
        yield
    finally:
        about.pop(_PARTS, None)
        for cursor in parts:
            with suppress(psycopg.Error):
                cursor.close()


def _note_parts(connection: sa.Connection, cursor: object, *_: object) -> None:
    if isinstance(cursor, psycopg.ServerCursor) and _PARTS in connection.info:
        parts = connection.info[_PARTS]
        parts[:] = [each for each in parts if not each.closed]
        parts.append(cursor)


def _ask_without_nul(
    _connection: object, _cursor: object, statement: str, values: Any, *_: object
) -> tuple[str, Any]:
    """Let a question with a NUL in it find nothing: PostgreSQL keeps no such text, and refuses it.

    What is to be kept stays as it is, and is refused: stored otherwise it would not fit its hash.
    """
    if statement.startswith("SELECT") and isinstance(values, dict):
        values = {
            name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
            for name, value in values.items()
        }
    return statement, values


def _engine(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=_POOL,
        max_overflow=_OVERFLOW,
        pool_timeout=_POOL_SECONDS,
        # after a restart of the server every connection of the pool is found to be dead, and made
        # anew before it is used
        pool_pre_ping=True,
        connect_args={name: each for name, each in _NETWORK.items() if name not in url.query},
    )
    portable_types(engine.dialect)

    def connected(connection: Any, _record: object) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            message = f"{shown(url)} is in {encoding}: make one with `createdb --encoding UTF8`"
            raise IntegrityError(message)
        for setting in _SETTINGS:
            connection.execute(setting)
        connection.commit()

    # before SQLAlchemy itself asks for anything: it could not read the answers of another encoding
    sa.event.listen(engine, "connect", connected, insert=True)
    sa.event.listen(engine, "after_cursor_execute", _note_parts)
    sa.event.listen(engine, "before_cursor_execute", _ask_without_nul, retval=True)
    return engine
