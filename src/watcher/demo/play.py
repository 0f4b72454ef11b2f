"""The demonstration itself: the whole program over a site, a mail server and a chat on loopback."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.events import Recorded
from watcher.demo.servers import (
    Chat,
    Mailbox,
    Site,
    chat_running,
    mail_running,
    site_running,
)
from watcher.demo.story import SCENES, Scene
from watcher.readers.registry import READERS
from watcher.services.check import Outcome
from watcher.services.replay import Known, as_of, history

PRODUCT = "Alofisel"
SOURCE = "ema-alofisel"

_SOURCES = """
contact: mailto:demonstration@example.org
hosts: {{127.0.0.1: {{pace: 0s}}}}
sources:
  - id: {source}
    title: EMA, page of Alofisel
    reader: ema_medicine_page
    url: {site}
    every: 12h
    tier: 1
    allow_private: true
watch_lists:
  - id: crohn
    title: Crohn / ATMP
    substances: [darvadstrocel]
channels:
  - id: pv-team
    url: "{mail}"
  - id: pv-chat
    url: ${{CHAT}}
rules:
  - id: endings
    watch_list: crohn
    events: [authorisation.*]
    least: high
    channels: [pv-team, pv-chat]
"""


@dataclass(slots=True)
class StoryClock:
    """A clock that stands where the story is."""

    at: datetime

    def now(self) -> datetime:
        """Return the story's instant."""
        return self.at

    def monotonic(self) -> float:
        """Return the story's instant in seconds."""
        return self.at.timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One scene and what the watcher made of it."""

    scene: Scene
    outcome: Outcome
    mails: int
    posts: int


@dataclass(slots=True)
class Result:
    """What is left when the story is over."""

    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[bytes] = field(default_factory=list)
    timeline: tuple[Recorded, ...] = ()
    then: tuple[Known, ...] = ()
    now: tuple[Known, ...] = ()


def play(pause: Callable[[], None], result: Result) -> Iterator[Played]:
    """Yield each scene as it was played; `result` is filled at the end.

    Everything stands in a folder of its own that is gone afterwards, and listens on loopback.

    Args:
        pause: Called before each scene, for people who want to read along.
        result: Where mails, posts and the timeline are put.
    """
    site, box, chat = Site(), Mailbox(), Chat()
    clock = StoryClock(SCENES[0].at)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watcher-demo-")))
        settings = folder / "sources.yaml"
        settings.write_text(
            _SOURCES.format(
                source=SOURCE,
                site=stack.enter_context(site_running(site)),
                mail=stack.enter_context(mail_running(box)),
            ),
            encoding="utf-8",
        )
        chat_address = stack.enter_context(chat_running(chat))
        config = load(settings, {"CHAT": chat_address}, READERS)
        world = World(clock=clock, sleep=lambda _seconds: None)
        watcher = stack.enter_context(opened(config, world, writable=True))
        for scene in SCENES:
            pause()
            site.body, clock.at = scene.body.encode(), scene.at
            outcome = _look(watcher)
            yield Played(
                scene=scene, outcome=outcome, mails=len(box.messages), posts=len(chat.posts)
            )
        result.mails, result.posts = box.messages, chat.posts
        result.timeline = history(watcher.store, PRODUCT)
        result.then = as_of(watcher.store, "2024-12-31T00:00:00Z", product=PRODUCT)
        result.now = as_of(watcher.store, "2025-02-01T00:00:00Z", product=PRODUCT)


def _look(watcher: Watcher) -> Outcome:
    source = watcher.source(SOURCE)
    outcome = watcher.check(source, source.urls[0])
    watcher.alert()
    watcher.deliver()
    return outcome
