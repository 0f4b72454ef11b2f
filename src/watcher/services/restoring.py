"""Is what was put back what had been backed up? Then an event says so, and it may be run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.core.capture import instant
from watcher.core.events import Cause, Event, Recorded
from watcher.core.facts import Subject
from watcher.errors import BrokenLogError, IntegrityError
from watcher.ports import Clock
from watcher.ports.store import EventFilter, Store
from watcher.services.own_events import appended, ours, own_stream

RESTORED = "storage.restored"
_SUBJECT = Subject("storage", "store")
_FOR_EVER = "9999"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a backup says of itself.

    Attributes:
        name: The generation.
        position: The last position of its log; 0: it was empty.
        hash: The hash of that row.
        states: sha256 over the states of all streams.
        captures: How many captures its ledger has.
    """

    name: str
    position: int
    hash: str
    states: str
    captures: int


def compare(store: Store, told: Told) -> None:
    """Check that a store is the one that a backup tells of.

    Raises:
        BrokenLogError: Its log ends otherwise.
        IntegrityError: Its states or its ledger are others.
    """
    with store.reading() as work:
        head = work.log.latest(EventFilter(limit=1))
        found = (head[0].position, head[0].hash) if head else (0, "")
        states, captures = work.streams.digest(), work.captures.count()
    if found != (told.position, told.hash):
        why = (
            f"the log ends with position {found[0]}, hash {found[1]}; {told.name} says {told.hash}"
        )
        raise BrokenLogError(told.position, why)
    if (states, captures) != (told.states, told.captures):
        message = (
            f"{captures} captures and states {states}, expected {told.captures} and {told.states}: "
            f"this is not what {told.name} tells of"
        )
        raise IntegrityError(message)


def note(store: Store, told: Told, details: Mapping[str, str], clock: Clock) -> Recorded:
    """Append the event that tells that the store was put back from a backup, and return it.

    Nobody stays signed in: a session that somebody had ended since would be there again.

    Args:
        store: The store that was put back.
        told: From what.
        details: Who did it, and from where.
        clock: Tells when.
    """
    at = instant(clock.now())
    said = {
        **details,
        "generation": told.name,
        "after": f"as of position {told.position}",
        "reason": f"put back from the backup {told.name}; what came after it is not in it",
    }
    with store.writing() as work:
        work.access.end_sessions_before(_FOR_EVER, _FOR_EVER)
        stream = work.streams.get(own_stream(_SUBJECT))
        event = Event(type=RESTORED, subject=_SUBJECT, details=said)
        return work.log.append(appended(stream, event), ours(at, at), Cause.OBSERVED, at)[0]
