"""The only wiring: a configuration becomes stores, a fetcher, channels and the steps they serve.

Importing anything else of this program opens, starts and reads nothing.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.config.channel_address import HOOKS
from watcher.config.flat import flat
from watcher.config.model import DEFAULT_BUDGET, DEFAULT_PACE, WELL_KNOWN, Config
from watcher.config.model import Source as ConfiguredSource
from watcher.core.capture import Target, instant
from watcher.core.case import Case
from watcher.core.correction_message import Correction, compose_correction
from watcher.core.digest import Digest, compose_digest
from watcher.core.escalation import Escalation, compose_escalation
from watcher.core.events import Recorded
from watcher.core.heartbeat import Proof
from watcher.core.heartbeat_message import compose_heartbeat
from watcher.core.links import PURPOSE, Action, action_links
from watcher.core.message import compose
from watcher.core.other_sources import Known
from watcher.core.phrases import SourceName, Sources
from watcher.core.schedule import interval, look_again, spread
from watcher.errors import ConfigError, FetchRefusedError, NotFoundError, Problem
from watcher.ports import Answer, Channel, Clock, Envelope, Fetcher, Poster, Request, Sleeper
from watcher.ports.hosts import HostLedger, Rests
from watcher.ports.proof import Signing
from watcher.ports.store import SnapshotStore, Store
from watcher.readers.reader import Reader
from watcher.readers.registry import reader
from watcher.services.alert import Alerted, alert
from watcher.services.attaching import MakeBundle, attachments
from watcher.services.bundle import Bundle, bundle
from watcher.services.cases import Naming
from watcher.services.check import Outcome, Tools, check
from watcher.services.confirm import ask_the_authority
from watcher.services.decisions import Decider, note_configuration
from watcher.services.deliver import channels_due, deliver, deliver_through
from watcher.services.digests import due as due_digests
from watcher.services.due import Plan, due_targets
from watcher.services.escalate import Staff, escalate
from watcher.services.follow import Following, follow, settle
from watcher.services.heartbeat import Beating, Watched, beat
from watcher.services.lease import leased
from watcher.services.overdue import PATIENCE, Late
from watcher.services.sealing import Sealed, seal
from watcher.services.source import Source
from watcher.store.hosts import SqlHostLedger
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

if TYPE_CHECKING:
    from watcher.fetch.politeness import PoliteFetcher

_FIRST_RETRY = timedelta(minutes=1)
_MOST_DOUBLINGS = 12
_SOON = 1.0


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
        ask: Makes one exchange for the real fetcher, with its manners; None: over HTTP.
    """

    clock: Clock
    sleep: Sleeper
    fetcher: Fetcher | None = None
    ask: Callable[[Request], Answer] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Everything wired: what the commands and the service call."""

    config: Config
    store: Store
    snapshots: SnapshotStore
    signing: Signing
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    tools: Tools
    followings: tuple[Following, ...] = ()
    rests: Rests | None = None
    link_key: bytes = field(default=b"", repr=False)

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
        """Yield the targets that it is time to look at; see `due_targets` for their order."""
        for each in due_targets(self.store, self._plans(), self.tools.clock.now()):
            yield self.sources[each.source], each.url

    def late(self) -> list[Late]:
        """Return the targets that it is time to look at as somebody waiting for them sees them."""
        now = self.tools.clock.now()
        schedules = {source.id: source.schedule for source in self.config.sources}
        return [
            Late(
                source=source.id,
                tier=source.tier,
                url=url,
                interval=interval(schedules[source.id], now),
                why=self.rests.resting(url) if self.rests else "",
            )
            for source, url in self.due()
        ]

    def may_ask(self, url: str) -> bool:
        """Return whether the host of `url` is neither left alone nor asked a moment ago."""
        if self.rests is None:
            return True
        return not self.rests.resting(url) and self.rests.ready_in(url) <= _SOON

    def addresses(self, source: Source) -> tuple[str, ...]:
        """Return what a person who wants to look at `source` now means.

        All of its addresses; of pages that another source names, those whose turn it is.
        """
        if not source.follows:
            return source.urls
        return tuple(url for due_source, url in self.due() if due_source.id == source.id)

    def _plans(self) -> Iterator[Plan]:
        for source in self.config.sources:
            urls = None if source.follow else source.urls
            yield Plan(source=source.id, schedule=source.schedule, urls=urls)

    def check(self, source: Source, url: str) -> Outcome:
        """Look at one target and append what happened since the last good look."""
        with leased(self.store, source.id, url, self.tools.clock):
            return check(source, url, self.tools)

    def alert(self) -> Alerted:
        """Put messages into the outbox for what is new in the log, and follow it to its pages.

        Where only aggregators tell of something critical, the authority is asked at once.
        """
        config, recorder = self.config, self.tools.recorder
        done = alert(self.store, config.rules, self.compose, recorder, config.people, config.groups)
        digests = due_digests(self.store, self.compose_digest, recorder, config.people)
        if done.unconfirmed:
            now = instant(self.tools.recorder.now())
            ask_the_authority(self.store, done.unconfirmed, [*self.sources.values()], now)
        follow(self.store, self.followings, self.tools.clock.now())
        return replace(done, queued=done.queued + digests)

    def deliver(self) -> int:
        """Try every message that is due; return how many were delivered."""
        tried = deliver(self.store, self.channels, self.tools.recorder)
        return sum(waiting.state == "delivered" for waiting in tried)

    def channels_due(self) -> tuple[str, ...]:
        """Return the ids of the channels through which something can be sent now."""
        return channels_due(self.store, self.tools.recorder)

    def deliver_through(self, channel: str, is_over: Callable[[], bool]) -> int:
        """Send what is due through one channel; return how many were delivered.

        Args:
            channel: The channel's id.
            is_over: Whether the service ends; asked before each message.
        """
        recorder = self.tools.recorder
        tried = deliver_through(self.store, channel, self.channels, recorder, is_over)
        return sum(waiting.state == "delivered" for waiting in tried)

    def compose_digest(self, digest: Digest, key: str) -> Envelope:
        """Return the message of a digest, or of one part of it."""
        from watcher.notify.render import render  # noqa: PLC0415

        message = compose_digest(
            digest.cases,
            period=digest.period,
            why=digest.why,
            sources=source_names(self.config),
            remarks=digest.remarks,
        )
        return render(message, key=key)

    def compose(self, case: Case, why: str, known: Known, recipient: str = "") -> Envelope:
        """Return the message about a case, given what other sources say of its subject.

        Args:
            case: The case.
            why: Why its reader gets it.
            known: What other sources say of the same subject now.
            recipient: Whom it is for; see `links`.
        """
        # Apprise and the renderers are loaded for those who send, not for those who look
        from watcher.notify.render import render  # noqa: PLC0415

        links = self.links(case.key, recipient)
        names = source_names(self.config)
        message = compose(case, why=why, sources=names, known=known, links=links)
        return render(message, key=case.key)

    def links(self, case: str, recipient: str) -> Mapping[Action, str]:
        """Return the one-time links of a message about a case; none where nobody reaches our pages.

        Args:
            case: The case's key.
            recipient: `person:anna`, or `channel:pv-team`; empty: it is not known.
        """
        web = self.config.web
        if web is None or not web.public_url or not self.link_key or not recipient:
            return {}
        return action_links(
            case, recipient, self.link_key, web.public_url, self.tools.recorder.now()
        )

    def escalate(self) -> int:
        """Tell somebody else of each case that nobody acknowledged in time; return how many."""
        staff = Staff(
            people={person.id: person for person in self.config.people},
            groups={group.id: group for group in self.config.groups},
        )
        return escalate(self.store, staff, self.compose_escalation, self.tools.recorder)

    def compose_escalation(
        self, told: Escalation, key: str, in_reply_to: str, recipient: str
    ) -> Envelope:
        """Return the message about a case that nobody has acknowledged."""
        from watcher.notify.render import render  # noqa: PLC0415

        links = self.links(told.case.key, recipient)
        message = compose_escalation(told, source_names(self.config), links)
        return render(message, key=key, in_reply_to=in_reply_to)

    @property
    def naming(self) -> Naming:
        """Return what sources and people are called."""
        people = {person.id: str(person) for person in self.config.people}
        return Naming(sources=source_names(self.config), people=people)

    def heartbeat(self) -> int:
        """Send the weekly proof that we watch to whom it is due; return how many were queued."""
        beating = _beating(self.config)
        if beating is None:
            return 0
        return beat(self.store, beating, self.compose_heartbeat, self.tools.recorder)

    def compose_heartbeat(self, proof: Proof, key: str) -> Envelope:
        """Return the message that proves that we watch, with the signed checkpoint to the letter."""
        from watcher.notify.anchor import with_note  # noqa: PLC0415
        from watcher.notify.render import render  # noqa: PLC0415

        envelope = render(compose_heartbeat(proof, source_names(self.config)), key=key)
        return with_note(envelope, proof.anchor.note if proof.anchor else "")

    def seal(self) -> Sealed:
        """Seal what was looked at since the last seal, and sign the log's head."""
        return seal(self.store, self.signing, self.tools.recorder)

    def evidence(self, event: str) -> Bundle:
        """Return the evidence bundle of an event, given its position or id."""
        return _evidence(self.store, self.snapshots, self.signing, self.sources, event)

    def note_configuration(self, who: str) -> None:
        """Record what differs from the configuration that the program last ran with.

        Args:
            who: Who started the program.
        """
        now = instant(self.tools.recorder.now())
        by = Decider(who=who, request=f"start {now}")
        note_configuration(self.store, "sources.yaml", flat(self.config), by, now)

    def compose_correction(self, told: Correction, key: str, in_reply_to: str) -> Envelope:
        """Return the message that puts right what a recipient was told, as an answer to it."""
        from watcher.notify.render import render  # noqa: PLC0415

        message = compose_correction(told, source_names(self.config))
        return render(message, key=key, in_reply_to=in_reply_to)


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


