"""The store of payloads, as a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What stands in the place of a payload that was taken away on purpose.

    Attributes:
        digest: The payload's digest, `sha256:…`.
        kind: `redacted` (a person had it dropped) or `retention` (its time was over).
        at: When, RFC 3339 UTC.
        why: The reason, in words.
    """

    digest: str
    kind: Literal["redacted", "retention"]
    at: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One payload as it is stored.

    Attributes:
        digest: Its digest.
        size: Bytes of the payload.
        stored: Bytes it takes.
        since: When it was stored, RFC 3339 UTC.
        base: The digest of the payload that it is stored as the difference to; empty: as a whole.
        depth: How many differences lie between it and a payload stored as a whole.
    """

    digest: str
    size: int
    stored: int
    since: str
    base: str = ""
    depth: int = 0


class SnapshotStore(Protocol):
    """Payloads by their digest: written once, never edited, verified whenever they are read."""

    def put(self, body: bytes, after: str = "") -> str:
        """Keep `body` durably and return its digest, `sha256:…`.

        A payload that was redacted is not kept again; one whose time was over is.

        Args:
            body: The payload.
            after: The digest of the target's previous payload: `body` may be stored as the
                difference to it. It need not exist.
        """
        ...

    def get(self, digest: str) -> bytes:
        """Return the payload.

        Raises:
            SnapshotRedactedError: A person had it dropped.
            SnapshotGoneError: Its time was over.
            SnapshotError: It is missing, or no longer the bytes its name says; or a redaction was
                not finished.
        """
        ...

    def kept(self) -> Iterator[Kept]:
        """Yield every payload that is stored, in no order."""
        ...

    def tombstones(self) -> Iterator[Tombstone]:
        """Yield what stands in the place of payloads taken away on purpose, in no order."""
        ...

    def redact(self, digest: str, note: Tombstone) -> None:
        """Drop a payload's bytes for good and leave `note`; what rests on it is stored anew first.

        It may be called again: after a crash the second call finishes the first.

        Raises:
            SnapshotError: A payload that rests on it cannot be read; nothing was dropped.
        """
        ...

    def expire(self, notes: Iterable[Tombstone]) -> None:
        """Drop payloads whose time is over and leave a note for each.

        Raises:
            SnapshotError: A payload that stays rests on one of them; nothing was dropped.
        """
        ...

    def discard(self, digests: Iterable[str]) -> None:
        """Drop payloads that nothing names, and leave nothing.

        Raises:
            SnapshotError: A payload that stays rests on one of them; nothing was dropped.
        """
        ...

    def sweep(self, before: str) -> int:
        """Remove what killed processes left half written before an instant; return how many."""
        ...
