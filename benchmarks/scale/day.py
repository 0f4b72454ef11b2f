"""A day of many targets: the real scheduler's, worker's and store's code, a fake network and clock.

    python benchmarks/scale/day.py                              # 10,000 targets, 60 seconds
    python benchmarks/scale/day.py --targets 1000000 --seconds 600 --json day.json
    python benchmarks/scale/day.py --targets 1000000 --every 7 --seconds 7200   # to its end, an hour

Every target is due once in `--every` days, at an instant of its own; one in a hundred has changed. One
process does a scheduler's ticks and a worker's turns, one after the other, on a PostgreSQL that
keeps what is committed; the clock runs while it works and skips what nobody has anything to do in,
so lateness is what it would be. The day is lived through for as long as `--seconds` allows; what is
said of a whole one is reckoned from that part, and called so. Then each step that a role does again
and again is done once in a process of its own, over the whole table: when little is due, and when
all is.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import sqlalchemy as sa
from meter import machine, tree_cpu
from roles import Bell, Taken, measured, process, scheduling
from world import DAY, Hurrying, configured, fill, wired

from kit.postgres import Cluster
from watcher.bootstrap import Watcher
from watcher.core.pressure import Pressure
from watcher.ports.cluster import BEAT_SECONDS
from watcher.runtime.fetching import Fetching
from watcher.runtime.membership import shared
from watcher.runtime.steps import Steps
from watcher.runtime.stopping import Guarded, Stop
from watcher.runtime.watchdog import Watchdog

TICK, TELL, ROUND = 1.0, BEAT_SECONDS, 60.0
_LOG = logging.getLogger("bench")
_DOING = ("ticking", "looking", "telling", "looking round")
_SIZES = ("captures", "targets", "streams", "events", "outbox")


@dataclass(frozen=True, slots=True)
class Alive:
    """Stands in for a pulse: gives its sign of life when it is told to."""

    process: object
    is_alive: bool = True


@dataclass(slots=True)
class Lived:
    """What became of the part of the day that was lived through.

    Attributes:
        seconds: How much of it, by the fake clock; `real` by the machine's, without what was skipped.
        due: How many looks fell due; `done` how many were made.
        late: How long one waited from when it was due, the most.
        cpu: CPU seconds of this process by what it did; `storing` those of PostgreSQL.
        ticks: How many ticks there were.
    """

    seconds: float = 0.0
    real: float = 0.0
    due: int = 0
    done: int = 0
    late: float = 0.0
    ticks: int = 0
    cpu: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_DOING, 0.0))
    storing: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_DOING, 0.0))


@dataclass(slots=True)
class Living:
    """One process that does what a scheduler and a worker do."""

    watcher: Watcher
    clock: Hurrying
    server: int
    lived: Lived = field(default_factory=Lived)

    def until(self, seconds: float) -> Lived:
        """Live through the day, or as much of it as takes so many real seconds."""
        scheduler, steps, fetching = (
            scheduling(self.watcher),
            Steps(self.watcher, _LOG),
            self._turns(),
        )
        bell = scheduler.wakes
        assert isinstance(bell, Bell)
        began, first = time.monotonic(), self.clock.monotonic()
        next_tell, next_round = 0.0, ROUND
        lived = self.lived
        while lived.seconds < DAY and lived.real < seconds:
            if lived.seconds >= next_tell:
                next_tell += TELL
                self._beat()
                self._do("telling", scheduler.bury)
                self._do("telling", steps.tell)
            if lived.seconds >= next_round:
                next_round += ROUND
                self._do("looking round", scheduler.look_round)
            lived.ticks += 1
            self._do("ticking", scheduler.tick)
            self._look(fetching, bell)
            lived.seconds = self.clock.monotonic() - first
            lived.real = time.monotonic() - began
            if lived.seconds < lived.ticks * TICK:
                self.clock.sleep(lived.ticks * TICK - lived.seconds)
        return lived

    def _look(self, fetching: Fetching, bell: Bell) -> None:
        now = self.clock.now()
        with shared(self.watcher).reading() as work:
            since = {each.host: each.since for each in work.claims.waiting(now.isoformat(), 1_000)}
        for host in bell.heard():
            if since.get(host):
                waited = self.clock.now() - datetime.fromisoformat(since[host])
                self.lived.late = max(self.lived.late, waited.total_seconds())
            self._do("looking", lambda host=host: fetching.turn(host))
        self.lived.done = fetching.looks
        if fetching.stop.is_set():
            message = f"the looks came to an end after {fetching.looks}: {fetching.stop.failure}"
            raise RuntimeError(message)

    def _do(self, what: str, step: object) -> None:
        assert callable(step)
        ours, theirs = time.process_time(), tree_cpu(self.server)
        step()
        self.lived.cpu[what] += time.process_time() - ours
        self.lived.storing[what] += tree_cpu(self.server) - theirs

    def _beat(self) -> None:
        with shared(self.watcher).apart() as work:
            work.processes.beat(process(self.clock))

    def _turns(self) -> Fetching:
        assert self.watcher.holdings is not None
        assert self.watcher.rests is not None
        self.watcher.holdings.process = "me"
        stop = Stop()
        return Fetching(
            watcher=self.watcher,
            store=shared(self.watcher),
            rests=self.watcher.rests,
            pulse=Alive(process(self.clock)),  # type: ignore[arg-type]
            stop=stop,
            guarded=Guarded(stop, _LOG, lambda _error: None),
            watchdog=Watchdog(self.clock),
            log=_LOG,
            pressure=lambda: Pressure.NONE,
            on_news=lambda: None,
        )


def sizes(url: sa.URL, folder: Path) -> dict[str, int]:
    """Return rows and bytes of what is kept."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    found: dict[str, int] = {}
    with engine.connect() as connection:
        for table in _SIZES:
            for what, question in (
                ("rows", f"SELECT count(*) FROM {table}"),  # noqa: S608  our own names
                ("bytes", f"SELECT pg_total_relation_size('{table}')"),
            ):
                found[f"{table}_{what}"] = int(connection.execute(sa.text(question)).scalar() or 0)
        size = sa.text("SELECT pg_database_size(current_database())")
        found["database_bytes"] = int(connection.execute(size).scalar() or 0)
    blobs = [each.stat().st_blocks * 512 for each in (folder / "snapshots").rglob("*")]
    return found | {"snapshot_files": len(blobs), "snapshot_bytes": sum(blobs)}


