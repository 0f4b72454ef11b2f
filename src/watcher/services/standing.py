"""Does what an event told still stand? A better reading may have taken it back unheard."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from watcher.core.events import Change, Recorded
from watcher.core.facts import State
from watcher.ports.store import Work


def is_taken_back(work: Work, told: Recorded, aside: AbstractSet[int]) -> bool:
    """Return whether an event counts no longer and nothing of what it said is so.

    One that an older file has set aside, because the same was to be seen earlier, still stands:
    whoever was to be told of it is told.

    Args:
        work: The transaction.
        told: The event.
        aside: The positions that count no longer.
    """
    if told.position not in aside:
        return False
    state = work.streams.get(told.stream).state
    return not any(_stands(change, state) for change in told.event.changes)


def _stands(change: Change, state: State) -> bool:
    if change.action == "removed":
        return change.path not in state
    return change.path in state and state[change.path] == change.after
