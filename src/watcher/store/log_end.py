"""The end of the log: what stands there, what is known already, and how rows are added.

What a batch has to know is asked for once, whatever the number of its streams: on a server each
question costs a way there and back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from watcher.core.chain import GENESIS
from watcher.core.events import Cause, Event, Provenance, Recorded
from watcher.errors import IntegrityError
from watcher.store import codec
from watcher.store.driver import Ready, Row, asked
from watcher.store.many import add_rows, mark_of
from watcher.store.schema import events
from watcher.store.tree import SqlTree

_AT_ONCE = 1_000
"""Rows are written so many at a time: a first reading of a large list has tens of thousands."""
_ASKED = 500
"""As many ids and streams are asked about at a time."""

# made once: building a statement costs as much as running it
_LAST_ROW = Ready(
    sa.select(events.c.position, events.c.hash).order_by(events.c.position.desc()).limit(1)
)
# what a batch asks, in one question: on a server each costs a way there and back
_TAIL = (
    "SELECT 'tail', position, hash"
    " FROM (SELECT position, hash FROM events ORDER BY position DESC LIMIT 1) AS last_row"
)
# a maximum for each: a grouped one would go through every row of these streams
_VERSIONS = (
    "SELECT 'version', (SELECT max(version) FROM events WHERE stream = column1), column1"
    " FROM (VALUES {}) AS wanted"
)
_KNOWN = "SELECT 'known', position, event_id FROM events WHERE event_id IN ({})"
_INTO = f"events ({', '.join(column.name for column in events.columns)})"


class New(NamedTuple):
    """An event about to be written, with the id it will have."""

    identity: str
    stream: str
    event: Event
    provenance: Provenance
    cause: Cause


class LogEnd:
    """The end of the log as one transaction sees it, which alone writes to it.

    Attributes:
        has_grown: Whether this transaction has appended to it.
    """

    def __init__(self, connection: sa.Connection, *, may_append: bool) -> None:
        """Take part in a transaction; one that does not hold the log's lock may not append."""
        self._connection = connection
        self._may_append = may_append
        self.has_grown = False
        # one transaction sees one log, and it alone writes to it: what it read once stays so
        self._end: tuple[int, str] | None = None
        self._versions: dict[str, int] = {}

    def tail(self) -> tuple[int, str]:
        """Return position and hash of the last row; 0 and the hash before the first without one."""
        if self._end is None:
            last = _LAST_ROW.first(self._connection, {})
            self._end = (last["position"], last["hash"]) if last else (0, GENESIS)
        return self._end

    def versions(self, streams: Iterable[str]) -> Mapping[str, int]:
        """Return the last versions of streams; 0 of those that have not begun."""
        wanted = dict.fromkeys(streams)
        self.known((), [stream for stream in wanted if stream not in self._versions])
        return {stream: self._versions[stream] for stream in wanted}

    def known(self, identities: Iterable[str], streams: Iterable[str] = ()) -> set[str]:
        """Return which of these ids stand in the log; and learn where these streams stand."""
        ids, names, found = list(identities), list(dict.fromkeys(streams)), set[str]()
        for start in range(0, max(len(ids), len(names)), _ASKED):
            some = slice(start, start + _ASKED)
            for what, number, text in self._asked(ids[some], names[some]):
                if what == "known":
                    found.add(text)
                elif what == "version":
                    self._versions[text] = number or 0
                else:
                    self._end = (number, text)
            self._end = self._end or (0, GENESIS)
        return found

    def _asked(self, identities: Sequence[str], streams: Sequence[str]) -> list[Row]:
        mark = mark_of(self._connection)
        parts = [] if self._end else [_TAIL]
        if streams:
            parts.append(_VERSIONS.format(", ".join([f"({mark})"] * len(streams))))
        if identities:
            parts.append(_KNOWN.format(", ".join([mark] * len(identities))))
        return asked(self._connection, " UNION ALL ".join(parts), (*streams, *identities))

    def write(self, new: Sequence[New], recorded_at: str) -> tuple[Recorded, ...]:
        """Write rows at the end of the log, each at the next version of its stream.

        Raises:
            IntegrityError: This transaction may not.
        """
        if not self._may_append:
            message = "the log is appended to in a transaction that writes, and in no other"
            raise IntegrityError(message)
        recorded: list[Recorded] = []
        for start in range(0, len(new), _AT_ONCE):
            recorded += self._written(new[start : start + _AT_ONCE], recorded_at)
        return tuple(recorded)

    def _written(self, new: Sequence[New], recorded_at: str) -> list[Recorded]:
        first, previous = self.tail()
        position, schema = first, codec.SCHEMA
        versions = dict(self.versions(each.stream for each in new))
        recorded: list[Recorded] = []
        rows: list[tuple[object, ...]] = []
        for identity, stream, event, told, cause in new:
            position += 1
            versions[stream] = version = versions[stream] + 1
            payload = codec.encode(event, told)
            kind, why = event.type, cause.value
            # `chain.row_hash` written out: a call and a join for each row cost as much as its hash
            head = f"{previous}\n{position}\n{identity}\n{stream}\n{version}\n{kind}\n{why}"
            covered = f"{head}\n{schema}\n{recorded_at}\n".encode() + payload
            previous = hashlib.sha256(covered).hexdigest()
            rows.append(
                (
                    *(position, identity, stream, version, kind, str(event.subject)),
                    *(told.source, event.severity.rank, why, told.observed_at, recorded_at),
                    *(schema, payload, previous),  # see _INTO
                )
            )
            recorded.append(
                Recorded(
                    position=position,
                    event_id=identity,
                    stream=stream,
                    version=version,
                    event=event,
                    cause=cause,
                    provenance=told,
                    recorded_at=recorded_at,
                    hash=previous,
                )
            )
        add_rows(self._connection, _INTO, rows)
        self.has_grown = True
        self._end = (position, previous)
        self._versions.update(versions)
        SqlTree(self._connection).grow(first, position, [each.hash for each in recorded])
        return recorded
