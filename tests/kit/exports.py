"""A store with a history to take out, written as the program writes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from factories import a_provenance, a_withdrawal
from watcher.core.events import Cause, Change, Event, Evidence, Provenance
from watcher.core.facts import Subject, Value
from watcher.ports.store import Append
from watcher.store.store import SqlStore

RECORDED = "2024-12-14T12:00:01.000000Z"
MEDICINE = Subject("medicine", "EMEA/H/C/004258")
HEAD = "about"


@contextmanager
def stored(folder: Path, *, writable: bool = True) -> Iterator[SqlStore]:
    """Yield the store in `folder`, made where there is none."""
    store = SqlStore(folder / "watcher.db", writable=writable)
    try:
        yield store
    finally:
        store.close()


def tell(
    store: SqlStore,
    events: Sequence[Event],
    *,
    cause: Cause = Cause.OBSERVED,
    state: dict[str, Value] | None = None,
    evidence: Sequence[tuple[Evidence, ...]] = (),
    **known: object,
) -> None:
    """Append events of one subject at one source, as one look would."""
    provenance: Provenance = a_provenance(**known)
    with store.writing() as work:
        stream = f"{provenance.source}/{events[0].subject}"
        before = work.streams.get(stream)
        append = Append(
            stream=stream,
            subject=events[0].subject,
            expected_version=before.version,
            events=tuple(events),
            evidence=tuple(evidence),
            state={**before.state, **(state or {})},
        )
        work.log.append(append, provenance, cause, RECORDED)


def a_baseline(name: str = "Alofisel", subject: Subject = MEDICINE) -> tuple[Event, dict]:
    """Return the first reading of a medicine, and the state it leads to."""
    state: dict[str, Value] = {
        "product.brand_name": name,
        "product.number": subject.id,
        "authorisation[EU].status": "authorised",
        "authorisation[EU].holder": {"name": "Takeda Pharma A/S", "text": "Takeda Pharma A/S"},
    }
    changes = tuple(Change(path=path, action="added", after=state[path]) for path in state)
    return Event(type="fact.recorded", subject=subject, changes=changes), state


def a_history(store: SqlStore, *, name: str = "Alofisel", quote: str = "Withdrawn") -> None:
    """Append a baseline and a withdrawal with its evidence."""
    first, state = a_baseline(name)
    tell(store, [first], cause=Cause.BASELINE, state=state, capture="first")
    words = (Evidence(path="authorisation[EU].status", quote=quote, place="line 1"),)
    tell(
        store,
        [a_withdrawal()],
        state={"authorisation[EU].status": "withdrawn"},
        evidence=[words],
        capture="second",
        snapshot=f"sha256:{'ab' * 32}",
        observed_at="2024-12-15T12:00:00.000000Z",
        url="https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",
    )


def multiplied(folder: Path, count: int) -> None:
    """Make the log of the store in `folder` `count` rows long; its chain no longer fits."""
    with sqlite3.connect(folder / "watcher.db") as base:
        last = base.execute("SELECT max(position) FROM events").fetchone()[0]
        base.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO events SELECT ? + i, printf('%064x', i), stream, 1000 + i, type, subject,
            source, severity, cause, observed_at, recorded_at, schema, payload, hash
            FROM events, n WHERE position = ?""",
            (count - last, last, last),
        )
    base.close()
