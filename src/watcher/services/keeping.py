"""What is stored, and what of it may go."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from watcher.core.capture import instant
from watcher.core.events import Cause, Event
from watcher.core.facts import Subject
from watcher.core.retention import Retention, evidence, expendable, named
from watcher.ports import Clock
from watcher.ports.snapshots import Kept, SnapshotStore, Tombstone
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.own_events import appended, ours, own_stream

EXPIRED = "snapshot.expired"
_SUBJECT = Subject("snapshot", "all")
_ORPHANS_STAY = timedelta(days=1)
_LEFTOVERS_STAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """One payload that may go.

    Attributes:
        digest: Its digest.
        stored: Bytes it takes.
        why: Why it may go.
        touched: When a process last put it; one that is put again before it went stays. Empty:
            nobody else writes to this store.
    """

    digest: str
    stored: int
    why: str
    touched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """What may go, or went.

    Attributes:
        expired: Payloads whose time is over; a tombstone and an event tell of them.
        orphans: Payloads that nothing names, left by a process that was killed.
        bases: How many would go, and stay because payloads that stay rest on them.
        freed: Bytes of all that goes.
        leftovers: Half-written files that were removed.
        position: Where the event stands in the log; 0: there is none.
    """

    expired: tuple[Going, ...]
    orphans: tuple[Going, ...]
    bases: int
    freed: int
    leftovers: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What is stored.

    Attributes:
        count: How many payloads.
        size: Bytes of the payloads.
        stored: Bytes they take.
        depths: How many are differences over how many steps; 0: stored as a whole.
        sources: Bytes that the payloads of each source take; one of several sources counts for
            each of them.
        orphans: How many nothing names.
        tombstones: How many payloads went on purpose, by kind.
    """

    count: int
    size: int
    stored: int
    depths: Mapping[int, int]
    sources: Mapping[str, int]
    orphans: int
    tombstones: Mapping[str, int]

    @property
    def ratio(self) -> float:
        """Return how many times smaller they are stored than they are."""
        return self.size / self.stored if self.stored else 1.0


@dataclass(slots=True)
class _Sums:
    """What is counted in one pass over the payloads."""

    size: int = 0
    stored: int = 0
    depths: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


def stats(store: Store, snapshots: SnapshotStore) -> Stats:
    """Return what is stored, and of which sources."""
    sources: dict[str, set[str]] = {}
    with store.reading() as work:
        for capture in work.captures.read():
            if capture.digest:
                sources.setdefault(capture.digest, set()).add(capture.source)
        known = {*sources, *named(work.log.read(EventFilter()))}
    sums, orphans, count = _Sums(), 0, 0
    for kept in snapshots.kept():
        count += 1
        orphans += kept.digest not in known
        sums.size += kept.size
        sums.stored += kept.stored
        sums.depths[kept.depth] += 1
        sums.sources.update(dict.fromkeys(sources.get(kept.digest, ()), kept.stored))
    return Stats(
        count=count,
        size=sums.size,
        stored=sums.stored,
        depths=dict(sorted(sums.depths.items())),
        sources=dict(sums.sources.most_common()),
        orphans=orphans,
        tombstones=dict(Counter(stone.kind for stone in snapshots.tombstones())),
    )


def clearance(store: Store, snapshots: SnapshotStore, rules: Retention, clock: Clock) -> Clearance:
    """Return what may go by the rules; nothing is taken."""
    now = clock.now()
    kept = {each.digest: each for each in snapshots.kept()}
    with store.reading() as work:
        for_ever = evidence(work.log.read(EventFilter()), work.captures.read())
        over = expendable(work.captures.read(), for_ever, rules, now)
        ledger = {capture.digest for capture in work.captures.read()}
    latest = instant(now - _ORPHANS_STAY)
    lost = {
        each.digest: "no look and no event names it"
        for each in kept.values()
        if each.digest not in ledger and each.digest not in for_ever and each.since < latest
    }
    # what was put a moment ago may belong to a look that is not in the ledger yet
    wanted = {
        digest: why
        for digest, why in {**over, **lost}.items()
        if digest in kept and kept[digest].touched < latest
    }
    rested_on = _rested_on(kept, wanted)
    going = {
        digest: Going(
            digest=digest, stored=kept[digest].stored, why=why, touched=kept[digest].touched
        )
        for digest, why in sorted(wanted.items())
        if digest not in rested_on
    }
    return Clearance(
        expired=tuple(each for each in going.values() if each.digest in over),
        orphans=tuple(each for each in going.values() if each.digest in lost),
        bases=len(wanted) - len(going),
        freed=sum(each.stored for each in going.values()),
    )


def clear(store: Store, snapshots: SnapshotStore, rules: Retention, clock: Clock) -> Clearance:
    """Take what may go, and return what went.

    The list of what goes is stored as a payload, and the event that rests on it stands in the log
    before the first byte goes: whatever is missing without standing in such a list was lost.
    """
    found = clearance(store, snapshots, rules, clock)
    at = instant(clock.now())
    position, listed = 0, ""
    if found.expired:
        listed = snapshots.put(_list(found.expired))
        with store.writing() as work:
            position = _record(work, found, listed, at)
        stones = [
            Tombstone(digest=each.digest, kind="retention", at=at, why=each.why)
            for each in found.expired
        ]
        snapshots.expire(stones, {each.digest: each.touched for each in found.expired})
    # an attempt that failed may have left the very list that an event now rests on
    orphans = tuple(each for each in found.orphans if each.digest != listed)
    snapshots.discard(
        [each.digest for each in orphans], {each.digest: each.touched for each in orphans}
    )
    leftovers = snapshots.sweep(instant(clock.now() - _LEFTOVERS_STAY))
    return Clearance(
        expired=found.expired,
        orphans=orphans,
        bases=found.bases,
        freed=sum(each.stored for each in (*found.expired, *orphans)),
        leftovers=leftovers,
        position=position,
    )


def _rested_on(kept: Mapping[str, Kept], going: Mapping[str, str]) -> frozenset[str]:
    """Return what payloads that stay rest on, directly or through others."""
    found: set[str] = set()
    for each in kept.values():
        base = each.base if each.digest not in going else ""
        while base and base not in found:
            found.add(base)
            base = kept[base].base if base in kept else ""
    return frozenset(found)


def _list(going: tuple[Going, ...]) -> bytes:
    rows = ({"digest": each.digest, "why": each.why} for each in going)
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def _record(work: Work, found: Clearance, listed: str, at: str) -> int:
    stream = work.streams.get(own_stream(_SUBJECT))
    details = {
        "count": str(len(found.expired)),
        "bytes": str(sum(each.stored for each in found.expired)),
        "list": listed,
        "reason": f"the time of {len(found.expired)} payloads was over",
    }
    event = Event(type=EXPIRED, subject=_SUBJECT, details=details)
    work.log.append(appended(stream, event), ours(at, at, snapshot=listed), Cause.OBSERVED, at)
    # the same list at the same instant stands there already
    return work.log.latest(EventFilter(types=(EXPIRED,), limit=1))[0].position
