"""The store the steps see: the tables of one database, one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from watcher.ports.hosts import Hosts
from watcher.ports.wakes import Wakes
from watcher.store.access import SqlAccess
from watcher.store.appending import ProjectingLog
from watcher.store.captures import SqlCaptures
from watcher.store.case_states import SqlCaseStates
from watcher.store.cases import SqlCases
from watcher.store.claims import SqlClaims, SqlProcesses
from watcher.store.database import Database, Place
from watcher.store.held import SqlHeld
from watcher.store.hosts import SqlHosts
from watcher.store.memos import SqlMemos
from watcher.store.outbox import SqlOutbox
from watcher.store.proof import SqlProof, make_ready
from watcher.store.schema import checkpoints
from watcher.store.sqlite import SqliteDatabase
from watcher.store.telling import SqlChannelHealth, SqlDigests
from watcher.store.views import SqlStreams


class SqlWork:
    """The tables as one transaction sees them."""

    def __init__(self, connection: sa.Connection, *, may_append: bool = True) -> None:
        self._connection = connection
        self.streams = SqlStreams(connection)
        self.search = self.streams.search
        self.log = ProjectingLog(connection, self.streams, may_append=may_append)
        self.captures = SqlCaptures(connection)
        self.proof = SqlProof(connection)
        self.outbox = SqlOutbox(connection)
        self.cases = SqlCases(connection)
        self.held = SqlHeld(connection)
        self.digests = SqlDigests(connection)
        self.case_states = SqlCaseStates(connection)
        self.channel_health = SqlChannelHealth(connection)
        self.hosts = SqlHosts(connection)
        self.memos = SqlMemos(connection)
        self.access = SqlAccess(connection)
        self.processes = SqlProcesses(connection)
        self.claims = SqlClaims(connection)

    @property
    def connection(self) -> sa.Connection:
        """The transaction's connection, for those who have rows of their own in it."""
        return self._connection

    def news(self) -> frozenset[str]:
        """Return what this transaction has added to: `log`, `outbox`, both or neither."""
        grown = {"log": self.log.has_grown, "outbox": self.outbox.has_grown}
        return frozenset(name for name, has_grown in grown.items() if has_grown)

    def checkpoint(self, consumer: str) -> int:
        """Return the last position a consumer has dealt with; 0 before its first."""
        query = sa.select(checkpoints.c.position).where(checkpoints.c.consumer == consumer)
        return self._connection.execute(query).scalar() or 0

    def move_checkpoint(self, consumer: str, position: int) -> None:
        """Keep how far a consumer is."""
        moved = self._connection.execute(
            sa.update(checkpoints)
            .where(checkpoints.c.consumer == consumer)
            .values(position=position)
        )
        if not moved.rowcount:
            self._connection.execute(
                sa.insert(checkpoints).values(consumer=consumer, position=position)
            )


class SqlStore:
    """A store on a SQLite file or on PostgreSQL."""

    def __init__(self, place: Place, *, writable: bool) -> None:
        """Open it; for writing only where the log's end is as it was written.

        Args:
            place: A SQLite file, or the address of a PostgreSQL database.
            writable: Whether it is to be written to. A SQLite file has one such process at most.

        Raises:
            BrokenLogError: Its end is not as it was written.
            StoreBusyError: Another process writes to the SQLite file.
            StoreError: The database cannot be reached or used just now.
        """
        self._database = opened_database(place, writable=writable)
        self._carried: list[Callable[[Hosts], None]] = []
        if writable:
            self._make_ready()

    def _make_ready(self) -> None:
        is_ready = False
        try:
            with self._database.writing() as connection:
                make_ready(connection)
            is_ready = True
        finally:
            if not is_ready:
                self.close()

    def close(self) -> None:
        """Close it; another process may write then."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[SqlWork]:
        """Return a transaction that commits at its end, or leaves no trace."""
        with self._database.writing() as connection:
            work = SqlWork(connection)
            yield work
            for write in self._carried:
                write(work.hosts)
            if news := work.news():
                self._database.announce(connection, news)

    @contextmanager
    def apart(self) -> Iterator[SqlWork]:
        """Return a transaction that leaves the log alone, beside others that write.

        For what many processes share and lock row by row, as leases and the pace of hosts are. On
        SQLite it takes its turn as `writing` does.
        """
        with self._database.apart() as connection:
            yield SqlWork(connection, may_append=False)

    def wakes(self) -> Wakes:
        """Return what wakes a consumer of the log or of the outbox when there is something new."""
        return self._database.wakes()

    def carry(self, write: Callable[[Hosts], None]) -> None:
        """Call `write` at the end of every transaction that writes, for what need not be first."""
        self._carried.append(write)

    @contextmanager
    def reading(self) -> Iterator[SqlWork]:
        """Return a view of one moment; nothing can be written through it."""
        with self._database.reading() as connection:
            yield SqlWork(connection, may_append=False)


def opened_database(place: Place, *, writable: bool) -> Database:
    """Return the database at a place, of whichever engine; for writing with its tables made."""
    if isinstance(place, Path):
        return SqliteDatabase(place, writable=writable)
    # the driver is an extra of its own, and takes its time
    from watcher.store.postgres import PostgresDatabase  # noqa: PLC0415

    return PostgresDatabase(place, writable=writable)
