"""A source as the steps see it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.core.adapt import Pace
from watcher.core.capture import LISTS, Capture, Target
from watcher.readers.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry of `sources.yaml`, with its reader.

    Attributes:
        id: Its name in events, views and messages.
        title: How people call it.
        reader: What reads its snapshots.
        urls: Its targets.
        tier: 1 the authority, 2 the holder or another agency, 3 an aggregator, 4 an encyclopaedia.
        absent_after: After how many complete captures without it a fact is gone.
        least_records: Fewer records than this are not believed.
        most_records: Nor are more.
        allow_private: Whether it may stand on a private or loopback address.
        max_bytes: How large an answer may be.
        seconds: How long one exchange may take.
        follows: The id of the source whose rows name its targets; empty: they stand in `urls`.
        pace: Between what the interval of its pages may be; None: it is the same for all.
    """

    id: str
    title: str
    reader: Reader
    urls: tuple[str, ...]
    tier: int = 1
    absent_after: int = 3
    least_records: int = 1
    most_records: int = 1_000_000
    allow_private: bool = False
    max_bytes: int = 20_000_000
    seconds: float = 60.0
    follows: str = ""
    pace: Pace | None = None

    @property
    def priority(self) -> int:
        """Return before which others its targets are looked at: tables and feeds name pages."""
        return 0 if self.follows else LISTS


def paced(source: Source, target: Target, capture: Capture, *, changed: bool) -> Target:
    """Return the target with its next interval, as what was seen on it asks for."""
    every = 0
    if source.pace is not None:
        is_good = capture.verdict.is_good
        every = source.pace.after(target.every, changed=changed, is_good=is_good)
    changed_at = capture.at if changed else target.changed_at
    return replace(target, every=every, changed_at=changed_at, priority=source.priority)
