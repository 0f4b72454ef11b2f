"""The evidence bundle of an event, made of what is stored."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.events import Recorded
from watcher.ports.proof import Signing
from watcher.ports.store import SnapshotStore, Store
from watcher.readers.reader import Reader
from watcher.services.bundle import Bundle, bundle
from watcher.services.source import Source


def evidence_of(
    store: Store,
    snapshots: SnapshotStore,
    signing: Signing,
    sources: Mapping[str, Source],
    event: str,
) -> Bundle:
    """Return the evidence bundle of an event, as `watcher evidence` makes it."""

    def find_reader(told: Recorded) -> Reader | None:
        source = sources.get(told.provenance.source)
        name = told.provenance.reader.partition("@")[0]
        return source.reader if source is not None and source.reader.name == name else None

    return bundle(store, snapshots, event, find_reader=find_reader, keys=signing.keys())
