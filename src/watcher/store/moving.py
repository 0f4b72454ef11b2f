"""Payloads copied from one place to another, byte for byte, and proved to be there.

What is at the destination already is compared, not copied: an interrupted move goes on where it
stopped, and one that is run again takes along what has come since. Nothing is taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from watcher.errors import SnapshotError
from watcher.store import tombstones
from watcher.store.backup import Told
from watcher.store.chains import DIFFERENCE, WHOLE, digest_at, unpacked
from watcher.store.snapshots import KeptSnapshots

_AT_ONCE = 8
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move came to.

    Attributes:
        payloads: How many files of payloads are at the destination now, each read back there.
        copied: How many of these were not there before.
        tombstones: How many tombstones stand there now.
        bytes: Bytes of all these files.
    """

    payloads: int
    copied: int
    tombstones: int
    bytes: int


def move(origin: KeptSnapshots, destination: KeptSnapshots, told: Told) -> Moved:
    """Copy every payload and tombstone, and read each back at the destination.

    Each payload is unpacked and compared with its digest before it is copied, and what is read
    back has to be the very same bytes. What was redacted at the destination stays so.

    Args:
        origin: Where they are; another process may go on putting.
        destination: Where they shall be.
        told: Is told how far it is.

    Raises:
        SnapshotError: A payload is missing or damaged at one of the places; it is named.
        OperationalError: One of the places does not answer.
    """
    redacted = {each.digest for each in destination.tombstones() if each.kind == "redacted"}
    counts = {WHOLE: 0, DIFFERENCE: 0, tombstones.SUFFIX: 0}
    copied = size = 0
    # wholes first, tombstones last: what can be read at the origin can be read there soon, too
    for suffix in counts:
        names = [
            each.name
            for each in origin.shelf.files(suffix)
            if suffix == tombstones.SUFFIX or digest_at(each.name) not in redacted
        ]
        for done, (is_new, length) in enumerate(_each(origin, destination, names), start=1):
            copied += is_new
            size += length
            told("tombstones" if suffix == tombstones.SUFFIX else "payloads", done, len(names))
        counts[suffix] = len(names)
    return Moved(
        payloads=counts[WHOLE] + counts[DIFFERENCE],
        copied=copied,
        tombstones=counts[tombstones.SUFFIX],
        bytes=size,
    )


def _each(
    origin: KeptSnapshots, destination: KeptSnapshots, names: list[str]
) -> Iterator[tuple[bool, int]]:
    """Copy files, several at a time, in batches: what fails stops the rest soon."""
    left = iter(names)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while batch := list(islice(left, _BATCH)):
            yield from threads.map(lambda name: _one(origin, destination, name), batch)


def _one(origin: KeptSnapshots, destination: KeptSnapshots, name: str) -> tuple[bool, int]:
    """Copy and compare one file; return whether it was new there, and its bytes."""
    packed = origin.shelf.read(name)
    if packed is None:
        # made whole meanwhile; or redacted or cleared, which its tombstone and the log tell of
        is_difference = name.endswith(DIFFERENCE)
        whole = f"{name.removesuffix(DIFFERENCE)}{WHOLE}"
        return _one(origin, destination, whole) if is_difference else (False, 0)
    if name.endswith(tombstones.SUFFIX):
        tombstones.parsed(packed, origin.shelf.where(name))
    else:
        unpacked(origin.shelf, digest_at(name))
    is_new = destination.shelf.read(name) is None
    if is_new:
        destination.shelf.create(name, [packed])
    if destination.shelf.read(name) != packed:
        _require_as_good(destination, name)
    return is_new, len(packed)


def _require_as_good(destination: KeptSnapshots, name: str) -> None:
    """See that what stands at the destination instead is the payload too, stored another way.

    Raises:
        SnapshotError: It is not, or another tombstone stands there.
    """
    place = destination.shelf.where(name)
    if name.endswith(tombstones.SUFFIX):
        message = f"the tombstone at {place} is another one than where it is copied from"
        raise SnapshotError(message)
    try:
        unpacked(destination.shelf, digest_at(name))
    except SnapshotError as error:
        message = f"{error}; it was left as it is: remove {place}, and move again"
        raise SnapshotError(message) from error
