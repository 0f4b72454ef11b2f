"""A payload's bytes dropped by a person: the event first, the bytes after it.

What stands first is the promise that somebody wanted it and why. Killed in between, the event
stands and the bytes are still there; the same command then finishes what was begun.
"""

from __future__ import annotations

from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject
from watcher.errors import NotFoundError
from watcher.ports import Clock
from watcher.ports.snapshots import SnapshotStore, Tombstone
from watcher.ports.store import EventFilter, Store
from watcher.services.decisions import Decider, details_of, reason, record
from watcher.services.own_events import own_stream

REDACTED = "snapshot.redacted"
_SHORTEST = 12


def redact(
    store: Store, snapshots: SnapshotStore, snapshot: str, why: str, by: Decider, clock: Clock
) -> Recorded:
    """Drop a payload's bytes for good; its digest stays, and an event says who wanted it and why.

    What events quote from it stays too: they stand in a log that is never rewritten.

    Args:
        store: Where the event is kept.
        snapshots: Where the payload is.
        snapshot: The payload's digest, `sha256:…`, or at least 12 characters of its beginning.
        why: The reason.
        by: Who.
        clock: Tells when.

    Raises:
        NotFoundError: No capture has such a payload, or several have.
        OperationalError: No reason was given.
    """
    told_why = reason(why, f"{snapshot} is redacted")
    digest = _whole(store, snapshots, snapshot)
    subject = Subject("snapshot", digest)
    now = instant(clock.now())
    with store.writing() as work:
        known = work.log.latest(EventFilter(stream=own_stream(subject), types=(REDACTED,), limit=1))
        if known:
            done = known[0]
        else:
            details = {**details_of(by, told_why), "snapshot": digest}
            details |= {"before": "kept", "after": "dropped"}
            done = record(work, Event(type=REDACTED, subject=subject, details=details), now)
    why_then = done.event.details["why"]
    note = Tombstone(digest=digest, kind="redacted", at=done.recorded_at, why=why_then)
    snapshots.redact(digest, note)
    return done


def _whole(store: Store, snapshots: SnapshotStore, snapshot: str) -> str:
    """Return the one digest that `snapshot` is, or begins."""
    wanted = snapshot if snapshot.startswith("sha256:") else f"sha256:{snapshot}"
    with store.reading() as work:
        if len(wanted) == len("sha256:") + 64 and work.captures.known_digest(wanted):
            return wanted
    known = {each.digest for each in snapshots.kept()}
    known |= {each.digest for each in snapshots.tombstones()}
    found = {digest for digest in known if digest.startswith(wanted)}
    if len(found) != 1 or len(wanted) < len("sha256:") + _SHORTEST:
        count = "no snapshot" if not found else "more than one snapshot"
        message = f"{count} begins with {snapshot}: see the snapshot of `watcher show EVENT`"
        raise NotFoundError(message)
    return found.pop()
