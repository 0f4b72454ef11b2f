"""The log as it is read: in order, chained by hash, never changed. `appending.py` adds to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from watcher.core.amend import AMENDED, set_aside
from watcher.core.chain import GENESIS
from watcher.core.events import Cause, Recorded
from watcher.errors import BrokenLogError, NotFoundError
from watcher.ports.store import EventFilter, Stored
from watcher.store.checked_rows import checked_positions
from watcher.store.log_end import LogEnd
from watcher.store.log_rows import checked_row, filtered, from_row
from watcher.store.many import rows_about
from watcher.store.schema import begins, events

_BATCH = 2_000
_CHUNK = 500
_LONG = 8

# made once: building a statement costs as much as running it
_NEXT_SUBJECT = sa.select(sa.func.min(events.c.subject)).where(
    events.c.subject > sa.bindparam("last")
)
_OBSERVED = (
    "SELECT column1, (SELECT observed_at FROM events WHERE stream = column1"
    " ORDER BY version DESC LIMIT 1) FROM (VALUES {}) AS wanted"
)


class SqlEventLog:
    """The log in one transaction of a database."""

    def __init__(self, connection: sa.Connection, *, may_append: bool = False) -> None:
        """Take part in a transaction; one that does not hold the log's lock may not append."""
        self._connection = connection
        self._end = LogEnd(connection, may_append=may_append)

    def read(self, which: EventFilter) -> Iterator[Recorded]:
        """Return events in the order of their positions."""
        return map(from_row, self._rows(which))

    def stored(self, which: EventFilter) -> Iterator[Stored]:
        """Return events with their payloads as written, in the order of their positions."""
        return (Stored(from_row(row), row.schema, row.payload) for row in self._rows(which))

    def _rows(self, which: EventFilter) -> Iterator[sa.Row[Any]]:
        query = filtered(which).order_by(events.c.position)
        if which.limit:
            query = _few(query, which).order_by(events.c.position)
        if not (which.stream or 0 < which.limit <= _BATCH):
            # what may be large is asked for in parts; the rest is not worth a cursor of its own
            query = query.execution_options(yield_per=_BATCH)
        return iter(self._connection.execute(query))

    def latest(self, which: EventFilter) -> tuple[Recorded, ...]:
        """Return the last `which.limit` events, oldest first."""
        query = filtered(which).order_by(events.c.position.desc())
        if which.limit:
            query = _few(query, which).order_by(events.c.position.desc())
        return tuple(map(from_row, self._connection.execute(query)))[::-1]

    def at(self, positions: Iterable[int]) -> Mapping[int, Recorded]:
        """Return the events at these positions; see the port."""
        wanted, found = sorted(set(positions)), dict[int, Recorded]()
        for start in range(0, len(wanted), _CHUNK):
            some = events.c.position.in_(wanted[start : start + _CHUNK])
            for row in self._connection.execute(sa.select(events).where(some)):
                found[row.position] = from_row(row)
        return found

    def find(self, id_or_position: str) -> Recorded:
        """Return one event by position, id or unambiguous beginning of its id."""
        wanted = sa.select(events).limit(2)
        rows: Sequence[sa.Row[Any]] = ()
        if id_or_position.isdecimal() and len(id_or_position) < 16:
            at = events.c.position == int(id_or_position)
            rows = self._connection.execute(wanted.where(at)).all()
        if not rows and not (id_or_position.isdecimal() and len(id_or_position) < _LONG):
            # an id may begin with figures alone, so many that no position is meant
            named = begins(events.c.event_id, id_or_position.casefold())
            rows = self._connection.execute(wanted.where(named)).all()
        if len(rows) != 1:
            count = "no event" if not rows else "more than one event"
            message = f"{count} has the position or id {id_or_position}: see `watcher events`"
            raise NotFoundError(message)
        return from_row(rows[0])

    def subjects(self, kind: str, *, after: str = "", limit: int = 100) -> tuple[str, ...]:
        """Return the subjects of a kind in order; each is one step in the index of subjects."""
        found: list[str] = []
        last = max(after, f"{kind}:")
        while len(found) < limit:
            following = self._connection.execute(_NEXT_SUBJECT, {"last": last}).scalar()
            if following is None or not following.startswith(f"{kind}:"):
                break
            found.append(following)
            last = following
        return tuple(found)

    def subjects_alike(self, source: str, event_type: str, since: str) -> int:
        """Return how many subjects of a source had an event of a type since an instant."""
        query = sa.select(sa.func.count(sa.distinct(events.c.subject))).where(
            events.c.type == event_type,
            events.c.source == source,
            events.c.observed_at >= since,
            events.c.cause == str(Cause.OBSERVED),
        )
        return self._connection.execute(query).scalar() or 0

    def observed_until(self, streams: Sequence[str]) -> Mapping[str, str]:
        """Return when the last event of each of these streams was observed; see the port."""
        wanted = [(stream,) for stream in streams]
        rows = rows_about(self._connection, _OBSERVED, wanted, "({})")
        return {str(stream): str(observed) for stream, observed in rows if observed is not None}

    def head(self) -> int:
        """Return the last position; 0 while the log is empty."""
        return self._end.tail()[0]

    def set_aside(self, until: int = 0) -> frozenset[int]:
        """Return the positions that count no longer by the amendments up to `until`; 0: all."""
        query = sa.select(events).where(events.c.type == AMENDED).order_by(events.c.position)
        if until:
            query = query.where(events.c.position <= until)
        return set_aside(from_row(row).event for row in self._connection.execute(query))

    def verify(self) -> Iterator[int]:
        """Yield each position that fits its chain; raise at the first that does not."""
        return checked_positions(self._connection)

    def checked(self) -> Iterator[Recorded]:
        """Yield each event whose row fits its chain; raise at the first that does not."""
        previous, expected = GENESIS, 1
        query = sa.select(events).order_by(events.c.position)
        for row in self._connection.execute(query.execution_options(yield_per=_BATCH)):
            if row.position != expected:
                raise BrokenLogError(expected, f"missing; the next row is {row.position}")
            yield checked_row(row, previous)
            previous, expected = row.hash, expected + 1

    def check_tail(self) -> None:
        """Check the last row, so that nothing is appended to one that was tampered with.

        Raises:
            BrokenLogError: It does not fit its hash, or the row before it is missing.
        """
        query = sa.select(events).order_by(events.c.position.desc()).limit(2)
        rows = self._connection.execute(query).all()
        if not rows:
            return
        last = rows[0]
        if len(rows) != min(last.position, 2) or rows[-1].position != last.position - len(rows) + 1:
            raise BrokenLogError(last.position - 1, "missing; it is the row before the last")
        checked_row(last, rows[1].hash if len(rows) == 2 else GENESIS)


def _few(ordered: sa.Select[Any], which: EventFilter) -> sa.Select[Any]:
    """Return the first `which.limit` rows of an ordered query.

    What an index of types finds is in no order: its positions are sorted, and not whole rows.
    """
    if not which.types:
        return ordered.order_by(None).limit(which.limit)
    places = ordered.with_only_columns(events.c.position).limit(which.limit)
    return sa.select(events).where(events.c.position.in_(places))
