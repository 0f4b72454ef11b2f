"""Appending to the log, with the streams' view kept in step: both move in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import sqlalchemy as sa

from watcher.core.events import Cause, Event, Evidence, Provenance, Recorded
from watcher.errors import IntegrityError, VersionConflictError
from watcher.ports.store import Append, EventFilter
from watcher.store.event_id import event_id, seen_in
from watcher.store.event_log import SqlEventLog
from watcher.store.log_end import New
from watcher.store.schema import events
from watcher.store.views import Brought, SqlStreams

_ADOPTED = 500


class _Named(NamedTuple):
    """An append with the ids its events will have."""

    append: Append
    provenance: Provenance
    identities: tuple[str, ...]

    def missing_in(self, known: set[str]) -> Iterator[tuple[str, Event, tuple[Evidence, ...]]]:
        """Yield what does not stand in the log yet: id, event and its evidence."""
        padded = self.append.evidence or ((),) * len(self.append.events)
        for identity, event, evidence in zip(
            self.identities, self.append.events, padded, strict=True
        ):
            if identity not in known:
                yield identity, event, evidence


class ProjectingLog(SqlEventLog):
    """The log and the view of its streams' states, in one transaction of a database."""

    def __init__(
        self, connection: sa.Connection, streams: SqlStreams, *, may_append: bool = True
    ) -> None:
        """Take part in a transaction; one that does not hold the log's lock may not append."""
        super().__init__(connection, may_append=may_append)
        self._streams = streams

    @property
    def has_grown(self) -> bool:
        """Whether this transaction has appended to the log."""
        return self._end.has_grown

    def append(
        self, append: Append, provenance: Provenance, cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append events and bring their stream's state up to date; see the port."""
        return self.append_all([(append, provenance)], cause, recorded_at)

    def append_all(
        self, told: Sequence[tuple[Append, Provenance]], cause: Cause, recorded_at: str
    ) -> tuple[Recorded, ...]:
        """Append to many streams at once and bring their states up to date; see the port."""
        named = [
            _Named(
                append, by, tuple(event_id(append.stream, event, seen) for event in append.events)
            )
            for append, by in told
            for seen in [seen_in(by, cause)]
        ]
        new, brought = self._planned(named, cause)
        if not new:
            return ()
        recorded = self._end.write(new, recorded_at)
        self._streams.put(brought)
        return recorded

    def _planned(self, named: Sequence[_Named], cause: Cause) -> tuple[list[New], list[Brought]]:
        """Return what is to be written and where it brings the streams, having checked it all."""
        known = self._end.known(
            (identity for each in named for identity in each.identities),
            (each.append.stream for each in named),
        )
        stand = self._end.versions(each.append.stream for each in named)
        versions, new, brought = dict(stand), list[New](), list[Brought]()
        for each in named:
            append, by = each.append, each.provenance
            missing = list(each.missing_in(known))
            if not missing:
                continue
            found = versions[append.stream]
            if found != append.expected_version and not (
                append.expected_version == 0
                and found == stand[append.stream]
                and self._counts_no_more(append.stream)
            ):
                raise VersionConflictError(
                    append.stream, expected=append.expected_version, found=found
                )
            new += [
                New(identity, append.stream, event, by.quoting(evidence), cause)
                for identity, event, evidence in missing
            ]
            known.update(each.identities)
            versions[append.stream] = found + len(missing)
            brought.append(Brought(append, by.source, versions[append.stream]))
        return new, brought

    def _counts_no_more(self, stream: str) -> bool:
        """Return whether all that happened to a stream is set aside.

        Such a stream is in no view, and so it begins anew, with the versions it has going on.
        """
        aside = self.set_aside()
        return all(each.position in aside for each in self.read(EventFilter(stream=stream)))

    def adopt(self, told: Iterable[Recorded], recorded_at: str) -> int:
        """Append events as another log tells them; see the port."""
        count, events_of = 0, iter(told)
        while some := list(islice(events_of, _ADOPTED)):
            new = [
                New(
                    event_id(each.stream, each.event, seen_in(each.provenance, each.cause)),
                    each.stream,
                    each.event,
                    each.provenance,
                    each.cause,
                )
                for each in some
            ]
            if known := self._end.known(each.identity for each in new):
                message = f"an event to be appended stands in the log already: {min(known)}"
                raise IntegrityError(message)
            count += len(self._end.write(new, recorded_at))
        return count

    def counted(self, *, after: int = 0) -> Mapping[tuple[str, int], int]:
        """Return how many events follow a position, by type and rank of severity."""
        kinds = (events.c.type, events.c.severity)
        rows = self._connection.execute(
            sa.select(*kinds, sa.func.count().label("events"))
            .where(events.c.position > after)
            .group_by(*kinds)
        )
        return {(row.type, row.severity): row.events for row in rows}
