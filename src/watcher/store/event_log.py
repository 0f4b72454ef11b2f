"""The log: appended to in order, chained by hash, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa

from watcher.core.amend import AMENDED, set_aside
from watcher.core.chain import GENESIS, row_hash
from watcher.core.events import Cause, Event, Evidence, Provenance, Recorded
from watcher.errors import BrokenLogError, IntegrityError, NotFoundError, VersionConflictError
from watcher.ports.store import Append, EventFilter, Stored
from watcher.store import codec
from watcher.store.checked_rows import checked_positions
from watcher.store.event_id import event_id, seen_in
from watcher.store.log_rows import checked_row, filtered, from_row, recorded_at_place
from watcher.store.schema import begins, events
from watcher.store.tree import SqlTree

_BATCH = 2_000
_ADOPTED = 500
_LONG = 8
_Told = tuple[str, Event, tuple[Evidence, ...]]


# made once: building a statement costs as much as running it
_INSERT = sa.insert(events)
_LAST_ROW = sa.select(events.c.position, events.c.hash).order_by(events.c.position.desc()).limit(1)
_LAST_VERSION = sa.select(sa.func.max(events.c.version)).where(
    events.c.stream == sa.bindparam("stream")
)
_KNOWN = sa.select(events.c.event_id).where(
    events.c.event_id.in_(sa.bindparam("ids", expanding=True))
)


_NEXT_SUBJECT = sa.select(sa.func.min(events.c.subject)).where(
    events.c.subject > sa.bindparam("last")
)


class _New(NamedTuple):
    """An event about to be written, with the id it will have."""

    identity: str
    stream: str
    event: Event
    provenance: Provenance
    cause: Cause


_BEGUN = sa.select(events.c.stream).where(
    events.c.stream.in_(sa.bindparam("streams", expanding=True))
)


class SqlEventLog:
    """The log in one transaction of a database.

    Attributes:
        has_grown: Whether this transaction has appended to it.
    """

    def __init__(self, connection: sa.Connection, *, may_append: bool = True) -> None:
        """Take part in a transaction; one that does not hold the log's lock may not append."""
        self._connection = connection
        self._may_append = may_append
        self.has_grown = False
        # one transaction sees one log, and it alone writes to it: what it read once stays so
        self._end: tuple[int, str] | None = None
        self._versions: dict[str, int] = {}

    def append(
        self, append: Append, provenance: Provenance, cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append events to their stream; see the port."""
        wanted = self._new_only(append, seen_in(provenance, cause))
        if not wanted:
            return ()
        version = self._version(append.stream)
        if version != append.expected_version:
            raise VersionConflictError(
                append.stream, expected=append.expected_version, found=version
            )
        new = [
            _New(identity, append.stream, event, replace(provenance, evidence=evidence), cause)
            for identity, event, evidence in wanted
        ]
        return self._write(new, {append.stream: version}, recorded_at)

    def _append_first(
        self, appends: Sequence[Append], provenance: Provenance, cause: Cause, recorded_at: str
    ) -> bool:
        """Append the first events of streams, all at once; False: one has some, nothing is done."""
        new = [
            _New(
                event_id(each.stream, event, seen_in(provenance, cause)),
                each.stream,
                event,
                replace(provenance, evidence=evidence),
                cause,
            )
            for each in appends
            for event, evidence in zip(each.events, each.evidence, strict=True)
        ]
        streams = [each.stream for each in appends]
        if len(set(streams)) < len(streams) or len({each.identity for each in new}) < len(new):
            return False
        begun = self._connection.execute(_BEGUN, {"streams": streams}).first()
        if begun or self._known([each.identity for each in new]):
            return False
        if new:
            self._write(new, dict.fromkeys(streams, 0), recorded_at)
        return True

    def adopt(self, told: Iterable[Recorded], recorded_at: str) -> int:
        """Append events as another log tells them; see the port."""
        count, versions = 0, dict[str, int]()
        events_of = iter(told)
        while some := list(islice(events_of, _ADOPTED)):
            new = [
                _New(
                    event_id(each.stream, each.event, seen_in(each.provenance, each.cause)),
                    each.stream,
                    each.event,
                    each.provenance,
                    each.cause,
                )
                for each in some
            ]
            if known := self._known([each.identity for each in new]):
                message = f"an event to be appended stands in the log already: {min(known)}"
                raise IntegrityError(message)
            for each in some:
                if each.stream not in versions:
                    versions[each.stream] = self._version(each.stream)
            count += len(self._write(new, versions, recorded_at))
        return count

    def _write(
        self, new: Sequence[_New], versions: dict[str, int], recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Write rows at the end of the log, each at the next version of its stream."""
        if not self._may_append:
            message = "the log is appended to in a transaction that writes, and in no other"
            raise IntegrityError(message)
        position, previous = self._tail()
        recorded: list[Recorded] = []
        rows: list[dict[str, object]] = []
        for number, each in enumerate(new, start=1):
            told = each.provenance
            payload = codec.encode(each.event, told)
            versions[each.stream] += 1
            place = (position + number, each.identity, each.stream, versions[each.stream])
            columns = (*place, each.event.type, str(each.cause), codec.SCHEMA, recorded_at)
            previous = row_hash(previous, columns, payload)  # see log_rows.hashed_columns
            rows.append(
                {
                    "position": place[0],
                    "event_id": each.identity,
                    "stream": each.stream,
                    "version": place[3],
                    "type": each.event.type,
                    "subject": str(each.event.subject),
                    "source": told.source,
                    "severity": each.event.severity.rank,
                    "cause": str(each.cause),
                    "observed_at": told.observed_at,
                    "recorded_at": recorded_at,
                    "schema": codec.SCHEMA,
                    "payload": payload,
                    "hash": previous,
                }
            )
            recorded.append(
                recorded_at_place(place, each.event, told, each.cause, recorded_at, previous)
            )
        self._insert(rows)
        self.has_grown = True
        self._end = (position + len(rows), previous)
        self._versions.update(versions)
        SqlTree(self._connection).grow(position, position + len(rows))
        return tuple(recorded)

    def _insert(self, rows: Sequence[dict[str, object]]) -> None:
        if self._connection.dialect.name != "sqlite" or len(rows) == 1:
            self._connection.execute(_INSERT, rows)
            return
        # many rows in one call of the driver: making each anew of its names costs as much again
        names = tuple(rows[0])
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO events ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  our own names
        self._connection.exec_driver_sql(statement, [tuple(row.values()) for row in rows])

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
        for start in range(0, len(wanted), _ADOPTED):
            some = events.c.position.in_(wanted[start : start + _ADOPTED])
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

    def head(self) -> int:
        """Return the last position; 0 while the log is empty."""
        return self._tail()[0]

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

    def _tail(self) -> tuple[int, str]:
        if self._end is None:
            last = self._connection.execute(_LAST_ROW).first()
            self._end = (last.position, last.hash) if last else (0, GENESIS)
        return self._end

    def _version(self, stream: str) -> int:
        if stream not in self._versions:
            found = self._connection.execute(_LAST_VERSION, {"stream": stream}).scalar()
            self._versions[stream] = found or 0
        return self._versions[stream]

    def _new_only(
        self, append: Append, capture: str
    ) -> list[tuple[str, Event, tuple[Evidence, ...]]]:
        """Return what does not stand in the log yet, with its id and evidence."""
        padded = append.evidence or ((),) * len(append.events)
        wanted = [
            (event_id(append.stream, event, capture), event, evidence)
            for event, evidence in zip(append.events, padded, strict=True)
        ]
        known = self._known([identity for identity, _, _ in wanted])
        return [each for each in wanted if each[0] not in known]

    def _known(self, identities: Sequence[str]) -> set[str]:
        return set(self._connection.execute(_KNOWN, {"ids": identities}).scalars())


def _few(ordered: sa.Select[Any], which: EventFilter) -> sa.Select[Any]:
    """Return the first `which.limit` rows of an ordered query.

    What an index of types finds is in no order: its positions are sorted, and not whole rows.
    """
    if not which.types:
        return ordered.order_by(None).limit(which.limit)
    places = ordered.with_only_columns(events.c.position).limit(which.limit)
    return sa.select(events).where(events.c.position.in_(places))
