"""The store of payloads, as a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
        touched: When a process last put it, though it was there; empty: this store does not tell.
        base: The digest of the payload that it is stored as the difference to; empty: as a whole.
        depth: How many differences lie between it and a payload stored as a whole.
    """

    digest: str
    size: int
    stored: int
    since: str
    touched: str = ""
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

        Raises:
            OperationalError: It could not be kept just now: putting it later will do.
        """
        ...

    def get(self, digest: str) -> bytes:
        """Return the payload.

        Raises:
            SnapshotRedactedError: A person had it dropped.
            SnapshotGoneError: Its time was over.
            SnapshotError: It is missing, or no longer the bytes its name says; or a redaction was
                not finished.
            OperationalError: The store does not answer just now.
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

    def expire(self, notes: Iterable[Tombstone], seen: Mapping[str, str] | None = None) -> None:
        """Drop payloads whose time is over and leave a note for each.

        Args:
            notes: What is to stand in their places.
            seen: When each was last touched by what the caller knows of it; one that was touched
                since, or that something new rests on, stays without a word. None: nobody else
                writes meanwhile.

        Raises:
            SnapshotError: A payload that stays rests on one of them, and `seen` was not given;
                nothing was dropped.
        """
        ...

    def discard(self, digests: Iterable[str], seen: Mapping[str, str] | None = None) -> None:
        """Drop payloads that nothing names, and leave nothing; see `expire`."""
        ...

    def sweep(self, before: str) -> int:
        """Remove what killed processes left half written before an instant; return how many."""
        ...
