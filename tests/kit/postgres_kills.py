"""Writers to one PostgreSQL log, and a server, that are killed with SIGKILL over and over.

    with Tortured(folder, writers=4) as tortured:
        tortured.kill_server()
        tortured.kill_writer()
        told = tortured.verdict()

Each writer is a process. It appends, and once its transaction is committed it writes what it was
answered, position and hash, to a file of its own: whatever stands there must never be lost. After
an error it goes on with a new transaction, as the service does.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Waiting
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from factories import ALOFISEL, NOON, a_provenance, an_append
from kit.postgres import Cluster
from watcher.core.events import Cause, Event
from watcher.errors import StoreError
from watcher.ports.store import EventFilter
from watcher.store.store import SqlStore

_PATIENCE = 120.0
_MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What stands in the log after all, beside what the writers were answered.

    Attributes:
        acknowledged: How many events the writers were answered for.
        lost: Of these, how many are not in the log as they were answered.
        events: How many events stand in the log.
        doubled: How many stand in it more than once.
        gaps: How many positions are missing; the chain was verified to the last.
    """

    acknowledged: int
    lost: int
    events: int
    doubled: int
    gaps: int

    @property
    def is_good(self) -> bool:
        return self.acknowledged > 0 and not (self.lost or self.doubled or self.gaps)


class Tortured:
    """A durable server, and writers that are started again whenever they end."""

    def __init__(self, folder: Path, *, writers: int, seed: int = 7) -> None:
        self.folder = folder
        self._chance = random.Random(seed)  # noqa: S311  chance, not secrecy
        self._cluster = Cluster(is_durable=True)
        self.url = self._cluster.url()
        SqlStore(self.url, writable=True).close()
        self._writers: list[subprocess.Popen[bytes]] = []
        self._lives = 0
        self._many = writers

    def __enter__(self) -> Self:
        self._start_missing()
        return self

    def __exit__(self, *_: object) -> None:
        self._end_writers()
        self._cluster.destroy()

    def kill_server(self) -> None:
        """Kill the postmaster in the middle of appends, start it again, and see them go on."""
        self._in_the_middle()
        self._cluster.kill()
        Waiting().wait(self._chance.uniform(0.0, 0.3))
        self._cluster.start()
        self._start_missing()

    def kill_writer(self) -> None:
        """Kill one writer in the middle of appends; another takes its place."""
        self._in_the_middle()
        victim = self._chance.choice(self._writers)
        victim.kill()
        victim.wait(_PATIENCE)
        self._start_missing()

    def verdict(self) -> Told:
        """End all writers, and return what became of what they were answered."""
        self._end_writers()
        answered = [line.split() for line in self._answers()]
        store = SqlStore(self.url, writable=True)
        with store.reading() as work:
            found = {told.position: told for told in work.log.read(EventFilter())}
            assert [*work.log.verify()] == sorted(found)
        store.close()
        lost = sum(
            int(position) not in found or found[int(position)].hash != digest
            for position, digest in answered
        )
        return Told(
            acknowledged=len(answered),
            lost=lost,
            events=len(found),
            doubled=len(found) - len({told.event_id for told in found.values()}),
            gaps=max(found, default=0) - len(found),
        )

    def _in_the_middle(self) -> None:
        """Wait until something more was answered, and then some chance milliseconds."""
        before, until = self._answered_bytes(), time.monotonic() + _PATIENCE
        while self._answered_bytes() == before:
            assert time.monotonic() < until, "no writer was answered any more"
            Waiting().wait(0.01)
        Waiting().wait(self._chance.uniform(0.0, 0.5))

    def _answered_bytes(self) -> int:
        return sum(place.stat().st_size for place in self.folder.glob("*.answers"))

    def _answers(self) -> Iterator[str]:
        for place in self.folder.glob("*.answers"):
            # a writer that was killed while it wrote this down has left half a line
            whole = place.read_text(encoding="ascii").rpartition("\n")[0]
            yield from whole.splitlines()

    def _start_missing(self) -> None:
        self._writers = [each for each in self._writers if each.poll() is None]
        while len(self._writers) < self._many:
            self._lives += 1
            address = self.url.render_as_string(hide_password=False)
            self._writers.append(
                subprocess.Popen([sys.executable, __file__, address, self.folder, str(self._lives)])
            )

    def _end_writers(self) -> None:
        for each in self._writers:
            each.kill()
        for each in self._writers:
            each.wait(_PATIENCE)
        self._writers = []


def write(address: str, folder: str, life: str) -> None:
    """Append for ever, each time one event or a few, and write down what was answered."""
    url, chance = sa.make_url(address), random.Random(life)  # noqa: S311
    store = None
    with Path(folder, f"{life}.answers").open("ab", buffering=0) as answers:
        for number in range(1_000_000):
            try:
                store = store or SqlStore(url, writable=True)
                told = _append(store, life, number, chance.randint(1, _MOST_AT_ONCE))
            except StoreError:
                Waiting().wait(0.05)  # the server is away: what was not answered is not counted
                continue
            answers.write("".join(f"{each} {digest}\n" for each, digest in told).encode())


def _append(store: SqlStore, life: str, number: int, many: int) -> list[tuple[int, str]]:
    source = f"life{life}"
    events = tuple(
        Event(type="fact.changed", subject=ALOFISEL, details={"number": f"{number}.{each}"})
        for each in range(many)
    )
    with store.writing() as work:
        version = work.streams.get(f"{source}/{ALOFISEL}").version
        append = an_append(*events, source=source, version=version)
        provenance = a_provenance(source=source, capture=f"{life} {number}")
        told = work.log.append(append, provenance, Cause.OBSERVED, NOON)
    return [(each.position, each.hash) for each in told]


if __name__ == "__main__":
    os.nice(1)
    write(*sys.argv[1:])
