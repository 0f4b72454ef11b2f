"""The proof that we watch: once a local week, what was looked at, how well, and what was not.

Silence can mean that nothing happened or that nobody looked. A heartbeat tells them apart, and the
signed checkpoint in it is a promise kept in the reader's own mailbox: no one can rewrite the log's
beginning later without contradicting it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from watcher.core.case import Case
from watcher.core.cron import instants, parse_cron
from watcher.core.watch_list import EVERYTHING, WatchList

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LATE = timedelta(hours=1)
"""A heartbeat that comes later than this says so."""
_LOOK_BACK = timedelta(days=16)
"""A week, and one more where a zone skipped the day on which the heartbeat was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """When the proof of watching comes, and to whom.

    Attributes:
        to: Ids of people and groups.
        weekday: The day, `mon` to `sun`.
        at: The time of day, each reader's own.
        watch_lists: Ids of the watch lists it tells of, each in a message of its own; none: one
            message about everything that is watched.
    """

    to: tuple[str, ...]
    weekday: str = "mon"
    at: time = time(7, 45)
    watch_lists: tuple[str, ...] = ()

    def lists(self, known: Iterable[WatchList]) -> tuple[WatchList, ...]:
        """Return the watch lists it tells of, in the order in which they are named."""
        by_id = {listed.id: listed for listed in known}
        return tuple(by_id[name] for name in self.watch_lists if name in by_id) or (EVERYTHING,)

    def last_due(self, zone: str, now: datetime) -> datetime:
        """Return when it was due last, UTC: at or before `now`, once a local week.

        Args:
            zone: The reader's time zone.
            now: The present instant.
        """
        place = ZoneInfo(zone)
        day = (WEEKDAYS.index(self.weekday) + 1) % 7
        table = parse_cron(f"{self.at.minute} {self.at.hour} * * {day}")
        begun = (now - _LOOK_BACK).astimezone(place).date()
        return max(takewhile(lambda due: due <= now, instants(table, place, begun)))


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A time in which an address was not seen well, longer than its schedule lets expect.

    Attributes:
        since: The good look before it, RFC 3339 UTC.
        until: The good look after it; empty: it lasts.
        url: The address.
    """

    since: str
    until: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How one source was looked at since the heartbeat before.

    Attributes:
        name: What people call it.
        tier: 1 (an authority) to 4 (an encyclopaedia).
        looks: How many looks there were.
        good: How many of them saw the page as it is.
        last_good_at: When it was seen well last, RFC 3339 UTC; empty: never.
        snapshot: Digest of what was seen then.
        server_date: The date the server gave it: `Last-Modified`.
        stated: The date that the source itself puts on what it says, as of its last event.
        addresses: How many addresses it has.
        failing: How many of them were not seen well at the last look.
        gaps: Times without a good look, longer than expected.
    """

    name: str
    tier: int
    looks: int = 0
    good: int = 0
    last_good_at: str = ""
    snapshot: str = ""
    server_date: str = ""
    stated: str = ""
    addresses: int = 1
    failing: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def is_well(self) -> bool:
        """Return whether it was watched as promised."""
        return bool(self.good) and not self.gaps and not self.failing


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The newest signed checkpoint.

    Attributes:
        size: How many events it covers.
        root: Their root, 64 hexadecimal digits.
        at: When it was signed, RFC 3339 UTC.
        note: The signed note itself, line by line as it has to be kept.
    """

    size: int
    root: str
    at: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one heartbeat tells.

    Attributes:
        watch_list: What it is about.
        since: Since when, RFC 3339 UTC: the heartbeat before, or the beginning of the watch.
        until: Until when.
        due: When it was due.
        is_first: Whether there was none before it.
        missed: How many fell due since the one before it and were never sent.
        medicines: How many medicines the list holds, as far as the sources state it.
        looked: How each source was looked at.
        changed: What happened to them, the newest last.
        more: How many more happenings there were than `changed` has.
        held: How many changes wait for a person before anyone is told.
        open: Cases about them that nobody has acknowledged.
        anchor: The newest signed checkpoint; None: nothing was signed yet.
        head: The last position in the log that it knows of.
    """

    watch_list: WatchList
    since: str
    until: str
    due: str
    is_first: bool = False
    missed: int = 0
    medicines: int = 0
    looked: tuple[Looked, ...] = ()
    changed: tuple[Case, ...] = ()
    more: int = 0
    held: int = 0
    open: tuple[Case, ...] = ()
    anchor: Anchor | None = None
    head: int = 0

    @property
    def is_late(self) -> bool:
        """Return whether it comes so late that a reader may have wondered."""
        late = datetime.fromisoformat(self.until) - datetime.fromisoformat(self.due)
        return not self.is_first and (late > LATE or self.missed > 0)

    @property
    def is_well(self) -> bool:
        """Return whether everything was watched as promised and the list is not empty."""
        return bool(self.medicines and self.looked) and all(each.is_well for each in self.looked)


def gaps(
    good: Sequence[datetime], expected: Callable[[datetime], datetime], now: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return the times between good looks that were longer than expected.

    Args:
        good: When an address was seen well, oldest first.
        expected: Until when the next good look has to come after one, at least an hour later.
        now: The present instant; the last one may be waiting too long for its next.
    """
    found: list[tuple[datetime, datetime | None]] = []
    for before, after in pairwise([*good, now]):
        if after - before > LATE and after > expected(before):
            found.append((before, after))
    if found and found[-1][1] == now:
        found[-1] = (found[-1][0], None)
    return tuple(found)


def missed_between(before: datetime, due: datetime) -> int:
    """Return how many heartbeats fell due between two of them."""
    return max(round((due - before) / timedelta(days=7)) - 1, 0)
