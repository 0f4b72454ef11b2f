"""A copy of everything that is kept, made while the service runs, into a folder or a bucket.

Payloads are shared by all generations of a vault under their names; each generation has its own
copy of the database, and last of all a manifest. What has no manifest is no backup: one that was
interrupted is not listed, and the next one goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import zstandard

from watcher.errors import OperationalError, SnapshotError
from watcher.ports.snapshots import Tombstone
from watcher.ports.store import EventFilter
from watcher.store import deltas, tombstones
from watcher.store.copying import copy_database
from watcher.store.manifest import (
    BLOBS,
    DATABASE,
    FILES,
    FORM,
    GENERATIONS,
    MANIFEST,
    STONES,
    Manifest,
    name_in_folder,
    name_in_vault,
)
from watcher.store.shelf import Shelf
from watcher.store.snapshots import KeptSnapshots
from watcher.store.store import SqlStore
from watcher.store.vault import Vault

_AT_ONCE = 8
_CHUNK = 1 << 20
_SCRATCH = ".backup-"
_LEFTOVERS_STAY = timedelta(days=1)
Told = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is backed up.

    Attributes:
        database: The SQLite file.
        snapshots: The payloads.
        beside: Files that belong to it, by the name they shall have: the configuration, keys.
        echoes: Files that say what the database has said before: published checkpoints. They are
            read before it, so that they never say more than the copy of it.
    """

    database: Path
    snapshots: KeptSnapshots
    beside: Mapping[str, Path] = field(default_factory=dict)
    echoes: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the copy of the database says."""

    position: int
    hash: str
    states: str
    captures: int
    payloads: frozenset[str]


def back_up(origin: Origin, vault: Vault, at: str, told: Told) -> Manifest:
    """Put a new generation into a vault and return its manifest, which is put last.

    Args:
        origin: What is backed up; another process may go on writing to it.
        vault: Where it goes.
        at: When, RFC 3339 UTC.
        told: Is told how far it is.

    Raises:
        SnapshotError: A payload is missing or damaged; what is whole was copied, and there is no
            manifest.
        OperationalError: The vault does not take it, or there is no room for the copy.
    """
    # before the database: whatever has a tombstone now, an event in the copy tells of
    stones = {each.digest: each for each in origin.snapshots.tombstones()}
    beside = {name: path.read_bytes() for name, path in origin.echoes.items()}
    _sweep(origin.database.parent, before=datetime.fromisoformat(at) - _LEFTOVERS_STAY)
    _require_room(origin.database)
    with tempfile.TemporaryDirectory(dir=origin.database.parent, prefix=_SCRATCH) as name:
        scratch = Path(name)
        copy = scratch / "watcher.db"
        copy_database(origin.database, copy, lambda done, of: told("database", done, of))
        held = _held(copy)
        files = dict(sorted(_files(origin.snapshots)))
        _require_all(held, stones, files)
        _put_blobs(origin.snapshots.shelf, files, vault, told)
        beside |= {name: path.read_bytes() for name, path in origin.beside.items()}
        parts = _Parts(stones, files, beside, held, copy, at)
        return _put_generation(parts, vault)


def _sweep(folder: Path, *, before: datetime) -> None:
    """Remove the copies that killed backups left beside the database: each is as large as it."""
    for left in folder.glob(f"{_SCRATCH}*"):
        if left.stat().st_mtime < before.timestamp():
            shutil.rmtree(left, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a generation is made of."""

    stones: Mapping[str, Tombstone]
    files: Mapping[str, int]
    beside: Mapping[str, bytes]
    held: _Held
    copy: Path
    at: str


