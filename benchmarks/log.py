"""The log at length: append, rebuild, verify, ask for the past; each against the raw limit.

Events are made by the real append path, looks of a thousand events each in one transaction. Every
reading is compared with a bare sqlite3 cursor over the same rows, every writing with bare inserts
that keep a chain; all in the same run, each in a process of its own, in turns. Machines are shared
and noisy: ratios of medians are what counts. `--events 1000000` is the full run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import platform
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from watcher.core.events import Cause, Change, Event, Evidence, Provenance, apply
from watcher.core.facts import Subject, Value
from watcher.ports.store import Append, EventFilter
from watcher.services.memos import EVERY, remember
from watcher.services.replay import as_of, history, rebuild
from watcher.store import codec
from watcher.store.store import SqlStore

LOOK = 1_000
"""Events in one transaction: a bulk file in which five hundred medicines changed."""
TOGETHER = 2
"""Events in one append: what changed of one medicine."""
FACTS = 40
START = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a step took: CPU and wall seconds, and the process's peak memory in MB."""

    cpu: float
    wall: float
    megabytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """A step's medians, and its CPU seconds as a multiple of the raw limit's."""

    name: str
    cpu: float
    wall: float
    megabytes: int
    ratio: float
    against: str


def at(number: int) -> str:
    """Return the instant of a look."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(START + number * 3600))


def medicines(events: int) -> int:
    """Return how many medicines a log of so many events is about: a hundred events each."""
    return max(20, min(10_000, events // 100))


def medicine(number: int) -> Subject:
    return Subject("medicine", f"EMEA/H/C/{number:06d}")


def first_state(number: int) -> dict[str, Value]:
    facts: dict[str, Value] = {f"flag[{fact:02d}]": "stated as it is" for fact in range(FACTS)}
    return facts | {"product.brand_name": f"Exampla {number}", "authorisation[EU].status": "x"}


def events_of(number: int, state: dict[str, Value], look: int) -> tuple[Event, ...]:
    """Return what a look shows of one medicine: all of it at first, later two facts changed."""
    subject = medicine(number)
    if not state:
        changes = [Change(path=path, action="added", after=value)
                   for path, value in first_state(number).items()]  # fmt: skip
        return (Event(type="fact.recorded", subject=subject, changes=tuple(changes)),)
    told = []
    for offset in range(TOGETHER):
        path = f"flag[{(look + offset) % FACTS:02d}]"
        change = Change(path=path, action="changed", before=state[path], after=f"look {look}")
        told.append(
            Event(type="fact.changed", subject=subject, changes=(change,), nature="changed")
        )
    return tuple(told)


def provenance(look: int) -> Provenance:
    return Provenance(
        source="ema-medicines", tier=1, url="https://www.ema.example/medicines.json",
        capture=f"{at(look)}-{look:08x}", snapshot="sha256:" + f"{look:064x}",
        reader="ema_medicines@1", observed_at=at(look), derivation="diff@1",
    )  # fmt: skip


def quoted(change: Change, number: int) -> Evidence:
    return Evidence(path=change.path, quote=str(change.after), place=f"/data/{number}")


def looks(events: int) -> Iterator[tuple[int, list[Append]]]:
    """Yield looks until `events` are told: the medicines in turn."""
    count = medicines(events)
    states: list[dict[str, Value]] = [{} for _ in range(count)]
    versions, made, look, turn = [0] * count, 0, 0, 0
    while made < events:
        look += 1
        appends: list[Append] = []
        in_look = 0
        while in_look < min(LOOK, count, events - made):  # each medicine once a look
            number, turn = turn % count, turn + 1
            told = events_of(number, states[number], look)
            for event in told:
                states[number] = apply(states[number], event)
            quotes = tuple((quoted(event.changes[0], number),) for event in told)
            appends.append(Append(
                stream=f"ema-medicines/{medicine(number)}", subject=medicine(number),
                expected_version=versions[number], events=told, evidence=quotes,
                state=states[number],
            ))  # fmt: skip
            versions[number] += len(told)
            in_look += len(told)
        made += in_look
        yield look, appends


def append(path: Path, events: int) -> None:
    store = SqlStore(path, writable=True)
    for look, appends in looks(events):
        with store.writing() as work:
            told = [(each, provenance(look)) for each in appends]
            work.log.append_all(told, Cause.OBSERVED, at(look))
    store.close()


def raw_append(path: Path, events: int) -> None:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE e (p INTEGER PRIMARY KEY, i TEXT UNIQUE, d BLOB, h TEXT)")
    previous, position = "", 0
    for look, appends in looks(events):
        known = provenance(look)
        database.execute("BEGIN IMMEDIATE")
        for event in (event for each in appends for event in each.events):
            position += 1
            payload = codec.encode(event, known)
            previous = hashlib.sha256(previous.encode() + payload).hexdigest()
            row = (position, previous, payload, previous)
            database.execute("INSERT INTO e VALUES (?, ?, ?, ?)", row)
        database.execute("COMMIT")
    database.close()


def raw_cursor(path: Path) -> None:
    database = sqlite3.connect(path)
    for _ in database.execute("SELECT * FROM events ORDER BY position"):
        pass
    database.close()


def reading(path: Path, ask: Callable[[SqlStore], object], *, writable: bool = False) -> None:
    store = SqlStore(path, writable=writable)
    ask(store)
    store.close()


def whole(store: SqlStore) -> None:
    with store.reading() as work:
        for _ in work.log.verify():
            pass


def newest(store: SqlStore) -> None:
    with store.reading() as work:
        work.log.latest(EventFilter(limit=50, without_baseline=True))


def all_memos(store: SqlStore, every: int) -> None:
    while remember(store, every=every):
        pass
    remember(store, at_head=True)


def _timed(step: Callable[[], object], told: multiprocessing.SimpleQueue[Taken]) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told.put(Taken(time.process_time() - cpu, time.perf_counter() - wall, used))


def alone(step: Callable[[], object]) -> Taken:
    """Run a step in a process of its own, so that its memory is its own."""
    context = multiprocessing.get_context("fork")
    told: multiprocessing.SimpleQueue[Taken] = context.SimpleQueue()
    child = context.Process(target=_timed, args=(step, told))
    child.start()
    child.join()
    if child.exitcode:
        message = f"a step failed with exit code {child.exitcode}"
        raise RuntimeError(message)
    return told.get()


def steps(path: Path, events: int) -> dict[str, Callable[[], None]]:
    """Return what is asked of the log, by name; all of it against one pass of a raw cursor."""
    moments = {f"{part} %": str(events * part // 100) for part in (10, 50, 99)}

    def asking(moment: str, *, use_memos: bool, product: str = "") -> Callable[[], None]:
        return lambda: reading(path, lambda store: as_of(
            store, moment, axis="position", product=product, use_memos=use_memos))  # fmt: skip

    asked = {f"all as of {name}, no memo": asking(at_, use_memos=False)
             for name, at_ in moments.items()}  # fmt: skip
    asked |= {f"all as of {name}, memos": asking(at_, use_memos=True)
              for name, at_ in moments.items()}  # fmt: skip

    def seen_by(store: SqlStore) -> None:
        with store.reading() as work:
            instant = work.log.find(moments["50 %"]).provenance.observed_at
        as_of(store, instant)

    asked["all as observed at 50 %"] = lambda: reading(path, seen_by)
    number = medicine(7).id
    return {
        "rebuild": lambda: reading(path, rebuild, writable=True),
        "verify": lambda: reading(path, whole),
        **asked,
        "one medicine as of 50 %": asking(moments["50 %"], use_memos=True, product=number),
        "history of one medicine": lambda: reading(path, lambda store: history(store, number)),
        "newest 50 events": lambda: reading(path, newest),
        "open and close": lambda: reading(path, lambda _store: None),
    }


def medians(taken: list[Taken]) -> Taken:
    return Taken(
        statistics.median(each.cpu for each in taken),
        statistics.median(each.wall for each in taken),
        max(each.megabytes for each in taken),
    )


def compared(name: str, ours: Taken, raw: Taken, against: str) -> Result:
    ratio = ours.cpu / raw.cpu if raw.cpu else 0.0
    return Result(name, ours.cpu, ours.wall, ours.megabytes, ratio, against)


def run(folder: Path, events: int, rounds: int, writes: int) -> list[Result]:
    log, bare = folder / "watcher.db", folder / "raw.db"
    wrote: dict[str, list[Taken]] = {"ours": [], "raw": []}
    for _ in range(writes):
        for old in folder.glob("watcher.db*"):
            old.unlink()
        wrote["ours"].append(alone(lambda: append(log, events)))
        wrote["raw"].append(alone(lambda: raw_append(bare, events)))
    raw = medians(wrote["raw"])
    results = [
        compared("append", medians(wrote["ours"]), raw, "insert"),
        compared("raw insert with a chain", raw, raw, "insert"),
    ]
    wanted = steps(log, events)
    every = min(EVERY, events // 10)
    memos = [alone(lambda: reading(log, lambda store: all_memos(store, every), writable=True))]
    taken: dict[str, list[Taken]] = {name: [] for name in ("raw cursor", *wanted)}
    for _ in range(rounds):
        taken["raw cursor"].append(alone(lambda: raw_cursor(log)))
        for name, step in wanted.items():
            taken[name].append(alone(step))
    cursor = medians(taken["raw cursor"])
    results.append(compared("make all memos", medians(memos), cursor, "cursor"))
    results += [compared(name, medians(each), cursor, "cursor") for name, each in taken.items()]
    return results


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--events", type=int, default=20_000)
    wanted.add_argument("--rounds", type=int, default=3, help="how often each reading is run")
    wanted.add_argument("--writes", type=int, default=0, help="how often it is written; 0: rounds")
    wanted.add_argument("--json", action="store_true")
    chosen = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = run(Path(folder), chosen.events, chosen.rounds, chosen.writes or chosen.rounds)
        size = (Path(folder) / "watcher.db").stat().st_size
    told = {
        "machine": platform.machine(), "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "events": chosen.events, "bytes": size,
        "results": [asdict(result) for result in results],
    }  # fmt: skip
    if chosen.json:
        print(json.dumps(told, indent=1))
        return
    print(f"{chosen.events:,} events, {size / 1e6:,.0f} MB, medians of {chosen.rounds}")
    print(f"{'what':28} {'CPU s':>9} {'wall s':>9} {'MB':>6} {'ratio':>8}  against the raw")
    for each in results:
        times = f"{each.cpu:9.3f} {each.wall:9.3f} {each.megabytes:6}"
        print(f"{each.name:28} {times} {each.ratio:8.2f}  {each.against}")


if __name__ == "__main__":
    main()
