"""Logs in which things were read late and set aside, and what such a log says by plain folding."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.engines import place_at
from watcher.core.amend import AMENDED, amendment, counting, set_aside
from watcher.core.events import Cause, Change, Event, Provenance, Recorded, fold_events
from watcher.core.facts import State, Subject
from watcher.ports.store import Append, EventFilter
from watcher.store.store import SqlStore

SOURCE = Subject("source", "ema")


@dataclass(frozen=True, slots=True)
class Told:
    """An event to append: of which medicine, observed on which day, saying what of which fact."""

    medicine: int
    day: int
    path: str
    value: int


@dataclass(frozen=True, slots=True)
class Amended:
    """An amendment to append: positions that count no longer, and some that count again."""

    aside: tuple[int, ...]
    again: tuple[int, ...]


def at(day: int) -> str:
    """Return noon of a day of January 2024."""
    return f"2024-01-{day:02d}T12:00:00.000000Z"


def recorded(position: int) -> str:
    """Return when the event at a position was recorded: one a minute."""
    return f"2024-02-01T{position // 60:02d}:{position % 60:02d}:00.000000Z"


@cache
def _empty() -> bytes:
    """Return a migrated database without a row: to migrate one for every example takes long."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        SqlStore(path, writable=True).close()
        return path.read_bytes()


def write(path: Path, steps: Sequence[Told | Amended]) -> SqlStore:
    """Return a new store with these events in its log, one a transaction."""
    place = place_at(path)
    if place == path:
        path.write_bytes(_empty())
    store = SqlStore(place, writable=True)
    versions: dict[str, int] = {}
    for position, each in enumerate(steps, start=1):
        event, day = _event(each)
        stream = f"ema/{event.subject}"
        append = Append(
            stream=stream,
            subject=event.subject,
            expected_version=versions.get(stream, 0),
            events=(event,),
            evidence=(),
            state={},
        )
        with store.writing() as work:
            work.log.append(append, _provenance(position, day), Cause.OBSERVED, recorded(position))
        versions[stream] = versions.get(stream, 0) + 1
    return store


def _event(step: Told | Amended) -> tuple[Event, int]:
    if isinstance(step, Amended):
        return amendment(SOURCE, aside=step.aside, again=step.again, why="read late"), 1
    # an ending now and then, so that the last event is not always the last fact
    kind = "authorisation.withdrawn" if step.value == 0 else "fact.changed"
    change = Change(path=step.path, action="changed", before=None, after=step.value)
    removed = Change(path=step.path, action="removed", before=None)
    subject = Subject("medicine", f"EMEA/H/C/00000{step.medicine}")
    changes = (removed if step.value == 1 else change,)
    return Event(type=kind, subject=subject, changes=changes), step.day


def _provenance(position: int, day: int) -> Provenance:
    return Provenance(
        source="ema",
        tier=1,
        url="https://ema.example/",
        capture=f"capture-{position}",
        snapshot="",
        reader="a_reader@1",
        observed_at=at(day),
    )


def everything(store: SqlStore) -> list[Recorded]:
    """Return the whole log."""
    with store.reading() as work:
        return list(work.log.read(EventFilter()))


def plainly(log: Iterable[Recorded], *, position: int, observed: str = "") -> dict[str, State]:
    """Return each stream's state by sorting and folding everything: the law to be kept."""
    known = [each for each in log if each.position <= position]
    aside = set_aside(each.event for each in known if each.event.type == AMENDED)
    by_stream: dict[str, list[Event]] = {}
    for each in counting(known, aside):
        seen = not observed or each.provenance.observed_at <= observed
        if seen and each.event.subject.kind != "source":
            by_stream.setdefault(each.stream, []).append(each.event)
    return {stream: fold_events(told) for stream, told in by_stream.items()}
