"""The store the steps see: the tables of one database, one transaction at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from watcher.core.events import Cause, Provenance, Recorded
from watcher.ports.store import Append
from watcher.store.captures import SqlCaptures
from watcher.store.database import Database
from watcher.store.event_log import SqlEventLog
from watcher.store.held import SqlHeld
from watcher.store.outbox import SqlCases, SqlOutbox
from watcher.store.schema import checkpoints
from watcher.store.views import SqlStreams


class SqlWork:
    """The tables as one transaction sees them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.streams = SqlStreams(connection)
        self.log = ProjectingLog(connection, self.streams)
        self.captures = SqlCaptures(connection)
        self.outbox = SqlOutbox(connection)
        self.cases = SqlCases(connection)
        self.held = SqlHeld(connection)

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


class ProjectingLog(SqlEventLog):
    """The log with the streams' view kept in step: both move in the same transaction."""

    def __init__(self, connection: sa.Connection, streams: SqlStreams) -> None:
        super().__init__(connection)
        self._streams = streams

    def append(
        self, append: Append, provenance: Provenance, cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append events and bring their stream's state up to date."""
        recorded = super().append(append, provenance, cause, recorded_at)
        if recorded:
            self._streams.put(append, provenance.source, recorded[-1].version)
        return recorded


class SqlStore:
    """A store on one SQLite file."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._database = Database(path, writable=writable)

    def close(self) -> None:
        """Close it; another process may write then."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[SqlWork]:
        """Return a transaction that commits at its end, or leaves no trace."""
        with self._database.writing() as connection:
            yield SqlWork(connection)

    @contextmanager
    def reading(self) -> Iterator[SqlWork]:
        """Return a view of one moment; nothing can be written through it."""
        with self._database.reading() as connection, connection.begin():
            yield SqlWork(connection)
