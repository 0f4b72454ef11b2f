"""Payloads by their digest: written once, durably, and verified at every read.

`sha256/ab/cdef….zst` is a payload as a whole, `….delta` the difference to an earlier one, `….gone`
what stands in the place of one that was taken away on purpose. A payload that others rest on is
never taken away before they are stored anew or taken away themselves.

In a bucket that many processes share no lock holds the others off. Who takes a payload away sets
a mark beside it first, `….going/…`, and looks for what rests on it after that; who puts one looks
for such marks after it was put. Whichever is later sees the other: no payload that was put is left
resting on one that is gone, and none is taken away that was put again meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from uuid import uuid4

from watcher.errors import (
    ObjectStoreError,
    SnapshotError,
    SnapshotGoneError,
    SnapshotRedactedError,
)
from watcher.ports.snapshots import Kept, Tombstone
from watcher.store import deltas, tombstones
from watcher.store.bucket_shelf import GOING
from watcher.store.chains import (
    DIFFERENCE,
    WHOLE,
    MissingError,
    damaged,
    digest_at,
    digest_of,
    found,
    is_whole,
    name_of,
    unpacked,
)
from watcher.store.shelf import FolderShelf, OnShelf, Shelf

_WORTH = 4_096
"""Bytes that a difference has to save: less than a block of the disk is no gain for resting on
another payload."""
_TURNS = 3
_MARK = b"another process is taking this payload away\n"


@dataclass(frozen=True, slots=True)
class _Link:
    """What a stored payload rests on, and when it was last said to be in use."""

    base: str
    depth: int
    touched: str


class KeptSnapshots:
    """Snapshots on a shelf.

    Attributes:
        shelf: Where their stored forms stand.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        # a base must not go while another thread makes a difference to it; see the module for
        # how processes that share a shelf keep out of each other's way
        self._turn = RLock()

    def put(self, body: bytes, after: str = "") -> str:
        """Keep `body` durably and return its digest; see the port.

        After a crash a snapshot is there whole or not at all. One that is there already is left
        as it is, unless it has rotted.
        """
        digest = digest_of(body)
        if not self.shelf.is_shared:
            with self._turn:
                self._put(body, digest, after)
        # what the target had last time the ledger names already, and nobody takes away
        elif self._put(body, digest, after) or after != digest:
            self._settle(body, digest)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the payload; see the port."""
        stone = self._stone(digest)
        if stone is None:
            try:
                return unpacked(self.shelf, digest)
            except MissingError:
                # it, or what it rested on, was taken away at this very moment: look once more
                stone = self._stone(digest)
                if stone is None:
                    return unpacked(self.shelf, digest)
        is_there = found(self.shelf, digest) is not None
        if stone.kind == "retention" and is_there:
            return unpacked(self.shelf, digest)
        if is_there:
            message = (
                f"snapshot {digest} was redacted ({stone.at}: {stone.why}), and its bytes are "
                f"still there: run `watcher redact {digest}` again to finish it"
            )
            raise SnapshotError(message)
        gone = SnapshotRedactedError if stone.kind == "redacted" else SnapshotGoneError
        raise gone(digest, at=stone.at, why=stone.why)

    def kept(self) -> Iterator[Kept]:
        """Yield every payload that is stored; see the port."""
        for file, told in self.stored():
            yield Kept(
                digest=digest_at(file.name),
                size=told.size,
                stored=file.size,
                since=file.since,
                touched=file.touched,
                base=told.base,
                depth=told.depth,
            )

    def stored(self) -> Iterator[tuple[OnShelf, deltas.Head]]:
        """Yield the file of every payload and what it tells; of a whole and a difference the whole.

        Raises:
            SnapshotError: A file cannot be told.
        """
        wholes: set[str] = set()
        for suffix in (WHOLE, DIFFERENCE):
            for file, start in self.shelf.heads(suffix):
                digest = digest_at(file.name)
                if digest not in wholes:
                    yield file, self._head(file.name, start)
                if suffix == WHOLE:
                    wholes.add(digest)

    def tombstones(self) -> Iterator[Tombstone]:
        """Yield what stands in the place of payloads taken away; see the port."""
        for file in self.shelf.files(tombstones.SUFFIX):
            stone = self._stone(digest_at(file.name))
            if stone is not None:
                yield stone

    def redact(self, digest: str, note: Tombstone) -> None:
        """Drop a payload's bytes for good and leave `note`; see the port."""
        with self._turn, self._going([digest]):
            stone = self._stone(digest)
            for resting, link in self._links().items():
                if link.base == digest:
                    self._store_as_a_whole(resting)
            if stone is None or stone.kind != "redacted":
                self._set_stone(note)
            self._drop(digest)

    def expire(self, notes: Iterable[Tombstone], seen: Mapping[str, str] | None = None) -> None:
        """Drop payloads whose time is over and leave a note for each; see the port."""
        self._drop_all({note.digest: note for note in notes}, seen)

    def discard(self, digests: Iterable[str], seen: Mapping[str, str] | None = None) -> None:
        """Drop payloads that nothing names; see the port."""
        self._drop_all(dict.fromkeys(digests), seen)

    def sweep(self, before: str) -> int:
        """Remove what killed processes left half written; see the port."""
        return self.shelf.sweep(before)

    def _put(self, body: bytes, digest: str, after: str) -> bool:
        """Keep a payload; return whether anything was written."""
        there = found(self.shelf, digest)
        if there is not None and is_whole(there):
            if not self.shelf.is_shared or after == digest:
                return False
            # in use again: who is about to take it away sees that it is newer than he knew
            self.shelf.replace(there.name, [there.packed])
            return True
        stone = self._stone(digest)
        if stone is not None and stone.kind == "redacted":
            return False
        self._write(body, digest, after, is_rotten=there is not None)
        if stone is not None:
            self.shelf.remove(name_of(digest) + tombstones.SUFFIX)
        return True

    def _settle(self, body: bytes, digest: str) -> None:
        """See that what others did meanwhile leaves a payload that was put as it should be.

        Raises:
            ObjectStoreError: It is being taken away: putting it later will do.
        """
        name = name_of(digest)
        for _ in range(_TURNS):
            stone = self._stone(digest)
            if stone is not None and stone.kind == "redacted":
                self._drop(digest)
                return
            if self._is_going(digest):
                break
            stored = found(self.shelf, digest)
            if stored is not None:
                base = self._head(stored.name, stored.packed[: deltas.LONGEST_HEAD]).base
                if not base or (not self._is_going(base) and found(self.shelf, base) is not None):
                    return
            self.shelf.replace(name + WHOLE, deltas.whole(body))
            self.shelf.remove(name + DIFFERENCE)
        message = (
            f"snapshot {digest} is being taken away at this moment, and was not kept; if no other "
            "process is at it, `watcher snapshots gc` clears what a killed one left"
        )
        raise ObjectStoreError(message)

    def _drop_all(
        self, notes: Mapping[str, Tombstone | None], seen: Mapping[str, str] | None
    ) -> None:
        if not notes:
            return
        with self._turn, self._going(notes):
            links = self._links()
            staying = self._staying(notes, links, seen)
            # what rests on another goes first: a crash in between leaves nothing without its base
            for digest in sorted(
                notes, key=lambda name: -links[name].depth if name in links else 0
            ):
                if digest not in staying:
                    note = notes[digest]
                    if note is not None:
                        self._set_stone(note)
                    self._drop(digest)

    def _staying(
        self,
        notes: Mapping[str, Tombstone | None],
        links: Mapping[str, _Link],
        seen: Mapping[str, str] | None,
    ) -> frozenset[str]:
        """Return what of `notes` has to stay: it is in use again, or something new rests on it."""
        staying: set[str] = set()
        for digest in notes:
            if seen is not None and digest in links and links[digest].touched != seen.get(digest):
                staying.add(digest)
        for digest, link in links.items():
            base = link.base if digest not in notes or digest in staying else ""
            while base:
                if base in notes and seen is None:
                    message = f"snapshot {base} has to stay: {digest} rests on it"
                    raise SnapshotError(message)
                staying.add(base)
                base = links[base].base if base in links else ""
        return frozenset(staying)

    def _write(self, body: bytes, digest: str, after: str, *, is_rotten: bool) -> None:
        name, write = name_of(digest), self.shelf.replace if is_rotten else self.shelf.create
        if len(body) > deltas.LARGEST_DIFFERENCE:
            write(name + WHOLE, deltas.whole(body))
            return
        whole = b"".join(deltas.whole(body))
        wanted = len(whole) > _WORTH and after and not is_rotten
        difference = self._difference(body, after) if wanted else None
        if difference is not None and len(whole) - len(difference) >= max(_WORTH, len(whole) // 2):
            write(name + DIFFERENCE, [difference])
        else:
            write(name + WHOLE, [whole])

    def _difference(self, body: bytes, after: str) -> bytes | None:
        """Return `body` as the difference to the payload `after`, or None where it may not be."""
        base = found(self.shelf, after)
        if base is None:
            return None
        told = self._head(base.name, base.packed[: deltas.LONGEST_HEAD])
        if told.size > deltas.LARGEST_DIFFERENCE or told.depth >= deltas.LONGEST_CHAIN:
            return None
        try:
            return deltas.difference(body, self.get(after), after, told.depth + 1)
        except SnapshotError:
            return None  # what is new must not rest on what cannot be read; `verify` tells of it

    def _store_as_a_whole(self, digest: str) -> None:
        name = name_of(digest)
        self.shelf.replace(name + WHOLE, deltas.whole(unpacked(self.shelf, digest)))
        self.shelf.remove(name + DIFFERENCE)

    def _links(self) -> dict[str, _Link]:
        """Return what every stored payload rests on; one that is being made whole rests still."""
        links: dict[str, _Link] = {}
        for file, start in self.shelf.heads(DIFFERENCE):
            told = self._head(file.name, start)
            links[digest_at(file.name)] = _Link(told.base, told.depth, file.touched)
        for file in self.shelf.files(WHOLE):
            links[digest_at(file.name)] = _Link("", 0, file.touched)
        return links

    def _head(self, name: str, start: bytes) -> deltas.Head:
        try:
            return deltas.head(start)
        except deltas.DamagedError as error:
            raise damaged(self.shelf, name, error) from error

    def _stone(self, digest: str) -> Tombstone | None:
        return tombstones.read(self.shelf, name_of(digest) + tombstones.SUFFIX, digest)

    def _set_stone(self, note: Tombstone) -> None:
        name = name_of(note.digest) + tombstones.SUFFIX
        self.shelf.replace(name, [tombstones.written(note)])

    def _drop(self, digest: str) -> None:
        name = name_of(digest)
        self.shelf.remove(name + DIFFERENCE, name + WHOLE)

    def _is_going(self, digest: str) -> bool:
        return self.shelf.has_below(name_of(digest) + GOING)

    @contextmanager
    def _going(self, digests: Iterable[str]) -> Iterator[None]:
        """Have the payloads marked while they are taken away, where others may put them."""
        own = f"{GOING}/{uuid4().hex}"  # another that takes the same away keeps its mark
        marks = [name_of(digest) + own for digest in digests] if self.shelf.is_shared else []
        try:
            for mark in marks:
                self.shelf.replace(mark, [_MARK])
            yield
        finally:
            self.shelf.remove(*marks)


class FolderSnapshots(KeptSnapshots):
    """Snapshots below one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(FolderShelf(folder))
