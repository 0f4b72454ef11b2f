"""The disks' gauge: read once a minute, and soon after a write that found no room."""

from __future__ import annotations

import errno
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from watcher.bootstrap import Watcher
from watcher.errors import StoreError
from watcher.services.room import Place, Room, tell_room

_SECONDS = 60.0
_SOON = 10.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Usage(Protocol):
    """How full a disk is, in bytes."""

    @property
    def total(self) -> int:
        """What it holds."""
        ...

    @property
    def free(self) -> int:
        """What may still be written."""
        ...


@dataclass(slots=True)
class Gauge:
    """Reads what room there is, and remembers what failed until it could be told.

    Attributes:
        watcher: Whose disks they are.
        usage: Tells how full the disk of a folder is.
    """

    watcher: Watcher
    usage: Callable[[Path], Usage] = shutil.disk_usage
    _failed: set[Place] = field(default_factory=set)
    _next: float = float("-inf")

    def saw(self, error: Exception) -> None:
        """Be told of an error; one for want of room is told to the operator when there is some."""
        if isinstance(error, StoreError) and error.kind == "full":
            self._failed.add("database")
        elif isinstance(error, OSError) and error.errno in _NO_ROOM:
            self._failed.add("snapshots")
        else:
            return
        self._next = min(self._next, self.watcher.tools.clock.monotonic() + _SOON)

    def read(self) -> int:
        """Tell the operator what is to be told, where it is time to look; return how much it was.

        Raises:
            StoreError: There is not even room for that; what failed stays remembered.
        """
        clock = self.watcher.tools.clock
        if clock.monotonic() < self._next:
            return 0
        self._next = clock.monotonic() + _SECONDS
        failed = frozenset(self._failed)
        told = tell_room(self.watcher.store, self._rooms(failed), clock.now())
        self._failed -= failed
        return told

    def _rooms(self, failed: frozenset[Place]) -> Iterator[Room]:
        """Yield the disks with what is kept there; one that holds both is told of once."""
        config = self.watcher.config
        folders: dict[Place, Path] = {"database": config.storage.folder}
        if isinstance(config.storage.snapshots, Path):
            folders["snapshots"] = config.storage.snapshots
        by_disk: dict[int, list[Place]] = defaultdict(list)
        for place, folder in folders.items():
            if folder.is_dir():
                by_disk[folder.stat().st_dev].append(place)
        for places in by_disk.values():
            usage = self.usage(folders[places[0]])
            yield Room(
                place=places[0],
                free=usage.free,
                total=usage.total,
                has_failed=not failed.isdisjoint(places),
            )
