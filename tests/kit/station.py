"""A whole watcher in a folder, wired as the command line wires it, over servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kit.clocks import StandingClock
from kit.engines import address_of, place_at
from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.events import Recorded
from watcher.ports.store import EventFilter
from watcher.ports.telling import DigestItem, Waiting
from watcher.readers.registry import READERS
from watcher.services.check import Outcome

_EVERY = {"every": "12h"}


def settings(
    folder: Path,
    sources: Sequence[Mapping[str, object]],
    *,
    channels: Mapping[str, str],
    rules: Sequence[Mapping[str, object]] | None = None,
    watch_lists: Sequence[Mapping[str, object]] = (),
    **sections: object,
) -> Path:
    """Write a sources.yaml (JSON is YAML) that watches loopback addresses, and return its path."""
    told: dict[str, object] = {
        "contact": "mailto:tests@watcher.example.org",
        "hosts": {"127.0.0.1": {"pace": "0s"}},
        "sources": [
            {"tier": 1, "allow_private": True, **({} if "cron" in each else _EVERY), **each}
            for each in sources
        ],
        "watch_lists": list(watch_lists),
        "channels": [{"id": name, "url": url} for name, url in channels.items()],
        "rules": list(
            rules
            or [
                {
                    "id": "endings",
                    "events": ["authorisation.*"],
                    "least": "high",
                    "channels": list(channels),
                }
            ]
        ),
    }
    place = place_at(folder / "data" / "watcher.db")
    if isinstance(place, sa.URL):
        told["storage"] = {"database": address_of(place)}
    path = folder / "sources.yaml"
    path.write_text(json.dumps({**told, **sections}, indent=1), encoding="utf-8")
    return path


class Station:
    """A watcher to look with, and what stands in its log."""

    def __init__(self, watcher: Watcher, clock: StandingClock) -> None:
        self.watcher = watcher
        self.clock = clock

    def look(self, source: str = "", *, after: float = 12 * 3600) -> list[Outcome]:
        """Let time go by, look at one source or all, tell and deliver."""
        self.clock.forward(after)
        wanted = [self.watcher.source(source)] if source else self.watcher.sources.values()
        done = [self.watcher.check(each, url) for each in wanted for url in each.urls]
        self.watcher.alert()
        self.watcher.deliver()
        return done

    def log(self, **which: object) -> list[Recorded]:
        """Return events; by default all but the baseline and the record of what was delivered."""
        with self.watcher.store.reading() as work:
            found = work.log.read(EventFilter(**{"without_baseline": True, **which}))
            return [told for told in found if which or told.event.type != "alert.sent"]

    def types(self, **which: object) -> list[str]:
        """Return the types of those events."""
        return [told.event.type for told in self.log(**which)]

    def lines(self) -> tuple[DigestItem, ...]:
        """Return the lines that wait for a digest."""
        with self.watcher.store.reading() as work:
            return work.digests.due("9999")

    def outbox(self) -> tuple[Waiting, ...]:
        """Return all messages."""
        with self.watcher.store.reading() as work:
            return work.outbox.latest(1000)


@contextmanager
def station(
    path: Path,
    clock: StandingClock | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Station]:
    """Yield the watcher that `path` configures; time moves only when told."""
    at = clock or StandingClock()
    config = load(path, environment or {}, READERS)
    with opened(config, World(clock=at, sleep=at.sleep), writable=True) as watcher:
        yield Station(watcher, at)
