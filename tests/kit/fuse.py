"""Stores that are killed at a step of one's choice, as a process may be: nothing catches it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from watcher.ports.store import SnapshotStore, Store, Work


class KilledError(BaseException):
    """What a kill looks like from inside: nothing may catch it."""


@dataclass(slots=True)
class Fuse:
    """Burns at the n-th step, and only once."""

    at: int
    steps: int = 0
    commits: int = 0

    def step(self) -> None:
        """Take one step."""
        self.steps += 1
        if self.steps == self.at:
            raise KilledError


@dataclass(slots=True)
class KilledStore:
    """A store that may be killed as a transaction begins, before its commit, and after it."""

    store: Store
    fuse: Fuse

    @contextmanager
    def writing(self) -> Iterator[Work]:
        self.fuse.step()
        with self.store.writing() as work:
            yield work
            self.fuse.step()
        self.fuse.commits += 1
        self.fuse.step()

    def reading(self) -> AbstractContextManager[Work]:
        return self.store.reading()


@dataclass(slots=True)
class KilledSnapshots:
    """Snapshots that may be killed before and after one is kept, and before one is read."""

    snapshots: SnapshotStore
    fuse: Fuse

    def put(self, body: bytes, after: str = "") -> str:
        self.fuse.step()
        digest = self.snapshots.put(body, after)
        self.fuse.step()
        return digest

    def get(self, digest: str) -> bytes:
        self.fuse.step()
        return self.snapshots.get(digest)
