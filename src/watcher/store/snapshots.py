"""Payloads as files named by their digest: written once, durably, and verified at every read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import zstandard

from watcher.errors import SnapshotError

_LEVEL = 3
_LARGEST = 500_000_000


class FolderSnapshots:
    """Snapshots below one folder, `sha256/ab/cdef….zst`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, body: bytes) -> str:
        """Keep `body` durably and return its digest.

        Written beside its place, synced and renamed: after a crash a snapshot is there whole or
        not at all. One that is there already is left as it is.
        """
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        place = self._place(digest)
        if place.exists():
            return digest
        place.parent.mkdir(parents=True, exist_ok=True)
        packed = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(place)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(place.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the payload; see the port."""
        place = self._place(digest)
        try:
            packed = place.read_bytes()
            body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST)
        except FileNotFoundError as error:
            message = f"snapshot {digest} is missing at {place}"
            raise SnapshotError(message) from error
        except zstandard.ZstdError as error:
            message = f"snapshot {digest} at {place} cannot be unpacked: {error}"
            raise SnapshotError(message) from error
        if hashlib.sha256(body).hexdigest() != digest.removeprefix("sha256:"):
            message = f"snapshot {digest} at {place} is not the bytes its name says"
            raise SnapshotError(message)
        return body

    def _place(self, digest: str) -> Path:
        algorithm, _, name = digest.partition(":")
        if algorithm != "sha256" or len(name) != 64 or not name.isalnum():
            message = f"not a snapshot's digest: {digest!r}"
            raise SnapshotError(message)
        return self._folder / algorithm / name[:2] / f"{name[2:]}.zst"


def _sync_folder(folder: Path) -> None:
    """Make a rename last: the folder's own entry has to reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
