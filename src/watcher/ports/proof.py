"""What makes a log provable to people who do not trust us, as protocols."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.core.capture import Capture
from watcher.core.note import VerifierKey


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """A row of the log as it is stored and hashed.

    Attributes:
        columns: Name and value, in the order in which they are hashed.
        payload: The bytes as stored.
        previous: The hash of the row before.
        hash: The row's own.
    """

    columns: tuple[tuple[str, str | int], ...]
    payload: bytes
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """A capture as it is sealed.

    Attributes:
        number: Its place in the ledger, from 1, without gaps.
        capture: The capture.
        canonical: The bytes that are hashed: every field, as JSON with sorted keys.
    """

    number: int
    capture: Capture
    canonical: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint that was signed.

    Attributes:
        size: How many events the log had.
        root: The root over them, 32 bytes.
        at: When it was signed, RFC 3339 UTC.
        note: The signed note, with all of this in it.
    """

    size: int
    root: bytes
    at: str
    note: str


class Proof(Protocol):
    """The tree over the log, the ledger's rows and the signed checkpoints, in one transaction."""

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` events."""
        ...

    def inclusion(self, position: int, size: int) -> tuple[bytes, ...]:
        """Return the path from the event at `position` to the root over `size` events.

        Raises:
            ProofError: There is no such event among them.
        """
        ...

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return what shows that the log of `old` events is the beginning of that of `new`.

        Raises:
            ProofError: The old one is not the smaller one.
        """
        ...

    def tile(self, level: int, place: int) -> bytes | None:
        """Return a stored subtree of 256 to the power of `level` events; None: it is not there."""
        ...

    def tiles(self) -> int:
        """Return how many subtrees are stored."""
        ...

    def row(self, position: int) -> StoredRow:
        """Return a row of the log as stored.

        Raises:
            NotFoundError: There is none.
        """
        ...

    def ledger(self, first: int, last: int) -> Iterator[LedgerRow]:
        """Return the captures with these numbers and those between, in order.

        Raises:
            ProofError: A row is not of a form that this program writes.
        """
        ...

    def ledger_rows(self) -> int:
        """Return how many captures there are, those without a number too."""
        ...

    def ledger_number(self, capture: str) -> int:
        """Return a capture's place in the ledger.

        Raises:
            NotFoundError: There is no capture of this id.
        """
        ...

    def digests(self) -> Iterator[str]:
        """Return the digest of every payload that a capture names, each once."""
        ...

    def checkpoints(self, *, after: int = 0) -> Iterator[SignedCheckpoint]:
        """Return every signed checkpoint over more events than `after`, the smallest first."""
        ...

    def last_checkpoints(self, limit: int) -> tuple[SignedCheckpoint, ...]:
        """Return the last signed checkpoints, the smallest first."""
        ...

    def last_checkpoint(self) -> SignedCheckpoint | None:
        """Return the newest signed checkpoint; None before the first."""
        ...

    def covering(self, position: int) -> SignedCheckpoint | None:
        """Return the first signed checkpoint over an event; None where there is none yet."""
        ...

    def add_checkpoint(self, checkpoint: SignedCheckpoint) -> None:
        """Keep a signed checkpoint; it stays for ever."""
        ...


class Signing(Protocol):
    """The key that signs checkpoints, the keys that ever did, and the notes kept beside."""

    def key(self) -> VerifierKey:
        """Return the public half of the key that signs now.

        Raises:
            ConfigError: There is no key here, or none that may be used.
        """
        ...

    def keys(self) -> tuple[VerifierKey, ...]:
        """Return every public key that ever signed here, the oldest first."""
        ...

    def sign(self, text: str) -> str:
        """Return the signed note of a text.

        Raises:
            ConfigError: There is no key here, or none that may be used.
        """
        ...

    def is_signed(self, note: str, keys: Sequence[VerifierKey]) -> bool:
        """Return whether one of `keys` signed this note, and none of their signatures is wrong.

        Raises:
            NoteError: It is no note.
        """
        ...

    def published(self) -> tuple[str, ...]:
        """Return the notes that stand in the file people copy from."""
        ...

    def newest(self) -> tuple[str, ...]:
        """Return the last notes of that file, two at least where it has them; it grows for ever."""
        ...

    def publish(self, added: Sequence[str]) -> None:
        """Add notes to the file people copy from, durably."""
        ...
