"""The past, asked for: what was known at a moment, what was so on a day, and the views made anew.

None of it can send a message: nothing here knows a channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from watcher.core.events import Recorded, apply
from watcher.core.facts import State, Value
from watcher.core.history import status_on
from watcher.core.settle import DELISTED
from watcher.ports.store import EventFilter, Store

Axis = Literal["observed", "recorded", "effective"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one source said of one subject, as of a moment.

    Attributes:
        stream: `source/subject`.
        version: How many events had happened to it by then.
        state: All it said.
        status: The EU authorisation status by then; empty where it states none.
        last_event: The type of the last event that is more than a changed fact.
        last_at: When that was observed.
    """

    stream: str
    version: int
    state: State
    status: str
    last_event: str
    last_at: str

    @property
    def source(self) -> str:
        """Return the source's id."""
        return self.stream.partition("/")[0]

    @property
    def name(self) -> str:
        """Return how the subject is called, or its identity."""
        named = self.state.get("product.brand_name") or self.state.get("page.title")
        return str(named or self.stream.partition("/")[2])


def as_of(
    store: Store, moment: str, *, axis: Axis = "observed", product: str = ""
) -> tuple[Known, ...]:
    """Return what was known of every medicine, or of one, as of `moment`.

    Args:
        store: Where the log is.
        moment: RFC 3339 instant, inclusive. For `effective` only its day counts.
        axis: `observed`: what our captures had shown by then. `recorded`: what stood in the log by
            then. `effective`: what was so on that day by the dates known today.
        product: A product's name, number or substance; empty: all.
    """
    with store.reading() as work:
        if product:
            names = [stream.name for stream in work.streams.named(product)]
            subjects = {name.partition("/")[2] for name in names}
            told: Iterable[Recorded] = (
                each
                for subject in sorted(subjects)
                for each in work.log.read(EventFilter(subject=subject))
            )
        else:
            told = work.log.read(EventFilter())
        return _folded(told, moment, axis)


def _folded(told: Iterable[Recorded], moment: str, axis: Axis) -> tuple[Known, ...]:
    states: dict[str, dict[str, Value]] = {}
    last: dict[str, Recorded] = {}
    versions: dict[str, int] = {}
    for each in told:
        if each.event.subject.kind == "source" or not _is_by_then(each, moment, axis):
            continue
        states[each.stream] = apply(states.get(each.stream, {}), each.event)
        versions[each.stream] = each.version
        if each.stream not in last or not each.event.type.startswith("fact."):
            last[each.stream] = each
    return tuple(
        Known(
            stream=stream,
            version=versions[stream],
            state=states[stream],
            status=_status(states[stream], moment, axis),
            last_event=last[stream].event.type,
            last_at=last[stream].provenance.observed_at,
        )
        for stream in sorted(states)
    )


def _is_by_then(told: Recorded, moment: str, axis: Axis) -> bool:
    if axis == "recorded":
        return told.recorded_at <= moment
    return axis == "effective" or told.provenance.observed_at <= moment


def _status(state: State, moment: str, axis: Axis) -> str:
    if DELISTED in state and axis != "effective":
        return "not listed"
    if axis == "effective":
        return status_on(state, date.fromisoformat(moment[:10]))
    return str(state.get("authorisation[EU].status") or "")


def history(store: Store, product: str) -> tuple[Recorded, ...]:
    """Return all events of a product, over all sources, in the order they were observed."""
    with store.reading() as work:
        subjects = {stream.name.partition("/")[2] for stream in work.streams.named(product)}
        found = [
            each for subject in subjects for each in work.log.read(EventFilter(subject=subject))
        ]
    return tuple(sorted(found, key=lambda each: (each.provenance.observed_at, each.position)))


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The views' digest before and after they were made anew from the log."""

    before: str
    after: str

    @property
    def is_equal(self) -> bool:
        """Return whether the log alone leads to the same views."""
        return self.before == self.after


def rebuild(store: Store) -> Rebuilt:
    """Drop the views and make them anew from the log; equal digests prove they were true."""
    with store.writing() as work:
        before = work.streams.digest()
        work.streams.rebuild()
        return Rebuilt(before, work.streams.digest())
