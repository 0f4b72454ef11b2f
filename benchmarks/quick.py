"""Quick benchmarks: our parts against the raw limit, side by side in one run.

Ratios are what counts: machines are shared and noisy. Each pair runs alternately, five times, and the
medians of CPU seconds are compared. `python benchmarks/quick.py --json` prints JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from watcher.core.diff import diff
from watcher.core.events import Cause, Change, Event, Provenance
from watcher.core.facts import Subject
from watcher.demo.pages import Document
from watcher.demo.story import SCENES
from watcher.ports.store import Append
from watcher.readers.reader import Payload
from watcher.readers.registry import reader
from watcher.store import codec
from watcher.store.store import SqlStore

PAIRS = 5
DOCUMENTS = 45
BATCHES, BATCH = 20, 100
SUBJECT = Subject("medicine", "EMEA/H/C/004258")


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison: CPU seconds of ours and of the raw limit, medians over all pairs."""

    name: str
    ours: float
    raw: float
    ratio: float


def compare(name: str, ours: Callable[[], object], raw: Callable[[], object]) -> Result:
    taken: dict[str, list[float]] = {"ours": [], "raw": []}
    for _ in range(PAIRS):
        for which, run in (("ours", ours), ("raw", raw)):
            began = time.process_time()
            run()
            taken[which].append(time.process_time() - began)
    one, other = statistics.median(taken["ours"]), statistics.median(taken["raw"])
    return Result(name, one, other, one / other if other else 0.0)


def a_page() -> bytes:
    """Return a medicine's page with many documents."""
    cards = "".join(
        Document(
            title=f"Alofisel : EPAR - Report {number}",
            kind="variation-report",
            first="04/04/2018",
            updated="21/01/2025",
            reference=f"EMA/{number:06d}/2024",
        ).html()
        for number in range(DOCUMENTS)
    )
    return SCENES[0].body.replace("<p>This page was", f"{cards}<p>This page was").encode()


def reading() -> Result:
    body, chosen = a_page(), reader("ema_medicine_page")
    payload = Payload(body=body, media_type="text/html; charset=utf-8")

    def ours() -> None:
        for _ in range(20):
            chosen.read(payload)

    def raw() -> None:
        for _ in range(20):
            tree = LexborHTMLParser(body)
            for card in tree.css("div.bcl-file"):
                [node.text() for node in card.css("p.file-title, .value, time")]

    return compare(f"read a page of {DOCUMENTS} documents, 20 times", ours, raw)


def an_event(number: int) -> Event:
    change = Change(path="page.last_updated", action="changed", before="x", after=str(number))
    return Event(type="fact.changed", subject=SUBJECT, changes=(change,), nature="changed")


def appending() -> Result:
    provenance = Provenance(
        source="ema", tier=1, url="u", capture="c", snapshot="", reader="r@1", observed_at="t"
    )

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = SqlStore(Path(folder) / "watcher.db", writable=True)
            for batch in range(BATCHES):
                events = tuple(an_event(batch * BATCH + number) for number in range(BATCH))
                append = Append(
                    stream="ema/x",
                    subject=SUBJECT,
                    expected_version=batch * BATCH,
                    events=events,
                    evidence=(),
                    state={},
                )
                with store.writing() as work:
                    work.log.append(append, provenance, Cause.OBSERVED, "t")
            store.close()

    def raw() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.execute(
                "CREATE TABLE e (p INTEGER PRIMARY KEY, i TEXT UNIQUE, d BLOB, h TEXT)"
            )
            previous, position = "", 0
            for batch in range(BATCHES):
                database.execute("BEGIN IMMEDIATE")
                for number in range(BATCH):
                    position += 1
                    payload = codec.encode(an_event(batch * BATCH + number), provenance)
                    previous = hashlib.sha256(previous.encode() + payload).hexdigest()
                    row = (position, previous, payload, previous)
                    database.execute("INSERT INTO e VALUES (?, ?, ?, ?)", row)
                database.execute("COMMIT")
            database.close()

    return compare(f"append {BATCHES} batches of {BATCH} events", ours, raw)


def comparing() -> Result:
    before = reader("ema_medicine_page").read(Payload(body=a_page(), media_type="text/html"))
    state = before.records[0].state()
    after = {**state, "authorisation[EU].status": "withdrawn"}

    def ours() -> None:
        for _ in range(200):
            diff(SUBJECT, state, after)

    def raw() -> None:
        for _ in range(200):
            {path: (state.get(path), value) for path, value in after.items()} == state  # noqa: B015

    return compare("diff two states of a page, 200 times", ours, raw)


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--json", action="store_true")
    results = [reading(), comparing(), appending()]
    told = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "pairs": PAIRS,
        "results": [asdict(result) for result in results],
    }
    if wanted.parse_args().json:
        print(json.dumps(told, indent=1))
        return
    print(f"{'what':45} {'ours, CPU s':>12} {'raw, CPU s':>12} {'ratio':>7}")
    for result in results:
        print(f"{result.name:45} {result.ours:12.4f} {result.raw:12.4f} {result.ratio:7.1f}")


if __name__ == "__main__":
    main()
