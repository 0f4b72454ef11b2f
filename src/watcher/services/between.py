"""What changed between two moments: facts from → to, and the events that tell of them.

Left out is what is no news of the world: events set aside, corrections, and pages read anew by a
better reader. A fact that differs for such a reason alone is counted and not listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from watcher.core.diff import changes
from watcher.core.edtf import Edtf, is_edtf
from watcher.core.events import Cause, Change, Recorded
from watcher.core.facts import Subject, Value
from watcher.core.history import status_on
from watcher.core.past import Bounds, Standing, is_of_a_source
from watcher.core.phrases import title
from watcher.core.taxonomy import TYPES
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.past import (
    Moment,
    bounds_of,
    events_at,
    of_product,
    standings,
    standings_of,
)

STATUS = "authorisation[EU].status"
_NO_NEWS = frozenset({Cause.REREAD, Cause.CORRECTED})
_DATED = tuple(sorted({f"{kind.family}.*" for kind in TYPES.values()} - {"fact.*"}))
"""Families of types that may have a date of effect; plain facts, the most of a log, have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChanged:
    """One fact that was otherwise at the second moment.

    Attributes:
        source: Whose word it is.
        path: The fact.
        before: What was said at the first moment; None: nothing.
        after: What was said at the second; None: nothing.
        told_by: The positions of the events that tell of it.
    """

    source: str
    path: str
    before: Value
    after: Value
    told_by: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What changed of one subject.

    Attributes:
        subject: The subject, `kind:id`.
        name: What people call it.
        is_new: Whether nothing was known of it at the first moment.
        facts: By source and path.
        events: In the order in which they were observed.
    """

    subject: str
    name: str
    is_new: bool
    facts: tuple[FactChanged, ...]
    events: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What changed between two moments.

    Attributes:
        subjects: By name.
        types: How many events of each type tell of it.
        put_right: How many facts differ only because of a correction or a better reader.
    """

    subjects: tuple[Changed, ...]
    types: Mapping[str, int]
    put_right: int


def between(store: Store, first: Moment, second: Moment, *, product: str = "") -> Between:
    """Return what changed from `first` to `second`, both on one axis.

    On the axis `effective` it is what took effect after the first day, up to the second.

    Args:
        store: Where the log is.
        first: The earlier moment; what happened at that very instant is before it.
        second: The later moment, inclusive.
        product: A name, number or substance; empty: all.
    """
    with store.reading() as work:
        one, other = bounds_of(work, first), bounds_of(work, second)
        after = _standing(work, other, product)
        if second.axis == "effective":
            return _effected(work, other, (first, second), after, product)
        before = _standing(work, one, product)
        told = [
            each
            for each in _candidates(work, one, other, product)
            if other.hold(each) and not one.hold(each) and not is_of_a_source(each)
        ]
    news = [each for each in told if each.cause not in _NO_NEWS and _is_of_the_world(each)]
    return _compared(before, after, news)


def _standing(work: Work, bounds: Bounds, product: str) -> dict[str, Standing]:
    return standings_of(work, bounds, product) if product else standings(work, bounds)


def _candidates(work: Work, one: Bounds, other: Bounds, product: str) -> Iterator[Recorded]:
    """Yield all events among which those are that count at the second moment only."""
    if product:
        yield from of_product(work, product)
        return
    again = {place for place in one.aside - other.aside if place <= one.position}
    if other.observed:
        between_them = EventFilter(since=one.observed, until=other.observed)
    else:
        between_them = EventFilter(after=one.position)
        yield from events_at(work, again)
    for each in work.log.read(between_them):
        if each.position > other.position:
            return
        yield each


def _is_of_the_world(told: Recorded) -> bool:
    return told.event.type != "event.corrected"