def reckoned(
    lived: Lived, before: dict[str, int], after: dict[str, int], targets: int
) -> dict[str, object]:
    """Return what a whole day comes to, reckoned from the part that was lived through."""
    looks = max(lived.done, 1)
    ours, theirs = lived.cpu["looking"] / looks, lived.storing["looking"] / looks
    tick = (lived.cpu["ticking"] + lived.storing["ticking"]) / max(lived.ticks, 1)
    rows = {table: (after[f"{table}_rows"] - before[f"{table}_rows"]) / looks for table in _SIZES}
    capture = after["captures_bytes"] / after["captures_rows"]
    found = {}
    for many in sorted({targets, 1_000_000, 10_000_000}):
        found[f"{many:,}"] = {
            "looks_a_second": round(many / DAY, 1),
            "cores_that_look": round(many * ours / DAY, 2),
            "cores_that_store": round(many * theirs / DAY, 2),
            "cores_for_ticks": round(tick / TICK, 3),
            "captures_a_day_gb": round(many * capture / 1e9, 2),
            "events_a_day": round(many * rows["events"]),
            "targets_gb": round(many * after["targets_bytes"] / after["targets_rows"] / 1e9, 2),
            "payloads_a_day_gb": round(
                many * (after["snapshot_bytes"] - before["snapshot_bytes"]) / looks / 1e9, 2
            ),
        }
    return found


def shown(told: dict[str, object], steps: dict[str, dict[str, Taken]]) -> None:
    """Print it."""
    for name, value in told.items():
        if isinstance(value, dict):
            print(f"\n{name}")
            for each, inner in value.items():
                print(f"  {each:24} {inner}")
        else:
            print(f"{name:28} {value}")
    print(
        f"\n{'step':26} {'ms':>9} {'CPU ms':>8} {'MB':>5} {'more':>5} | all due: {'ms':>9} {'more':>5}"
    )
    for name, each in steps["as it is"].items():
        worst = steps["all due"][name]
        print(f"{name:26} {each.wall * 1000:9.1f} {each.cpu * 1000:8.1f} {each.megabytes:5} "
              f"{each.more:5} |          {worst.wall * 1000:9.1f} {worst.more:5}")  # fmt: skip


def main() -> None:
    """Read the arguments, live through the day, print what it came to."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    wanted.add_argument("--targets", type=int, default=10_000)
    wanted.add_argument(
        "--every", type=int, default=1, help="days from one look at a target to the next"
    )
    wanted.add_argument(
        "--seconds", type=float, default=60.0, help="real seconds of the day itself"
    )
    wanted.add_argument("--json", type=Path, help="where to write what was measured")
    chosen = wanted.parse_args()
    logging.getLogger("bench").setLevel(logging.CRITICAL)
    with (
        Cluster(is_durable=True, settings=("shared_buffers=512MB", "max_wal_size=4GB")) as postgres,
        postgres.database() as url,
        tempfile.TemporaryDirectory(prefix="watcher-scale-") as name,
    ):
        folder = Path(name)
        path, clock = configured(folder, url, chosen.every), Hurrying()
        with wired(path, clock) as watcher:
            filled = fill(watcher, url, chosen.targets, clock.now(), chosen.every)
            print(f"filled in {filled['filled_in_s']:.0f} s", file=sys.stderr)
            before = sizes(url, folder)
            lived = Living(watcher, clock, postgres.pid).until(chosen.seconds)
        after = sizes(url, folder)
        steps = measured(path, clock.monotonic())
    lived.due = round(min(lived.seconds / DAY, 1.0) * chosen.targets / chosen.every)
    told: dict[str, object] = {
        "targets": chosen.targets,
        "looked at every so many days": chosen.every,
        "hours lived through": round(lived.seconds / 3600, 2),
        "real seconds": round(lived.real, 1),
        "busy": f"{lived.real / max(lived.seconds, 1):.0%}",
        "looks due, done": f"{lived.due:,}, {lived.done:,}",
        "worst lateness, s": round(lived.late, 1),
        "CPU s, of which PostgreSQL's": {
            what: f"{taken + lived.storing[what]:.1f}, {lived.storing[what]:.1f}"
            for what, taken in lived.cpu.items()
        },
        "sizes": after,
        "filling": {name: round(value, 3) for name, value in filled.items()},
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "a whole day, reckoned": reckoned(lived, before, after, chosen.targets),
    }
    shown(told, steps)
    if chosen.json:
        each_step = {
            when: {name: asdict(each) for name, each in some.items()}
            for when, some in steps.items()
        }
        record = {"machine": machine(), "command": sys.argv, "lived": asdict(lived),
                  "before": before, "after": after, "told": told, "steps": each_step}  # fmt: skip
        chosen.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
