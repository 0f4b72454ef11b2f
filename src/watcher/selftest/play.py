"""The self-test itself: each fault through the real fetcher, judge and line, in a scratch room."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core import taxonomy
from watcher.readers.registry import READERS
from watcher.selftest import replies
from watcher.selftest.faults import Fault, faults
from watcher.selftest.pages import table
from watcher.selftest.server import FaultyServer
from watcher.services.check import Outcome

_PATH = "/medicines.json"
_SOURCE = "scratch"
_BETWEEN = timedelta(hours=25).total_seconds()
"""Longer than any pause a server may ask for."""
_START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class ScratchClock:
    """A clock of its own time: it runs as the machine's does, and waits by jumping ahead."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._jumped = 0.0

    def now(self) -> datetime:
        """Return the instant it is in the scratch folder."""
        return _START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return the seconds since it was made, jumps included."""
        return time.monotonic() - self._began + self._jumped

    def forward(self, seconds: float, /) -> None:
        """Jump ahead; be a `Sleeper` that does not wait."""
        self._jumped += seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fault, or one last proof, and what became of it.

    Attributes:
        name: What went wrong.
        happened: What the watcher made of it.
        promise: What had to be kept.
        is_kept: Whether it was.
        milliseconds: How long the look took.
    """

    name: str
    happened: str
    promise: str
    is_kept: bool
    milliseconds: int


def play(met: Sequence[Fault] | None = None) -> Iterator[Step]:
    """Yield each fault with what became of it, then the proofs that nothing else did.

    A good look comes before the first fault and after each, so that a fault is met with everything
    known, and what it left behind would show. Nothing leaves the loopback, and the folder is gone
    afterwards.

    Args:
        met: The faults to meet; all of them if not given.
    """
    clock = ScratchClock()
    with FaultyServer() as site, tempfile.TemporaryDirectory(prefix="watcher-selftest-") as folder:
        site.page(_PATH, table(), media_type="application/json", etag='"1"')
        config = load(_settings(Path(folder), site.url(_PATH)), {}, READERS)
        world = World(clock=clock, sleep=clock.forward)
        with opened(config, world, writable=True) as watcher:
            bench = _Bench(watcher=watcher, site=site, clock=clock, folder=Path(folder))
            yield bench.baseline()
            for fault in faults() if met is None else met:
                yield bench.meet(fault)
            yield from bench.proofs()


def _settings(folder: Path, url: str) -> Path:
    host = url.split("/")[2]
    told = {
        "contact": "mailto:selftest@watcher.invalid",
        "hosts": {host.rpartition(":")[0]: {"pace": "0s"}},
        "sources": [
            {
                "id": _SOURCE,
                "reader": "ema_medicines",
                "url": url,
                "every": "1d",
                "tier": 1,
                "allow_private": True,
                "timeout": "1s",
                "max_size": "2MB",
            }
        ],
        "channels": [{"id": "people", "url": "folder:messages"}],
        "rules": [{"id": "all", "channels": ["people"]}],
    }
    path = folder / "sources.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """The scratch watcher, its site and its clock."""

    watcher: Watcher
    site: FaultyServer
    clock: ScratchClock
    folder: Path

    def baseline(self) -> Step:
        """Look for the first time, which tells no one."""
        outcome, spent = self._look()
        happened = f"{outcome.capture.verdict}, {outcome.baseline} medicines known"
        is_kept = outcome.baseline > 0 and not outcome.events and self._messages() == 0
        return Step(
            name="a first look",
            happened=happened,
            promise="the first reading tells no one",
            is_kept=is_kept,
            milliseconds=spent,
        )

    def meet(self, fault: Fault) -> Step:
        """Look while the fault lasts, and once more when it is over."""
        self.site.script(_PATH, [fault.reply])
        during, spent = self._look()
        self.site.page(_PATH, table(), media_type="application/json", etag='"1"')
        after, _ = self._look()
        told = tuple(event.event.type for event in during.events)
        news = [name for name in (*told, *_types(after)) if not taxonomy.TYPES[name].is_operational]
        is_kept = (
            during.capture.verdict in fault.verdicts
            and after.capture.verdict.is_good
            and not news
            and set(fault.tells) <= set(told)
            and self._messages() == 0
        )
        return Step(
            name=fault.name,
            happened=f"{during.capture.verdict}: {during.capture.reason or 'no reason'}",
            promise=fault.promise,
            is_kept=is_kept,
            milliseconds=spent,
        )

    def proofs(self) -> Iterator[Step]:
        """Show that a withdrawal is told after all this, once, and that the history is whole."""
        page = replies.page(table(withdrawn=True), media_type="application/json", etag='"2"')
        self.site.script(_PATH, [page])
        for name, wanted in (("a withdrawal, after all that", 1), ("the same page again", 0)):
            outcome, spent = self._look()
            endings = [name for name in _types(outcome) if name == "authorisation.withdrawn"]
            yield Step(
                name=name,
                happened=f"{outcome.capture.verdict}, {len(endings)} events, "
                f"{self._messages()} message in all",
                promise="told once" if wanted else "and not twice",
                is_kept=len(endings) == wanted and self._messages() == 1,
                milliseconds=spent,
            )

    def _look(self) -> tuple[Outcome, int]:
        self.clock.forward(_BETWEEN)
        began = time.monotonic()
        source = self.watcher.source(_SOURCE)
        outcome = self.watcher.check(source, source.urls[0])
        self.watcher.alert()
        self.watcher.deliver()
        return outcome, round(1000 * (time.monotonic() - began))

    def _messages(self) -> int:
        return len(list((self.folder / "messages").glob("*.txt")))


def _types(outcome: Outcome) -> list[str]:
    return [told.event.type for told in outcome.events]
