"""When something was observed, where the machine's clock may have been set back meanwhile.

A stream is folded in the order of observation. So nothing that follows on what was seen is observed
before it, whatever the clock says; that it moved is an event of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from watcher.core.events import Provenance
from watcher.ports.store import Append, EventFilter, Work


def after_all(work: Work, stream: str, now: str) -> str:
    """Return `now`, or the last instant at which a stream was observed, where that is later."""
    seen = (told.provenance.observed_at for told in work.log.read(EventFilter(stream=stream)))
    return max(now, *seen, "")


def not_before(work: Work, stream: str, provenance: Provenance) -> Provenance:
    """Return `provenance`, observed no earlier than the stream's last event."""
    return _no_earlier(provenance, work.log.observed_until([stream]).get(stream, ""))


def each_not_before(
    work: Work, appends: Sequence[Append], provenance: Provenance
) -> list[tuple[Append, Provenance]]:
    """Return each append with `provenance`, observed no earlier than its stream's last event."""
    seen = work.log.observed_until([each.stream for each in appends])
    return [(each, _no_earlier(provenance, seen.get(each.stream, ""))) for each in appends]


def _no_earlier(provenance: Provenance, seen: str) -> Provenance:
    return replace(provenance, observed_at=seen) if seen > provenance.observed_at else provenance
