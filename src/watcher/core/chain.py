"""The chain that makes a rewritten history show: each row's hash covers the hash before it."""

from __future__ import annotations

import hashlib

GENESIS = "0" * 64
"""The hash before the first row."""


def row_hash(previous: str, columns: tuple[str | int, ...], payload: bytes) -> str:
    """Return sha256 over the previous hash, a row's columns and its payload as stored.

    The stored bytes are hashed, never a re-encoding of what they mean.
    """
    head = "\n".join([previous, *map(str, columns)])
    return hashlib.sha256(head.encode() + b"\n" + payload).hexdigest()
