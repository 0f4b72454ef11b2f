"""How the sources do: one line each, and one of them with its addresses and every look at it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from watcher.core.capture import Capture, Target
from watcher.core.shard import host_of
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.ports.held import HeldBatch
from watcher.ports.hosts import Standing
from watcher.ports.store import Store, Work
from watcher.services.overdue import overdue_now
from watcher.services.source import Source

DAYS = 90
"""How many days a calendar has."""
MOST_TARGETS = 100
"""How many addresses are listed, those that fail first."""
State = Literal["well", "failing", "overdue", "new"]
_BAD = tuple(verdict for verdict in Verdict if not verdict.is_good)


@dataclass(frozen=True, slots=True)
class DayLooked:
    """What the looks of one UTC day turned out to be.

    Attributes:
        day: The day.
        verdicts: How many looks by verdict; empty: nobody looked.
    """

    day: date
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)

    @property
    def good(self) -> int:
        """Return how many looks were good."""
        return sum(count for verdict, count in self.verdicts.items() if verdict.is_good)

    @property
    def bad(self) -> int:
        """Return how many looks were not."""
        return sum(self.verdicts.values()) - self.good


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """How one source does.

    Attributes:
        source: The source.
        state: `well`; `failing`: the last look at one of its addresses was not good; `overdue`:
            nobody came to it; `new`: it was never seen well.
        last_good_at: When it was last seen well, RFC 3339 UTC; empty: never.
        next_due: When it is looked at next; empty: at once.
        targets: How many addresses are looked at.
        failing: How many of them fail.
        failing_since: Since when the first of them does.
        reason: What the last look that failed was like; empty: none fails.
        records: How many subjects it told of when last seen well.
        days: The last `DAYS` days, the oldest first.
        held: Its batches that wait for a person.
    """

    source: Source
    state: State
    last_good_at: str
    next_due: str
    targets: int
    failing: int
    failing_since: str
    reason: str
    records: int
    days: tuple[DayLooked, ...]
    held: tuple[HeldBatch, ...]

    @property
    def is_well(self) -> bool:
        """Return whether nobody has to look after it."""
        return self.state in {"well", "new"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """One source, whole.

    Attributes:
        line: How it does.
        targets: Its addresses, those that fail first, `MOST_TARGETS` at most.
        hosts: Where we stand with the hosts it is on, by name.
        looks: A page of the looks at it with their numbers, the last first.
        following: The number before which the next page begins; 0: there is none.
        batches: All its batches that were ever held back, the newest first.
    """

    line: SourceLine
    targets: tuple[Target, ...]
    hosts: Mapping[str, Standing]
    looks: tuple[tuple[int, Capture], ...]
    following: int
    batches: tuple[HeldBatch, ...]


def source_lines(
    store: Store, sources: Mapping[str, Source], now: datetime, *, with_days: bool = True
) -> tuple[SourceLine, ...]:
    """Return how each source does, in the order of the configuration.

    Args:
        store: Where.
        sources: The sources by id.
        now: The present instant.
        with_days: Whether the looks of the last days are counted, for which all are gone through.
    """
    late = overdue_now(store)
    with store.reading() as work:
        days = _days(work, sources, now) if with_days else {}
        held = [each for each in work.held.batches() if each.state == "held"]
        return tuple(
            _line(
                work,
                each,
                days.get(each.id, ()),
                (*(batch for batch in held if batch.source == each.id),),
                is_late=each.id in late,
            )
            for each in sources.values()
        )


def source_page(
    store: Store,
    source: Source,
    now: datetime,
    *,
    before: int = 0,
    verdicts: Collection[Verdict] = (),
    limit: int = 50,
) -> SourcePage:
    """Return one source with its addresses and a page of the looks at it.

    Args:
        store: Where.
        source: The source.
        now: The present instant.
        before: The looks before this number of the ledger; 0: the last.
        verdicts: Only looks that turned out so; empty: all.
        limit: How many looks a page has.
    """
    (line,) = source_lines(store, {source.id: source}, now)
    which = WhichLooks(source=source.id, verdicts=tuple(verdicts))
    with store.reading() as work:
        looks = work.captures.newest(which, before=before, limit=limit + 1)
        named = work.captures.known(source.id, source.urls)
        new = [Target(source=source.id, url=url) for url in source.urls if url not in named]
        known = work.captures.failing_first(source.id, MOST_TARGETS, only=_only(source))
        return SourcePage(
            line=line,
            targets=(*known, *new)[:MOST_TARGETS],
            hosts={host: work.hosts.standing(host) for host in servers_of(work, source)},
            looks=looks[:limit],
            following=looks[limit - 1][0] if len(looks) > limit else 0,
            batches=tuple(
                each for each in reversed(work.held.batches()) if each.source == source.id
            ),
        )


def servers_of(work: Work, source: Source) -> tuple[str, ...]:
    """Return the servers that a source's addresses are on, known here or new; each once."""
    named = map(host_of, source.urls)
    return tuple(sorted({*work.captures.servers(source.id), *named} - {""}))


def _only(source: Source) -> tuple[str, ...] | None:
    """Return the addresses that are looked at; None: all that another source ever named."""
    return None if source.follows else tuple(source.urls)


def _days(
    work: Work, sources: Collection[str], now: datetime
) -> Mapping[str, tuple[DayLooked, ...]]:
    today = now.date()
    first = today - timedelta(days=DAYS - 1)
    found: dict[tuple[str, str], dict[Verdict, int]] = {}
    for each in work.captures.by_day(first.isoformat()):
        found.setdefault((each.source, each.day), {})[each.verdict] = each.looks
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return {
        source: tuple(DayLooked(day, found.get((source, day.isoformat()), {})) for day in days)
        for source in sources
    }


def _line(
    work: Work,
    source: Source,
    days: tuple[DayLooked, ...],
    held: tuple[HeldBatch, ...],
    *,
    is_late: bool,
) -> SourceLine:
    known = work.captures.targets_counted(source.id, only=_only(source))
    named = work.captures.known(source.id, source.urls)
    new = sum(url not in named for url in source.urls)
    good, failing = known.last_good_at, known.failing
    state: State = "overdue" if is_late else "failing" if failing else "well" if good else "new"
    return SourceLine(
        source=source,
        state=state,
        last_good_at=good,
        next_due="" if new else known.next_due,
        targets=known.targets + new,
        failing=failing,
        failing_since=known.failing_since,
        reason=_reason(work, source.id) if failing else "",
        records=known.records,
        days=days,
        held=held,
    )


def _reason(work: Work, source: str) -> str:
    """Return what the last look that was not good was like."""
    found = work.captures.newest(WhichLooks(source=source, verdicts=_BAD), limit=1)
    return next((f"{str(each.verdict).replace('_', ' ')}: {each.reason}" for _, each in found), "")


def last_look(store: Store) -> Capture | None:
    """Return the last look at anything; None: nobody has looked yet."""
    with store.reading() as work:
        found = work.captures.newest(WhichLooks(), limit=1)
    return found[0][1] if found else None
