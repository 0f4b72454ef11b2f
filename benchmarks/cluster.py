"""Workers on one PostgreSQL: looks a second and CPU a look, beside one process and the bare queue.

    python benchmarks/cluster.py                       # 400 pages; 1, 2 and 4 workers: 3 minutes
    python benchmarks/cluster.py --targets 5000 --seconds 300 --workers 1 2 4 8

Every page of a site on loopback is looked at twice, without a pace: as new, then unchanged. First
by `watcher once` on SQLite, which is one embedded process, then by clusters of a scheduler and so
many workers on a PostgreSQL that keeps what is committed. Beside them the queue alone: jobs of
Procrastinate that do nothing, which no cluster on it can be faster than. All share one machine, so
the knee that is named is that of its cores as much as of the program; the site's CPU is not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import sqlalchemy as sa
from meter import machine, run, tree_cpu
from procrastinate import App, PsycopgConnector

from kit.postgres import Cluster
from kit.process import PROGRAM
from kit.swarm import ROOMY, Swarm

HOSTS, TABLES = 40, 2
LANES = 16
PASSES = ("new", "unchanged")
GAIN = 1.25
"""What twice the workers have to bring for more of them to be worth while."""
_SEEN = "SELECT count(*) FROM targets WHERE source LIKE 'pages-%' AND last_good <> ''"
_LOOKED_AT = (
    "SELECT count(*) FROM targets WHERE source LIKE 'pages-%' AND next_due <> '' AND leased_by = ''"
)
_AGAIN = "UPDATE targets SET next_due = '' WHERE source LIKE 'pages-%'"
_JOBS = "SELECT count(*) FROM procrastinate_jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pass over all pages.

    Attributes:
        who: `embedded`, or how many workers.
        what: Whether the pages were new or unchanged.
        looks: How many looks came to their end in time.
        wall: Seconds.
        looking: CPU seconds of who looks; `waking` of the scheduler; `storing` of PostgreSQL.
    """

    who: str
    what: str
    looks: int
    wall: float
    looking: float
    waking: float = 0.0
    storing: float = 0.0

    @property
    def speed(self) -> float:
        """Looks a second."""
        return self.looks / self.wall

    @property
    def cpu(self) -> float:
        """CPU milliseconds a look, of all processes."""
        return (self.looking + self.waking + self.storing) / max(self.looks, 1) * 1000


@dataclass(frozen=True, slots=True)
class Queue:
    """The bare queue: jobs a second of one worker, and CPU milliseconds a job."""

    jobs: int
    speed: float
    cpu: float


@contextmanager
def a_swarm(place: Path | sa.URL, targets: int) -> Iterator[Swarm]:
    """Yield a site with so many pages, and the program configured over it without a pace."""
    with tempfile.TemporaryDirectory(prefix="watcher-bench-") as name:
        folder = Path(name)
        swarm = Swarm(
            folder=folder,
            place=folder / place if isinstance(place, Path) else place,
            channel="folder:messages",
            tables=TABLES,
            rows=targets // TABLES,
            hosts=HOSTS,
            pace=0,
        )
        try:
            yield swarm
        finally:
            swarm.close()


def embedded(targets: int) -> list[Row]:
    """Return both passes of one process on SQLite, its start taken off."""
    with a_swarm(Path("watcher.db"), targets) as swarm:
        watcher = str(PROGRAM)
        run([watcher, "once"], swarm.folder)  # the tables, which name the pages
        taken = []
        for done in (_SEEN, _LOOKED_AT):
            taken.append(run([watcher, "once"], swarm.folder))
            if swarm.count(done) != targets:
                message = f"{swarm.count(done)} of {targets} pages were looked at"
                raise RuntimeError(message)
            swarm.ask(_AGAIN)
        start = run([watcher, "sources"], swarm.folder)
        return [
            Row(
                who="embedded",
                what=what,
                looks=targets,
                wall=each.wall - start.wall,
                looking=each.cpu - start.cpu,
            )
            for what, each in zip(PASSES, taken, strict=True)
        ]


def clustered(targets: int, workers: int, seconds: float) -> list[Row]:
    """Return both passes of a cluster, each cut off after so many seconds."""
    with (
        Cluster(is_durable=True, settings=ROOMY) as postgres,
        postgres.database(is_empty=True) as url,
        a_swarm(url, targets) as swarm,
    ):
        names = [f"w{number}" for number in range(workers)]
        for name in names:
            swarm.start(name, "worker", "--lanes", str(LANES))
        _until(lambda: _alive(swarm) == workers, seconds)
        swarm.start("s", "scheduler")
        _until(lambda: _alive(swarm) == workers + 1, seconds)

        def cpu() -> tuple[float, float, float]:
            looking = sum(tree_cpu(swarm.processes[name].pid) for name in names)
            return looking, tree_cpu(swarm.processes["s"].pid), tree_cpu(postgres.pid)

        def one(what: str, done: str) -> Row:
            began, before = time.perf_counter(), cpu()
            looks = _until(lambda: swarm.count(done), seconds, targets)
            wall = time.perf_counter() - began
            looking, waking, storing = (
                after - each for each, after in zip(before, cpu(), strict=True)
            )
            return Row(
                who=f"{workers} worker{'s' * (workers > 1)}",
                what=what,
                looks=looks,
                wall=wall,
                looking=looking,
                waking=waking,
                storing=storing,
            )

        first = one(PASSES[0], _SEEN)
        swarm.ask(_AGAIN)
        return [first, one(PASSES[1], _LOOKED_AT)]


