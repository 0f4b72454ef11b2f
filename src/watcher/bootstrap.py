"""The only wiring: a configuration becomes stores, a fetcher, channels and the steps they serve.

Importing anything else of this program opens, starts and reads nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.config.model import DEFAULT_PACE, Config
from watcher.config.model import Source as ConfiguredSource
from watcher.core.capture import Target, instant
from watcher.core.case import Case
from watcher.core.message import compose
from watcher.core.other_sources import Known
from watcher.core.phrases import SourceName, Sources
from watcher.core.schedule import due, next_due
from watcher.errors import ConfigError, FetchRefusedError, NotFoundError, Problem
from watcher.ports import Answer, Channel, Clock, Envelope, Fetcher, Request, Sleeper
from watcher.ports.store import SnapshotStore, Store
from watcher.readers.reader import Reader
from watcher.readers.registry import reader
from watcher.services.alert import Alerted, alert
from watcher.services.check import Outcome, Tools, check
from watcher.services.confirm import ask_the_authority
from watcher.services.deliver import deliver
from watcher.services.source import Source
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

_FIRST_RETRY = timedelta(minutes=1)
_MOST_DOUBLINGS = 12


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is the one real clock

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


def wait(seconds: float) -> None:
    """Wait; the one real sleeper, for commands that need none that can be woken."""
    time.sleep(seconds)  # noqa: TID251


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a program needs of the world; tests and the demo bring their own.

    Attributes:
        fetcher: Asks servers; None: the real one, made of the configuration.
    """

    clock: Clock
    sleep: Sleeper
    fetcher: Fetcher | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Everything wired: what the commands and the service call."""

    config: Config
    store: Store
    snapshots: SnapshotStore
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    tools: Tools

    def source(self, source_id: str) -> Source:
        """Return a source by id.

        Raises:
            NotFoundError: There is none of that id.
        """
        if source_id not in self.sources:
            known = ", ".join(self.sources)
            message = f"there is no source {source_id!r}; sources.yaml has: {known}"
            raise NotFoundError(message)
        return self.sources[source_id]

    def due(self) -> Iterator[tuple[Source, str]]:
        """Yield the targets that it is time to look at.

        What was kept is not believed where it is further away than the schedule can ask for: the
        schedule was changed, or the clock was set back.
        """
        now = self.tools.clock.now()
        with self.store.reading() as work:
            kept = {(target.source, target.url): target for target in work.captures.targets()}
        for configured in self.config.sources:
            for url in configured.urls:
                target = kept.get((configured.id, url)) or Target(source=configured.id, url=url)
                at = datetime.fromisoformat(target.next_due) if target.next_due else None
                if due(configured.schedule, at, now, seed=_seed(target)) <= now:
                    yield self.sources[configured.id], url

    def check(self, source: Source, url: str) -> Outcome:
        """Look at one target and append what happened since the last good look."""
        return check(source, url, self.tools)

    def alert(self) -> Alerted:
        """Put messages into the outbox for what is new in the log.

        Where only aggregators tell of something critical, the authority is asked at once.
        """
        done = alert(self.store, self.config.rules, self.compose, self.tools.recorder)
        if done.unconfirmed:
            now = instant(self.tools.recorder.now())
            ask_the_authority(self.store, done.unconfirmed, [*self.sources.values()], now)
        return done

    def deliver(self) -> int:
        """Try every message that is due; return how many were delivered."""
        tried = deliver(self.store, self.channels, self.tools.recorder)
        return sum(waiting.state == "delivered" for waiting in tried)

    def compose(self, case: Case, why: str, known: Known) -> Envelope:
        """Return the message about a case, given what other sources say of its subject."""
        # Apprise and the renderers are loaded for those who send, not for those who look
        from watcher.notify.render import render  # noqa: PLC0415

        message = compose(case, why=why, sources=source_names(self.config), known=known)
        return render(message, key=case.key)


def source_names(config: Config) -> Sources:
    """Return what people call each source, and its tier."""
    return {
        source.id: SourceName(source.title or source.id, source.tier) for source in config.sources
    }


@contextmanager
def opened(config: Config, world: World, *, writable: bool) -> Iterator[Watcher]:
    """Return the whole program wired by `config`; its store is closed at the end.

    Args:
        config: The checked configuration.
        world: Clock, sleeper and, for tests, a fetcher.
        writable: Whether this process is to be the one that writes.

    Raises:
        StoreBusyError: Another process writes to the store already.
    """
    store = SqlStore(database_path(config), writable=writable)
    try:
        yield _wired(config, world, store, writable=writable)
    finally:
        store.close()


def database_path(config: Config) -> Path:
    """Return the file that the configured SQLite address names."""
    return Path(config.storage.database.removeprefix("sqlite:///"))


def _wired(config: Config, world: World, store: SqlStore, *, writable: bool) -> Watcher:
    sources = {source.id: _source(source) for source in config.sources}
    snapshots = FolderSnapshots(config.storage.snapshots)
    tools = Tools(
        store=store,
        snapshots=snapshots,
        fetcher=world.fetcher or (polite_fetcher(config, world) if writable else _NoFetcher()),
        clock=world.clock,
        recorder=world.clock,
        due=_due(config),
    )
    return Watcher(
        config=config,
        store=store,
        snapshots=snapshots,
        sources=sources,
        channels=_channels(config, world.clock) if writable else {},
        tools=tools,
    )


def _source(configured: ConfiguredSource) -> Source:
    least, most = configured.expect.records or (1, 10_000_000)
    return Source(
        id=configured.id,
        title=configured.title,
        reader=_reader(configured),
        urls=configured.urls,
        tier=configured.tier,
        absent_after=configured.absent_after,
        least_records=least,
        most_records=most,
        allow_private=configured.allow_private,
        max_bytes=configured.max_bytes,
        seconds=float(configured.timeout),
    )


def _reader(configured: ConfiguredSource) -> Reader:
    """Return the source's reader; options make one of their own."""
    if configured.options is None:
        return reader(configured.reader)
    from watcher.readers.generic import generic_reader  # noqa: PLC0415  # loads an HTML parser

    return generic_reader(configured.options)


