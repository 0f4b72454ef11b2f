"""Memos of the past: standings by stream in one compressed blob, tied to the log by its chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
import zstandard

from watcher.core.past import Standing
from watcher.ports.memos import Memo
from watcher.store.schema import events, memos

FORM = 2
"""The number of the blob's form and of the rules its states were folded by; others are ignored."""

_LEVEL = 3


class _Kept(msgspec.Struct, array_like=True):
    """One stream's standing as it lies in the blob."""

    stream: str
    version: int
    observed_until: str
    last_event: str
    last_at: str
    state: dict[str, Any]


class _Blob(msgspec.Struct, array_like=True):
    form: int
    hash: str
    kept: msgspec.Raw


_encode = msgspec.msgpack.Encoder().encode
_decode_blob = msgspec.msgpack.Decoder(_Blob).decode
_decode_kept = msgspec.msgpack.Decoder(list[_Kept]).decode


class SqlMemos:
    """Memos in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def nearest(self, position: int, observed: str = "") -> Memo | None:
        """Return the last usable memo at or before `position`; see the port."""
        query = (
            sa.select(memos, events.c.hash)
            .join(events, events.c.position == memos.c.position)
            .where(memos.c.position <= position)
            .order_by(memos.c.position.desc())
        )
        if observed:
            query = query.where(memos.c.observed_until <= observed)
        # one at a time: a blob may be megabytes, and the first one nearly always serves
        found = map(_from_row, self._connection.execute(query.execution_options(yield_per=1)))
        return next((memo for memo in found if memo is not None), None)

    def positions(self) -> tuple[int, ...]:
        """Return the positions of all memos, ascending."""
        query = sa.select(memos.c.position).order_by(memos.c.position)
        return tuple(self._connection.execute(query).scalars())

    def put(self, memo: Memo) -> None:
        """Keep a memo, in place of one at the same position."""
        self.drop([memo.position])
        self._connection.execute(
            sa.insert(memos).values(
                position=memo.position,
                observed_until=memo.observed_until,
                recorded_until=memo.recorded_until,
                states=_packed(memo),
            )
        )

    def drop(self, positions: Iterable[int] = ()) -> None:
        """Drop the memos at `positions`; at none: all of them."""
        wanted = tuple(positions)
        gone = sa.delete(memos)
        self._connection.execute(gone.where(memos.c.position.in_(wanted)) if wanted else gone)


def _packed(memo: Memo) -> bytes:
    kept = [
        _Kept(
            stream,
            standing.version,
            standing.observed_until,
            standing.last_event,
            standing.last_at,
            dict(standing.state),
        )
        for stream, standing in sorted(memo.standings.items())
    ]
    blob = _encode(_Blob(FORM, memo.hash, msgspec.Raw(_encode(kept))))
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(blob)


def _from_row(row: sa.Row[Any]) -> Memo | None:
    """Return the memo of a row; None where it is not one of this log, or no longer whole."""
    try:
        blob = _decode_blob(zstandard.ZstdDecompressor().decompress(row.states))
        if blob.form != FORM or blob.hash != row.hash:
            return None
        standings = _standings(_decode_kept(blob.kept))
    except (zstandard.ZstdError, msgspec.DecodeError):
        return None  # derived data: what cannot be read is folded from the log instead
    return Memo(
        position=row.position,
        hash=row.hash,
        recorded_until=row.recorded_until,
        standings=standings,
    )


def _standings(kept: Iterable[_Kept]) -> Mapping[str, Standing]:
    return {
        each.stream: Standing(
            version=each.version,
            observed_until=each.observed_until,
            last_event=each.last_event,
            last_at=each.last_at,
            state=each.state,
        )
        for each in kept
    }
