"""What makes the log provable, in the database: the tree, the ledger's rows, signed checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from watcher.core.chain import GENESIS
from watcher.core.note import Checkpoint, Note
from watcher.errors import BrokenLogError, NotFoundError, ProofError
from watcher.ports.proof import LedgerRow, SignedCheckpoint, StoredRow
from watcher.store.capture_rows import canonical, capture_of
from watcher.store.event_log import SqlEventLog
from watcher.store.log_rows import hashed_columns
from watcher.store.schema import captures, events, signed_checkpoints
from watcher.store.tree import SqlTree

_BATCH = 1_000
_AS_STORED = [
    sa.type_coerce(column, sa.Integer).label(column.name)
    if isinstance(column.type, sa.Boolean)
    else column
    for column in captures.columns
]
"""The ledger's columns as they are in the file: 3 is not 1, though both are taken for true."""


class SqlProof(SqlTree):
    """The tree, the ledger and the signed checkpoints in one transaction of a database."""

    def row(self, position: int) -> StoredRow:
        """Return a row of the log as stored; see the port."""
        rows = self._connection.execute(
            sa.select(events)
            .where(events.c.position.between(position - 1, position))
            .order_by(events.c.position)
        ).all()
        if not rows or rows[-1].position != position:
            message = f"there is no event at position {position}: see `watcher events`"
            raise NotFoundError(message)
        return StoredRow(
            columns=hashed_columns(rows[-1]),
            payload=rows[-1].payload,
            previous=rows[0].hash if len(rows) == 2 else GENESIS,
            hash=rows[-1].hash,
        )

    def ledger(self, first: int, last: int) -> Iterator[LedgerRow]:
        """Return the captures with these numbers and those between; see the port."""
        query = (
            sa.select(*_AS_STORED)
            .where(captures.c.number.between(first, last))
            .order_by(captures.c.number)
        )
        rows = self._connection.execute(query.execution_options(yield_per=_BATCH))
        return map(_ledger_row, rows)

    def ledger_rows(self) -> int:
        """Return how many captures there are, those without a number too."""
        query = sa.select(sa.func.count()).select_from(captures)
        return self._connection.execute(query).scalar() or 0

    def ledger_number(self, capture: str) -> int:
        """Return a capture's place in the ledger."""
        query = sa.select(captures.c.number).where(captures.c.id == capture)
        number = self._connection.execute(query).scalar()
        if number is None:
            message = f"no capture has the id {capture}: see `watcher captures`"
            raise NotFoundError(message)
        return int(number)

    def digests(self) -> Iterator[str]:
        """Return the digest of every payload that a capture names, each once."""
        query = sa.select(captures.c.digest).where(captures.c.digest != "").distinct()
        query = query.order_by(captures.c.digest).execution_options(yield_per=_BATCH)
        return iter(self._connection.execute(query).scalars())

    def checkpoints(self, *, after: int = 0) -> Iterator[SignedCheckpoint]:
        """Return every signed checkpoint over more events than `after`, the smallest first."""
        size = signed_checkpoints.c.size
        query = sa.select(signed_checkpoints).where(size > after).order_by(size)
        rows = self._connection.execute(query.execution_options(yield_per=_BATCH))
        return map(_checkpoint, rows)

    def last_checkpoints(self, limit: int) -> tuple[SignedCheckpoint, ...]:
        """Return the last signed checkpoints, the smallest first."""
        newest_first = sa.select(signed_checkpoints).order_by(signed_checkpoints.c.size.desc())
        rows = self._connection.execute(newest_first.limit(limit)).all()
        return tuple(map(_checkpoint, reversed(rows)))

    def last_checkpoint(self) -> SignedCheckpoint | None:
        """Return the newest signed checkpoint; None before the first."""
        query = sa.select(signed_checkpoints).order_by(signed_checkpoints.c.size.desc()).limit(1)
        row = self._connection.execute(query).first()
        return _checkpoint(row) if row else None

    def covering(self, position: int) -> SignedCheckpoint | None:
        """Return the first signed checkpoint over an event; None where there is none yet."""
        query = (
            sa.select(signed_checkpoints)
            .where(signed_checkpoints.c.size >= position)
            .order_by(signed_checkpoints.c.size)
            .limit(1)
        )
        row = self._connection.execute(query).first()
        return _checkpoint(row) if row else None

    def add_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint."""
        row = {name: getattr(checkpoint, name) for name in SignedCheckpoint.__slots__}
        self._connection.execute(sa.insert(signed_checkpoints).values(row))


def make_ready(connection: sa.Connection) -> None:
    """Make tiles that are missing and check the log's end, before anything is appended to it.

    Bounded: the last row, and the root that was signed last, made of tiles.

    Raises:
        BrokenLogError: The end of the log is not as it was written or signed.
    """
    log, proof = SqlEventLog(connection), SqlProof(connection)
    head = log.head()
    log.check_tail()
    proof.catch_up(head)
    last = proof.last_checkpoint()
    if last is None:
        return
    if head < last.size:
        raise BrokenLogError(head + 1, f"missing; a checkpoint over {last.size} events was signed")
    said = Checkpoint.parse(Note.parse(last.note).text)
    if (said.size, said.root) != (last.size, last.root) or proof.root(last.size) != last.root:
        why = f"the first {last.size} events are not those whose root was signed at {last.at}"
        raise BrokenLogError(last.size, f"{why}: see `watcher verify`")


def _checkpoint(row: sa.Row[Any]) -> SignedCheckpoint:
    if not isinstance(row.root, bytes) or not isinstance(row.note, str):
        message = f"the signed checkpoint over {row.size} events is not as it was stored"
        raise ProofError(message)
    return SignedCheckpoint(size=row.size, root=row.root, at=row.at, note=row.note)


def _ledger_row(row: sa.Row[Any]) -> LedgerRow:
    try:
        return LedgerRow(number=row.number, capture=capture_of(row), canonical=canonical(row))
    except (ValueError, TypeError, AttributeError) as error:
        message = f"capture {row.number} ({row.id}) is not of a form this program writes: {error}"
        raise ProofError(message) from error
