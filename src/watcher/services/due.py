"""What it is time to look at: asked for every second, among thousands of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from watcher.core.capture import LISTS, Target, instant
from watcher.core.schedule import Schedule, horizon
from watcher.ports.store import Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a source's targets are to be looked at.

    Attributes:
        source: The source's id.
        schedule: Its schedule as it is now.
        urls: Its targets; None: those the store knows, since another source names them.
    """

    source: str
    schedule: Schedule
    urls: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A target that it is time to look at.

    Attributes:
        source: Its source's id.
        url: Its address.
        at: Since when it is due, RFC 3339 UTC; empty: it is to be looked at before all others,
            since something was seen to happen, or since it never was.
        priority: Before which others; see `core.capture.URGENT`.
    """

    source: str
    url: str
    at: str = ""
    priority: int = 0


def due_targets(store: Store, plans: Iterable[Plan], now: datetime) -> list[Due]:
    """Return the targets that it is time to look at: the most urgent first, then those due longest.

    An authority that is asked whether something critical is so comes before all else. Tables and
    feeds, of which there are few, come before the pages that one of them names: else a table whose
    rows all change at once would not be looked at until its last page was.

    What was kept is not believed where it is further away than the schedule can ask for: the
    schedule was changed, or the clock was set back.
    """
    with store.reading() as work:
        found = [due for plan in plans for due in _of(work, plan, now)]
    return sorted(found, key=lambda each: (-each.priority, each.at))


def _of(work: Work, plan: Plan, now: datetime) -> Iterator[Due]:
    beyond = instant(horizon(plan.schedule, now))
    for target in work.captures.due(plan.source, instant(now), beyond):
        if plan.urls is None or target.url in plan.urls:
            # an instant beyond all schedules is none to be sorted by
            at = min(target.next_due, instant(now))
            yield Due(source=plan.source, url=target.url, at=at, priority=_priority(plan, target))
    if plan.urls is not None:
        known = work.captures.known(plan.source, plan.urls)
        new = (url for url in plan.urls if url not in known)
        yield from (Due(source=plan.source, url=url, priority=LISTS) for url in new)


def _priority(plan: Plan, target: Target) -> int:
    """Return the target's priority; what was kept before there was one may be lower."""
    return max(target.priority, LISTS) if plan.urls is not None else target.priority
