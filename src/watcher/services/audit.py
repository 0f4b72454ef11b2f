"""Is the history the one that was written, and is its evidence still there?"""

from __future__ import annotations

from collections.abc import Iterator

from watcher.ports.store import EventFilter, SnapshotStore, Store


def verify(store: Store, snapshots: SnapshotStore) -> Iterator[str]:
    """Yield what was found whole, one row of the log or snapshot at a time.

    Raises:
        BrokenLogError: A row does not fit the chain; the first one is named.
        SnapshotError: A payload an event rests on is missing or is not what its name says.
    """
    with store.reading() as work:
        for position in work.log.verify():
            yield f"position {position}"
        seen: set[str] = set()
        for told in work.log.read(EventFilter()):
            digest = told.provenance.snapshot
            if digest and digest not in seen:
                snapshots.get(digest)
                seen.add(digest)
                yield digest


def verify_event(store: Store, snapshots: SnapshotStore, event: str) -> str:
    """Check the log up to one event and the payload it rests on; return its id.

    Raises:
        NotFoundError: There is no such event.
        IntegrityError: Something before or under it is not as it was written.
    """
    with store.reading() as work:
        told = work.log.find(event)
        for position in work.log.verify():
            if position == told.position:
                break
    if told.provenance.snapshot:
        snapshots.get(told.provenance.snapshot)
    return told.event_id
