"""A day of many targets: the real scheduler's and store's code, a fake network and a fake clock.

    python benchmarks/scale/day.py --targets 10000            # every look lived through, on PostgreSQL
    python benchmarks/scale/day.py --table-only --targets 1000000

Each target is looked at about once a day, at an instant of its own; one in a hundred has changed.
The first form does all of it: claim, fetch (from memory), judge, keep, read, compare, append, tell.
The second does what the size of the table of targets decides, which is claiming what is due and
putting it off: for a million targets the first would take hours. Printed as JSON: looks due and
done, the worst lateness by the fake clock, rows and bytes, memory, and time by the real clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

import sqlalchemy as sa

from kit.clocks import NOON, StandingClock
from kit.engines import address_of
from kit.postgres import Cluster
from watcher.bootstrap import Watcher, World, opened
from watcher.config.load import load
from watcher.core.capture import Target, instant
from watcher.core.schedule import spread
from watcher.ports import Answer, Request
from watcher.ports.cluster import BEAT_SECONDS, Process
from watcher.readers.registry import READERS
from watcher.store.store import SqlStore

DAY = 86_400
SOURCE, HOSTS = "pages", 200
TEXT = "This page says what it says in as many words as a real one would need for it. " * 30
_MOST = 200


class Network:
    """Pages made of their address; one in a hundred says something else in the second half."""

    def __init__(self, clock: StandingClock) -> None:
        self._clock = clock
        self.asked = 0

    def fetch(self, request: Request) -> Answer:
        """Return the page."""
        self.asked += 1
        number = int(request.url.rpartition("/")[2])
        has_changed = number % 100 == 0 and self._clock.monotonic() > DAY
        body = (
            f"<html lang='en'><head><title>Page {number}</title></head><body><h1>Page {number}</h1>"
            f"<p>{TEXT}</p><dl><dt>Version</dt><dd>version {2 if has_changed else 1}</dd></dl></body>"
        )
        return Answer(
            url=request.url, status=200, headers={"content-type": "text/html"}, body=body.encode()
        )


def url_of(number: int) -> str:
    """Return the address of a target."""
    return f"https://h{number % HOSTS}.example.org/{number}"


def due_of(number: int, now: datetime) -> str:
    """Return when a target is due first: evenly over the day."""
    return instant(spread(DAY, now, seed=str(number)))


def fill(store: SqlStore, targets: int, now: datetime) -> float:
    """Put the targets into the store; return the seconds it took."""
    began = time.monotonic()
    for start in range(0, targets, 5_000):
        some = range(start, min(start + 5_000, targets))
        with store.writing() as work:
            work.captures.put_targets(
                [Target(source=SOURCE, url=url_of(n), next_due=due_of(n, now)) for n in some]
            )
    return time.monotonic() - began


def beat(store: SqlStore, clock: StandingClock) -> None:
    """Give a sign of life."""
    now = instant(clock.now())
    with store.apart() as work:
        work.processes.beat(
            Process(
                id="me", role="worker", machine="m", pid=1, version="0", started_at=now, beat_at=now
            )
        )


def table_day(store: SqlStore, targets: int, clock: StandingClock, step: int) -> dict[str, object]:
    """Live through a day of claims: each step all that is due is claimed and put off."""
    done, late, claims = 0, 0.0, []
    began = time.monotonic()
    for _ in range(0, DAY, step):
        clock.forward(step)
        beat(store, clock)
        now = clock.now()
        before = time.monotonic()
        with store.reading() as work:
            waiting = work.claims.waiting(instant(now), HOSTS)
        claims.append(time.monotonic() - before)
        for each in waiting:
            late = max(late, _late(each.since, now))
            with store.apart() as work:
                if not work.claims.hold(each.host, "me", instant(now)):
                    continue
                claimed = work.claims.take(each.host, "me", now, _MOST)
                work.captures.put_targets(
                    [
                        Target(
                            source=SOURCE, url=one.url, next_due=instant(now + timedelta(days=1))
                        )
                        for one in claimed
                    ]
                )
                work.claims.give_back("me", claimed)
                work.claims.let_go(each.host, "me")
            done += len(claimed)
    took = time.monotonic() - began
    claims.sort()
    return {
        "targets": targets,
        "step_s": step,
        "looks_claimed": done,
        "worst_lateness_s": round(late, 1),
        "real_seconds": round(took, 1),
        "claimed_a_second": round(done / took),
        "what_is_due_p50_ms": round(claims[len(claims) // 2] * 1000, 1),
        "what_is_due_worst_ms": round(claims[-1] * 1000, 1),
    }


def _late(since: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(since)).total_seconds() if since else 0.0


def whole_day(watcher: Watcher, targets: int, clock: StandingClock, step: int) -> dict[str, object]:
    """Live through two days, the first of baselines: every look, every event, every message."""
    store = watcher.store
    assert isinstance(store, SqlStore)
    source = watcher.source(SOURCE)
    done, due, late = 0, 0, 0.0
    began = time.monotonic()
    for _ in range(0, 2 * DAY, step):
        clock.forward(step)
        beat(store, clock)
        now = clock.now()
        with store.reading() as work:
            waiting = work.claims.waiting(instant(now), HOSTS)
        for each in waiting:
            with store.apart() as work:
                if not work.claims.hold(each.host, "me", instant(now)):
                    continue
                claimed = work.claims.take(each.host, "me", now, _MOST)
            due += len(claimed)
            for one in claimed:
                late = max(late, _late(one.at, now))
                watcher.look(source, one.url)
                done += 1
            with store.apart() as work:
                work.claims.let_go(each.host, "me")
        watcher.alert()
    took = time.monotonic() - began
    return {
        "targets": targets,
        "step_s": step,
        "simulated_days": 2,
        "looks_due": due,
        "looks_done": done,
        "worst_lateness_s": round(late, 1),
        "real_seconds": round(took, 1),
        "looks_a_second": round(done / took, 1),
    }


@contextmanager
def wired(folder: Path, database: str, clock: StandingClock) -> Iterator[Watcher]:
    """Yield the program over the fake network."""
    told = {
        "contact": "mailto:bench@watcher.example.org",
        "storage": {"database": database},
        "sources": [
            {
                "id": SOURCE,
                "reader": "generic",
                "options": {
                    "facts": [{"path": "stated.version", "label": "Version", "required": True}]
                },
                "url": url_of(0),
                "every": "1d",
                "tier": 2,
            }
        ],
        "channels": [{"id": "files", "url": "folder:messages"}],
        "rules": [{"id": "all", "events": ["fact.changed"], "channels": ["files"]}],
    }
    path = folder / "sources.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    world = World(clock=clock, sleep=clock.sleep, fetcher=Network(clock))
    with opened(load(path, {}, READERS), world, writable=True) as watcher:
        yield watcher


def sizes(url: sa.URL, folder: Path) -> dict[str, object]:
    """Return rows and bytes of what was kept."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:

        def number(question: str) -> int:
            return int(connection.execute(sa.text(question)).scalar() or 0)

        found: dict[str, object] = {
            f"{table}_rows": number(f"SELECT count(*) FROM {table}")  # noqa: S608  our own names
            for table in ("events", "captures", "outbox", "digest_items")
        }
        for table in ("events", "captures", "targets", "streams"):
            found[f"{table}_bytes"] = number(f"SELECT pg_total_relation_size('{table}')")
        found["database_bytes"] = number("SELECT pg_database_size(current_database())")
    blobs = [each.stat().st_blocks * 512 for each in (folder / "snapshots").rglob("*")]
    found["snapshot_files"], found["snapshot_bytes"] = len(blobs), sum(blobs)
    return found


def main() -> None:
    """Read the arguments, live through the day, print what it came to."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--targets", type=int, default=10_000)
    wanted.add_argument("--table-only", action="store_true")
    wanted.add_argument("--step", type=int, default=600, help="seconds of the fake clock a step")
    said = wanted.parse_args()
    clock = StandingClock(NOON)
    with (
        Cluster() as postgres,
        postgres.database() as url,
        tempfile.TemporaryDirectory(prefix="watcher-scale-") as name,
    ):
        folder = Path(name)
        (folder / "snapshots").mkdir()
        if said.table_only:
            store = SqlStore(url, writable=True)
            filled = fill(store, said.targets, clock.now())
            told = table_day(store, said.targets, clock, said.step)
            store.close()
        else:
            with wired(folder, address_of(url), clock) as watcher:
                assert isinstance(watcher.store, SqlStore)
                filled = fill(watcher.store, said.targets, clock.now())
                told = whole_day(watcher, said.targets, clock, said.step)
        told |= {"filled_in_s": round(filled, 1), **sizes(url, folder)}
        told["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told["beats_every_s"] = BEAT_SECONDS
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
