"""Looks that did not happen: nobody notices what is not there, so the operator is told.

Told are sources with a target that waits much longer than its schedule says, and hosts that are
left alone for long. Each is told once while it lasts, and once when it is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.events import Cause, Change, Event
from watcher.core.facts import Subject, Value
from watcher.ports import Clock
from watcher.ports.store import Store
from watcher.services.correlate import RECONCILER
from watcher.services.own_events import appended, ours, own_stream

PATIENCE = timedelta(hours=1)
"""How late a look may be, whatever its schedule; twice its interval where that is longer."""

_OVERDUE = "overdue.now"
_RESTING = "rest.now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A target that is due and has not been looked at.

    Attributes:
        source: Its source's id.
        tier: Its source's tier.
        url: Its address.
        interval: How long its schedule waits between two looks.
        why: Why it was not looked at, where that is known: its host is left alone.
    """

    source: str
    tier: int
    url: str
    interval: timedelta
    why: str = ""


@dataclass(slots=True)
class Waiting:
    """How long each due target has been waiting while this process ran.

    It counts by a clock that no one sets: time in which the program did not run, and jumps of the
    machine's clock, are nobody's delay.
    """

    clock: Clock
    _since: dict[tuple[str, str], float] = field(default_factory=dict)

    def overdue(self, due: Sequence[Late]) -> list[Late]:
        """Return those of the due targets that have waited too long; call it every minute."""
        now = self.clock.monotonic()
        self._since = {
            (late.source, late.url): self._since.get((late.source, late.url), now) for late in due
        }
        return [late for late in due if self.seconds(late) > _limit(late).total_seconds()]

    def seconds(self, late: Late) -> float:
        """Return for how long a target has been due."""
        now = self.clock.monotonic()
        return now - self._since.get((late.source, late.url), now)


def _limit(late: Late) -> timedelta:
    return max(2 * late.interval, PATIENCE)


def tell_late(store: Store, promises: Iterable[Late], now: datetime) -> int:
    """Append what is overdue, by what the store alone says: for many processes, and many targets.

    Time in which no process of today's ran is nobody's delay.

    Args:
        store: Where to.
        promises: Each source once, with its interval; its `url` and `why` say nothing.
        now: The present instant.
    """
    with store.reading() as work:
        begun = min((each.started_at for each in work.processes.all()), default=instant(now))
        overdue = []
        for promise in promises:
            before = instant(now - _limit(promise))
            if before >= begun:
                late = work.claims.late(promise.source, before)
                overdue += [replace(promise, url=url) for url in late]
        due = [*overdue]
        for source, told in _told(store, "source", _OVERDUE).items():
            url = str(told["url"])
            target = work.captures.known(source, [url]).get(url)
            if target is not None and target.next_due <= instant(now):
                due += [Late(source=source, tier=0, url=url, interval=PATIENCE)]
    return tell_overdue(store, due, overdue, now)


def tell_overdue(store: Store, due: Iterable[Late], overdue: Iterable[Late], now: datetime) -> int:
    """Append an event for each source that has become overdue or is no longer; return how many.

    Args:
        store: Where to.
        due: All targets that are due.
        overdue: Those of them that have waited too long.
        now: The present instant.
    """
    late: dict[str, list[Late]] = {}
    for each in overdue:
        late.setdefault(each.source, []).append(each)
    waiting = {(each.source, each.url) for each in due}
    told = 0
    for source in sorted(late.keys() | _told(store, "source", _OVERDUE).keys()):
        told += _tell_source(store, source, late.get(source, ()), waiting, now)
    return told


def _tell_source(
    store: Store,
    source: str,
    late: Sequence[Late],
    waiting: set[tuple[str, str]],
    now: datetime,
) -> int:
    before = _told(store, "source", _OVERDUE).get(source)
    if late and before is None:
        first = late[0]
        count = f"{len(late)} looks are overdue" if len(late) > 1 else "a look is overdue"
        reason = f"{count}: {first.why or 'the program does not come to it'}"
        after: Value = {"since": instant(now), "url": first.url}
        details = {"reason": reason, "url": first.url}
        return _append(store, Subject("source", source), _OVERDUE, (None, after), details, now)
    if before is not None and not late and (source, str(before["url"])) not in waiting:
        details = {"since": str(before["since"]), "url": str(before["url"])}
        return _append(store, Subject("source", source), _OVERDUE, (before, None), details, now)
    return 0


def tell_rests(store: Store, rests: Mapping[str, str], now: datetime) -> int:
    """Append an event for each host that is now left alone, or no longer; return how many.

    Args:
        store: Where to.
        rests: Why hosts with targets that are due are left alone, by host, in words.
        now: The present instant.
    """
    told, before = 0, _told(store, "host", _RESTING)
    for host in sorted(rests.keys() - before.keys()):
        after: Value = {"since": instant(now), "why": rests[host]}
        details = {"reason": f"{rests[host]}; looks are put off until then"}
        told += _append(store, Subject("host", host), _RESTING, (None, after), details, now)
    for host in sorted(before.keys() - rests.keys()):
        details = {"since": str(before[host]["since"])}
        change = (before[host], None)
        told += _append(store, Subject("host", host), _RESTING, change, details, now)
    return told


def overdue_now(store: Store) -> tuple[str, ...]:
    """Return the ids of the sources that the operator was told are overdue, and still are."""
    return tuple(sorted(_told(store, "source", _OVERDUE)))


def _told(store: Store, kind: str, path: str) -> dict[str, dict[str, Value]]:
    """Return what the operator has been told and is not over yet, by subject."""
    found: dict[str, dict[str, Value]] = {}
    with store.reading() as work:
        for name, stream in work.streams.of_source(RECONCILER, kind).items():
            subject = Subject.parse(name.partition("/")[2])
            now = stream.state.get(path)
            if isinstance(now, dict):
                found[subject.id] = now
    return found


def _append(
    store: Store,
    subject: Subject,
    path: str,
    change: tuple[Value, Value],
    details: Mapping[str, str],
    now: datetime,
) -> int:
    """Append one event of trouble that begins (before, None) or ends (after, None)."""
    before, after = change
    moved = Change(
        path=path, action="removed" if after is None else "added", before=before, after=after
    )
    name = "source.recovered" if after is None else "watch.overdue"
    event = Event(type=name, subject=subject, changes=(moved,), details=details)
    at = instant(now)
    with store.writing() as work:
        stream = work.streams.get(own_stream(subject))
        told = ours(f"overdue-{subject.id}-{at}", at, url=details.get("url", ""))
        work.log.append(appended(stream, event), told, Cause.OBSERVED, at)
    return 1
