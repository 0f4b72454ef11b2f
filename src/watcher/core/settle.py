"""Absence is not removal: what a reading no longer says stands until it was missing long enough.

A table cut short, a block that was not rendered, a value that came out empty: each would look like
a removal in a plain comparison. What is missing is carried over from what was known and counted;
only after `patience` complete captures in a row without it is it gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from watcher.core.damaged import is_damaged
from watcher.core.documents import is_same
from watcher.core.facts import State, Value

NEVER = 1_000_000
"""A patience without an end: items roll off a feed, and their absence means nothing."""
DELISTED = "listing.absent"
"""The fact that a list no longer has a subject; true while it lasts."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A reading with what is missing in it carried over.

    Attributes:
        state: What the source is taken to say.
        missing: How many complete captures in a row each carried path has been missing.
    """

    state: dict[str, Value]
    missing: dict[str, int]


def settle(before: State, reading: State, missing: Mapping[str, int], patience: int) -> Settled:
    """Return `reading` with the facts of `before` that it lacks, until they lacked long enough.

    Args:
        before: What the source was taken to say so far.
        reading: What it says in this complete capture.
        missing: How often in a row each path was missing before this capture.
        patience: After how many complete captures without it a fact is gone; at least 1.
    """
    state = dict(reading)
    counts: dict[str, int] = {}
    over = _ended_otherwise(before, reading)
    taken: set[str] = set()
    for path, value in before.items():
        if path in reading and reading[path] == value:
            continue  # said again, as nearly everything is
        if is_damaged(reading.get(path), value):
            state[path] = value  # the same, read badly
            continue
        if not _is_empty(reading.get(path)) or (path in reading and _is_empty(value)):
            continue
        if path == DELISTED or path.startswith(over):
            continue  # listed again; or of an ending that another status has taken the place of
        if _is_status(path):
            state[path] = value  # to state no status is not to state another
            continue
        if became := _became(path, before, reading, taken):
            taken.add(became)
            continue  # there under another key: nothing is missing
        if patience >= NEVER:
            state[path] = value  # waited for without an end, and so not counted
            continue
        count = missing.get(path, 0) + 1
        if count < patience:
            counts[path] = count
            state[path] = value
    return Settled(state, counts)


def _ended_otherwise(before: State, reading: State) -> tuple[str, ...]:
    """Return the beginnings of paths that told of a status which is another one now."""
    return tuple(
        f"{path.removesuffix('status')}{value}"
        for path, value in before.items()
        if _is_status(path) and reading.get(path) not in {None, value}
    )


def _is_status(path: str) -> bool:
    return path.startswith("authorisation[") and path.endswith("].status")


def _became(path: str, before: State, reading: State, taken: Collection[str]) -> str:
    """Return where a missing document stands now: new in a reading, and no other's; empty: nowhere.

    Of two that may have become the one new document, one did; the other is missing like any other.
    """
    if not path.startswith("document["):
        return ""
    new = (found for found in reading if found.startswith("document[") and found not in before)
    may_be = (found for found in new if found not in taken)
    return next((found for found in may_be if is_same(before[path], reading[found])), "")


def _is_empty(value: Value) -> bool:
    """Return whether a value says nothing: absent, null, an empty text, list or object."""
    return value is None or (isinstance(value, str | list | dict) and not value)
