"""The bucket of the payloads, where they are in one: asked whether it is there, nothing written."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.bootstrap import snapshots_of
from watcher.config.model import Storage
from watcher.doctor.finding import Area, Finding
from watcher.errors import ObjectStoreError

_AREA = Area("machine")


def payloads(storage: Storage) -> Iterator[Finding]:
    """Yield whether the bucket of the payloads answers; nothing for a folder."""
    if not isinstance(storage.snapshots, str):
        return
    what = "bucket of the snapshots"
    try:
        snapshots_of(storage).shelf.require()
    except ObjectStoreError as error:
        yield _AREA.failing(
            what,
            str(error),
            means="no page can be kept, so no look comes to anything",
            advice="see the address, the endpoint and the credentials: docs/object-store.md",
        )
    else:
        yield _AREA.fine(what, f"{storage.snapshots} answers")
