"""The whole examination, in the order in which one thing rests on another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from watcher.bootstrap import World, database_of
from watcher.bootstrap.sources import made
from watcher.config.model import UNLIMITED, Channel, Config
from watcher.core.capture import Target, instant
from watcher.core.schedule import Cron
from watcher.core.watch_list import matches
from watcher.doctor import database, machine, ways
from watcher.doctor.finding import Area, Finding
from watcher.doctor.payloads import payloads
from watcher.doctor.sites import Visit
from watcher.errors import WatcherError
from watcher.ports import Fetcher
from watcher.ports.hosts import ASKING, Standing
from watcher.ports.store import Store
from watcher.services.room import Place
from watcher.services.source import Source
from watcher.store.checkup import HEAD, Checkup, check_up
from watcher.store.store import SqlStore

_AREA = Area("sources")
_SKEWED, _WRONG = timedelta(seconds=30), timedelta(minutes=10)
_JUMPED = 2.0
_EXTRAS = {"pdf_text": "pdf"}
_WORKBOOK = (".xlsx", ".xls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is examined, and by what means.

    Attributes:
        config: The checked configuration.
        world: Clock and sleeper.
        fetcher: Asks the sources, politely; None: they are not asked.
        send: Sends a sample through a channel; None: none is sent.
        every_address: Whether each address of a source is read, not only its first.
    """

    config: Config
    world: World
    fetcher: Fetcher | None = None
    send: Callable[[Channel], str] | None = None
    every_address: bool = False
    _readings: dict[str, Visit] = field(default_factory=dict, init=False)

    def findings(self) -> Iterator[Finding]:
        """Yield what is found, one thing after the other."""
        before = self.world.clock.now(), self.world.clock.monotonic()
        checkup, about_it = self._database()
        yield from self._machine(checkup)
        yield from self._configuration()
        yield from about_it
        yield from ways.anybody(self.config)
        yield from ways.channels(self.config, self.send)
        if self.fetcher is not None:
            skews: list[timedelta] = []
            yield from self._sources(self.fetcher, checkup, skews)
            yield from self._clock(before, skews)

    def _database(self) -> tuple[Checkup, Iterator[Finding]]:
        """Return what can be told of any database, and what is found of this one."""
        place = database_of(self.config)
        if isinstance(place, Path):
            checkup = check_up(place)
            version = iter((database.sqlite(checkup.sqlite),))
            return checkup, chain(version, database.file(place, checkup))
        # the driver is an extra of its own
        from watcher.doctor.server import server  # noqa: PLC0415
        from watcher.store.postgres_checkup import check_up_server  # noqa: PLC0415

        found = check_up_server(place)
        return found.tables, server(found)

    def _machine(self, checkup: Checkup) -> Iterator[Finding]:
        yield from program()
        yield from machine.extras(dict(self._extras()))
        zones = {person.zone for person in self.config.people}
        schedules = (source.schedule for source in self.config.sources)
        zones |= {each.zone for each in schedules if isinstance(each, Cron)}
        now = self.world.clock.now()
        yield from machine.zone_data(zones, now)
        yield machine.user()
        yield from database.clock(checkup, now)
        folders: dict[Place, Path] = {"database": self.config.storage.folder}
        if isinstance(self.config.storage.snapshots, Path):
            folders["snapshots"] = self.config.storage.snapshots
        yield from machine.folders({f"folder of the {what}": at for what, at in folders.items()})
        yield from machine.room(folders)
        yield from payloads(self.config.storage)
        yield from ways.pages(self.config.web, checkup.holder)

    def _extras(self) -> Iterator[tuple[str, str]]:
        for source in self.config.sources:
            if source.reader in _EXTRAS:
                yield _EXTRAS[source.reader], f"the source {source.id}"
            if any(urlsplit(url).path.endswith(_WORKBOOK) for url in source.urls):
                yield "excel", f"the source {source.id}"

    def _configuration(self) -> Iterator[Finding]:
        area = Area("configuration")
        sources, rules = len(self.config.sources), len(self.config.rules)
        yield area.fine(
            "file", f"{sources} sources, {len(self.config.channels)} channels, {rules} rules"
        )
        for notice in self.config.notices:
            yield area.warning(
                f"line {notice.line}",
                f"{notice.key}: {notice.message}",
                means="it works, and is hardly meant so",
                advice="change the line; `watcher config check` looks again",
            )

    def _sources(
        self, fetcher: Fetcher, checkup: Checkup, skews: list[timedelta]
    ) -> Iterator[Finding]:
        sources = [made(each) for each in self.config.sources]
        known = self._known(checkup, sources)
        for source in sources:
            urls = self._addresses(source, known)
            if not urls:
                yield _AREA.fine(source.id, "has no page to look at yet: nothing on a watch list")
            count = max(len(urls), known.counts.get(source.id, 0))
            for url in urls if self.every_address else urls[:1]:
                if why := self._left_alone(url, known):
                    yield why
                    continue
                visit = Visit(source=source, url=url, target=known.targets.get((source.id, url)))
                yield from visit.findings(fetcher, self.world.clock)
                self._readings.setdefault(source.id, visit)
                skews += [] if visit.skew is None else [visit.skew]
            if count > 1 and not self.every_address:
                yield _AREA.fine(source.id, f"1 of {count} addresses was read; --all reads all")

    def _addresses(self, source: Source, known: _Known) -> tuple[str, ...]:
        """Return a source's addresses; of pages that another names, those known, else the first."""
        if not source.follows:
            return source.urls
        if pages := known.pages.get(source.id):
            return pages
        table = self._readings.get(source.follows)
        records = table.reading.records if table is not None and table.reading else ()
        states = ((each.subject, each.state()) for each in records)
        lists = self.config.watch_lists
        named = (
            str(state.get("product.url") or "")
            for subject, state in states
            if any(matches(each, subject, state) for each in lists)
        )
        return tuple(filter(None, named))[:1]

    def _left_alone(self, url: str, known: _Known) -> Finding | None:
        """Return why a host is left alone; else wait for its pace and return None."""
        host = urlsplit(url).netloc.casefold()
        standing = known.hosts.get(host, Standing(host=host))
        owed = self.config.host(urlsplit(url).hostname or host)
        now = self.world.clock.now()
        if standing.paused_until > instant(now) and standing.why != ASKING:
            return _left(host, f"left alone until {standing.paused_until}: {standing.why}")
        is_today = standing.day == now.date().isoformat()
        if is_today and standing.requests >= owed.budget != UNLIMITED:
            return _left(host, f"asked {standing.requests} times today, as often as it may be")
        if standing.last_asked:
            waited = now - datetime.fromisoformat(standing.last_asked)
            self.world.sleep(min(owed.pace, max(0.0, owed.pace - waited.total_seconds())))
        return None

    def _known(self, checkup: Checkup, sources: Sequence[Source]) -> _Known:
        """Return what the database tells of hosts and targets; nothing where it cannot be read."""
        if checkup.version != HEAD or checkup.fault:
            return _Known()
        try:
            store = SqlStore(database_of(self.config), writable=False)
        except WatcherError:
            return _Known()  # what is wrong with it was told already
        try:
            return self._known_of(store, sources)
        finally:
            store.close()

    def _known_of(self, store: Store, sources: Sequence[Source]) -> _Known:
        """Return what is known of the addresses that will be read: there may be a million more."""
        pages: dict[str, tuple[str, ...]] = {}
        counts: dict[str, int] = {}
        targets: dict[tuple[str, str], Target] = {}
        with store.reading() as work:
            hosts = {each.host: each for each in work.hosts.standings()}
            for source in sources:
                urls = source.urls
                if source.follows:
                    counts[source.id] = work.captures.targets_counted(source.id).targets
                    limit = counts[source.id] if self.every_address else 1
                    newest = work.captures.seen_last(source.id, limit, with_retired=False)
                    urls = pages[source.id] = tuple(each.url for each in newest)
                found = work.captures.known(source.id, urls)
                targets |= {(source.id, url): target for url, target in found.items()}
        return _Known(hosts=hosts, targets=targets, pages=pages, counts=counts)

    def _clock(self, before: tuple[datetime, float], skews: list[timedelta]) -> Iterator[Finding]:
        clock, area = self.world.clock, Area("machine")
        gone = (clock.now() - before[0]).total_seconds() - (clock.monotonic() - before[1])
        if abs(gone) > _JUMPED:
            yield area.warning(
                "clock",
                f"it jumped by {gone:+,.0f} s during this examination",
                means="looks would be dated by a clock that moves by itself",
                advice="see what sets it (chrony, systemd-timesyncd, the virtual machine's host)",
            )
        if not skews:
            return
        skew = timedelta(seconds=median(each.total_seconds() for each in skews))
        seconds = f"{skew.total_seconds():+,.0f} s against the clocks of {len(skews)} answers"
        if abs(skew) <= _SKEWED:
            yield area.fine("clock", seconds)
            return
        tell = area.failing if abs(skew) > _WRONG else area.warning
        yield tell(
            "clock",
            seconds,
            means="`observed` and `recorded` times would be wrong by as much, for ever",
            advice="set the clock right (timedatectl, chrony) before the service goes on",
        )


def program() -> Iterator[Finding]:
    """Yield how the program itself is installed: what can be told without a configuration."""
    yield machine.python()
    yield machine.packages()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the database tells without being written to.

    Attributes:
        hosts: How each server stands.
        targets: Where we are with each address that will be read, by source and address.
        pages: By source, addresses that another source named, those seen well last first.
        counts: By source, how many of these are looked at.
    """

    hosts: Mapping[str, Standing] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], Target] = field(default_factory=dict)
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def _left(host: str, why: str) -> Finding:
    return _AREA.warning(
        host,
        why,
        means="it was not asked now: the doctor is a guest like everybody",
        advice="`watcher hosts` tells of all; examine again when its time has come",
    )
