"""When something was observed, where the machine's clock may have been set back meanwhile.

A stream is folded in the order of observation. So nothing that follows on what was seen is observed
before it, whatever the clock says; that it moved is an event of its own.
"""

from __future__ import annotations

from dataclasses import replace

from watcher.core.events import Provenance
from watcher.ports.store import EventFilter, Work


def after_all(work: Work, stream: str, now: str) -> str:
    """Return `now`, or the last instant at which a stream was observed, where that is later."""
    seen = (told.provenance.observed_at for told in work.log.read(EventFilter(stream=stream)))
    return max(now, *seen, "")


def not_before(work: Work, stream: str, provenance: Provenance) -> Provenance:
    """Return `provenance`, observed no earlier than the stream's last event."""
    for last in work.log.latest(EventFilter(stream=stream, limit=1)):
        if last.provenance.observed_at > provenance.observed_at:
            return replace(provenance, observed_at=last.provenance.observed_at)
    return provenance