def _compared(
    before: Mapping[str, Standing], after: Mapping[str, Standing], news: Iterable[Recorded]
) -> Between:
    by_stream: dict[str, list[Recorded]] = defaultdict(list)
    for told in news:
        by_stream[told.stream].append(told)
    facts: dict[str, list[FactChanged]] = defaultdict(list)
    put_right = 0
    for stream in sorted(before.keys() | after.keys()):
        states = [found[stream].state if stream in found else {} for found in (before, after)]
        source, _, subject = stream.partition("/")
        for change in changes(*states):
            if fact := _fact(change, source, by_stream.get(stream, ())):
                facts[subject].append(fact)
            else:
                put_right += 1
    known = {stream.partition("/")[2] for stream in before}
    return _gathered(facts, by_stream, after, known, put_right)


def _fact(change: Change, source: str, told: Iterable[Recorded]) -> FactChanged | None:
    """Return a fact that changed with the events that tell of it; None where none does."""
    telling = tuple(each.position for each in told if each.event.change(change.path))
    if not telling:
        return None
    return FactChanged(
        source=source,
        path=change.path,
        before=change.before,
        after=change.after,
        told_by=telling,
    )


def _gathered(
    facts: Mapping[str, list[FactChanged]],
    by_stream: Mapping[str, list[Recorded]],
    after: Mapping[str, Standing],
    known: set[str],
    put_right: int,
) -> Between:
    """Return facts and events by subject, with its name as of the second moment."""
    events: dict[str, list[Recorded]] = defaultdict(list)
    for stream, told in by_stream.items():
        events[stream.partition("/")[2]] += told
    named: dict[str, str] = {}
    for stream, standing in sorted(after.items()):
        subject = stream.partition("/")[2]
        name = title(Subject.parse(subject), standing.state, {})
        if named.get(subject) in {None, Subject.parse(subject).id}:
            named[subject] = name  # a source that knows no name calls it by its number
    subjects = [
        Changed(
            subject=subject,
            name=named.get(subject, Subject.parse(subject).id),
            is_new=subject not in known,
            facts=tuple(facts.get(subject, ())),
            events=tuple(sorted(events.get(subject, ()), key=_seen)),
        )
        for subject in facts.keys() | events.keys()
    ]
    types = Counter(each.event.type for told in events.values() for each in told)
    return Between(
        subjects=tuple(sorted(subjects, key=lambda each: (each.name.casefold(), each.subject))),
        types=dict(sorted(types.items(), key=lambda pair: (-pair[1], pair[0]))),
        put_right=put_right,
    )


def _seen(told: Recorded) -> tuple[str, int]:
    return told.provenance.observed_at, told.position


def _effected(
    work: Work,
    bounds: Bounds,
    days: tuple[Moment, Moment],
    after: Mapping[str, Standing],
    product: str,
) -> Between:
    """Return what took effect after the first day up to the second, by what is known."""
    told = of_product(work, product) if product else work.log.read(EventFilter(types=_DATED))
    by_stream: dict[str, list[Recorded]] = defaultdict(list)
    for each in told:
        if bounds.hold(each) and not is_of_a_source(each) and _took_effect(each, days):
            by_stream[each.stream].append(each)
    facts: dict[str, list[FactChanged]] = defaultdict(list)
    for stream, standing in sorted(after.items()):
        statuses = [status_on(standing.state, moment.day) for moment in days]
        if statuses[0] != statuses[1]:
            source, _, subject = stream.partition("/")
            telling = (each for each in by_stream.get(stream, ()) if each.event.change(STATUS))
            facts[subject].append(
                FactChanged(
                    source=source,
                    path=STATUS,
                    before=statuses[0],
                    after=statuses[1],
                    told_by=tuple(each.position for each in telling),
                )
            )
    known = {stream.partition("/")[2] for stream in after}
    return _gathered(facts, by_stream, after, known, 0)


def _took_effect(told: Recorded, days: tuple[Moment, Moment]) -> bool:
    """Return whether an event's date can lie after the first day and not after the second."""
    if not is_edtf(told.event.effective) or told.cause in _NO_NEWS:
        return False
    date = Edtf.parse(told.event.effective)
    return date.first <= days[1].day and date.last > days[0].day
