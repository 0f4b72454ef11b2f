"""Where backups go: a folder, or a bucket of an object store; what is there is never changed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from watcher.errors import NotFoundError, OperationalError
from watcher.store.bucket import FORMS, Bucket, bucket, is_bucket
from watcher.store.durable import WRITING, make_folder, sync_folder

_CHUNK = 1 << 20
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
"""What file systems say that know no links: those of memory sticks and some network shares."""


class Vault(Protocol):
    """Files by name, each put once."""

    def put(self, name: str, body: bytes | Path) -> bool:
        """Put a file durably, whole or not at all; return whether it was not there before.

        One that is there already is left as it is.

        Raises:
            OperationalError: It could not be put.
        """
        ...

    def get(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes.

        Raises:
            NotFoundError: There is none of that name.
            OperationalError: It could not be got.
        """
        ...

    def names(self, beginning: str) -> Iterator[str]:
        """Yield the names of all files in a folder and below it: `snapshots`.

        Raises:
            OperationalError: They could not be listed.
        """
        ...


def vault(address: str, settings: Mapping[str, str] | None = None) -> Vault:
    """Return the vault at an address: a path, `file:///…` or a bucket such as `s3://bucket/prefix`.

    Args:
        address: The address.
        settings: The environment: a bucket's endpoint and credentials; see `bucket`.

    Raises:
        OperationalError: There is no such kind of vault, or what it needs is not installed.
    """
    if is_bucket(address):
        return BucketVault(bucket(address, settings or {}))
    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return FolderVault(Path(unquote(parts.path)))
    if "://" not in address and address:
        return FolderVault(Path(address))
    message = f"{address!r} is no place for backups: give a folder, file:///… or {FORMS}"
    raise OperationalError(message)


class FolderVault:
    """A vault in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, body: bytes | Path) -> bool:
        """Put a file durably; see the protocol."""
        place = self._folder / name
        if place.exists():
            return False
        with _told(OSError, f"{place} could not be written"):
            make_folder(place.parent)
            handle, beside = tempfile.mkstemp(dir=place.parent, prefix=WRITING)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.writelines(_pieces(body))
                    file.flush()
                    os.fsync(file.fileno())
                _name(Path(beside), place)
            except FileExistsError:
                return False
            finally:
                Path(beside).unlink(missing_ok=True)
            sync_folder(place.parent)
        return True

    def get(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes; see the protocol."""
        place = self._folder / name
        with _told(OSError, f"{place} could not be read"):
            try:
                yield from _pieces(place)
            except FileNotFoundError as error:
                message = f"{place} is missing"
                raise NotFoundError(message) from error

    def names(self, beginning: str) -> Iterator[str]:
        """Yield the names of all files in a folder; see the protocol."""
        with _told(OSError, f"{self._folder} could not be listed"):
            for place in (self._folder / beginning).rglob("*"):
                if not place.name.startswith(WRITING) and place.is_file():
                    yield place.relative_to(self._folder).as_posix()


class BucketVault:
    """A vault below a prefix of a bucket of an object store."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, name: str, body: bytes | Path) -> bool:
        """Put a file durably; see the protocol."""
        return self._bucket.create(name, body) is not None

    def get(self, name: str) -> Iterator[bytes]:
        """Yield a file's bytes; see the protocol."""
        return self._bucket.stream(name)

    def names(self, beginning: str) -> Iterator[str]:
        """Yield the names of all files in a folder; see the protocol."""
        return (each.name for each in self._bucket.objects(beginning))


def _name(beside: Path, place: Path) -> None:
    """Give a written file its name, where there is nothing of that name yet."""
    try:
        # of two writers one is first: a link is not made where there is something
        place.hardlink_to(beside)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        beside.rename(place)


def _pieces(body: bytes | Path) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


@contextmanager
def _told(kind: type[Exception], what: str) -> Iterator[None]:
    """Tell of an error of this kind as the world's, with what could not be done."""
    try:
        yield
    except kind as error:
        message = f"{what}: {error}"
        raise OperationalError(message) from error
