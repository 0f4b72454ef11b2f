"""Rows of the ledger of captures: as captures, and as the bytes that a seal hashes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from watcher.core.capture import Capture
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.store import codec
from watcher.store.schema import captures


def canonical(row: sa.Row[Any]) -> bytes:
    """Return the bytes of a row of the ledger that its seal hashes.

    Every column, as JSON with sorted keys; what is stored as JSON stands in it as that text, since
    stored bytes are hashed and never a re-encoding of what they mean.

    Raises:
        ValueError: A column is not of the kind it was written as.
    """
    # PostgreSQL has a kind of its own for yes and no, SQLite says 1 and 0: so does the seal
    stored: dict[str, Any] = {
        name: int(value) if isinstance(value, bool) else value
        for name, value in row._mapping.items()
    }
    for name in ("signals", "headers"):
        stored[name] = stored[name].decode()
    return codec.encode_value(stored)


def capture_of(row: sa.Row[Any]) -> Capture:
    """Return the capture that a row of the ledger holds."""
    known = dict(row._mapping)
    del known["number"]
    known["verdict"] = Verdict(row.verdict)
    known["signals"] = tuple(codec.decode_value(row.signals))
    known["headers"] = codec.decode_value(row.headers)
    known["is_revisit"] = bool(row.is_revisit)
    return Capture(**known)


def are(which: WhichLooks) -> list[sa.ColumnElement[bool]]:
    """Return what has to be so of the captures that are meant."""
    wanted = {"source": which.source, "url": which.url, "digest": which.digest}
    found = [captures.c[name] == value for name, value in wanted.items() if value]
    if which.verdicts:
        found.append(captures.c.verdict.in_([str(each) for each in which.verdicts]))
    return found
