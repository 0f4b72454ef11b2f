"""The weekly proof that we watch: made of what is stored, sent once, also over a kill.

The message and the event that says it was sent move together. When it is due is asked of the
calendar each time, so that a service that was down sends the one that is missing, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from watcher.core.capture import Capture, instant
from watcher.core.case import Case
from watcher.core.diff import changes
from watcher.core.events import Cause, Event, Recorded
from watcher.core.facts import State, Subject
from watcher.core.heartbeat import (
    Anchor,
    Gap,
    Heartbeat,
    Looked,
    Proof,
    gaps,
    missed_between,
)
from watcher.core.recipients import Group, Person, told
from watcher.core.taxonomy import TYPES
from watcher.core.watch_list import WatchList, matches
from watcher.ports import Clock, Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.ports.telling import Waiting
from watcher.services.correlate import case_of, corrected
from watcher.services.decisions import record
from watcher.services.own_events import own_stream

SENT = "heartbeat.sent"
_DUE, _UNTIL, _SEEN = "heartbeat.due", "heartbeat.until", "heartbeat.seen"
_WEEK = timedelta(days=7)
_LOOK_BACK = timedelta(days=8)
"""How far before the last heartbeat a gap may have begun that it could not know to be one."""
MOST_CHANGES = 200
_LISTED = ("medicine", "substance")

Compose = Callable[[Proof, str], Envelope]
"""Makes the message of a heartbeat, given its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A source as a heartbeat tells of it.

    Attributes:
        id: Its id.
        name: What people call it.
        tier: 1 (an authority) to 4 (an encyclopaedia).
        expected: Until when the next good look of an address has to come after one.
    """

    id: str
    name: str
    tier: int
    expected: Callable[[datetime], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beating:
    """Who is sent a heartbeat of what.

    Attributes:
        plan: When, and to whom.
        lists: The watch lists, a message each.
        people: All people by id.
        groups: All groups by id.
        watched: All sources.
    """

    plan: Heartbeat
    lists: tuple[WatchList, ...]
    people: Mapping[str, Person]
    groups: Mapping[str, Group]
    watched: tuple[Watched, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """One heartbeat that is due: to whom, of what, and what came before it."""

    person: Person
    watch_list: WatchList
    due: str
    before: State
    since: str

    @property
    def subject(self) -> Subject:
        return Subject("heartbeat", f"{self.person.id}.{self.watch_list.id}")

    @property
    def key(self) -> str:
        return f"heartbeat:{self.person.id}:{self.watch_list.id}:{self.due}"


def beat(store: Store, beating: Beating, compose: Compose, clock: Clock) -> int:
    """Put each heartbeat that is due into the outbox, once; return how many were.

    Args:
        store: Where.
        beating: Who is sent what.
        compose: Makes the messages.
        clock: Tells when.
    """
    now = clock.now()
    with store.reading() as work:
        owed = list(_owed(work, beating, now))
        looks = _Looks(work, beating.watched, now)
        proofs = [(each, _proof(work, each, looks, now)) for each in owed]
    return sum(_send(store, each, compose(proof, each.key), proof, now) for each, proof in proofs)


def _owed(work: Work, beating: Beating, now: datetime) -> Iterator[_Owed]:
    """Yield the heartbeats that are due and were not sent, oldest state first."""
    begun = next(iter(work.log.read(EventFilter(limit=1))), None)
    if begun is None:
        return
    for person, _why in told(beating.plan.to, beating.people, beating.groups, now):
        due = instant(beating.plan.last_due(person.zone, now))
        for listed in beating.lists:
            subject = Subject("heartbeat", f"{person.id}.{listed.id}")
            before = work.streams.get(own_stream(subject)).state
            last = str(before.get(_DUE) or begun.recorded_at)
            if last > instant(now):
                # written while the clock ran ahead, it says nothing of now
                last = instant(now - 2 * _WEEK)
            if due > last:
                since = min(str(before.get(_UNTIL) or begun.recorded_at), instant(now))
                yield _Owed(person=person, watch_list=listed, due=due, before=before, since=since)


@dataclass(slots=True)
class _Looks:
    """How each source was looked at since an instant, worked out once for all readers."""

    work: Work
    watched: tuple[Watched, ...]
    now: datetime
    _known: dict[str, tuple[Looked, ...]] = field(default_factory=dict)

    def since(self, since: str) -> tuple[Looked, ...]:
        """Return how each source was looked at."""
        if since not in self._known:
            self._known[since] = tuple(
                _looked(self.work, each, since, self.now) for each in self.watched
            )
        return self._known[since]


def _looked(work: Work, source: Watched, since: str, now: datetime) -> Looked:
    back = instant(datetime.fromisoformat(since) - _LOOK_BACK)
    looks = seen_well = 0
    found: list[Gap] = []
    # a million pages have seven million looks a week: they are gone through page by page
    at_each = work.captures.at_each(source.id, back, instant(now))
    for url, at_one in groupby(at_each, key=attrgetter("url")):
        good: list[datetime] = []
        for look in at_one:
            if look.is_good:
                good.append(datetime.fromisoformat(look.at))
            if look.at >= since:
                looks, seen_well = looks + 1, seen_well + look.is_good
        found += _gaps(url, good, source, since, now)
    targets = work.captures.targets_counted(source.id, with_retired=True)
    newest = next(iter(work.captures.seen_last(source.id)), None)
    last = work.captures.capture(newest.last_good) if newest and newest.last_good else None
    latest = work.log.latest(EventFilter(sources=(source.id,), limit=1))
    return Looked(
        name=source.name,
        tier=source.tier,
        looks=looks,
        good=seen_well,
        last_good_at=newest.last_good_at if newest else "",
        snapshot=newest.digest if newest else "",
        server_date=_server_date(last),
        stated=latest[0].provenance.published if latest else "",
        addresses=targets.targets,
        failing=targets.failing,
        gaps=tuple(found),
    )


def _server_date(capture: Capture | None) -> str:
    return capture.headers.get("last-modified", "") if capture else ""


def _gaps(
    url: str, seen: Sequence[datetime], source: Watched, since: str, now: datetime
) -> Iterator[Gap]:
    """Yield the gaps of an address that had not ended when the last heartbeat was made."""
    for before, after in gaps(seen, source.expected, now):
        until = instant(after) if after else ""
        if not until or until >= since:
            yield Gap(instant(before), until, url)


def _proof(work: Work, owed: _Owed, looks: _Looks, now: datetime) -> Proof:
    listed, is_first = owed.watch_list, not owed.before
    found = list(_changed(work, listed, int(str(owed.before.get(_SEEN) or 0))))
    held = [each.events for each in work.held.batches() if each.state == "held"]
    last, due = (
        datetime.fromisoformat(str(at)) for at in (owed.before.get(_DUE, owed.due), owed.due)
    )
    return Proof(
        watch_list=listed,
        since=owed.since,
        until=instant(now),
        due=owed.due,
        is_first=is_first,
        missed=missed_between(last, due),
        head=work.log.head(),
        medicines=_medicines(work, listed, looks.watched),
        looked=looks.since(owed.since),
        changed=tuple(found[-MOST_CHANGES:]),
        more=max(len(found) - MOST_CHANGES, 0),
        held=sum(held),
        open=tuple(_open(work, listed)),
        anchor=_anchor(work),
    )


def _changed(work: Work, listed: WatchList, after: int) -> Iterator[Case]:
    """Yield the cases about medicines on the list that are new since a position, each once."""
    taken_back, seen = corrected(work), set[str]()
    for each in work.log.read(EventFilter(after=after, causes=(Cause.OBSERVED,))):
        if TYPES[each.event.type].is_operational or each.position in taken_back:
            continue
        row = work.cases.of_event(each.position)
        if row is None or row.key in seen or not _is_on(work, listed, each):
            continue
        seen.add(row.key)
        yield case_of(work, row)


def _is_on(work: Work, listed: WatchList, each: Recorded) -> bool:
    state = work.streams.get(each.stream).state
    return matches(listed, each.event.subject, state) is not None


def _open(work: Work, listed: WatchList) -> Iterator[Case]:
    """Yield the cases about medicines on the list that nobody has acknowledged, gravest first."""
    for state in sorted(work.case_states.open(), key=lambda each: -each.severity):
        if not (positions := work.cases.positions(state.case)):
            continue
        row = work.cases.of_event(positions[0])
        lead = work.log.find(str(row.lead if row else positions[0]))
        if row and not TYPES[lead.event.type].is_operational and _is_on(work, listed, lead):
            yield case_of(work, row)


def _medicines(work: Work, listed: WatchList, watched: Iterable[Watched]) -> int:
    """Return how many medicines are on the list; of a list of substances alone, how many those."""
    found: dict[str, set[str]] = {kind: set() for kind in _LISTED}
    for source in watched:
        for stream in work.streams.each_of(source.id):
            subject = Subject.parse(stream.name.partition("/")[2])
            if subject.kind in found and matches(listed, subject, stream.state):
                found[subject.kind].add(subject.id)
    return next((len(ids) for ids in found.values() if ids), 0)


def _anchor(work: Work) -> Anchor | None:
    signed = work.proof.last_checkpoint()
    if signed is None:
        return None
    return Anchor(size=signed.size, root=signed.root.hex(), at=signed.at, note=signed.note)


def _send(store: Store, owed: _Owed, letter: Envelope, proof: Proof, now: datetime) -> int:
    """Put a heartbeat into the outbox and note it in the log, unless another process did."""
    with store.writing() as work:
        if work.streams.get(own_stream(owed.subject)).state != owed.before:
            return 0
        queued = [
            work.outbox.add(_message(owed, each, letter, now)) for each in owed.person.channels
        ]
        if not any(queued):
            return 0
        after: State = {_DUE: owed.due, _UNTIL: instant(now), _SEEN: proof.head}
        event = Event(
            type=SENT,
            subject=owed.subject,
            changes=tuple(changes(owed.before, after)),
            details={
                "person": owed.person.id,
                "watch_list": owed.watch_list.id,
                "due": owed.due,
                "request": owed.key,
                **({"late": "yes"} if proof.is_late else {}),
            },
        )
        record(work, event, instant(now))
    return 1


def _message(owed: _Owed, channel: str, letter: Envelope, now: datetime) -> Waiting:
    at = instant(now)
    return Waiting(
        id=0,
        key=owed.key,
        case="",
        channel=channel,
        envelope=letter,
        state="pending",
        next_attempt=at,
        created_at=at,
        person=owed.person.id,
        kind="heartbeat",
    )
