"""The view of every stream's state: where each diff starts, made anew from the log at will."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from watcher.core.facts import State, Subject
from watcher.core.search_words import is_searched
from watcher.core.text import without_accents
from watcher.ports.store import Append, Stream
from watcher.store import codec
from watcher.store.driver import Ready
from watcher.store.event_log import SqlEventLog
from watcher.store.folding import Folded, fold_log, fold_stream, told_of
from watcher.store.many import add_rows, rows_about
from watcher.store.schema import begins, events, missing, stream_names, streams
from watcher.store.search import SqlSearch, Telling

_NAMED = ("product.brand_name", "product.inn", "product.number", "product.active_substance")
_CHUNK = 500
_WATCHER = "watcher"
"""The source in whose name we tell what we make of several sources."""
_ABOUT_WATCHING = ("source:", "channel:")
_ROUND = 1 << 256


# made once: building a statement costs more than running it
_ONE = Ready(
    sa.select(streams.c.version, streams.c.state).where(streams.c.stream == sa.bindparam("at"))
)
_MISSING = "SELECT stream, path, captures FROM missing WHERE stream IN ({})"
# the first reading of a stream inserts, every other one updates; source and subject are its name
_INTO = "streams (stream, source, subject, version, names, state)"
_OTHERWISE = (
    "ON CONFLICT (stream) DO UPDATE"
    " SET version = excluded.version, names = excluded.names, state = excluded.state"
)
_UNNAME = Ready(sa.delete(stream_names).where(stream_names.c.stream == sa.bindparam("at")))


class Brought(NamedTuple):
    """Where an append brings its stream."""

    append: Append
    source: str
    version: int

    @property
    def is_named(self) -> bool:
        """Whether the stream may be called otherwise than before."""
        return self.append.expected_version == 0 or any(
            change.path in _NAMED for event in self.append.events for change in event.changes
        )

    @property
    def is_found_otherwise(self) -> bool:
        """Whether its subject may be found by other words than before."""
        return self.append.expected_version == 0 or any(
            is_searched(change) for event in self.append.events for change in event.changes
        )


class _Standing(NamedTuple):
    """Where a stream stands, as the view keeps it."""

    stream: str
    source: str
    subject: Subject
    version: int
    state: State


class SqlStreams:
    """The view in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.search = SqlSearch(connection)

    def get(self, stream: str) -> Stream:
        """Return where a stream stands; see the port."""
        row = _ONE.first(self._connection, {"at": stream})
        if row is None:
            return Stream(name=stream)
        return Stream(name=stream, version=row["version"], state=codec.decode_state(row["state"]))

    def of_source(self, source: str, kind: str = "") -> Mapping[str, Stream]:
        """Return all streams of one source by name; of one kind of subject, or of any."""
        query = sa.select(streams).where(streams.c.source == source)
        if kind:
            query = query.where(begins(streams.c.stream, f"{source}/{kind}:"))
        return {row.stream: _stream(row) for row in self._connection.execute(query)}

    def states(self, names: Iterable[str]) -> Mapping[str, State]:
        """Return the states of streams by name; those that have not begun are left out."""
        wanted, found = sorted(set(names)), dict[str, State]()
        for start in range(0, len(wanted), _CHUNK):
            query = sa.select(streams.c.stream, streams.c.state).where(
                streams.c.stream.in_(wanted[start : start + _CHUNK])
            )
            for row in self._connection.execute(query):
                found[row.stream] = codec.decode_state(row.state)
        return found

    def each_of(self, source: str) -> Iterator[Stream]:
        """Return the streams of one source by name, a few hundred in memory at a time."""
        query = sa.select(streams).where(streams.c.source == source).order_by(streams.c.stream)
        rows = self._connection.execute(query.execution_options(yield_per=_CHUNK))
        return map(_stream, rows)

    def subjects(self, kind: str, *, after: str = "", limit: int = 100) -> tuple[str, ...]:
        """Return the subjects of a kind in order, from the one after `after` on."""
        subject = streams.c.subject
        query = sa.select(subject).where(begins(subject, f"{kind}:"), subject > after).distinct()
        rows = self._connection.execute(query.order_by(subject).limit(limit))
        return tuple(rows.scalars())

    def of_subjects(self, subjects: Sequence[str]) -> tuple[Stream, ...]:
        """Return the streams of these subjects that sources tell, by name."""
        query = sa.select(streams).where(
            streams.c.subject.in_(subjects), streams.c.source != _WATCHER
        )
        return tuple(map(_stream, self._connection.execute(query.order_by(streams.c.stream))))

    def of_subject(self, subject: Subject) -> Mapping[str, State]:
        """Return what each source says of a subject, by source."""
        rows = self._connection.execute(sa.select(streams).where(streams.c.subject == str(subject)))
        return {row.source: codec.decode_state(row.state) for row in rows}

    def named(self, text: str) -> tuple[Stream, ...]:
        """Return the streams whose subject, product name or substance is `text`, folded."""
        called = sa.select(stream_names.c.stream).where(
            stream_names.c.name == without_accents(text)
        )
        query = sa.select(streams).where(streams.c.stream.in_(called)).order_by(streams.c.stream)
        return tuple(map(_stream, self._connection.execute(query)))

    def put(self, brought: Sequence[Brought]) -> None:
        """Keep the states that streams were brought to, each by one append or by several."""
        last = {each.append.stream: each for each in brought}
        named = {each.append.stream for each in brought if each.is_named}
        other = {each.append.stream for each in brought if each.is_found_otherwise}
        types: dict[str, set[str]] = {stream: set() for stream in last}
        for each in brought:
            types[each.append.stream].update(event.type for event in each.append.events)
        stand = [
            _Standing(stream, each.source, each.append.subject, each.version, each.append.state)
            for stream, each in last.items()
        ]
        self._put(stand)
        self._put_names([each for each in stand if each.stream in named])
        self.search.keep(
            [
                Telling(
                    each.subject,
                    each.source,
                    each.state if each.stream in other else None,
                    types[each.stream],
                )
                for each in stand
            ]
        )

    def missing(self, names: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return how often in a row each path of these streams was missing."""
        found: dict[str, dict[str, int]] = {}
        for stream, path, captures in rows_about(
            self._connection, _MISSING, [(name,) for name in names]
        ):
            found.setdefault(stream, {})[path] = captures
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
        """Drop the view and make it anew from the events of the log that count.

        One pass in the order of the log, which is the order of observation but for what was read
        late; streams to which that happened are folded apart. In memory are the states, no more.
        """
        for table in (streams, stream_names):
            self._connection.execute(sa.delete(table))
        self.search.clear()
        aside = SqlEventLog(self._connection).set_aside()
        folded, apart = fold_log(self._connection, aside)
        for stream, each in folded.items():
            if stream not in apart:
                self._keep(stream, each)
        self.refold(sorted(apart))

    def refold(self, names: Sequence[str]) -> None:
        """Make these streams anew from what counts of them; see the port."""
        aside = SqlEventLog(self._connection).set_aside()
        for stream in names:
            folded = fold_stream(self._connection, stream, aside)
            source, _, subject = stream.partition("/")
            self.search.drop(subject, source)
            if not folded.counts:
                for table in (streams, stream_names):
                    self._connection.execute(sa.delete(table).where(table.c.stream == stream))
            self._keep(stream, folded)

    def digest(self) -> str:
        """Return the equality digest of what all sources say and have said; see the port.

        Per stream: its name, its names, its state, and for each event that counts the instant of
        observation and all that happened. Left out are versions and positions, which tell in what
        order we read, and whatever is about watching itself. A stream's events are hashed one by
        one and summed, so one pass over the log in any order will do: some 10 seconds for a million
        events, and one number a stream in memory. Equality is what it proves; that nobody tampered
        is proved by `verify`.
        """
        sums = self._sums()
        total = hashlib.sha256()
        for row in self._connection.execute(sa.select(streams).order_by(streams.c.stream)):
            if _is_said_by_a_source(row.stream, row.subject):
                total.update(f"{row.stream}\n{row.source}\n{row.names}\n".encode())
                total.update(row.state)
                total.update(f"\n{sums.pop(row.stream, 0):x}\n".encode())
        for stream, told in sorted(sums.items()):
            total.update(f"{stream}\nin no view\n{told:x}\n".encode())
        return total.hexdigest()

    def _sums(self) -> dict[str, int]:
        """Return by stream the sum of the hashes of its events that count."""
        aside = SqlEventLog(self._connection).set_aside()
        one = (events.c.position, events.c.stream, events.c.subject, events.c.observed_at)
        query = sa.select(*one, events.c.schema, events.c.payload)
        sums: dict[str, int] = {}
        for row in self._connection.execute(query.execution_options(yield_per=_CHUNK)):
            if row.position in aside or not _is_said_by_a_source(row.stream, row.subject):
                continue
            told = row.observed_at.encode() + codec.event_bytes(row.payload, row.schema)
            number = int.from_bytes(hashlib.sha256(told).digest())
            sums[row.stream] = (sums.get(row.stream, 0) + number) % _ROUND
        return sums

    def _keep(self, stream: str, folded: Folded) -> None:
        """Keep a stream as it was folded; one of which nothing counts is in no view."""
        if folded.counts:
            source, subject = told_of(self._connection, stream, folded.version)
            stands = [_Standing(stream, source, subject, folded.version, folded.state)]
            self._put(stands)
            self._put_names(stands)
            self.search.keep([Telling(subject, source, folded.state, folded.types)])

    def _put_names(self, stand: Sequence[_Standing]) -> None:
        """Keep what the subjects of streams are called, so that they are found by it."""
        if stand:
            _UNNAME.run_for_each(self._connection, [{"at": each.stream} for each in stand])
            called = [
                (name, each.stream) for each in stand for name in _called(each.subject, each.state)
            ]
            add_rows(self._connection, "stream_names (name, stream)", called)

    def _put(self, stand: Sequence[_Standing]) -> None:
        rows = [
            (
                *(each.stream, each.source, str(each.subject), each.version),
                *(_names(each.subject, each.state), codec.encode_state(each.state)),
            )
            for each in stand
        ]
        add_rows(self._connection, _INTO, rows, _OTHERWISE)


def _is_said_by_a_source(stream: str, subject: str) -> bool:
    """Return whether a stream tells what a source says, not what we make of it or of watching."""
    own = stream.startswith(f"{_WATCHER}/")
    return not own and not subject.startswith(_ABOUT_WATCHING)


def _stream(row: sa.Row[Any]) -> Stream:
    return Stream(name=row.stream, version=row.version, state=codec.decode_state(row.state))


def _names(subject: Subject, state: State) -> str:
    """Return what a person may call this stream's subject, one folded name a line."""
    return "\n" + "\n".join(_called(subject, state)) + "\n"


def _called(subject: Subject, state: State) -> list[str]:
    """Return the names of a stream's subject, folded, each once and in order."""
    names = {str(subject), subject.id, *_texts(state)}
    return sorted({without_accents(name) for name in names if name})


def _texts(state: State) -> Iterator[str]:
    for path in _NAMED:
        match state.get(path):
            case str() as text:
                yield text
            case list() as texts:
                yield from (text for text in texts if isinstance(text, str))
            case _:
                pass
