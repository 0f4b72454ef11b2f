"""What the steps of a look are done with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from watcher.core.capture import Target
from watcher.core.events import Cause
from watcher.ports import Clock, Fetcher
from watcher.ports.store import SnapshotStore, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What checking a target takes.

    Attributes:
        clock: Tells when we look; for an archive, when its files were fetched.
        recorder: Tells when we append.
        due: When to look at a target next, given where we are with it and the time now.
        cause: Why what is found stands in the log.
        judged_as: The address an answer is judged by, where it is not the target's: an archive's
            file may be a spreadsheet although the target is JSON today.
    """

    store: Store
    snapshots: SnapshotStore
    fetcher: Fetcher
    clock: Clock
    recorder: Clock
    due: Callable[[Target, datetime], datetime]
    cause: Cause = Cause.OBSERVED
    judged_as: str = ""

    @property
    def is_live(self) -> bool:
        """Return whether we look now: only then is it our watching that is well or in trouble."""
        return self.cause is Cause.OBSERVED
