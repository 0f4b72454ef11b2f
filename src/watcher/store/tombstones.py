"""What stands in the place of a payload that was taken away on purpose: a small JSON file."""

from __future__ import annotations

from dataclasses import asdict

import msgspec

from watcher.errors import SnapshotError
from watcher.ports.snapshots import Tombstone
from watcher.store.shelf import Shelf

SUFFIX = ".gone"


def written(stone: Tombstone) -> bytes:
    """Return a tombstone as one line of JSON."""
    return msgspec.json.encode(asdict(stone), order="sorted") + b"\n"


def parsed(line: bytes, place: object) -> Tombstone:
    """Return the tombstone in a line of JSON.

    Args:
        line: The line.
        place: Where it stands, for people.

    Raises:
        SnapshotError: It cannot be read as one.
    """
    try:
        return msgspec.json.decode(line, type=Tombstone)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"the tombstone at {place} cannot be read: {error}"
        raise SnapshotError(message) from error


def read(shelf: Shelf, name: str, digest: str) -> Tombstone | None:
    """Return the tombstone `name`, or None where there is none.

    Raises:
        SnapshotError: It cannot be read, or is of another payload than `digest`.
    """
    line = shelf.read(name)
    if line is None:
        return None
    place = shelf.where(name)
    stone = parsed(line, place)
    if stone.digest != digest:
        message = f"the tombstone at {place} is that of {stone.digest}, not of {digest}"
        raise SnapshotError(message)
    return stone
