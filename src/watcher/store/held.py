"""Events held back: they stand in the log, and no one is told until a person has looked."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from watcher.errors import NotFoundError
from watcher.ports.held import HeldBatch
from watcher.store.schema import held


class SqlHeld:
    """Held events in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hold(
        self, batch: str, source: str, alike: str, since: str, positions: Sequence[int]
    ) -> None:
        """Hold events back."""
        self._connection.execute(
            sa.insert(held),
            [
                {
                    "position": position,
                    "batch": batch,
                    "source": source,
                    "alike": alike,
                    "since": since,
                    "state": "held",
                    "decided_at": "",
                    "why": "",
                }
                for position in positions
            ],
        )

    def batches(self) -> tuple[HeldBatch, ...]:
        """Return all batches, the newest last."""
        one = (held.c.batch, held.c.source, held.c.alike, held.c.state, held.c.why)
        query = (
            sa.select(
                *one,
                held.c.decided_at,
                sa.func.min(held.c.since).label("since"),
                sa.func.count().label("events"),
            )
            .group_by(*one, held.c.decided_at)
            .order_by(sa.func.min(held.c.position))
        )
        return tuple(HeldBatch(**row._mapping) for row in self._connection.execute(query))

    def positions(self, batch: str) -> tuple[int, ...]:
        """Return the positions of a batch's events."""
        query = sa.select(held.c.position).where(held.c.batch == batch).order_by(held.c.position)
        found = tuple(self._connection.execute(query).scalars())
        if not found:
            message = f"there is no held batch {batch!r}: see `watcher held`"
            raise NotFoundError(message)
        return found

    def of_state(self, state: str) -> tuple[int, ...]:
        """Return the positions of all events whose batch is in a state, in order."""
        query = sa.select(held.c.position).where(held.c.state == state).order_by(held.c.position)
        return tuple(self._connection.execute(query).scalars())

    def decide(self, batch: str, state: str, at: str, why: str) -> None:
        """Release or dismiss a batch."""
        self.positions(batch)
        self._connection.execute(
            sa.update(held).where(held.c.batch == batch).values(state=state, decided_at=at, why=why)
        )
