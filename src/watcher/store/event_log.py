"""The log: appended to in order, chained by hash, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from watcher.core.amend import AMENDED, set_aside
from watcher.core.chain import GENESIS, row_hash
from watcher.core.events import Cause, Event, Evidence, Provenance, Recorded
from watcher.errors import BrokenLogError, NotFoundError, VersionConflictError
from watcher.ports.store import Append, EventFilter
from watcher.store import codec
from watcher.store.schema import events

_BATCH = 2_000
_Told = tuple[str, Event, tuple[Evidence, ...]]


def event_id(stream: str, event: Event, capture: str) -> str:
    """Return the id of an event: what happened in which stream, seen in which capture.

    The same diff after a crash gives the same id, so it cannot be appended twice. The reader's
    version is not in it: how we read is provenance, not what happened.
    """
    changes = [(each.path, each.action, each.before, each.after) for each in event.changes]
    told = [stream, event.type, event.jurisdiction, changes, dict(event.details), capture]
    return hashlib.sha256(codec.encode_value(told)).hexdigest()


class SqlEventLog:
    """The log in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def append(
        self, append: Append, provenance: Provenance, cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append events to their stream; see the port."""
        seen = provenance.capture
        if cause is Cause.REREAD:
            seen = f"{seen} read by {provenance.reader}"  # a better reader may take it back again
        wanted = self._new_only(append, seen)
        if not wanted:
            return ()
        version = self._version(append.stream)
        if version != append.expected_version:
            raise VersionConflictError(
                append.stream, expected=append.expected_version, found=version
            )
        position, previous = self._tail()
        recorded: list[Recorded] = []
        rows: list[dict[str, object]] = []
        for number, (identity, event, evidence) in enumerate(wanted, start=1):
            told = _with_evidence(provenance, evidence)
            payload = codec.encode(event, told)
            place = (position + number, identity, append.stream, version + number)
            columns = (*place, event.type, str(cause), codec.SCHEMA, recorded_at)
            previous = row_hash(previous, columns, payload)
            rows.append(
                {
                    "position": place[0],
                    "event_id": identity,
                    "stream": append.stream,
                    "version": place[3],
                    "type": event.type,
                    "subject": str(event.subject),
                    "source": provenance.source,
                    "severity": event.severity.rank,
                    "cause": str(cause),
                    "observed_at": provenance.observed_at,
                    "recorded_at": recorded_at,
                    "schema": codec.SCHEMA,
                    "payload": payload,
                    "hash": previous,
                }
            )
            recorded.append(_recorded(place, event, told, cause, recorded_at, previous))
        self._connection.execute(sa.insert(events), rows)
        return tuple(recorded)

    def read(self, which: EventFilter) -> Iterator[Recorded]:
        """Return events in the order of their positions."""
        query = _filtered(which).order_by(events.c.position)
        if which.limit:
            query = query.limit(which.limit)
        rows = self._connection.execution_options(yield_per=_BATCH).execute(query)
        return map(_from_row, rows)

    def latest(self, which: EventFilter) -> tuple[Recorded, ...]:
        """Return the last `which.limit` events, oldest first."""
        query = _filtered(which).order_by(events.c.position.desc()).limit(which.limit or None)
        return tuple(map(_from_row, self._connection.execute(query)))[::-1]

    def find(self, id_or_position: str) -> Recorded:
        """Return one event by position, id or unambiguous beginning of its id."""
        wanted = sa.select(events).limit(2)
        if id_or_position.isdecimal() and len(id_or_position) < 16:
            rows = self._connection.execute(
                wanted.where(events.c.position == int(id_or_position))
            ).all()
        else:
            rows = self._connection.execute(
                wanted.where(events.c.event_id.startswith(id_or_position, autoescape=True))
            ).all()
        if len(rows) != 1:
            count = "no event" if not rows else "more than one event"
            message = f"{count} has the position or id {id_or_position}: see `watcher events`"
            raise NotFoundError(message)
        return _from_row(rows[0])

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
        return set_aside(_from_row(row).event for row in self._connection.execute(query))

    def verify(self) -> Iterator[int]:
        """Yield each position that fits its chain; raise at the first that does not."""
        previous, expected = GENESIS, 1
        query = sa.select(events).order_by(events.c.position)
        for row in self._connection.execution_options(yield_per=_BATCH).execute(query):
            if row.position != expected:
                raise BrokenLogError(expected, f"missing; the next row is {row.position}")
            columns = (row.position, row.event_id, row.stream, row.version, row.type, row.cause)
            is_whole = isinstance(row.payload, bytes)
            payload = row.payload if is_whole else b""
            previous = row_hash(previous, (*columns, row.schema, row.recorded_at), payload)
            if not is_whole or previous != row.hash:
                raise BrokenLogError(row.position, "the row does not fit its hash")
            _compare_columns(row)
            yield row.position
            expected += 1

    def _tail(self) -> tuple[int, str]:
        last = self._connection.execute(
            sa.select(events.c.position, events.c.hash).order_by(events.c.position.desc()).limit(1)
        ).first()
        return (last.position, last.hash) if last else (0, GENESIS)

    def _version(self, stream: str) -> int:
        query = sa.select(sa.func.max(events.c.version)).where(events.c.stream == stream)
        return self._connection.execute(query).scalar() or 0

    def _new_only(
        self, append: Append, capture: str
    ) -> list[tuple[str, Event, tuple[Evidence, ...]]]:
        """Return what does not stand in the log yet, with its id and evidence."""
        padded = append.evidence or ((),) * len(append.events)
        wanted = [
            (event_id(append.stream, event, capture), event, evidence)
            for event, evidence in zip(append.events, padded, strict=True)
        ]
        known = set(
            self._connection.execute(
                sa.select(events.c.event_id).where(
                    events.c.event_id.in_([identity for identity, _, _ in wanted])
                )
            ).scalars()
        )
        return [each for each in wanted if each[0] not in known]


def _with_evidence(provenance: Provenance, evidence: tuple[Evidence, ...]) -> Provenance:
    fields = {name: getattr(provenance, name) for name in Provenance.__slots__}
    return Provenance(**{**fields, "evidence": evidence})


def _recorded(
    place: tuple[int, str, str, int],
    event: Event,
    provenance: Provenance,
    cause: Cause,
    recorded_at: str,
    digest: str,
) -> Recorded:
    position, identity, stream, version = place
    return Recorded(
        position=position,
        event_id=identity,
        stream=stream,
        version=version,
        event=event,
        cause=cause,
        provenance=provenance,
        recorded_at=recorded_at,
        hash=digest,
    )


def _from_row(row: sa.Row[Any]) -> Recorded:
    event, provenance = codec.decode(row.payload, row.schema)
    place = (row.position, row.event_id, row.stream, row.version)
    return _recorded(place, event, provenance, Cause(row.cause), row.recorded_at, row.hash)


def _compare_columns(row: sa.Row[Any]) -> None:
    """Raise unless the columns that are there to search by say what the payload says."""
    event, provenance = codec.decode(row.payload, row.schema)
    told = (str(event.subject), provenance.source, event.severity.rank, provenance.observed_at)
    if told != (row.subject, row.source, row.severity, row.observed_at):
        raise BrokenLogError(row.position, "a column does not say what the payload says")


def _filtered(which: EventFilter) -> sa.Select[Any]:
    query = sa.select(events).where(*_equalities(which))
    if which.types:
        patterns = [events.c.type.like(pattern.replace("*", "%")) for pattern in which.types]
        query = query.where(sa.or_(*patterns))
    if which.least is not None:
        query = query.where(events.c.severity >= which.least.rank)
    if which.since:
        query = query.where(events.c.observed_at >= which.since)
    if which.until:
        query = query.where(events.c.observed_at <= which.until)
    if which.without_baseline:
        query = query.where(events.c.cause != str(Cause.BASELINE))
    if which.after:
        query = query.where(events.c.position > which.after)
    return query


def _equalities(which: EventFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.sources:
        yield events.c.source.in_(which.sources)
    if which.subject:
        yield events.c.subject == which.subject
    if which.stream:
        yield events.c.stream == which.stream
    if which.causes:
        yield events.c.cause.in_([str(cause) for cause in which.causes])
