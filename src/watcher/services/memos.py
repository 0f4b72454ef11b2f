"""Memos written now and then, beside the work: off the path of looking, telling and delivering."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.ports.store import Store
from watcher.services.past import memo_of

EVERY = 20_000
"""After how many events the next memo is due: about half a second of folding."""
KEPT = 12
"""How many memos are kept, spread over the log, so that none of its past is far from one."""


def remember(store: Store, *, every: int = EVERY, at_head: bool = False) -> int:
    """Write the next memo where one is due, and return its position; 0: none was due.

    At most `every` events are folded at a time, so that a log that grew without memos gets them
    one step after another. The log is read in a view of its own; only the finished memo is written
    in a transaction that others wait for.

    Args:
        store: Where the log is.
        every: How many events lie between two memos.
        at_head: Write one of the log as it stands now, however few events came since the last.
    """
    with store.reading() as work:
        head, last = work.log.head(), max(work.memos.positions(), default=0)
        if head == last or (head - last < every and not at_head):
            return 0
        memo = memo_of(work, head if at_head else last + every)
    with store.writing() as work:
        work.memos.put(memo)
        if gone := surplus(work.memos.positions()):
            work.memos.drop(gone)
    return memo.position


def forget(store: Store) -> int:
    """Drop all memos and return how many there were; they are made anew in time."""
    with store.writing() as work:
        count = len(work.memos.positions())
        work.memos.drop()
        return count


def surplus(positions: Sequence[int], kept: int = KEPT) -> tuple[int, ...]:
    """Return which memos to drop so that `kept` remain, as evenly spread as can be.

    The newest always stays: the recent past is asked for most. Of the others that one goes whose
    neighbours are nearest to each other; the beginning of the log is a neighbour too.

    Args:
        positions: All positions, ascending.
        kept: How many may remain.
    """
    left, gone = [0, *positions], []
    while len(left) - 1 > kept:
        gaps = {index: left[index + 1] - left[index - 1] for index in range(1, len(left) - 1)}
        gone.append(left.pop(min(gaps, key=gaps.__getitem__)))
    return tuple(gone)
