"""Days of service lived in seconds: real schedule, manners and store, a clock that skips waiting.

What is not real is the other end: a small web that answers as the shipped sources do, keeps to
their terms itself, and remembers when it was asked for what.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from kit.bulk import bulk, row
from kit.clocks import StandingClock
from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.config.model import Config
from watcher.ports import Answer, Request
from watcher.readers.registry import READERS

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
ROBOTS = "User-agent: *\nDisallow: /admin/\nAllow: /*/documents/report/*.json$\n"
EMA, MEDPATH = "www.ema.europa.eu", "trial.medpath.com"
TABLE = bulk(*(row(number) for number in range(1, 2001))).encode()
"""As few rows as the shipped configuration believes."""


class KilledError(BaseException):
    """The process ends here, in the middle of a request."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a server saw it."""

    at: datetime
    host: str
    path: str
    status: int  # 0: killed before it was answered


@dataclass(slots=True)
class Web:
    """The servers of the shipped sources.

    Attributes:
        clock: Tells when they are asked.
        asked: What they were asked.
        fault: Called with each request before it is answered; an answer of its own goes instead.
    """

    clock: StandingClock
    asked: list[Asked] = field(default_factory=list)
    fault: Callable[[Request], Answer | None] = lambda _request: None
    table: bytes = field(default_factory=lambda: TABLE)

    def ask(self, request: Request) -> Answer:
        parts = urlsplit(request.url)
        at, status = self.clock.now(), 0
        try:
            answer = self.fault(request) or self._answer(request)
            status = answer.status
        finally:
            self.asked.append(Asked(at, parts.hostname or "", parts.path, status))
        return answer

    def times(self, host: str) -> list[datetime]:
        return [each.at for each in self.asked if each.host == host]

    def per_hour(self) -> Counter[tuple[str, int]]:
        return Counter((each.host, each.at.hour) for each in self.asked)

    def _answer(self, request: Request) -> Answer:
        path = urlsplit(request.url).path
        if path == "/robots.txt":
            return _conditional(request, ROBOTS.encode(), "text/plain")
        if path.endswith(".json"):
            return _conditional(request, self.table, "application/json", edition=self._half())
        page = GOLDEN / "ema_medicine_page" / "alofisel_withdrawn_2025.html"
        if MEDPATH in request.url:
            page = GOLDEN / "medpath_approval" / "withdrawn_page.html"
        return _conditional(request, page.read_bytes(), "text/html; charset=utf-8")

    def _half(self) -> str:
        """Return which half of the day it is: tables are made anew at 06:00 and 18:00."""
        return (self.clock.now() - timedelta(hours=5)).strftime("%Y-%m-%dT%p")


def _conditional(request: Request, body: bytes, media_type: str, *, edition: str = "") -> Answer:
    etag = f'"{hashlib.sha256(edition.encode() + body).hexdigest()[:16]}"'
    headers = {"etag": etag, "content-type": media_type}
    if request.etag == etag:
        return Answer(url=request.url, status=304, headers=headers)
    return Answer(url=request.url, status=200, headers=headers, body=body)


def shipped(folder: Path) -> Config:
    """Return the shipped configuration, kept in `folder`."""
    folder.mkdir(exist_ok=True)
    path = folder / "sources.yaml"
    path.write_text((ROOT / "sources.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return load(path, {}, READERS)


class Life:
    """A service's life, one process after the other, on one store."""

    def __init__(self, config: Config, web: Web) -> None:
        self._config = config
        self._web = web

    @contextmanager
    def process(self) -> Iterator[Watcher]:
        clock = self._web.clock
        world = World(clock=clock, sleep=clock.sleep, ask=self._web.ask)
        with opened(self._config, world, writable=True) as watcher:
            yield watcher

    def live(self, until: datetime, *, step: float = 60.0) -> None:
        """Run one process until an instant: each step it looks at what is due and may be asked."""
        with self.process() as watcher:
            while self._web.clock.now() < until:
                look_round(watcher)
                self._web.clock.forward(step)


def look_round(watcher: Watcher) -> int:
    """Look at what is due and may be asked, as a tick of the service does; return how many."""
    looked = 0
    for source, url in list(watcher.due()):
        if watcher.may_ask(url):
            watcher.check(source, url)
            looked += 1
    if looked:
        watcher.alert()
    return looked


def as_table(web: Web) -> str:
    """Return requests by host and hour, for people."""
    hours = web.per_hour()
    lines = [f"{'host':<20}" + "".join(f"{hour:>4}" for hour in range(24)) + "   all"]
    for host in sorted({host for host, _ in hours}):
        counts = [hours[host, hour] for hour in range(24)]
        cells = "".join(f"{count or '·':>4}" for count in counts)
        lines.append(f"{host:<20}{cells}{sum(counts):>6}")
    return "\n".join(lines)
