"""Where a stream stood at a moment: folded from the events that count by then, in their order.

A moment is two bounds: how much of the log is looked at (what stood there, with the amendments
that stood there), and how far our looks had come. Each may be left open.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from watcher.core.amend import counting
from watcher.core.events import Recorded, apply
from watcher.core.facts import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Which events count as of a moment.

    Attributes:
        position: The log is looked at up to here, inclusive.
        observed: Only what was observed by this instant, inclusive; empty: everything.
        aside: Positions set aside by the amendments that stand in the log up to `position`.
    """

    position: int
    observed: str = ""
    aside: AbstractSet[int] = frozenset()

    def hold(self, told: Recorded) -> bool:
        """Return whether an event counts."""
        is_by_then = not self.observed or told.provenance.observed_at <= self.observed
        return told.position <= self.position and is_by_then and told.position not in self.aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one stream stood.

    Attributes:
        version: The highest version of its events that count.
        observed_until: When the last of them was observed.
        last_event: The type of the last one that is more than a changed fact; else of the first.
        last_at: When that one was observed.
        state: All the source said of the subject.
    """

    version: int
    observed_until: str
    last_event: str
    last_at: str
    state: State = field(default_factory=dict)


def step(before: Standing | None, told: Recorded) -> Standing:
    """Return where a stream stands after one more event, no earlier observed than the last."""
    observed = told.provenance.observed_at
    is_plain = told.event.type.startswith("fact.")
    last = (told.event.type, observed)
    if before is not None and is_plain:
        last = (before.last_event, before.last_at)
    return Standing(
        version=max(before.version if before else 0, told.version),
        observed_until=observed,
        last_event=last[0],
        last_at=last[1],
        state=apply(before.state if before else {}, told.event),
    )


def stand(told: Iterable[Recorded], bounds: Bounds) -> Standing | None:
    """Return where a stream stood, from all its events in any order; None: it had not begun."""
    standing: Standing | None = None
    for each in counting(filter(bounds.hold, told), frozenset()):
        standing = step(standing, each)
    return standing


_ABOUT_WATCHING = frozenset(
    {
        *("batch", "captures", "case", "channel", "clock", "configuration", "heartbeat"),
        *("host", "message", "snapshot", "source", "storage"),
    }
)


def is_of_a_source(told: Recorded) -> bool:
    """Return whether an event is about a source itself or our watching, not a subject."""
    return told.event.subject.kind in _ABOUT_WATCHING
