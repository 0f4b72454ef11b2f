"""Payloads as files named by their digest: written once, durably, and verified at every read.

`sha256/ab/cdef….zst` is a payload as a whole, `….delta` the difference to an earlier one, `….gone`
what stands in the place of one that was taken away on purpose. A payload that others rest on is
never taken away before they are stored anew or taken away themselves.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from watcher.core.capture import instant
from watcher.errors import SnapshotError, SnapshotGoneError, SnapshotRedactedError
from watcher.ports.snapshots import Kept, Tombstone
from watcher.store import deltas, tombstones
from watcher.store.durable import WRITING, remove_durably, write_durably

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WHOLE, _DIFFERENCE = ".zst", ".delta"
_WORTH = 4_096
"""Bytes that a difference has to save: less than a block of the disk is no gain for resting on
another payload."""


class FolderSnapshots:
    """Snapshots below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # a base must not go while another thread makes a difference to it
        self._turn = RLock()

    def put(self, body: bytes, after: str = "") -> str:
        """Keep `body` durably and return its digest; see the port.

        Written beside its place, synced and renamed: after a crash a snapshot is there whole or
        not at all. One that is there already is left as it is, unless it has rotted.
        """
        digest = digest_of(body)
        with self._turn:
            self._put(body, self._place(digest), digest, after)
        return digest

    def _put(self, body: bytes, place: Path, digest: str, after: str) -> None:
        there = _file(place)
        if there is not None and _is_whole(there):
            return
        stone = tombstones.read(place.with_suffix(tombstones.SUFFIX), digest)
        if stone is not None and stone.kind == "redacted":
            return
        self._write(body, place, after if there is None else "")
        if stone is not None:
            remove_durably(place.with_suffix(tombstones.SUFFIX))

    def get(self, digest: str) -> bytes:
        """Return the payload; see the port."""
        stone = tombstones.read(self._place(digest).with_suffix(tombstones.SUFFIX), digest)
        if stone is None:
            return self._unpacked(digest)
        is_there = _file(self._place(digest)) is not None
        if stone.kind == "retention" and is_there:
            return self._unpacked(digest)
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
        for suffix in (_WHOLE, _DIFFERENCE):
            for place in self._folder.glob(f"sha256/??/*{suffix}"):
                if suffix == _DIFFERENCE and place.with_suffix(_WHOLE).exists():
                    continue
                if (found := self._kept(place)) is not None:
                    yield found

    def tombstones(self) -> Iterator[Tombstone]:
        """Yield what stands in the place of payloads taken away; see the port."""
        for place in self._folder.glob(f"sha256/??/*{tombstones.SUFFIX}"):
            stone = tombstones.read(place, _digest_at(place))
            if stone is not None:
                yield stone

    def redact(self, digest: str, note: Tombstone) -> None:
        """Drop a payload's bytes for good and leave `note`; see the port."""
        place = self._place(digest)
        with self._turn:
            stone = tombstones.read(place.with_suffix(tombstones.SUFFIX), digest)
            for each in [*self.kept()]:
                if each.base == digest:
                    self._store_as_a_whole(each.digest)
            if stone is None or stone.kind != "redacted":
                tombstones.write(place.with_suffix(tombstones.SUFFIX), note)
            _drop(place)

    def expire(self, notes: Iterable[Tombstone]) -> None:
        """Drop payloads whose time is over and leave a note for each; see the port."""
        with self._turn:
            self._drop_all({note.digest: note for note in notes})

    def discard(self, digests: Iterable[str]) -> None:
        """Drop payloads that nothing names; see the port."""
        with self._turn:
            self._drop_all(dict.fromkeys(digests))

    def sweep(self, before: str) -> int:
        """Remove what killed processes left half written; see the port."""
        left = [place for place in self._folder.rglob(f"{WRITING}*") if _written_at(place) < before]
        remove_durably(*left)
        return len(left)

    def _drop_all(self, notes: Mapping[str, Tombstone | None]) -> None:
        kept = {each.digest: each for each in self.kept()}
        for each in kept.values():
            if each.base in notes and each.digest not in notes:
                message = f"snapshot {each.base} has to stay: {each.digest} rests on it"
                raise SnapshotError(message)
        # what rests on another goes first: a crash in between leaves nothing without its base
        for digest in sorted(notes, key=lambda name: -kept[name].depth if name in kept else 0):
            place, note = self._place(digest), notes[digest]
            if note is not None:
                tombstones.write(place.with_suffix(tombstones.SUFFIX), note)
            _drop(place)

    def _write(self, body: bytes, place: Path, after: str) -> None:
        if len(body) > deltas.LARGEST_DIFFERENCE:
            write_durably(place.with_suffix(_WHOLE), deltas.whole(body))
            return
        whole = b"".join(deltas.whole(body))
        difference = self._difference(body, after) if len(whole) > _WORTH and after else None
        if difference is not None and len(whole) - len(difference) >= max(_WORTH, len(whole) // 2):
            write_durably(place.with_suffix(_DIFFERENCE), [difference])
        else:
            write_durably(place.with_suffix(_WHOLE), [whole])

    def _difference(self, body: bytes, after: str) -> bytes | None:
        """Return `body` as the difference to the payload `after`, or None where it may not be."""
        base = self._kept(self._place(after).with_suffix(_WHOLE)) or self._kept(
            self._place(after).with_suffix(_DIFFERENCE)
        )
        if base is None or base.size > deltas.LARGEST_DIFFERENCE:
            return None
        if base.depth >= deltas.LONGEST_CHAIN:
            return None
        try:
            return deltas.difference(body, self.get(after), after, base.depth + 1)
        except SnapshotError:
            return None  # what is new must not rest on what cannot be read; `verify` tells of it

    def _store_as_a_whole(self, digest: str) -> None:
        place = self._place(digest)
        write_durably(place.with_suffix(_WHOLE), deltas.whole(self._unpacked(digest)))
        remove_durably(place.with_suffix(_DIFFERENCE))

    def _unpacked(self, digest: str) -> bytes:
        """Return a payload, verified, whatever its tombstone says.

        Raises:
            SnapshotError: It or one that it rests on is missing or damaged; both are named.
        """
        chain: list[tuple[Path, bytes]] = []
        wanted, depth = digest, deltas.LONGEST_CHAIN + 1
        while wanted:
            place, packed = self._read(wanted, resting=digest)
            told = _told(place, packed, resting=digest)
            if told.depth >= depth:
                message = f"snapshot {digest} rests on {wanted} at {place}, which rests on itself"
                raise SnapshotError(message)
            chain.append((place, packed))
            wanted, depth = told.base, told.depth
        body = b""
        for place, packed in reversed(chain):
            body = _body(place, packed, body, resting=digest)
        if digest_of(body) != digest:
            raise _not_its_bytes(digest, chain)
        return body

    def _read(self, digest: str, *, resting: str) -> tuple[Path, bytes]:
        place = self._place(digest)
        # a difference may become a whole while we look: then the whole is there before it goes
        for suffix in (_WHOLE, _DIFFERENCE, _WHOLE):
            path = place.with_suffix(suffix)
            try:
                return path, path.read_bytes()
            except FileNotFoundError:
                continue
        what = f"; snapshot {resting} rests on it" if resting != digest else ""
        message = f"snapshot {digest} is missing at {place.with_suffix(_WHOLE)}{what}"
        raise SnapshotError(message)

    def _kept(self, place: Path) -> Kept | None:
        """Return what is stored at `place`; None where nothing is, or nothing that can be told."""
        try:
            with place.open("rb") as file:
                told = deltas.head(file.read(deltas.LONGEST_HEAD))
            stored = place.stat().st_size
        except FileNotFoundError:
            return None
        except deltas.DamagedError as error:
            message = f"snapshot {_digest_at(place)} at {place} cannot be unpacked: {error}"
            raise SnapshotError(message) from error
        return Kept(
            digest=_digest_at(place),
            size=told.size,
            stored=stored,
            since=_written_at(place),
            base=told.base,
            depth=told.depth,
        )

    def _place(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            message = f"not a snapshot's digest: {digest!r}"
            raise SnapshotError(message)
        name = digest.removeprefix("sha256:")
        return self._folder / "sha256" / name[:2] / name[2:]


def digest_of(body: bytes) -> str:
    """Return the name of a payload: `sha256:…`."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _digest_at(place: Path) -> str:
    return f"sha256:{place.parent.name}{place.stem}"


def _file(place: Path) -> Path | None:
    paths = (place.with_suffix(_WHOLE), place.with_suffix(_DIFFERENCE))
    return next((path for path in paths if path.exists()), None)


def _is_whole(path: Path) -> bool:
    """Return whether a file is still the bytes that were written."""
    try:
        deltas.check(path.read_bytes())
    except (OSError, deltas.DamagedError):
        return False
    return True


def _drop(place: Path) -> None:
    remove_durably(place.with_suffix(_DIFFERENCE), place.with_suffix(_WHOLE))


def _written_at(place: Path) -> str:
    try:
        return instant(datetime.fromtimestamp(place.stat().st_mtime, UTC))
    except FileNotFoundError:
        return instant(datetime.max.replace(tzinfo=UTC))


def _told(place: Path, packed: bytes, *, resting: str) -> deltas.Head:
    try:
        return deltas.checked_head(packed)
    except deltas.DamagedError as error:
        raise _damaged(place, error, resting=resting) from error


def _body(place: Path, packed: bytes, base_body: bytes, *, resting: str) -> bytes:
    try:
        return deltas.unpacked(packed, base_body)
    except deltas.DamagedError as error:
        raise _damaged(place, error, resting=resting) from error


def _damaged(place: Path, error: Exception, *, resting: str) -> SnapshotError:
    digest = _digest_at(place)
    what = f"; snapshot {resting} rests on it" if resting != digest else ""
    return SnapshotError(f"snapshot {digest} at {place} cannot be unpacked: {error}{what}")


def _not_its_bytes(digest: str, chain: list[tuple[Path, bytes]]) -> SnapshotError:
    """Return the error that names the first payload of a chain that is another than it should."""
    body = b""
    for place, packed in reversed(chain):
        body = deltas.unpacked(packed, body)
        name = _digest_at(place)
        if digest_of(body) != name:
            what = f"; snapshot {digest} rests on it" if name != digest else ""
            return SnapshotError(f"snapshot {name} at {place} is not the bytes its name says{what}")
    return SnapshotError(f"snapshot {digest} is not the bytes its name says")
