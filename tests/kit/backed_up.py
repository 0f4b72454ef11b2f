"""A store that a service holds, backed up while it is written to, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.payloads import a_long_page
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.core.capture import instant
from watcher.services.check import check
from watcher.services.restoring import Told, compare
from watcher.store.backup import Origin, back_up
from watcher.store.backup import Told as Progress
from watcher.store.manifest import Manifest
from watcher.store.restore import DATABASE_PLACE, SNAPSHOTS_PLACE, put_back
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore
from watcher.store.vault import Vault

BEGAN = datetime(2024, 11, 22, 12, tzinfo=UTC)
LONG = a_long_page(size=20_000).decode()


def silent(_what: str, _done: int, _of: int) -> None:
    """Be told how far it is, and tell no one."""


class Running:
    """A store that a service holds and writes to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.clock, self.fetcher = StandingClock(BEGAN), ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.settings, self.folder = folder / "sources.yaml", folder / "snapshots"
        self.settings.write_text("contact: mailto:a@b.eu\n")
        self.origin = Origin(
            database=folder / "watcher.db",
            snapshots=FolderSnapshots(self.folder),
            beside={"sources.yaml": self.settings},
        )

    def look(self, status: str = "authorised") -> str:
        """Look once, an hour later, at a page whose nonce is new; return the payload's digest."""
        self.clock.forward(3600)
        note = f"{LONG}{self.clock.monotonic()}"
        self.fetcher.says(
            page({str(ALOFISEL): a_state(**{"authorisation[EU].status": status})}, note=note)
        )
        return check(a_source(), URL, self.tools).capture.digest

    def back_up(self, safe: Vault, told: Progress = silent) -> Manifest:
        """Back it up, a minute later."""
        self.clock.forward(60)
        return back_up(self.origin, safe, instant(self.clock.now()), told)


@contextmanager
def running_in(folder: Path) -> Iterator[Running]:
    """Yield a store that has seen a medicine authorised and withdrawn."""
    running = Running(folder)
    try:
        running.look()
        running.look("withdrawn")
        yield running
    finally:
        running.tools.store.close()


@dataclass(frozen=True)
class PutBack:
    """A store that was put back."""

    store: SqlStore
    snapshots: FolderSnapshots


@contextmanager
def put_back_in(folder: Path, safe: Vault, made: Manifest) -> Iterator[PutBack]:
    """Yield a generation put back into a new folder, checked against its manifest."""
    folder.mkdir()
    put_back(safe, made, folder, silent)
    store = SqlStore(folder / DATABASE_PLACE, writable=True)
    try:
        compare(store, told_by(made))
        yield PutBack(store, FolderSnapshots(folder / SNAPSHOTS_PLACE))
    finally:
        store.close()


def told_by(made: Manifest) -> Told:
    """Return what a manifest tells of the store."""
    return Told(
        name=made.name,
        position=made.position,
        hash=made.hash,
        states=made.states,
        captures=made.captures,
    )


def payloads(found: PutBack) -> dict[str, bytes]:
    """Every payload of a store's ledger, read."""
    with found.store.reading() as work:
        digests = [capture.digest for capture in work.captures.read()]
    return {digest: found.snapshots.get(digest) for digest in digests}
