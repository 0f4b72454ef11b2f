"""The whole log checked row by row, decoding of each payload no more than is compared.

A million rows are checked as fast as their hashes can be computed: the columns come as plain
values, and of a payload the three fields are read that columns repeat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NoReturn

import sqlalchemy as sa

from watcher.core.chain import GENESIS
from watcher.errors import BrokenLogError
from watcher.store import codec
from watcher.store.log_rows import HASHED, RANKS, plain_rows
from watcher.store.schema import events

_COMPARED = ("severity", "subject", "source", "observed_at", "payload", "hash")
_ROWS = sa.select(*(events.c[name] for name in (*HASHED, *_COMPARED))).order_by(events.c.position)


def checked_positions(connection: sa.Connection) -> Iterator[int]:
    """Yield each position whose row fits its chain, and whose columns fit its payload.

    Raises:
        BrokenLogError: The row after those does not.
        IntegrityError: Its payload cannot be read.
    """
    previous, expected = GENESIS, 1
    sha256, said_by = hashlib.sha256, codec.said_by
    for (
        position,
        identity,
        stream,
        version,
        kind,
        cause,
        schema,
        recorded,
        severity,
        subject,
        source,
        observed,
        payload,
        digest,  # see _COMPARED
    ) in plain_rows(connection, _ROWS):
        if position != expected:
            raise BrokenLogError(expected, f"missing; the next row is {position}")
        if not isinstance(payload, bytes):
            _refuse(position, "does not fit its hash")
        # `chain.row_hash` written out: a call and a join for each row cost as much as its hash
        head = f"{previous}\n{position}\n{identity}\n{stream}\n{version}\n{kind}\n{cause}\n{schema}"
        previous = sha256(f"{head}\n{recorded}\n".encode() + payload).hexdigest()
        if previous != digest:
            _refuse(position, "does not fit its hash")
        said = said_by(payload, schema)
        by = said.provenance
        if (
            (said.event.subject != subject)
            or (by.source != source)
            or (by.observed_at != observed)
            or (severity not in RANKS)
        ):
            raise BrokenLogError(position, "a column does not say what the payload says")
        yield position
        expected += 1


def _refuse(position: int, why: str) -> NoReturn:
    raise BrokenLogError(position, f"the row {why}")
