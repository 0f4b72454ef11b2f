"""Copies of a bucket's objects on this machine's disk, so that they are fetched once.

A copy is given out only after the bucket has said that its own object is still the same: it saves
the bytes, never the question. It may be lost or spoilt at any time: a checksum tells.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from watcher.store.durable import WRITING

_LARGEST_SHARE = 10
"""A copy may take a tenth of the room: one large file must not push out all others."""
_UNTIL_SHARE = 0.8
"""How much of the room is in use after some was made."""
_UNUSED_SECONDS = 7 * 86_400
"""A copy that nobody asked for so long goes: what was redacted elsewhere must not stay for ever."""
_LONGEST_TAG = 512


@dataclass(slots=True)
class BlobCache:
    """Copies below a folder, as many as there is room for; those longest unused go first.

    Attributes:
        folder: The folder; another process may use the same one.
        room: How many bytes the copies may take.
        seconds: Tells the time, in seconds since 1970.
    """

    folder: Path
    room: int
    seconds: Callable[[], float]
    _used: int = -1
    _lock: Lock = field(default_factory=Lock)

    def find(self, name: str) -> tuple[str, bytes] | None:
        """Return a copy's tag and bytes; None: there is none that is whole."""
        place = self._place(name)
        try:
            told, _, body = place.read_bytes().partition(b"\n")
        except OSError:
            return None
        checksum, _, tag = told.decode(errors="replace").partition(" ")
        if checksum != _checksum(tag, body):
            self.forget(name)
            return None
        with suppress(OSError):
            self._use(place)
        return tag, body

    def keep(self, name: str, tag: str, body: bytes) -> None:
        """Keep a copy, where it fits; a disk that takes none is no trouble."""
        if not tag or len(tag) > _LONGEST_TAG or len(body) * _LARGEST_SHARE > self.room:
            return
        with suppress(OSError):
            written = f"{_checksum(tag, body)} {tag}\n".encode() + body
            self._make_room(len(written))
            _write(self._place(name), written)
            self._use(self._place(name))

    def forget(self, name: str) -> None:
        """Drop a copy; the next count of what is there finds the room."""
        with suppress(OSError):
            self._place(name).unlink(missing_ok=True)

    def _use(self, place: Path) -> None:
        """Note when a copy was in use: by our clock, whatever the disk's says."""
        now = self.seconds()
        os.utime(place, (now, now))

    def _place(self, name: str) -> Path:
        hashed = hashlib.sha256(name.encode()).hexdigest()
        return self.folder / hashed[:2] / hashed[2:]

    def _make_room(self, needed: int) -> None:
        """Count what is there once, then what is added; look again when it seems to be full."""
        with self._lock:
            if self._used < 0 or self._used + needed > self.room:
                self._used = self._clear(self.room - needed)
            self._used += needed

    def _clear(self, most: int) -> int:
        """Drop what is longest unused until at most a share of `most` is taken; return how much."""
        there = sorted(self._files())
        used = sum(size for _, size, _ in there)
        wanted = used if used <= most else int(most * _UNTIL_SHARE)
        oldest = self.seconds() - _UNUSED_SECONDS
        for at, size, place in there:
            if used <= wanted and at >= oldest:
                break
            place.unlink(missing_ok=True)
            used -= size
        return used

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for place in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                told = place.stat()
                yield told.st_mtime, told.st_size, place


def _checksum(tag: str, body: bytes) -> str:
    return hashlib.sha256(tag.encode(errors="replace") + b"\n" + body).hexdigest()


def _write(place: Path, body: bytes) -> None:
    """Write a file whole, but not durably: after a power cut its checksum tells."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, beside = tempfile.mkstemp(dir=place.parent, prefix=WRITING)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(beside).replace(place)
    finally:
        Path(beside).unlink(missing_ok=True)
