"""The log against what SQLite allows, and against the `eventsourcing` library, in one run.

Appending: batches of a hundred events, one transaction each, `synchronous=FULL`, chained; raw
sqlite3 inserts rows of the same columns into the same table with the same hash. Folding: a raw
cursor and msgspec, decoding what changed and nothing else. Checking: a raw cursor and the same
hash. One medicine as of a moment: at logs of several lengths. All in turns, in CPU seconds; `ratio`
is how fast we are compared with the raw limit: 1 is as fast.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import log as made
import msgspec
from meter import HERE, machine, spread

from watcher.core.chain import GENESIS, row_hash
from watcher.core.events import Cause, Change, Event, Evidence
from watcher.ports.store import Append
from watcher.services.replay import as_of
from watcher.store.folding import fold_log
from watcher.store.store import SqlStore

BATCH = 100
_encode = msgspec.json.Encoder(order="deterministic").encode


class _Step(msgspec.Struct):
    path: str
    action: str
    after: object = None


class _Changes(msgspec.Struct):
    changes: list[_Step] = []


class _Payload(msgspec.Struct):
    event: _Changes


_decode = msgspec.json.Decoder(_Payload).decode
Batch = tuple[str, tuple[Event, ...], tuple[tuple[Evidence, ...], ...]]


def batches(count: int) -> list[Batch]:
    """Return batches of a hundred changes of one medicine each."""
    found: list[Batch] = []
    for number in range(count):
        subject = made.medicine(number % 50)
        events = tuple(
            Event(
                type="fact.changed", subject=subject, nature="changed",
                changes=(Change(path=f"flag[{place % 40:02d}]", action="changed",
                                before=f"look {number - 1}", after=f"look {number} {place}"),),
            )
            for place in range(BATCH)
        )  # fmt: skip
        quotes = tuple((made.quoted(event.changes[0], number),) for event in events)
        found.append((f"ema-medicines/{subject}", events, quotes))
    return found


def our_append(folder: Path, wanted: list[Batch]) -> float:
    """Return the CPU seconds of appending, streams' states and the tree's tiles with it."""
    store, versions = SqlStore(folder / "ours.db", writable=True), dict[str, int]()
    state = {f"flag[{place:02d}]": "look" for place in range(40)}
    began = time.process_time()
    for number, (stream, events, quotes) in enumerate(wanted):
        with store.writing() as work:
            work.log.append(
                Append(stream=stream, subject=events[0].subject, events=events, evidence=quotes,
                       expected_version=versions.get(stream, 0), state=state),
                made.provenance(number), Cause.OBSERVED, made.at(number),
            )  # fmt: skip
        versions[stream] = versions.get(stream, 0) + len(events)
    took = time.process_time() - began
    store.close()
    return took


def raw_append(folder: Path, wanted: list[Batch]) -> float:
    """Return the CPU seconds of the same rows, encoded by hand and chained, without our code."""
    SqlStore(folder / "raw.db", writable=True).close()  # the same table with the same indices
    database = sqlite3.connect(folder / "raw.db", isolation_level=None)
    database.execute("PRAGMA synchronous=FULL")
    previous, position, versions = GENESIS, 0, dict[str, int]()
    statement = f"INSERT INTO events VALUES ({', '.join('?' * 14)})"  # noqa: S608
    began = time.process_time()
    for number, (stream, events, quotes) in enumerate(wanted):
        known, at = made.provenance(number), made.at(number)
        by = {name: getattr(known, name) for name in (
            "source", "tier", "url", "capture", "snapshot", "reader", "observed_at", "derivation",
        )}  # fmt: skip
        rows = []
        for event, quoted in zip(events, quotes, strict=True):
            position, subject = position + 1, str(event.subject)
            versions[stream] = versions.get(stream, 0) + 1
            changes = [{"path": each.path, "action": each.action, "before": each.before,
                        "after": each.after} for each in event.changes]  # fmt: skip
            evidence = [{"path": each.path, "quote": each.quote, "place": each.place}
                        for each in quoted]  # fmt: skip
            told = {"type": event.type, "subject": subject, "changes": changes,
                    "nature": event.nature}  # fmt: skip
            payload = _encode({"event": told, "provenance": {**by, "evidence": evidence}})
            identity = hashlib.sha256(payload).hexdigest()
            place = (position, identity, stream, versions[stream], event.type, "observed", 2, at)
            previous = row_hash(previous, place, payload)
            rows.append((*place[:5], subject, known.source, 1, "observed", known.observed_at, at, 2,
                         payload, previous))  # fmt: skip
        database.execute("BEGIN IMMEDIATE")
        database.executemany(statement, rows)
        database.execute("COMMIT")
    took = time.process_time() - began
    database.close()
    return took


def raw_fold(path: Path) -> None:
    states: dict[str, dict[str, object]] = {}
    query = "SELECT stream, version, observed_at, payload FROM events ORDER BY position"
    for stream, _version, _observed, payload in sqlite3.connect(path).execute(query):
        state = states.setdefault(stream, {})
        for step in _decode(payload).event.changes:
            if step.action == "removed":
                state.pop(step.path, None)
            else:
                state[step.path] = step.after


def our_fold(path: Path) -> None:
    store = SqlStore(path, writable=False)
    with store.reading() as work:
        fold_log(work._connection, frozenset())  # noqa: SLF001  what `rebuild` folds with
    store.close()


def raw_verify(path: Path) -> None:
    previous = GENESIS
    query = (
        "SELECT position, event_id, stream, version, type, cause, schema, recorded_at, payload, "
        "hash FROM events ORDER BY position"
    )
    for *columns, payload, digest in sqlite3.connect(path).execute(query):
        previous = row_hash(previous, tuple(columns), payload)
        assert previous == digest


def our_verify(path: Path) -> None:
    store = SqlStore(path, writable=False)
    with store.reading() as work:
        for _ in work.log.verify():
            pass
    store.close()


def pairs(ours: Callable[[], float], raw: Callable[[], float], rounds: int) -> dict[str, object]:
    """Return the medians of both in turns, and of how fast we are compared with the limit."""
    taken: list[tuple[float, float]] = [(ours(), raw()) for _ in range(rounds)]
    return {
        "ours": statistics.median(one for one, _ in taken),
        "raw": statistics.median(other for _, other in taken),
        "ratio": spread([other / one for one, other in taken]),
    }


def cpu(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def past(path: Path, events: int, asked: int = 40) -> dict[str, float]:
    """Return the milliseconds of one medicine as of any moment: medians of CPU and of wall."""
    chance, taken, waited = random.Random(7), list[float](), list[float]()
    store = SqlStore(path, writable=False)
    count = made.medicines(events)
    for _ in range(asked):
        number, moment = chance.randrange(count), str(chance.randint(1, events))
        began, cpu_began = time.perf_counter(), time.process_time()
        as_of(store, moment, axis="position", product=made.medicine(number).id)
        taken.append((time.process_time() - cpu_began) * 1000)
        waited.append((time.perf_counter() - began) * 1000)
    store.close()
    told = {"cpu_ms": statistics.median(taken), "wall_ms": statistics.median(waited)}
    return {"events": events, **told}


def library(venvs: Path, count: int, rounds: int) -> dict[str, float] | None:
    """Return what the `eventsourcing` library takes for the same, in its own environment."""
    python = venvs / "eventsourcing/bin/python"
    if not python.exists():
        return None
    done = subprocess.run(
        [str(python), str(HERE / "with_eventsourcing.py"), str(count), str(rounds)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--events", type=int, default=20_000)
    wanted.add_argument("--batches", type=int, default=20)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--lengths", type=int, nargs="*", default=[])
    wanted.add_argument("--venvs", type=Path, default=Path(tempfile.gettempdir()) / "bench-venvs")
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="watcher-bench-log-"))
    try:
        found = measured(folder, chosen)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(found, indent=1))
    if chosen.json:
        told = {"machine": machine(), "command": sys.argv, "results": found}
        chosen.json.write_text(json.dumps(told, indent=1) + "\n")


def measured(folder: Path, chosen: argparse.Namespace) -> dict[str, object]:
    some = batches(chosen.batches)

    def fresh(append: Callable[[Path, list[Batch]], float]) -> Callable[[], float]:
        def run() -> float:
            for old in folder.glob("*.db*"):
                old.unlink()
            return append(folder, some)

        return run

    found: dict[str, object] = {
        "append": pairs(fresh(our_append), fresh(raw_append), chosen.rounds)
    }
    lengths = []
    for events in sorted({chosen.events, *chosen.lengths}):
        path = folder / f"log-{events}.sqlite"
        made.append(path, events)
        lengths.append(past(path, events))
        if events == chosen.events:
            found["fold"] = pairs(
                lambda at=path: cpu(lambda: our_fold(at)), lambda at=path: cpu(lambda: raw_fold(at)),
                chosen.rounds,
            )  # fmt: skip
            found["verify"] = pairs(
                lambda at=path: cpu(lambda: our_verify(at)),
                lambda at=path: cpu(lambda: raw_verify(at)), chosen.rounds,
            )  # fmt: skip
        for old in folder.glob(f"{path.name}*"):
            old.unlink()
    told = {"events": chosen.events, "batches": chosen.batches, "past": lengths}
    return {**found, **told, "eventsourcing": library(chosen.venvs, chosen.batches, chosen.rounds)}


if __name__ == "__main__":
    main()