def _put_generation(parts: _Parts, vault: Vault) -> Manifest:
    compact = parts.at.replace("-", "").replace(":", "").replace(".", "")
    name = f"{compact}-{parts.held.position}"
    folder = f"{GENERATIONS}/{name}"
    listed = "".join(f"{file}\n" for file in parts.files).encode()
    gone = b"".join(tombstones.written(each) for each in parts.stones.values())
    packed = parts.copy.with_name(DATABASE)
    with parts.copy.open("rb") as source, packed.open("wb") as target:
        zstandard.ZstdCompressor(level=3).copy_stream(source, target)
    members: dict[str, bytes | Path] = {
        DATABASE: packed,
        FILES: zstandard.compress(listed),
        STONES: zstandard.compress(gone),
    }
    for member, body in {**members, **parts.beside}.items():
        _put_new(vault, f"{folder}/{member}", body)
    manifest = Manifest(
        form=FORM,
        name=name,
        made_at=parts.at,
        position=parts.held.position,
        hash=parts.held.hash,
        states=parts.held.states,
        captures=parts.held.captures,
        payloads=len(parts.files),
        payload_bytes=sum(parts.files.values()),
        database_bytes=parts.copy.stat().st_size,
        members={
            DATABASE: sha256_of(_pieces(parts.copy)),
            FILES: sha256_of([listed]),
            STONES: sha256_of([gone]),
            **{name: sha256_of([body]) for name, body in parts.beside.items()},
        },
        beside=tuple(sorted(parts.beside)),
    )
    _put_new(vault, f"{folder}/{MANIFEST}", manifest.written())
    return manifest


def sha256_of(pieces: Iterator[bytes] | Sequence[bytes]) -> str:
    """Return the sha256 of bytes that come in pieces, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _put_new(vault: Vault, name: str, body: bytes | Path) -> None:
    if not vault.put(name, body):
        message = f"{name} is in the backup already: another backup ran at the same instant"
        raise OperationalError(message)


def _put_blobs(shelf: Shelf, files: Iterable[str], vault: Vault, told: Told) -> None:
    """Put the payloads that the vault has not yet; name the first damaged one at the end."""
    there = set(vault.names(BLOBS))
    missing = [file for file in files if f"{BLOBS}/{file}" not in there]
    damaged: list[SnapshotError] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for done, wrong in enumerate(
            threads.map(lambda file: _put_blob(shelf, file, vault), missing), start=1
        ):
            damaged += [wrong] if wrong else []
            told("payloads", done, len(missing))
    if damaged:
        raise damaged[0]


def _put_blob(shelf: Shelf, file: str, vault: Vault) -> SnapshotError | None:
    name = name_in_folder(file)
    packed = shelf.read(name)
    if packed is None:
        message = f"{shelf.where(name)} went while it was being backed up: run the backup again"
        return SnapshotError(message)
    try:
        deltas.check(packed)
    except deltas.DamagedError as error:
        message = (
            f"{shelf.where(name)} is damaged ({error}), and the backup is not complete: put the "
            "file back from an earlier backup"
        )
        return SnapshotError(message)
    vault.put(f"{BLOBS}/{file}", packed)
    return None


def _files(snapshots: KeptSnapshots) -> Iterator[tuple[str, int]]:
    """Yield how the vault calls each payload there is, and its bytes; see `name_in_vault`."""
    for file, head in snapshots.stored():
        name = name_in_vault(file.name, head.base, head.depth) if head.base else file.name
        yield name, file.size


def _require_all(held: _Held, stones: Mapping[str, Tombstone], files: Iterable[str]) -> None:
    there = {
        f"sha256:{''.join(Path(name_in_folder(file)).with_suffix('').parts[1:])}" for file in files
    }
    if lost := sorted(held.payloads - there - stones.keys()):
        message = (
            f"snapshot {lost[0]} is missing, and {len(lost) - 1} more: either the store was being "
            "cleared at this moment, then run the backup again; or see `watcher verify`"
        )
        raise SnapshotError(message)


def _held(copy: Path) -> _Held:
    with closing(SqlStore(copy, writable=False)) as store, store.reading() as work:
        head = work.log.latest(EventFilter(limit=1))
        payloads = {capture.digest for capture in work.captures.read()}
        payloads.update(told.provenance.snapshot for told in work.log.read(EventFilter()))
        return _Held(
            position=head[0].position if head else 0,
            hash=head[0].hash if head else "",
            states=work.streams.digest(),
            captures=work.captures.count(),
            payloads=frozenset(payloads - {""}),
        )


def _require_room(database: Path) -> None:
    needed = 2 * database.stat().st_size
    free = shutil.disk_usage(database.parent).free
    if free < needed:
        message = (
            f"{database.parent} has {free} bytes free, and the backup needs {needed} for a copy "
            "of the database while it runs"
        )
        raise OperationalError(message)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_CHUNK):
            yield piece
