"""Kill workers, schedulers and PostgreSQL of a cluster, and count what was lost, doubled or rude.

    python tests/torture/cluster.py                                # 20,000 pages, 50 kills
    python tests/torture/cluster.py --tables 2 --rows 250 --kills 5 --minutes 4
    python tests/torture/cluster.py --bucket --json                # payloads in an object store

Four workers and two schedulers, each a process of its own, share one PostgreSQL and look at pages
of a hundred servers on loopback that tables name. Of thirty pages one tells of a withdrawal. Any
of them is killed with SIGKILL in the middle of the work, PostgreSQL among them, and started again.
At the end they are left in peace, and the log, the mailbox and the site's own record of requests
are compared with the truth. Ends by itself; exit code 1 if anything was lost, told twice under two
keys, or asked for sooner than a server's pace.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest
import sqlalchemy as sa

from kit.buckets import address_in, s3_server
from kit.cluster_torment import Torment, pause
from kit.cluster_verdict import (
    NEWS,
    OPEN_WORK,
    SEEN,
    Verdict,
    judge_log,
    judge_mails,
    judge_manners,
)
from kit.postgres import Cluster
from kit.receivers import Mailbox
from kit.swarm import ROOMY, Swarm

SCHEDULERS = 2
_FIRST_ROUND = 0.8
"""The share of all kills that befall the first round of looks; the others the news after it."""
_ONE_IN = 30
_PEACE = 120.0
"""Seconds kept for the end, in which nothing is killed; of a short limit a quarter."""
_SAY_EVERY = {True: 1.0, False: 15.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large it is, and how much is killed.

    Attributes:
        tables: How many tables name pages, `rows` pages each.
        hosts: How many servers the pages are on.
        limit: Seconds after which it is over, whatever is left to do.
        has_bucket: Whether payloads go to an object store; else into a folder.
    """

    tables: int
    rows: int
    hosts: int
    workers: int
    kills: int
    seed: int
    limit: float
    has_bucket: bool = False


def torture(folder: Path, plan: Plan) -> Verdict:
    """Run it all and return the verdict."""
    before = _cpu()
    with (
        Cluster(is_durable=True, settings=ROOMY) as postgres,
        postgres.database(is_empty=True) as url,
        Mailbox() as box,
        _snapshots(plan) as snapshots,
    ):
        swarm = Swarm(
            folder=folder,
            place=url,
            channel=box.address(),
            tables=plan.tables,
            rows=plan.rows,
            hosts=plan.hosts,
            snapshots=snapshots,
        )
        try:
            verdict = _run(swarm, postgres, box, plan)
        finally:
            swarm.close()
    verdict.cpu = round(_cpu() - before, 1)
    return verdict


@contextmanager
def _snapshots(plan: Plan) -> Iterator[str]:
    """Yield where payloads go."""
    if not plan.has_bucket:
        yield "snapshots"
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would tell of each request
    with s3_server() as server, pytest.MonkeyPatch.context() as environment:
        yield address_in(server, "torment", environment)