@contextmanager
def scratch_store() -> Iterator[Store]:
    """Return an empty store that is thrown away at the end."""
    with tempfile.TemporaryDirectory(prefix="watcher-scratch-") as folder:
        store = SqlStore(Path(folder) / "watcher.db", writable=True)
        try:
            yield store
        finally:
            store.close()


def database_path(config: Config) -> Path:
    """Return the file that the configured SQLite address names."""
    return Path(config.storage.database.removeprefix("sqlite:///"))


def _wired(config: Config, world: World, store: SqlStore, *, writable: bool) -> Watcher:
    sources = {source.id: _source(source) for source in config.sources}
    snapshots = FolderSnapshots(config.storage.snapshots)
    followings = tuple(_followings(config))
    polite: PoliteFetcher | None = None
    signing = FolderSigning(database_path(config).parent, os.environ)
    if writable:
        signing.prepare()
        if world.fetcher is None:
            polite = polite_fetcher(config, world, SqlHostLedger(store))
        settle(store, followings, world.clock.now())
    tools = Tools(
        store=store,
        snapshots=snapshots,
        fetcher=world.fetcher or polite or _NoFetcher(),
        clock=world.clock,
        recorder=world.clock,
        due=_due(config),
    )
    evidence = partial(_evidence, store, snapshots, signing, sources)
    channels = channels_of(config, world.clock) if writable else {}
    return Watcher(
        config=config,
        store=store,
        snapshots=snapshots,
        signing=signing,
        sources=sources,
        channels={**channels, **dict(_with_files(config, channels, store, evidence))},
        tools=tools,
        followings=followings,
        rests=polite,
        link_key=signing.secret_for(PURPOSE) if writable and config.web else b"",
    )


