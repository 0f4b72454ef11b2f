"""The whole line as the service walks it: due, look, tell, deliver, seal; over stores in a folder.

No thread and no scheduler: `Line.passes` runs each of the service's ticks once, in their order.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from kit.bulk import bulk, row, withdrawn
from kit.clocks import NOON, StandingClock
from kit.failing import Faults
from kit.station import settings
from watcher.bootstrap import World, opened
from watcher.config.load import load
from watcher.core.capture import Capture
from watcher.core.events import Recorded
from watcher.demo.story import SCENES
from watcher.errors import FetchError
from watcher.ports import Answer, Envelope, Request
from watcher.ports.store import EventFilter, Store
from watcher.readers.registry import READERS
from watcher.runtime.embedded import Service, Stop

_HALF_A_DAY = 12 * 3600 + 60
Rules = tuple[Mapping[str, object], ...]
RULES: Rules = ({"id": "endings", "events": ["authorisation.*", "document.*"], "channels": ["pv"]},)
LOG = logging.getLogger("watcher.tests.line")


@dataclass(frozen=True, slots=True)
class Story:
    """One address: what it answers at first, and what later; and how it is read."""

    reader: str
    url: str
    before: bytes
    after: bytes
    media_type: str


BULK = Story(
    "ema_medicines",
    "https://ema.example/en/documents/report/medicines.json",
    bulk(*(row(number) for number in range(1, 5))).encode(),
    bulk(row(1), withdrawn(2), row(3), row(4)).encode(),
    "application/json",
)
PAGE = Story(
    "ema_medicine_page",
    "https://ema.example/en/medicines/human/EPAR/alofisel",
    SCENES[0].body.encode(),
    SCENES[6].body.encode(),
    "text/html; charset=utf-8",
)
STORIES = {"a bulk list": BULK, "a medicine's page": PAGE}


@dataclass(slots=True)
class Site:
    """A site that takes a second to answer with one page, and may fail as everything may."""

    story: Story
    body: bytes
    faults: Faults
    clock: StandingClock
    status: int = 200
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: FetchError | None = None

    def fetch(self, request: Request) -> Answer:
        self.clock.forward(1)
        self.faults.step("fetch")
        if self.error is not None:
            raise self.error
        told = {"content-type": self.story.media_type, **self.headers}
        url = self.url or request.url
        return Answer(url=url, status=self.status, headers=told, body=self.body)

    def well(self, body: bytes) -> None:
        """Answer with a page again, and with nothing else about it."""
        self.body, self.status, self.url, self.headers, self.error = body, 200, "", {}, None


@dataclass(slots=True)
class Receiver:
    """A channel whose receiver keeps what it takes, also where we never hear that it did."""

    faults: Faults
    taken: list[Envelope] = field(default_factory=list)
    id: str = "pv"

    def send(self, envelope: Envelope) -> str:
        self.faults.step("send")
        self.taken.append(envelope)
        self.faults.step("the receiver's answer")
        return "taken"


@dataclass(slots=True)
class Line:
    """A service at work in a folder."""

    service: Service
    clock: StandingClock
    site: Site

    def passes(self, *, after: float = _HALF_A_DAY) -> None:
        """Let time go by and every tick run once."""
        self.clock.forward(after)
        watcher, service = self.service.watcher, self.service
        service._guarded(lambda: service._look_at([*watcher.due()]))()
        # what a look found is sent by a thread; failures are counted in one order alone
        service._sending.finish(10)
        ticks = (service.serve, service.tell, service.deliver, service.seal, service.measure)
        for tick in ticks:
            service._tick(tick)

    @property
    def store(self) -> Store:
        return self.service.watcher.store

    def log(self) -> list[Recorded]:
        with self.store.reading() as work:
            return list(work.log.read(EventFilter()))

    def last_look(self) -> Capture:
        with self.store.reading() as work:
            return work.captures.latest(limit=1)[0]

    def types(self) -> list[str]:
        """Return what happened since the first look, but for the seals."""
        apart = {"captures.sealed", "fact.recorded"}
        return [told.event.type for told in self.log() if told.event.type not in apart]

    def outbox(self):
        with self.store.reading() as work:
            return work.outbox.latest(1000)


@contextmanager
def at_work(
    folder: Path,
    story: Story,
    body: bytes,
    *,
    days: float = 0.0,
    faults: Faults | None = None,
    receiver: Receiver | None = None,
) -> Iterator[Line]:
    """Yield a service at work in a configured `folder`, `days` after it was first there."""
    none = faults or Faults()
    clock = StandingClock(NOON + timedelta(days=days))
    site = Site(story, body, none, clock)
    world = World(clock=clock, sleep=clock.sleep, fetcher=site)
    with opened(load(folder / "sources.yaml", {}, READERS), world, writable=True) as watcher:
        channels = {"pv": receiver or Receiver(none)}
        service = Service(replace(watcher, channels=channels), Stop(), LOG)
        yield Line(service, clock, site)


def begun(folder: Path, story: Story, rules: Rules = RULES) -> Path:
    """Configure `folder` and look once, so that what the story begins with is known there."""
    folder.mkdir(exist_ok=True)
    source: Mapping[str, object] = {
        "id": "ema",
        "reader": story.reader,
        "url": story.url,
        "title": "EMA",
        "every": "12h",
    }
    settings(folder, [source], channels={"pv": "folder:messages"}, rules=rules)
    with at_work(folder, story, story.before) as line:
        line.passes()
    return folder
