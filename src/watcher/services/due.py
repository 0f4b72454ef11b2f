"""What it is time to look at: asked for every second, among thousands of targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from watcher.core.capture import instant
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
    """

    source: str
    url: str
    at: str = ""


def due_targets(store: Store, plans: Iterable[Plan], now: datetime) -> list[Due]:
    """Return the targets that it is time to look at: at once first, then those due longest.

    Tables and feeds, of which there are few, come before the pages that one of them names: else a
    table whose rows all change at once would not be looked at until its last page was.

    What was kept is not believed where it is further away than the schedule can ask for: the
    schedule was changed, or the clock was set back.
    """
    with store.reading() as work:
        found = [(plan.urls is None, due) for plan in plans for due in _of(work, plan, now)]
    return [due for _, due in sorted(found, key=lambda each: (each[0], each[1].at))]


def _of(work: Work, plan: Plan, now: datetime) -> Iterator[Due]:
    beyond = instant(horizon(plan.schedule, now))
    for target in work.captures.due(plan.source, instant(now), beyond):
        if plan.urls is None or target.url in plan.urls:
            # an instant beyond all schedules is none to be sorted by
            at = min(target.next_due, instant(now))
            yield Due(source=plan.source, url=target.url, at=at)
    if plan.urls is not None:
        known = work.captures.urls(plan.source)
        yield from (Due(source=plan.source, url=url) for url in plan.urls if url not in known)
