"""A generation of a backup, put back into an empty folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import zstandard

from watcher.errors import IntegrityError, OperationalError
from watcher.store import tombstones
from watcher.store.backup import Told, sha256_of
from watcher.store.chains import name_of
from watcher.store.durable import sync_folder
from watcher.store.manifest import BLOBS, DATABASE, FILES, STONES, Manifest, name_in_folder
from watcher.store.shelf import FolderShelf
from watcher.store.vault import Vault

DATABASE_PLACE, SNAPSHOTS_PLACE, SETTINGS = "data/watcher.db", "snapshots", "sources.yaml"
_AT_ONCE = 8
_SPARE = 1.05


def require_empty(folder: Path) -> None:
    """Refuse a folder in which something is already.

    Raises:
        OperationalError: It is no folder, or not an empty one.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is not empty: give a folder that is, or one that is not there yet"
        raise OperationalError(message)


def require_room(manifest: Manifest, folder: Path) -> None:
    """Refuse to begin what would not fit.

    Raises:
        OperationalError: There is too little room on the disk of `folder`.
    """
    # the database is there twice for a moment: packed, and as it was
    needed = int((2 * manifest.database_bytes + manifest.payload_bytes) * _SPARE)
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"{folder} has {free} bytes free, and {manifest.name} needs {needed}"
        raise OperationalError(message)


def put_back(vault: Vault, manifest: Manifest, folder: Path, told: Told) -> None:
    """Copy a generation into `folder`, laid out as the default configuration has it.

    Args:
        vault: Where it is.
        manifest: The generation.
        folder: Where it goes; it exists and is empty.
        told: Is told how far it is.

    Raises:
        IntegrityError: Something in the vault is not what was put there.
        NotFoundError: Something is missing in the vault.
        OperationalError: The vault cannot be read, or the folder not be written.
    """
    database = folder / DATABASE_PLACE
    database.parent.mkdir()
    for name in manifest.beside:
        place = folder / SETTINGS if name == SETTINGS else database.with_name(name)
        _write(place, _member(vault, manifest, name))
    _write(database, _unpacked(_member(vault, manifest, DATABASE)))
    _require(manifest, DATABASE, _file(database))
    snapshots = folder / SNAPSHOTS_PLACE
    snapshots.mkdir()
    _put_payloads_back(vault, manifest, snapshots, told)
    gone = b"".join(_unpacked(_member(vault, manifest, STONES)))
    _require(manifest, STONES, [gone])
    stones = FolderShelf(snapshots)
    for line in gone.splitlines():
        stone = tombstones.parsed(line, f"{manifest.folder}/{STONES}")
        stones.replace(name_of(stone.digest) + tombstones.SUFFIX, [tombstones.written(stone)])


def place(scratch: Path, folder: Path) -> None:
    """Move a restored store to where it belongs, all at once."""
    os.sync()
    scratch.replace(folder)
    sync_folder(folder.parent)


def _put_payloads_back(vault: Vault, manifest: Manifest, folder: Path, told: Told) -> None:
    listed = b"".join(_unpacked(_member(vault, manifest, FILES)))
    _require(manifest, FILES, [listed])
    files = listed.decode().splitlines()

    def fetch(file: str) -> None:
        target = folder / name_in_folder(file)
        if not target.resolve().is_relative_to(folder.resolve()):
            message = f"{manifest.folder}/{FILES} names {file!r}, which is no payload"
            raise IntegrityError(message)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, vault.get(f"{BLOBS}/{file}"))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for done, _ in enumerate(threads.map(fetch, files), start=1):
            told("payloads", done, len(files))


def _member(vault: Vault, manifest: Manifest, name: str) -> Iterator[bytes]:
    return vault.get(f"{manifest.folder}/{name}")


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    try:
        for piece in pieces:
            yield unpacker.decompress(piece)
    except zstandard.ZstdError as error:
        message = f"a file of the backup cannot be unpacked: {error}"
        raise IntegrityError(message) from error


def _require(manifest: Manifest, name: str, pieces: Iterator[bytes] | list[bytes]) -> None:
    if sha256_of(pieces) != manifest.members[name]:
        message = f"{manifest.folder}/{name} is not what its manifest says: it was altered"
        raise IntegrityError(message)


def _write(place: Path, pieces: Iterator[bytes]) -> None:
    try:
        # a private key may be among them
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(pieces)
    except OSError as error:
        message = f"{place} cannot be written: {error.strerror}"
        raise OperationalError(message) from error


def _file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