def _alive(swarm: Swarm) -> int:
    try:
        return swarm.count("SELECT count(*) FROM processes")
    except sa.exc.DBAPIError:  # the tables are not made yet
        return 0


def _until(count: Callable[[], int], seconds: float, enough: int = 1) -> int:
    """Wait until a count has come to `enough`; return it, whatever it is after so many seconds."""
    until = time.perf_counter() + seconds
    while (found := count()) < enough and time.perf_counter() < until:
        time.sleep(0.25)
    return int(found)


def bare_queue(jobs: int) -> Queue:
    """Return what the queue alone does: jobs that do nothing, by one worker of this process."""
    with Cluster(is_durable=True) as postgres, postgres.database(is_empty=True) as url:
        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return asyncio.run(_no_ops(conninfo, jobs, postgres.pid))


async def _no_ops(conninfo: str, jobs: int, server: int) -> Queue:
    logging.getLogger("procrastinate").setLevel(logging.ERROR)  # it is the main module, and may be
    app = App(connector=PsycopgConnector(conninfo=conninfo))

    @app.task(name="nothing", queue="bench")
    def nothing(number: int) -> None:
        """Do nothing."""

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({"number": each} for each in range(jobs)))
        began, cpu = time.perf_counter(), time.process_time() + tree_cpu(server)
        await app.run_worker_async(
            queues=["bench"],
            concurrency=LANES,
            wait=False,
            install_signal_handlers=False,
            delete_jobs="always",
        )
        wall = time.perf_counter() - began
        cpu = time.process_time() + tree_cpu(server) - cpu
        left = await app.connector.execute_query_one_async(_JOBS)
    if left["count"]:
        message = f"{left['count']} jobs were not done"
        raise RuntimeError(message)
    return Queue(jobs, jobs / wall, cpu / jobs * 1000)


def knee(rows: Sequence[Row], what: str) -> str:
    """Return in words beyond how many workers more of them bring little."""
    some = [row for row in rows if row.what == what and row.who != "embedded"]
    for fewer, more in pairwise(some):
        if more.speed < fewer.speed * GAIN:
            gain = more.speed / fewer.speed - 1
            return f"{fewer.who}: {more.who} bring {gain:+.0%} ({what} pages)"
    return f"not reached with {some[-1].who} ({what} pages)"


def shown(rows: Sequence[Row], queue: Queue) -> None:
    """Print the table."""
    alone = {row.what: row for row in rows if row.who == "embedded"}
    print(f"{'pass':10} {'who':10} {'looks':>7} {'looks/s':>8} {'ratio':>6} {'of queue':>8} "
          f"{'CPU ms':>7} {'ratio':>6} {'looking':>8} {'waking':>7} {'storing':>8}")  # fmt: skip
    for row in sorted(rows, key=lambda row: PASSES.index(row.what)):
        base, each = alone[row.what], 1000 / max(row.looks, 1)
        print(f"{row.what:10} {row.who:10} {row.looks:7,} {row.speed:8.1f} "
              f"{row.speed / base.speed:6.2f} {row.speed / queue.speed:8.2f} {row.cpu:7.1f} "
              f"{row.cpu / base.cpu:6.2f} {row.looking * each:8.1f} {row.waking * each:7.1f} "
              f"{row.storing * each:8.1f}")  # fmt: skip
    print(f"the bare queue: {queue.jobs:,} jobs that do nothing, one worker: "
          f"{queue.speed:.0f} a second, {queue.cpu:.1f} CPU ms a job")  # fmt: skip
    for what in PASSES:
        print(f"the knee: {knee(rows, what)}")


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--targets", type=int, default=400, help="pages")
    wanted.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    wanted.add_argument("--seconds", type=float, default=60.0, help="after which a pass is cut off")
    wanted.add_argument("--jobs", type=int, default=2000, help="jobs of the bare queue")
    wanted.add_argument("--json", type=Path, help="where to write what was measured")
    chosen = wanted.parse_args()
    queue = bare_queue(chosen.jobs)
    rows = embedded(chosen.targets)
    for workers in chosen.workers:
        rows += clustered(chosen.targets, workers, chosen.seconds)
        print(f"{workers} workers: done", file=sys.stderr)
    shown(rows, queue)
    if chosen.json:
        results = [asdict(row) | {"speed": row.speed, "cpu_ms": row.cpu} for row in rows]
        told = {"machine": machine(), "command": sys.argv, "targets": chosen.targets,
                "queue": asdict(queue), "results": results,
                "knee": {what: knee(rows, what) for what in PASSES}}  # fmt: skip
        chosen.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
