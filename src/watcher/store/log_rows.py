"""Rows of the log: which are meant, what each says, and whether it fits the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

import sqlalchemy as sa

from watcher.core.chain import row_hash
from watcher.core.events import Cause, Recorded
from watcher.core.taxonomy import Severity
from watcher.errors import BrokenLogError
from watcher.ports.store import EventFilter
from watcher.store import codec
from watcher.store.schema import begins, events

RANKS = frozenset(severity.rank for severity in Severity)
"""What a row's severity may be; which it is, is the taxonomy's of the day it was appended."""
_BATCH = 2_000
HASHED = ("position", "event_id", "stream", "version", "type", "cause", "schema", "recorded_at")
"""The columns that a row's hash covers, in their order; the others repeat what the payload says."""


def plain_rows(
    connection: sa.Connection, query: sa.Select[Any], values: Mapping[str, object] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Return rows one after the other; those of SQLite as its driver gives them.

    For whole passes over the log: to make a row with names of each costs as much as to fetch it.
    It fits columns of text, whole numbers and bytes, which the driver gives as such.
    """
    if connection.dialect.name != "sqlite":
        return iter(connection.execute(query.execution_options(yield_per=_BATCH), values))
    result = connection.execute(query, values)  # SQLite finds each row as it is asked for
    # the driver's cursor gives row after row by itself, which its protocol does not promise; no
    # generator of ours stands between, which would take a twelfth of what a row takes
    return chain(cast("Iterator[tuple[Any, ...]]", result.cursor), _closed(result))


def _closed(result: sa.CursorResult[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield no row, and close what was read to its end."""
    result.close()
    yield from ()


def from_row(row: sa.Row[Any]) -> Recorded:
    """Return the event that a row holds."""
    event, provenance = codec.decode(row.payload, row.schema)
    return Recorded(
        position=row.position,
        event_id=row.event_id,
        stream=row.stream,
        version=row.version,
        event=event,
        cause=Cause(row.cause),
        provenance=provenance,
        recorded_at=row.recorded_at,
        hash=row.hash,
    )


def checked_row(row: sa.Row[Any], previous: str) -> Recorded:
    """Return the event of a row that fits the hash before it, and whose columns fit its payload.

    Raises:
        BrokenLogError: It does not.
    """
    if not isinstance(row.payload, bytes) or row.hash != row_hash(
        previous, tuple(value for _, value in hashed_columns(row)), row.payload
    ):
        raise BrokenLogError(row.position, "the row does not fit its hash")
    told = from_row(row)
    said = (str(told.event.subject), told.provenance.source, told.provenance.observed_at)
    # the severity is the taxonomy's of the day it was appended: a later one may rank it otherwise
    if said != (row.subject, row.source, row.observed_at) or row.severity not in RANKS:
        raise BrokenLogError(row.position, "a column does not say what the payload says")
    return told


def hashed_columns(row: sa.Row[Any]) -> tuple[tuple[str, str | int], ...]:
    """Return name and value of the columns a row's hash covers, in their order."""
    return tuple((name, getattr(row, name)) for name in HASHED)


def filtered(which: EventFilter) -> sa.Select[Any]:
    """Return the query for the rows that are meant, in no order."""
    query = sa.select(events).where(*_equalities(which))
    if which.types:
        query = query.where(sa.or_(*_types(which.types)))
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


def _types(patterns: Sequence[str]) -> Iterator[sa.ColumnElement[bool]]:
    """Yield what each pattern asks of a type; where an index can answer, it does."""
    if exact := [each for each in patterns if "*" not in each]:
        yield events.c.type.in_(exact)
    for each in (each for each in patterns if "*" in each):
        beginning, _, rest = each.partition("*")
        if not rest:
            yield begins(events.c.type, beginning)
        else:
            yield events.c.type.like(each.replace("_", "/_").replace("*", "%"), escape="/")


def _equalities(which: EventFilter) -> Iterator[sa.ColumnElement[bool]]:
    if which.sources:
        yield events.c.source.in_(which.sources)
    if which.subject:
        yield events.c.subject == which.subject
    if which.stream:
        yield events.c.stream == which.stream
    if which.causes:
        yield events.c.cause.in_([str(cause) for cause in which.causes])