def _run(swarm: Swarm, postgres: Cluster, box: Mailbox, plan: Plan) -> Verdict:
    began = time.monotonic()
    pages = swarm.pages()
    changed = random.Random(plan.seed).sample(pages, max(len(pages) // _ONE_IN, 1))  # noqa: S311
    verdict = Verdict(
        pages=len(pages),
        servers=swarm.hosts,
        changed=len(changed),
        workers=plan.workers,
        planned=plan.kills,
    )
    for number in range(SCHEDULERS):
        swarm.start(f"s{number}", "scheduler")
    for number in range(plan.workers):
        swarm.start(f"w{number}", "worker")
    torment = Torment(swarm, postgres, plan.seed, Progress(began))
    limit = began + plan.limit
    until = limit - min(_PEACE, plan.limit / 4)
    first = round(plan.kills * _FIRST_ROUND)
    torment.until(lambda: swarm.count(SEEN) / len(pages), kills=first, limit=until)
    verdict.first_round = round(time.monotonic() - began, 1)
    swarm.change(changed)
    _look_again(swarm)
    torment.until(
        lambda: len(swarm.ask(NEWS)) / len(changed),
        kills=plan.kills - first,
        limit=until,
    )
    verdict.is_settled = _settle(swarm, torment, limit)
    verdict.seconds = round(time.monotonic() - began, 1)
    verdict.kills = dict(torment.killed)
    verdict.restarted = torment.restarted
    _judge(swarm, box, torment, verdict, changed)
    return verdict


def _judge(
    swarm: Swarm, box: Mailbox, torment: Torment, verdict: Verdict, changed: list[str]
) -> None:
    ended = time.monotonic()
    judge_log(swarm, verdict, changed)
    judge_mails(swarm, box.messages, verdict, changed)
    swarm.end_all()
    verdict.is_whole = swarm.is_whole()
    asked = judge_manners(swarm, verdict)
    verdict.resumed, verdict.not_resumed = torment.resumptions(asked, ended)


def _look_again(swarm: Swarm) -> None:
    """Let the tables be due, however long the database is away."""
    for _ in range(60):
        try:
            swarm.ask("UPDATE targets SET next_due = '' WHERE source LIKE 'table-%'")
        except sa.exc.DBAPIError:
            pause(1.0)
        else:
            return
    message = "the database does not come back"
    raise AssertionError(message)


def _settle(swarm: Swarm, torment: Torment, limit: float) -> bool:
    """Wait until nothing is due, untold or unsent; tell whether that came in time."""
    quiet = 0
    while time.monotonic() < limit and quiet < 3:
        pause(1.0)
        torment.supervise()
        torment.tell(1.0, torment.killed)
        try:
            open_work = swarm.count(OPEN_WORK)
        except sa.exc.DBAPIError:
            continue
        quiet = quiet + 1 if not open_work else 0
    return quiet >= 3


class Progress:
    """Says on the way how far it is: over one line of a terminal, else now and then a new one."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._said = 0.0

    def __call__(self, reached: float, killed: Mapping[str, int]) -> None:
        """Be told how far it is and what was killed."""
        now = time.monotonic()
        is_terminal = sys.stderr.isatty()
        if now - self._said < _SAY_EVERY[is_terminal]:
            return
        self._said = now
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(killed.items()))
        line = f"{now - self._began:4.0f} s  {reached:4.0%}  killed: {kinds or 'none'}"
        sys.stderr.write(f"\r{line:70}" if is_terminal else f"{line}\n")
        sys.stderr.flush()


def _cpu() -> float:
    """Return the CPU seconds of this process and of all that have ended below it."""
    taken = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in taken)


def _wanted() -> argparse.Namespace:
    wanted = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    wanted.add_argument("--tables", type=int, default=8)
    wanted.add_argument("--rows", type=int, default=2500, help="pages that each table names")
    wanted.add_argument("--hosts", type=int, default=100, help="servers that the pages are on")
    wanted.add_argument("--workers", type=int, default=4)
    wanted.add_argument("--kills", type=int, default=50)
    wanted.add_argument("--minutes", type=float, default=20.0, help="when it is over at the latest")
    wanted.add_argument("--seed", type=int, default=7)
    wanted.add_argument("--bucket", action="store_true", help="payloads in an object store (moto)")
    wanted.add_argument("--json", action="store_true")
    wanted.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    return wanted.parse_args()


def main() -> int:
    """Read the arguments, run, print; return the exit code."""
    said = _wanted()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    folder = Path(tempfile.mkdtemp(prefix="watcher-cluster-"))
    plan = Plan(
        tables=said.tables,
        rows=said.rows,
        hosts=said.hosts,
        workers=said.workers,
        kills=said.kills,
        seed=said.seed,
        limit=said.minutes * 60,
        has_bucket=said.bucket,
    )
    verdict = torture(folder, plan)
    if said.json:
        sys.stdout.write(json.dumps(asdict(verdict) | {"good": verdict.is_good}, indent=1) + "\n")
    else:
        lines = [f"{name:40} {value}\n" for name, value in verdict.told().items()]
        sys.stdout.write("\n" + "".join(lines) + ("good\n" if verdict.is_good else "BAD\n"))
    if said.keep or not verdict.is_good:
        sys.stderr.write(f"the logs are in {folder}\n")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
