"""Stored forms of payloads as objects in a bucket that many processes share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from watcher.errors import NotFoundError
from watcher.store import deltas
from watcher.store.blob_cache import BlobCache
from watcher.store.bucket import Bucket
from watcher.store.shelf import FOLDER, OnShelf

GOING = ".going"
"""Below this name, beside a payload, each process that is taking it away has a mark of its own."""
_AT_ONCE = 16
_BATCH = 512


class BucketShelf:
    """Objects below a prefix of a bucket; every answer about them comes from the bucket itself."""

    is_shared = True

    def __init__(self, bucket: Bucket, cache: BlobCache | None = None) -> None:
        self._bucket = bucket
        self._cache = cache

    def where(self, name: str) -> str:
        """Return where an object stands; see the protocol."""
        return f"{self._bucket.address}/{name}"

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes; see the protocol."""
        copy = self._cache.find(name) if self._cache else None
        try:
            got = self._bucket.get(name, copy[0] if copy else "")
        except NotFoundError:
            self._forget(name)
            return None
        if got is None:
            return copy[1] if copy else b""
        self._keep(name, got.tag, got.body)
        return got.body

    def create(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put an object there, unless another process was first; see the protocol."""
        body = b"".join(chunks)
        tag = self._bucket.create(name, body)
        if tag is not None:
            self._keep(name, tag, body)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put an object there; see the protocol."""
        body = b"".join(chunks)
        self._keep(name, self._bucket.replace(name, body), body)

    def remove(self, *names: str) -> None:
        """Remove objects; see the protocol."""
        for name in names:
            self._bucket.remove(name)
            self._forget(name)

    def files(self, suffix: str) -> Iterator[OnShelf]:
        """Yield every object whose name ends so; see the protocol."""
        for each in self._bucket.objects(FOLDER):
            if each.name.endswith(suffix):
                yield OnShelf(each.name, each.size, each.since, touched=each.since)

    def heads(self, suffix: str) -> Iterator[tuple[OnShelf, bytes]]:
        """Yield every object whose name ends so with its first bytes; see the protocol.

        A bucket tells them only one by one, so several are asked for at the same time.
        """
        files = self.files(suffix)
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            while batch := list(islice(files, _BATCH)):
                for each, start in zip(batch, threads.map(self._start, batch), strict=True):
                    if start is not None:
                        yield each, start

    def has_below(self, folder: str) -> bool:
        """Return whether anything stands below a name; see the protocol."""
        return next(self._bucket.objects(folder), None) is not None

    def require(self) -> None:
        """See that the bucket is there; see the protocol."""
        self._bucket.require()

    def sweep(self, before: str) -> int:
        """Remove the marks of killed processes; see the protocol."""
        marks = (each for each in self.files("") if f"{GOING}/" in each.name)
        left = [each.name for each in marks if each.since < before]
        self.remove(*left)
        return len(left)

    def _start(self, file: OnShelf) -> bytes | None:
        if not file.size:
            return b""  # a range of nothing is an error of its own
        try:
            return self._bucket.start(file.name, deltas.LONGEST_HEAD)
        except NotFoundError:
            return None

    def _keep(self, name: str, tag: str, body: bytes) -> None:
        if self._cache:
            self._cache.keep(name, tag, body)

    def _forget(self, name: str) -> None:
        if self._cache:
            self._cache.forget(name)
