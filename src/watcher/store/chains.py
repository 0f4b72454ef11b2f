"""A payload read from its stored form and from those that it rests on, each link checked."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from watcher.errors import SnapshotError
from watcher.store import deltas
from watcher.store.shelf import FOLDER, Shelf

WHOLE, DIFFERENCE = ".zst", ".delta"
"""How the names of stored forms end."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class MissingError(SnapshotError):
    """A stored payload, or one that it rests on, is not there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored form: its file's name and bytes."""

    name: str
    packed: bytes


def digest_of(body: bytes) -> str:
    """Return the name of a payload: `sha256:…`."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def name_of(digest: str) -> str:
    """Return the name of a payload's files, without what tells their form.

    Raises:
        SnapshotError: It is no digest.
    """
    if not _DIGEST.fullmatch(digest):
        message = f"not a snapshot's digest: {digest!r}"
        raise SnapshotError(message)
    name = digest.removeprefix("sha256:")
    return f"{FOLDER}/{name[:2]}/{name[2:]}"


def digest_at(name: str) -> str:
    """Return the digest of the payload to which a file belongs."""
    _, beginning, rest = name.split("/")
    return f"sha256:{beginning}{rest.partition('.')[0]}"


def found(shelf: Shelf, digest: str) -> Stored | None:
    """Return the stored form of a payload, unchecked; None: there is none."""
    name = name_of(digest)
    # a difference may become a whole while we look: then the whole is there before it goes
    for suffix in (WHOLE, DIFFERENCE, WHOLE):
        packed = shelf.read(f"{name}{suffix}")
        if packed is not None:
            return Stored(f"{name}{suffix}", packed)
    return None


def is_whole(stored: Stored) -> bool:
    """Return whether a stored form is still the bytes that were written."""
    try:
        deltas.check(stored.packed)
    except deltas.DamagedError:
        return False
    return True


def unpacked(shelf: Shelf, digest: str) -> bytes:
    """Return a payload, verified, whatever its tombstone says.

    Raises:
        MissingError: It, or one that it rests on, is not there; both are named.
        SnapshotError: It, or one that it rests on, is damaged; both are named.
    """
    chain: list[Stored] = []
    wanted, depth = digest, deltas.LONGEST_CHAIN + 1
    while wanted:
        stored = _link(shelf, wanted, resting=digest)
        told = _told(shelf, stored, resting=digest)
        if told.depth >= depth:
            place = shelf.where(stored.name)
            message = f"snapshot {digest} rests on {wanted} at {place}, which rests on itself"
            raise SnapshotError(message)
        chain.append(stored)
        wanted, depth = told.base, told.depth
    body = b""
    for stored in reversed(chain):
        body = _body(shelf, stored, body, resting=digest)
    if digest_of(body) != digest:
        raise _not_its_bytes(shelf, digest, chain)
    return body


def damaged(shelf: Shelf, name: str, error: Exception, *, resting: str = "") -> SnapshotError:
    """Return the error that names a damaged file and what rests on it."""
    digest = digest_at(name)
    what = f"; snapshot {resting} rests on it" if resting not in {"", digest} else ""
    return SnapshotError(
        f"snapshot {digest} at {shelf.where(name)} cannot be unpacked: {error}{what}"
    )


def _link(shelf: Shelf, digest: str, *, resting: str) -> Stored:
    stored = found(shelf, digest)
    if stored is not None:
        return stored
    shelf.require()
    place = shelf.where(f"{name_of(digest)}{WHOLE}")
    what = f"; snapshot {resting} rests on it" if resting != digest else ""
    message = f"snapshot {digest} is missing at {place}{what}"
    raise MissingError(message)


def _told(shelf: Shelf, stored: Stored, *, resting: str) -> deltas.Head:
    try:
        return deltas.checked_head(stored.packed)
    except deltas.DamagedError as error:
        raise damaged(shelf, stored.name, error, resting=resting) from error


def _body(shelf: Shelf, stored: Stored, base_body: bytes, *, resting: str) -> bytes:
    try:
        return deltas.unpacked(stored.packed, base_body)
    except deltas.DamagedError as error:
        raise damaged(shelf, stored.name, error, resting=resting) from error


def _not_its_bytes(shelf: Shelf, digest: str, chain: list[Stored]) -> SnapshotError:
    """Return the error that names the first payload of a chain that is another than it should."""
    body = b""
    for stored in reversed(chain):
        body = deltas.unpacked(stored.packed, body)
        name = digest_at(stored.name)
        if digest_of(body) != name:
            what = f"; snapshot {digest} rests on it" if name != digest else ""
            where = shelf.where(stored.name)
            return SnapshotError(f"snapshot {name} at {where} is not the bytes its name says{what}")
    return SnapshotError(f"snapshot {digest} is not the bytes its name says")
