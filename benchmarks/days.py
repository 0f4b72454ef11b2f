"""The n-th day costs what the first did: a thousand simulated days over the real store.

Each day every page is looked at once; most answer "not modified", now and then one has changed. The
network and the clock are made up, everything else is the program: look, judge, keep, read, compare,
append, tell, send, seal, remember. CPU milliseconds a day, and of a second's idle ticks, of which
a day has 86,400: a scan that grows with the log would show there first. The day of the first look
is left out; compared are the medians of as many days at the beginning and at the end.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from meter import cpu_of, keep, settings
from site_pages import Site

from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.ports import Answer, Envelope, Request
from watcher.readers.registry import READERS
from watcher.services.memos import remember

BEGAN = datetime(2024, 1, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
IDLE = 20
"""Idle seconds of which the median is taken, at each tenth of the days."""


@dataclass(slots=True)
class Calendar:
    """A clock that is moved by whoever lives through the days."""

    at: datetime = BEGAN

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - BEGAN).total_seconds()

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class Network:
    """The site as a fetcher: 304 to whoever knows the page as it is."""

    site: Site
    numbers: dict[str, int]

    def fetch(self, request: Request) -> Answer:
        body, etag, _ = self.site.serve(self.numbers[request.url])
        headers = {"etag": etag, "content-type": "text/html; charset=utf-8"}
        if etag == request.etag:
            return Answer(url=request.url, status=304, headers=headers, body=b"")
        return Answer(url=request.url, status=200, headers=headers, body=body)


@dataclass(slots=True)
class Mailbox:
    """A channel that takes everything."""

    taken: list[str] = field(default_factory=list)
    id: str = "sink"

    def send(self, envelope: Envelope) -> str:
        self.taken.append(envelope.subject)
        return "taken"


def a_second(watcher: Watcher) -> None:
    """Do what the service does each second: tell, send, escalate, remember; see what is due."""
    watcher.alert()
    watcher.deliver()
    watcher.escalate()
    remember(watcher.store)
    for _ in watcher.due():
        pass


def a_day(watcher: Watcher) -> Callable[[], None]:
    def lived() -> None:
        for source, url in [*watcher.due()]:
            if watcher.check(source, url).events:
                watcher.alert()
        a_second(watcher)
        watcher.heartbeat()
        watcher.seal()

    return lived


def idle(watcher: Watcher) -> float:
    """Return the CPU milliseconds of a second in which nothing is to be done."""
    return statistics.median(cpu_of(lambda: a_second(watcher)) for _ in range(IDLE)) * 1000


def live(folder: Path, pages: int, days: int, seconds: float) -> dict[str, object]:
    """Live through the days, or as many as there is time for; return what each took."""
    site, clock = Site(pages), Calendar()
    urls = [f"https://ema.example{page.path}" for page in site.pages]
    network = Network(site, {url: number for number, url in enumerate(urls)})
    rest: dict[str, object] = {"hosts": {"ema.example": {"pace": "0s"}}}
    (folder / "sources.yaml").write_text(settings(urls, {"sink": f"folder:{folder}/sent"}, **rest))
    config, taken, idling = load(folder / "sources.yaml", {}, READERS), list[float](), []
    world = World(clock=clock, sleep=clock.wait, fetcher=network)
    until = time.monotonic() + seconds
    with opened(config, world, writable=True) as opening:
        box = Mailbox()
        watcher = replace(opening, channels={"sink": box})
        for day in range(days + 1):
            if day and day % 2 == 0:
                site.change(1 / pages, day, clock.at)
            taken.append(cpu_of(a_day(watcher)) * 1000)
            if day and (day - 1) % max(1, days // 10) == 0:
                idling.append((day, idle(watcher)))
            clock.at = BEGAN + DAY * (day + 1)
            if time.monotonic() > until:
                break
        with watcher.store.reading() as work:
            events = work.log.head()
    return {
        "pages": pages, "days": len(taken) - 1, "events": events, "mails": len(box.taken),
        "baseline_ms": taken[0], **compared(taken[1:]), "idle": _ratio(idling), "curve": curve(taken),
        "idle_curve": idling,
    }  # fmt: skip


def compared(taken: list[float]) -> dict[str, float]:
    """Return the medians of the days at both ends, and how much more the later ones took."""
    window = max(1, min(100, len(taken) // 4))
    first, last = statistics.median(taken[:window]), statistics.median(taken[-window:])
    return {"window": window, "first_ms": first, "last_ms": last, "ratio": last / first}


def _ratio(idling: list[tuple[int, float]]) -> dict[str, float]:
    first, last = idling[0][1], idling[-1][1]
    return {"first_ms": first, "last_ms": last, "ratio": last / first}


def curve(taken: list[float]) -> list[tuple[int, float]]:
    """Return some forty points of the cost a day: medians of the days between."""
    step = max(2, len(taken) // 40)
    return [
        (start, round(statistics.median(taken[start : start + step]), 3))
        for start in range(1, len(taken), step)
    ]


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--pages", type=int, default=50)
    wanted.add_argument("--days", type=int, default=1_000)
    wanted.add_argument("--seconds", type=float, default=3_600, help="after which no day begins")
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="watcher-days-") as name:
        found = live(Path(name), chosen.pages, chosen.days, chosen.seconds)
    idling = found["idle"]
    assert isinstance(idling, dict)
    print(f"{found['pages']} pages, {found['days']} days, {found['events']} events, "
          f"{found['mails']} mails")  # fmt: skip
    print(f"{'CPU ms':22} {'first':>9} {'last':>9} {'ratio':>7}")
    print(f"{'a day':22} {found['first_ms']:9.1f} {found['last_ms']:9.1f} {found['ratio']:7.3f}")
    print(f"{'an idle second':22} {idling['first_ms']:9.2f} {idling['last_ms']:9.2f} "
          f"{idling['ratio']:7.3f}")  # fmt: skip
    keep(chosen.json, found)


if __name__ == "__main__":
    main()
