"""Everything wired: what the commands, the pages and the service call."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from watcher.bootstrap.evidence import evidence_of
from watcher.bootstrap.letters import Letters, source_names
from watcher.bootstrap.sources import beating
from watcher.config.flat import flat
from watcher.core.capture import Target, instant
from watcher.core.schedule import interval
from watcher.errors import NotFoundError
from watcher.ports import Channel
from watcher.ports.access import Passwords
from watcher.ports.hosts import Rests
from watcher.ports.proof import Signing
from watcher.ports.store import SnapshotStore, Store
from watcher.services.alert import Alerted, alert
from watcher.services.bundle import Bundle
from watcher.services.cases import Naming
from watcher.services.check import Outcome, check
from watcher.services.confirm import ask_the_authority
from watcher.services.decisions import Decider, note_configuration
from watcher.services.deliver import channels_due, deliver, deliver_through
from watcher.services.digests import due as due_digests
from watcher.services.due import Plan, due_targets
from watcher.services.enrol import enrol
from watcher.services.escalate import Staff, escalate
from watcher.services.follow import Following, follow, settle
from watcher.services.heartbeat import beat
from watcher.services.lease import leased, leased_in_turn
from watcher.services.overdue import Late
from watcher.services.sealing import Sealed, seal
from watcher.services.source import Source
from watcher.store.holdings import Holdings

_SOON = 1.0


def _go_on() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher(Letters):
    """Everything wired: what the commands and the service call."""

    store: Store
    snapshots: SnapshotStore
    signing: Signing
    sources: Mapping[str, Source]
    channels: Mapping[str, Channel]
    followings: tuple[Following, ...] = ()
    rests: Rests | None = None
    holdings: Holdings | None = None
    passwords: Passwords
    form_key: bytes = field(default=b"", repr=False)

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

    def promises(self) -> Iterator[Late]:
        """Yield each source with how long it may be between two looks."""
        now = self.tools.clock.now()
        for source in self.config.sources:
            wait = interval(source.schedule, now)
            yield Late(source=source.id, tier=source.tier, url="", interval=wait)

    def resting(self, host: str) -> str:
        """Return why a server, given by its name and port, is left alone; empty: it is not."""
        return self.rests.resting(f"https://{host}/") if self.rests else ""

    def enrol(self) -> int:
        """Give every address of the configuration its turn in the store; return how many changed.

        For processes that claim targets from there; see `services.enrol`.
        """
        now = self.tools.clock.now()
        changed = enrol(self.store, [*self._plans()], now)
        settle(self.store, self.followings, now)
        return changed

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
        with leased(self.store, source.id, url, self.tools.clock) as target:
            return check(source, url, self.tools, target)

    def check_all(self, source: Source) -> Generator[Outcome]:
        """Look at all that is meant by looking at `source` now; see `check` and `addresses`."""
        urls = self.addresses(source)
        if self.holdings is not None:
            return (self.check(source, url) for url in urls)

        def look_at(target: Target) -> Outcome:
            return check(source, target.url, self.tools, target)

        return leased_in_turn(self.store, source.id, urls, self.tools.clock, look_at)

    def look(self, source: Source, url: str) -> Outcome:
        """Look at one target that was claimed already; see `check`."""
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
        if self.holdings is not None:
            return sum(self.deliver_through(name, _go_on) for name in self.channels_due())
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
        with self._alone(f"channel {channel}") as is_ours:
            if not is_ours:
                return 0
            recorder = self.tools.recorder
            tried = deliver_through(self.store, channel, self.channels, recorder, is_over)
            return sum(waiting.state == "delivered" for waiting in tried)

    def _alone(self, name: str) -> AbstractContextManager[bool]:
        """Be the one process that does something within the block; tell whether we are."""
        return (
            nullcontext(enter_result=True) if self.holdings is None else self.holdings.holding(name)
        )

    def escalate(self) -> int:
        """Tell somebody else of each case that nobody acknowledged in time; return how many."""
        staff = Staff(
            people={person.id: person for person in self.config.people},
            groups={group.id: group for group in self.config.groups},
        )
        return escalate(self.store, staff, self.compose_escalation, self.tools.recorder)

    @property
    def naming(self) -> Naming:
        """Return what sources and people are called."""
        people = {person.id: str(person) for person in self.config.people}
        return Naming(sources=source_names(self.config), people=people)

    def heartbeat(self) -> int:
        """Send the weekly proof that we watch to whom it is due; return how many were queued."""
        due = beating(self.config)
        if due is None:
            return 0
        return beat(self.store, due, self.compose_heartbeat, self.tools.recorder)

    def seal(self) -> Sealed:
        """Seal what was looked at since the last seal, and sign the log's head."""
        return seal(self.store, self.signing, self.tools.recorder)

    def evidence(self, event: str) -> Bundle:
        """Return the evidence bundle of an event, given its position or id."""
        return evidence_of(self.store, self.snapshots, self.signing, self.sources, event)

    def note_configuration(self, who: str) -> None:
        """Record what differs from the configuration that the program last ran with.

        Args:
            who: Who started the program.
        """
        now = instant(self.tools.recorder.now())
        by = Decider(who=who, request=f"start {now}")
        note_configuration(self.store, "sources.yaml", flat(self.config), by, now)
