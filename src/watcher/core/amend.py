"""Which events count: those that no later amendment has set aside, in the order of observation.

The log is in the order in which we appended. An archive read late, or an old page read anew by a
better reader, tells of a time before events that stand there already, and some of those are then
news no longer: a withdrawal first seen in May was to be seen in March. They stay in the log, and a
`history.amended` event names them. Every state is folded from what counts, so that the order in
which files were imported makes no difference to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import groupby

from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject

AMENDED = "history.amended"
"""The type of the event that says which events count."""


def amendment(subject: Subject, *, aside: Iterable[int], again: Iterable[int], why: str) -> Event:
    """Return the event that sets events aside and lets others count again.

    Args:
        subject: The source whose history is amended.
        aside: Positions that count no longer.
        again: Positions that had been set aside and count again.
        why: The reason, for people.
    """
    details = {"aside": ranges(aside), "again": ranges(again), "reason": why}
    return Event(
        type=AMENDED,
        subject=subject,
        details={name: text for name, text in details.items() if text},
    )


def set_aside(amendments: Iterable[Event]) -> frozenset[int]:
    """Return the positions that count no longer after `amendments`, taken in their order."""
    aside: set[int] = set()
    for event in amendments:
        aside.update(positions(event.details.get("aside", "")))
        aside.difference_update(positions(event.details.get("again", "")))
    return frozenset(aside)


def counting(told: Iterable[Recorded], aside: AbstractSet[int]) -> list[Recorded]:
    """Return the events that count, in the order in which they were observed."""
    return sorted(
        (each for each in told if each.position not in aside),
        key=lambda each: (each.provenance.observed_at, each.position),
    )


def ranges(numbers: Iterable[int]) -> str:
    """Return whole numbers as `3,7-12`."""
    ordered = sorted(set(numbers))
    runs = groupby(enumerate(ordered), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in spans)


def positions(text: str) -> Iterator[int]:
    """Yield the numbers that `ranges` wrote."""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
