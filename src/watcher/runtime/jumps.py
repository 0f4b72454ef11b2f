"""The machine's clock, watched by the service's tick: that it moved by itself is the operator's."""

from __future__ import annotations

from watcher.bootstrap import Watcher
from watcher.core.capture import instant
from watcher.core.clockwork import Moment, jump
from watcher.core.events import Event
from watcher.core.facts import Subject
from watcher.services.decisions import record

CLOCK = Subject("clock", "machine")


def note_jump(watcher: Watcher, before: Moment | None) -> Moment:
    """Return both clocks as they are now; record one event where they have come apart since.

    Args:
        watcher: Whose clock and store they are.
        before: Both clocks at the last tick; None at the first.
    """
    clock = watcher.tools.recorder
    now = Moment(clock.now(), clock.monotonic())
    moved = jump(before, now) if before else None
    if before is None or moved is None:
        return now
    seconds = round(moved.total_seconds())
    way = "forward" if seconds > 0 else "back"
    details = {
        "before": instant(before.wall),
        "after": instant(now.wall),
        "seconds": str(seconds),
        "reason": f"{abs(seconds)} seconds {way}; a machine that slept looks like this too",
    }
    event = Event(type="clock.jumped", subject=CLOCK, details=details)
    with watcher.store.writing() as work:
        record(work, event, instant(now.wall))
    return now
