"""Every stream as of a moment: from the nearest memo, the tail of the log, and what changed since.

The tail is folded in the order of the log, which is the order of observation but for what was read
late. A stream to which that happened, or whose past an amendment touched after the memo was made,
is folded anew from its own events alone. So an answer with memos equals the answer without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from watcher.core.amend import ranges
from watcher.core.events import Recorded
from watcher.core.past import Bounds, Standing, is_of_a_source, stand, step
from watcher.errors import NotFoundError
from watcher.ports.memos import Memo
from watcher.ports.store import EventFilter, Work

Axis = Literal["position", "recorded", "observed", "effective"]

_NOTHING = Memo(position=0, standings={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment of the past, on one axis or on two.

    Attributes:
        axis: `position`: the log as it stood there. `recorded`: what stood in the log by then.
            `observed`: what our looks had shown by then, as we know it today. `effective`: what
            was so on that day, by the dates known today.
        at: An RFC 3339 instant, UTC, inclusive; for `effective` only its day counts; for
            `position` a whole number, and 0 is before the first event.
        known_at: For `observed` and `effective`, by what was known when: an instant of recording
            or `position:N`; empty: today.
    """

    axis: Axis
    at: str
    known_at: str = ""

    @property
    def day(self) -> date:
        """Return the day the instant falls on."""
        return date.fromisoformat(self.at[:10])


POSITION = "position:"
"""What a moment begins with that is a place in the log."""


def bounds_of(work: Work, moment: Moment) -> Bounds:
    """Return which events count as of `moment`.

    Raises:
        NotFoundError: The log has not come to the position it names.
    """
    match moment.axis:
        case "position":
            position = _existing(work, moment.at)
        case "recorded":
            position = position_at(work, moment.at)
        case _:
            position = _known(work, moment.known_at)
    return Bounds(
        position=position,
        observed=moment.at if moment.axis == "observed" else "",
        aside=work.log.set_aside(position) if position else frozenset(),
    )


def _known(work: Work, known_at: str) -> int:
    if not known_at:
        return work.log.head()
    if known_at.startswith(POSITION):
        return _existing(work, known_at.removeprefix(POSITION))
    return position_at(work, known_at)


def _existing(work: Work, position: str) -> int:
    head = work.log.head()
    if not position.isdecimal() or int(position) > head:
        message = f"the log has no position {position}; its last is {head}"
        raise NotFoundError(message)
    return int(position)


def standings(work: Work, bounds: Bounds, *, use_memos: bool = True) -> dict[str, Standing]:
    """Return where every stream stood that had begun; those about a source itself are left out.

    Args:
        work: The tables.
        bounds: The moment.
        use_memos: False folds the whole log; the answer is the same.
    """
    near = work.memos.nearest(bounds.position, bounds.observed) if use_memos else None
    memo = near or _NOTHING
    found = dict(memo.standings)
    anew = set(_amended_since(work, memo, bounds))
    for told in work.log.read(EventFilter(after=memo.position, until=bounds.observed)):
        if told.position > bounds.position:
            break
        if told.stream in anew or not bounds.hold(told) or is_of_a_source(told):
            continue
        before = found.get(told.stream)
        if before is not None and told.provenance.observed_at < before.observed_until:
            anew.add(told.stream)
        else:
            found[told.stream] = step(before, told)
    for stream in anew:
        _replace(found, stream, stand(work.log.read(EventFilter(stream=stream)), bounds))
    return found


def standings_of(work: Work, bounds: Bounds, product: str) -> dict[str, Standing]:
    """Return where the streams of one product stood, from its own events alone.

    Args:
        work: The tables.
        bounds: The moment.
        product: A name, number or substance, as it is known now.
    """
    found: dict[str, Standing] = {}
    by_stream: dict[str, list[Recorded]] = defaultdict(list)
    for told in of_product(work, product, bounds.position):
        by_stream[told.stream].append(told)
    for stream, told_of in by_stream.items():
        _replace(found, stream, stand(told_of, bounds))
    return found


def standings_of_subject(work: Work, bounds: Bounds, subject: str) -> dict[str, Standing]:
    """Return where the streams of one subject stood, from its own events alone."""
    by_stream: dict[str, list[Recorded]] = defaultdict(list)
    for told in work.log.read(EventFilter(subject=subject)):
        by_stream[told.stream].append(told)
    found: dict[str, Standing] = {}
    for stream, told_of in by_stream.items():
        _replace(found, stream, stand(told_of, bounds))
    return found


def of_product(work: Work, product: str, until: int | None = None) -> Iterator[Recorded]:
    """Yield every event of the subjects a product is, at all sources, subject by subject.

    Args:
        work: The tables.
        product: A name, number or substance, as it is known now.
        until: The last position that matters: what came later need not be decoded; None: all.
    """
    subjects = {stream.name.partition("/")[2] for stream in work.streams.named(product)}
    for subject in sorted(subjects):
        for told in work.log.read(EventFilter(subject=subject)):
            if until is not None and told.position > until:
                break
            yield told


def position_at(work: Work, recorded: str) -> int:
    """Return the last position that stood in the log at an instant; 0: none did.

    The log is in the order of recording, so it is found by halving. Where the machine's clock was
    set back, the log passed the instant more than once, and one of these passings is meant.

    Args:
        work: The tables.
        recorded: An RFC 3339 instant, UTC, as `instant` writes it.
    """
    low, high = 0, work.log.head()
    while low < high:
        middle = (low + high + 1) // 2
        if _at(work, middle).recorded_at <= recorded:
            low = middle
        else:
            high = middle - 1
    return low


def memo_of(work: Work, position: int) -> Memo:
    """Return the memo of the log up to `position`, made from the one before it.

    Raises:
        NotFoundError: The log has no such position.
    """
    last = _at(work, position)
    bounds = Bounds(position=position, aside=work.log.set_aside(position))
    return Memo(
        position=position,
        hash=last.hash,
        recorded_until=last.recorded_at,
        standings=standings(work, bounds),
    )


def _at(work: Work, position: int) -> Recorded:
    found = next(iter(work.log.read(EventFilter(after=position - 1, limit=1))), None)
    if position < 1 or found is None:
        message = f"the log has no position {position}; its last is {work.log.head()}"
        raise NotFoundError(message)
    return found


def _amended_since(work: Work, memo: Memo, bounds: Bounds) -> Iterator[str]:
    """Yield the streams of which a memo counts other events than `bounds` do."""
    if not memo.position:
        return
    differing = work.log.set_aside(memo.position) ^ bounds.aside
    for told in events_at(work, (place for place in differing if place <= memo.position)):
        if not is_of_a_source(told):
            yield told.stream


def events_at(work: Work, places: Iterable[int]) -> Iterator[Recorded]:
    """Yield the events at `places`, one question for each run of neighbours."""
    for span in filter(None, ranges(places).split(",")):
        first, _, last = span.partition("-")
        count = int(last or first) - int(first) + 1
        yield from work.log.read(EventFilter(after=int(first) - 1, limit=count))


def _replace(found: dict[str, Standing], stream: str, standing: Standing | None) -> None:
    found.pop(stream, None)
    if standing is not None:
        found[stream] = standing