def _followings(config: Config) -> Iterator[Following]:
    for source in config.sources:
        if (followed := source.follow) is not None:
            yield Following(
                source=source.id,
                bulk=followed.source,
                every=followed.every,
                lists=config.watch_lists if followed.only_watched else None,
            )


def _beating(config: Config) -> Beating | None:
    if config.heartbeat is None:
        return None
    names = source_names(config)
    return Beating(
        plan=config.heartbeat,
        lists=config.heartbeat.lists(config.watch_lists),
        people={person.id: person for person in config.people},
        groups={group.id: group for group in config.groups},
        watched=tuple(
            Watched(
                id=source.id,
                name=names[source.id].name,
                tier=source.tier,
                expected=_expected(source),
            )
            for source in config.sources
        ),
    )


def _expected(source: ConfiguredSource) -> Callable[[datetime], datetime]:
    """Return until when the next good look has to come after one: one may have failed between."""
    jitter = timedelta(seconds=source.schedule.jitter)

    def latest(at: datetime) -> datetime:
        if source.follow is not None:
            return at + 2 * timedelta(seconds=source.follow.every) + PATIENCE
        once = look_again(source.schedule, at, seed="")
        return look_again(source.schedule, once, seed="") + jitter + PATIENCE

    return latest


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
        follows=configured.follow.source if configured.follow else "",
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
    followed = {source.id: source.follow for source in config.sources if source.follow}

    def when(target: Target, now: datetime) -> datetime:
        if target.source in followed:
            regular = spread(followed[target.source].every, now, seed=_seed(target))
        else:
            regular = look_again(schedules[target.source], now, seed=_seed(target))
        if not target.failures:
            return regular
        wait = _FIRST_RETRY * (1 << min(target.failures - 1, _MOST_DOUBLINGS))
        return min(regular, now + wait)

    return when


