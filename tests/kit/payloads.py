"""Payloads like real pages: long, and much the same from one day to the next."""

from __future__ import annotations

import random

from watcher.ports.snapshots import Tombstone


def a_long_page(seed: int = 0, size: int = 40_000) -> bytes:
    """Return a page whose words do not repeat, so that it packs badly by itself."""
    chance = random.Random(seed)  # noqa: S311  nothing secret
    rows: list[str] = []
    while sum(map(len, rows)) < size:
        rows.append(f"<p>{chance.randbytes(30).hex()}</p>\n")
    return "".join(rows).encode()


def with_nonce(page: bytes, nonce: int) -> bytes:
    """Return the page with another nonce in it, as a server writes one into every answer."""
    return page[:100] + f"{nonce:040d}".encode() + page[140:]


def versions(count: int, seed: int = 0) -> list[bytes]:
    """Return so many versions of one page that differ by their nonce."""
    page = a_long_page(seed)
    return [with_nonce(page, number) for number in range(count)]


def a_tombstone(digest: str, kind: str = "redacted", why: str = "a person's name") -> Tombstone:
    """Return what is to stand in a payload's place."""
    return Tombstone(digest=digest, kind=kind, at="2026-11-22T12:00:00.000000Z", why=why)