def _due(config: Config) -> Callable[[Target, datetime], datetime]:
    """Return when to look at a target next: by its schedule, sooner after a look that failed."""
    schedules = {source.id: source.schedule for source in config.sources}

    def when(target: Target, now: datetime) -> datetime:
        # counted from now, so that sources of one interval do not all wake together
        regular = next_due(schedules[target.source], now, seed=_seed(target), anchor=now)
        if not target.failures:
            return regular
        wait = _FIRST_RETRY * (1 << min(target.failures - 1, _MOST_DOUBLINGS))
        return min(regular, now + wait)

    return when


def _seed(target: Target) -> str:
    return f"{target.source} {target.url}"


def polite_fetcher(config: Config, world: World) -> Fetcher:
    """Return what asks servers for this configuration: robots.txt, pace, limits, guard."""
    # httpx takes a fifth of a second to import; commands that only read do without
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415
    from watcher.fetch.pauses import Manners  # noqa: PLC0415
    from watcher.fetch.politeness import polite  # noqa: PLC0415

    http = HttpFetcher(contact=config.contact, clock=world.clock)
    gaps = {name: float(host.pace) for name, host in config.hosts.items()}
    manners = Manners(gap=float(DEFAULT_PACE), gaps=gaps)
    return polite(http.ask, clock=world.clock, sleep=world.sleep, manners=manners)


class _NoFetcher:
    """Stands where nothing is to be fetched: in commands that only read."""

    def fetch(self, request: Request) -> Answer:
        message = f"{request.url} was not asked: this command only reads"
        raise FetchRefusedError(message, kind="read_only")


def _channels(config: Config, clock: Clock) -> dict[str, Channel]:
    from watcher.notify.channels import channel  # noqa: PLC0415  # loads Apprise

    made: dict[str, Channel] = {}
    for each in config.channels:
        try:
            made[each.id] = channel(each.id, each.url.reveal(), clock=clock)
        except ValueError as error:
            problem = Problem(
                file="sources.yaml", line=0, key=f"channels[{each.id}].url", message=str(error)
            )
            raise ConfigError([problem]) from error
    return made