def _seed(target: Target) -> str:
    return f"{target.source} {target.url}"


def polite_fetcher(config: Config, world: World, ledger: HostLedger | None = None) -> PoliteFetcher:
    """Return what asks servers for this configuration: robots.txt, pace, limits, guard.

    Args:
        config: The configuration.
        world: Clock, sleeper and, for tests, what makes one exchange.
        ledger: Remembers hosts across restarts; without it they are forgotten.
    """
    # httpx takes a fifth of a second to import; commands that only read do without
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415
    from watcher.fetch.pauses import Manners, Owed  # noqa: PLC0415
    from watcher.fetch.politeness import polite  # noqa: PLC0415

    http = HttpFetcher(contact=config.contact, clock=world.clock)
    owed = {
        name: Owed(gap=float(host.pace), budget=host.budget, connections=host.connections)
        for name, host in {**WELL_KNOWN, **config.hosts}.items()
    }
    manners = Manners(owed=Owed(gap=float(DEFAULT_PACE), budget=DEFAULT_BUDGET), hosts=owed)
    ask = world.ask or http.ask
    return polite(ask, clock=world.clock, sleep=world.sleep, manners=manners, ledger=ledger)


def sign_of_life(config: Config, world: World) -> Callable[[], None] | None:
    """Return what sends a sign of life to where the configuration says, or None: nowhere."""
    if config.ping is None:
        return None
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415
    from watcher.fetch.ping import pinger  # noqa: PLC0415

    ask = world.ask or HttpFetcher(contact=config.contact, clock=world.clock).ask
    return pinger(ask, config.ping.reveal(), shown=str(config.ping))


class _NoFetcher:
    """Stands where nothing is to be fetched: in commands that only read."""

    def fetch(self, request: Request) -> Answer:
        message = f"{request.url} was not asked: this command only reads"
        raise FetchRefusedError(message, kind="read_only")


def _poster(config: Config, clock: Clock) -> Poster | None:
    """Return what hands messages to web hooks; None where there are none."""
    if not any(each.scheme in HOOKS for each in config.channels):
        return None
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415  # httpx takes its time

    return HttpFetcher(contact=config.contact, clock=clock)


def channels_of(config: Config, clock: Clock) -> dict[str, Channel]:
    """Return the channels of a configuration by their ids.

    Raises:
        ConfigError: An address cannot be used.
    """
    from watcher.notify.channels import channel  # noqa: PLC0415  # loads Apprise

    poster = _poster(config, clock)
    made: dict[str, Channel] = {}
    for each in config.channels:
        try:
            made[each.id] = channel(each.id, each.url.reveal(), clock=clock, poster=poster)
        except ValueError as error:
            problem = Problem(
                file="sources.yaml", line=0, key=f"channels[{each.id}].url", message=str(error)
            )
            raise ConfigError([problem]) from error
    return made


def _with_files(
    config: Config, channels: Mapping[str, Channel], store: Store, evidence: MakeBundle
) -> Iterator[tuple[str, Channel]]:
    """Yield those of the channels whose messages have files with them."""
    from watcher.notify.with_files import WithFiles  # noqa: PLC0415

    names = source_names(config)
    for each in config.channels:
        if each.attach and each.id in channels:
            wanted = frozenset(each.attach)
            make = partial(
                attachments, store, wanted=wanted, make_bundle=evidence, sources=names
            )
            yield each.id, WithFiles(channel=channels[each.id], make=make)


def _evidence(
    store: Store,
    snapshots: SnapshotStore,
    signing: Signing,
    sources: Mapping[str, Source],
    event: str,
) -> Bundle:
    """Return the evidence bundle of an event, as `watcher evidence` makes it."""

    def find_reader(told: Recorded) -> Reader | None:
        source = sources.get(told.provenance.source)
        name = told.provenance.reader.partition("@")[0]
        return source.reader if source is not None and source.reader.name == name else None

    return bundle(store, snapshots, event, find_reader=find_reader, keys=signing.keys())
