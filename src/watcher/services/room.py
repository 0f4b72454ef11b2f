"""Room on the disks: told while there is still time to make some, once while it lacks.

A write that failed for want of room is told as soon as there is enough to write that down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from watcher.core.capture import instant
from watcher.core.events import Change, Event
from watcher.core.facts import Subject, Value
from watcher.ports.store import Store, Work
from watcher.services.decisions import record
from watcher.services.own_events import own_stream

LOW, FULL, RECOVERED = "storage.low", "storage.full", "source.recovered"
LEAST_FREE = 100_000_000
"""Bytes below which there is little room on any disk."""
MOST_FREE = 10_000_000_000
"""Bytes above which there is room enough: a tenth of a large disk is no scarcity."""
_SHARE = 10
_AGAIN = 5 / 4
"""By how much more than scarce the room has to be for the trouble to be over."""
_NOW = "room.now"

Place = Literal["database", "snapshots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What room there is where something of ours is kept.

    Attributes:
        place: What is kept there.
        free: Bytes that may still be written.
        total: Bytes that the disk holds.
        has_failed: Whether a write failed for want of room since it was last told.
    """

    place: Place
    free: int
    total: int
    has_failed: bool = False

    @property
    def least(self) -> int:
        """Return the bytes below which it is low: a tenth, within sensible bounds."""
        return max(LEAST_FREE, min(self.total // _SHARE, MOST_FREE))

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.free / 1e6:,.0f} of {self.total / 1e6:,.0f} MB are free for the {self.place}"


def tell_room(store: Store, rooms: Iterable[Room], now: datetime) -> int:
    """Append an event for each place that runs out of room, or has some again; return how many.

    Args:
        store: Where to.
        rooms: What room there is now.
        now: The present instant.
    """
    told = 0
    for room in rooms:
        with store.reading() as work:
            before = _told(work, room)
        if _wanted(room, before) != before:
            with store.writing() as work:
                told += _tell(work, room, instant(now))
    return told


def _told(work: Work, room: Room) -> str:
    """Return the event that the operator has of this place and that is not over, or nothing."""
    state = work.streams.get(own_stream(_subject(room))).state.get(_NOW)
    return str(state["event"]) if isinstance(state, dict) else ""


def _wanted(room: Room, before: str) -> str:
    """Return the event that should have been told by now; empty where there is no trouble."""
    if room.has_failed:
        return FULL
    scarce = room.least * (_AGAIN if before else 1)
    return (before or LOW) if room.free < scarce else ""


def _tell(work: Work, room: Room, now: str) -> int:
    subject = _subject(room)
    before = work.streams.get(own_stream(subject)).state.get(_NOW)
    name = _wanted(room, _told(work, room))
    after: Value = {"event": name, "since": now} if name else None
    action: Literal["added", "changed", "removed"] = "changed" if before else "added"
    change = Change(path=_NOW, action=action if name else "removed", before=before, after=after)
    details = {"reason": str(room), "free": str(room.free), "total": str(room.total)}
    if not name and isinstance(before, dict):
        details["since"] = str(before["since"])
    event = Event(type=name or RECOVERED, subject=subject, changes=(change,), details=details)
    record(work, event, now)
    return 1


def _subject(room: Room) -> Subject:
    return Subject("storage", room.place)
