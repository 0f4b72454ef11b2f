"""Where the stored forms of payloads stand: files by name, each there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from watcher.core.capture import instant
from watcher.store import deltas
from watcher.store.durable import WRITING, remove_durably, write_durably

FOLDER = "sha256"
"""Below it stand all files of payloads, `sha256/ab/cdef….zst`."""


@dataclass(frozen=True, slots=True)
class OnShelf:
    """One file as the shelf tells of it.

    Attributes:
        name: Its name.
        size: Its bytes.
        since: When it was put there, RFC 3339 UTC by the shelf's own clock.
        touched: When it was last put there or said to be in use again; empty: not known.
    """

    name: str
    size: int
    since: str
    touched: str = ""


class Shelf(Protocol):
    """Files by name."""

    @property
    def is_shared(self) -> bool:
        """Return whether other processes put and take away files at the same time."""
        ...

    def where(self, name: str) -> str:
        """Return where a file stands, for people."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes; None: there is none."""
        ...

    def create(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put a file there, unless there is one."""
        ...

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put a file there, whatever there is."""
        ...

    def remove(self, *names: str) -> None:
        """Remove files for good; those that are not there as well."""
        ...

    def files(self, suffix: str) -> Iterator[OnShelf]:
        """Yield every file whose name ends so, in no order."""
        ...

    def heads(self, suffix: str) -> Iterator[tuple[OnShelf, bytes]]:
        """Yield every file whose name ends so with its first bytes; one that goes is left out."""
        ...

    def has_below(self, folder: str) -> bool:
        """Return whether anything stands below a name."""
        ...

    def require(self) -> None:
        """See that the shelf itself is there, before a file is said to be missing from it."""
        ...

    def sweep(self, before: str) -> int:
        """Remove what killed processes left before an instant; return how many."""
        ...


class FolderShelf:
    """Files below a folder of this machine, of which one process at a time writes."""

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def where(self, name: str) -> str:
        """Return where a file stands; see the protocol."""
        return str(self._folder / name)

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes; see the protocol."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def create(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put a file there; see the protocol: one process writes, and it has looked."""
        write_durably(self._folder / name, chunks)

    def replace(self, name: str, chunks: Iterable[bytes]) -> None:
        """Put a file there; see the protocol."""
        write_durably(self._folder / name, chunks)

    def remove(self, *names: str) -> None:
        """Remove files; see the protocol."""
        remove_durably(*(self._folder / name for name in names))

    def files(self, suffix: str) -> Iterator[OnShelf]:
        """Yield every file whose name ends so; see the protocol."""
        for place in self._folder.glob(f"{FOLDER}/??/*{suffix}"):
            if (found := self._on_shelf(place)) is not None:
                yield found

    def heads(self, suffix: str) -> Iterator[tuple[OnShelf, bytes]]:
        """Yield every file whose name ends so with its first bytes; see the protocol."""
        for each in self.files(suffix):
            try:
                with (self._folder / each.name).open("rb") as file:
                    yield each, file.read(deltas.LONGEST_HEAD)
            except FileNotFoundError:
                continue

    def has_below(self, folder: str) -> bool:
        """Return whether anything stands below a name; see the protocol."""
        place = self._folder / folder
        return place.is_dir() and any(place.iterdir())

    def require(self) -> None:
        """See that the shelf is there: a folder that is not has no files, and is made by a put."""

    def sweep(self, before: str) -> int:
        """Remove what killed processes left half written; see the protocol."""
        left = [
            place
            for place in self._folder.rglob(f"{WRITING}*")
            if (found := self._on_shelf(place)) is not None and found.since < before
        ]
        remove_durably(*left)
        return len(left)

    def _on_shelf(self, place: Path) -> OnShelf | None:
        try:
            told = place.stat()
        except FileNotFoundError:
            return None
        written = instant(datetime.fromtimestamp(told.st_mtime, UTC))
        return OnShelf(place.relative_to(self._folder).as_posix(), told.st_size, written)
