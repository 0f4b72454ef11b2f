"""Pages that a bulk source's rows name: a row tells that something happened, its page tells what.

A page is looked at as soon as something was seen to change in its row. A table does not tell
everything, though, and an authority has changed a status and left the date of the row as it was;
so each page is also looked at once in a while although nothing was said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from watcher.core.capture import NEVER_DUE, NEWS, Target, instant
from watcher.core.events import Cause
from watcher.core.facts import State, Subject
from watcher.core.schedule import spread
from watcher.core.watch_list import WatchList, matches
from watcher.ports.store import EventFilter, Store, Work

_ADDRESS = "product.url"
_BATCH = 500
"""Rows, or events, at a time."""
_FIRST_ROUND = 7 * 86_400
"""Seconds over which the pages of a table seen for the first time are looked at, at the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """A source that consists of the pages another source names.

    Attributes:
        source: Its id.
        bulk: The id of the source whose rows name the pages.
        every: After how many seconds a page is looked at although nothing was said of it.
        lists: The watch lists of which one has to hold a medicine; None: all medicines.
    """

    source: str
    bulk: str
    every: int
    lists: tuple[WatchList, ...] | None = None

    def wants(self, subject: Subject, state: State) -> bool:
        """Return whether a medicine's page is to be looked at."""
        if self.lists is None:
            return True
        return any(matches(listed, subject, state) for listed in self.lists)


def follow(store: Store, followings: Iterable[Following], now: datetime) -> int:
    """Bring forward the pages of rows in which something was seen to change; return how many.

    What is new in the log since the last call is read once, a few hundred events at a time, and the
    checkpoint moves in the same transaction: a crash neither forgets a page nor has it looked at
    twice.
    """
    return sum(_follow(store, each, now) for each in followings)


def settle(store: Store, followings: Iterable[Following], now: datetime) -> None:
    """See to it that every page that is to be looked at has its turn, and that no other has.

    For the start of a process: the watch lists, or which source is followed, may have changed. Of
    hundreds of thousands of rows a few hundred are in memory at a time.
    """
    for each in followings:
        with store.reading() as work:
            rows = (
                (Subject.parse(stream.name.partition("/")[2]), stream.state)
                for stream in work.streams.each_of(each.bulk)
            )
            while some := list(islice(rows, _BATCH)):
                if targets := _targets(work, each, some, frozenset(), now):
                    with store.writing() as writing:
                        writing.captures.put_targets(targets)


def _follow(store: Store, following: Following, now: datetime) -> int:
    brought = 0
    while True:
        with store.reading() as work:
            if work.checkpoint(_consumer(following)) >= work.log.head():
                return brought
        with store.writing() as work:
            brought += _follow_some(work, following, now)


def _consumer(following: Following) -> str:
    return f"follow/{following.source}"


def _follow_some(work: Work, following: Following, now: datetime) -> int:
    """Follow the next few hundred events; return how many pages were brought forward."""
    after, head = work.checkpoint(_consumer(following)), work.log.head()
    told: set[Subject] = set()
    news: set[Subject] = set()
    new = list(work.log.read(EventFilter(sources=(following.bulk,), after=after, limit=_BATCH)))
    for each in new:
        told.add(each.event.subject)
        if each.cause is Cause.OBSERVED:
            news.add(each.event.subject)
    rows = [
        (subject, work.streams.get(f"{following.bulk}/{subject}").state)
        for subject in sorted(told, key=str)
    ]
    targets = _targets(work, following, rows, news, now)
    work.captures.put_targets(targets)
    work.move_checkpoint(_consumer(following), new[-1].position if len(new) == _BATCH else head)
    return sum(not target.next_due for target in targets)


def _targets(
    work: Work,
    following: Following,
    rows: Sequence[tuple[Subject, State]],
    news: Iterable[Subject],
    now: datetime,
) -> list[Target]:
    """Return the targets of these rows that are to be looked at sooner, or no longer, or at all."""
    pages = [(subject, state, _address(state)) for subject, state in rows]
    known = work.captures.known(following.source, sorted({url for _, _, url in pages if url}))
    changed = frozenset(news)
    found: dict[str, Target] = {}
    for subject, state, url in pages:
        if not url:
            continue
        target = known.get(url) or Target(source=following.source, url=url, next_due=NEVER_DUE)
        wanted, priority = target.next_due, target.priority
        if not following.wants(subject, state):
            # two rows can name one page: it is enough that one of them is watched
            wanted = found[url].next_due if url in found else NEVER_DUE
        elif subject in changed:
            wanted, priority = "", max(priority, NEWS)
        elif target.next_due == NEVER_DUE:
            wanted = _first_turn(following, url, now)
        if wanted != target.next_due:
            found[url] = replace(target, next_due=wanted, priority=priority)
    return list(found.values())


def _address(state: State) -> str:
    url = state.get(_ADDRESS)
    return url if isinstance(url, str) else ""


def _first_turn(following: Following, url: str, now: datetime) -> str:
    """Return when to look at a page that nothing was said of yet: evenly spread, not all at once.

    A handful of watched medicines need no spreading: the pace of their host does that.
    """
    if following.lists is not None:
        return ""
    round_ = min(following.every, _FIRST_ROUND)
    return instant(spread(round_, now, seed=f"{following.source} {url}"))
