"""The view of every stream's state: where each diff starts, made anew from the log at will."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from watcher.core.events import apply
from watcher.core.facts import State, Subject, Value
from watcher.core.text import without_accents
from watcher.ports.store import Append, EventFilter, Stream
from watcher.store import codec
from watcher.store.event_log import SqlEventLog
from watcher.store.schema import missing, streams

_NAMED = ("product.brand_name", "product.inn", "product.number", "product.active_substance")
_CHUNK = 500


class SqlStreams:
    """The view in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, stream: str) -> Stream:
        """Return where a stream stands; see the port."""
        row = self._connection.execute(sa.select(streams).where(streams.c.stream == stream)).first()
        return _stream(row) if row else Stream(name=stream)

    def of_source(self, source: str) -> Mapping[str, Stream]:
        """Return all streams of one source by name."""
        rows = self._connection.execute(sa.select(streams).where(streams.c.source == source))
        return {row.stream: _stream(row) for row in rows}

    def of_subject(self, subject: Subject) -> Mapping[str, State]:
        """Return what each source says of a subject, by source."""
        rows = self._connection.execute(sa.select(streams).where(streams.c.subject == str(subject)))
        return {row.source: codec.decode_state(row.state) for row in rows}

    def named(self, text: str) -> tuple[Stream, ...]:
        """Return the streams whose subject, product name or substance is `text`, folded."""
        exact = without_accents(text)
        rows = self._connection.execute(
            sa.select(streams)
            .where(streams.c.names.contains(f"\n{exact}\n", autoescape=True))
            .order_by(streams.c.stream)
        )
        return tuple(map(_stream, rows))

    def put(self, append: Append, source: str, version: int) -> None:
        """Keep the state a stream was brought to."""
        self._put(append.stream, source, append.subject, version, append.state)

    def missing(self, names: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return how often in a row each path of these streams was missing."""
        found: dict[str, dict[str, int]] = {}
        for start in range(0, len(names), _CHUNK):
            wanted = names[start : start + _CHUNK]
            for row in self._connection.execute(
                sa.select(missing).where(missing.c.stream.in_(wanted))
            ):
                found.setdefault(row.stream, {})[row.path] = row.captures
        return found

    def set_missing(self, stream: str, counts: Mapping[str, int]) -> None:
        """Replace the counts of one stream."""
        self._connection.execute(sa.delete(missing).where(missing.c.stream == stream))
        if counts:
            self._connection.execute(
                sa.insert(missing),
                [
                    {"stream": stream, "path": path, "captures": count}
                    for path, count in counts.items()
                ],
            )

    def rebuild(self) -> None:
        """Drop the view and make it anew from the log."""
        self._connection.execute(sa.delete(streams))
        states: dict[str, tuple[str, Subject, int, dict[str, Value]]] = {}
        for told in SqlEventLog(self._connection).read(EventFilter()):
            before = states.get(told.stream)
            state = apply(before[3] if before else {}, told.event)
            states[told.stream] = (
                told.provenance.source,
                told.event.subject,
                told.version,
                state,
            )
        for stream, (source, subject, version, state) in states.items():
            self._put(stream, source, subject, version, state)

    def digest(self) -> str:
        """Return sha256 over the whole view, to prove that two are equal."""
        total = hashlib.sha256()
        for row in self._connection.execute(sa.select(streams).order_by(streams.c.stream)):
            total.update(f"{row.stream}\n{row.source}\n{row.version}\n{row.names}\n".encode())
            total.update(row.state)
        return total.hexdigest()

    def _put(self, stream: str, source: str, subject: Subject, version: int, state: State) -> None:
        row = {
            "stream": stream,
            "source": source,
            "subject": str(subject),
            "version": version,
            "names": _names(subject, state),
            "state": codec.encode_state(state),
        }
        updated = self._connection.execute(
            sa.update(streams).where(streams.c.stream == stream).values(row)
        )
        if not updated.rowcount:
            self._connection.execute(sa.insert(streams).values(row))


def _stream(row: sa.Row[Any]) -> Stream:
    return Stream(name=row.stream, version=row.version, state=codec.decode_state(row.state))


def _names(subject: Subject, state: State) -> str:
    """Return what a person may call this stream's subject, one folded name a line."""
    names = {str(subject), subject.id, *_texts(state)}
    folded = sorted({without_accents(name) for name in names if name})
    return "\n" + "\n".join(folded) + "\n"


def _texts(state: State) -> Iterator[str]:
    for path in _NAMED:
        match state.get(path):
            case str() as text:
                yield text
            case list() as texts:
                yield from (text for text in texts if isinstance(text, str))
            case _:
                pass
