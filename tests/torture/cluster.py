"""Kill workers, schedulers and PostgreSQL of a cluster, and count what was lost, doubled or rude.

    python tests/torture/cluster.py                       # 20,000 pages, 4 workers, 50 kills
    python tests/torture/cluster.py --rows 100 --kills 6  # a short one

Four workers and two schedulers, each a process of its own, share one PostgreSQL and look at pages
of a hundred servers on loopback that tables name. Of thirty pages one tells of a withdrawal. Any
of them is killed with SIGKILL at random instants, PostgreSQL among them, and started again. At the
end they are left in peace, and the log, the mailbox and the site's own record of requests are
compared with the truth. Ends by itself; exit code 1 if anything was lost, told twice under two
keys, or asked for sooner than a server's pace.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from kit.engines import address_of
from kit.postgres import Cluster
from kit.process import command
from kit.receivers import Mailbox
from kit.swarm import Swarm

WORKERS, SCHEDULERS = 4, 2
RESUMED_WITHIN = 60.0
_TOLERANCE = 0.01
"""Seconds by which the site may see two requests closer than they were sent: it is busy as well."""
_SEEN = "SELECT count(*) FROM targets WHERE source LIKE 'pages-%' AND last_good <> ''"
_NEWS = (
    "SELECT subject, count(*) FROM events WHERE source LIKE 'pages-%'"
    " AND type = 'authorisation.withdrawn' AND cause = 'observed' GROUP BY 1"
)
_DUE = (
    "SELECT count(*) FROM targets WHERE leased_by <> '' OR next_due <"
    " to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')"
)
_UNTOLD = (
    "SELECT (SELECT coalesce(max(position), 0) FROM events) -"
    " coalesce((SELECT position FROM checkpoints WHERE consumer = 'alert'), 0)"
)
_UNSENT = (
    "SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
    " + (SELECT count(*) FROM digest_items WHERE told_in = '')"
)
_TOLD = (
    'SELECT e.subject, (SELECT count(*) FROM outbox o WHERE o."case" = c.key'
    " AND o.state = 'delivered') + (SELECT count(*) FROM digest_items d JOIN outbox o"
    " ON o.key = d.told_in WHERE d.\"case\" = c.key AND o.state = 'delivered')"
    " FROM cases c JOIN events e ON e.position = c.lead WHERE e.source LIKE 'pages-%'"
)
_SENT = "SELECT count(*) FROM outbox WHERE state = 'delivered'"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What the log, the mailbox and the site say, beside the truth."""

    pages: int
    servers: int
    changed: int
    kills: dict[str, int] = field(default_factory=dict)
    restarted: int = 0
    seconds: float = 0.0
    first_round: float = 0.0
    requests: int = 0
    unseen: int = 0
    lost: int = 0
    false: int = 0
    doubled_events: int = 0
    untold: int = 0
    doubles_same_key: int = 0
    doubles_other_key: int = 0
    least_gap: float = 0.0
    rude: int = 0
    resumed: list[float] = field(default_factory=list)
    not_resumed: int = 0
    is_whole: bool = False
    is_settled: bool = False
    left_held: int = 0

    @property
    def is_good(self) -> bool:
        """Return whether everything was kept that is promised."""
        bad = self.unseen + self.lost + self.false + self.doubled_events + self.untold
        bad += self.doubles_other_key + self.rude + self.not_resumed + self.left_held
        return not bad and self.is_whole and self.is_settled


class Torment:
    """Kills at random, and starts again what it killed."""

    def __init__(self, swarm: Swarm, postgres: Cluster, seed: int) -> None:
        self.killed: Counter[str] = Counter()
        self.restarted = 0
        self.workers_killed: list[tuple[float, frozenset[str]]] = []
        self.away: list[tuple[float, float]] = []
        self._swarm = swarm
        self._postgres = postgres
        self._random = random.Random(seed)  # noqa: S311  no secret

    def strike(self) -> None:
        """Kill one process, or the database, and start it again soon."""
        name = self._random.choice(["postgres", *self._swarm.processes, "w0", "w1", "w2", "w3"])
        if name not in self._swarm.processes and name != "postgres":
            name = "w0"
        kind = "postgres" if name == "postgres" else "worker" if name[0] == "w" else "scheduler"
        self.killed[kind] += 1
        if name == "postgres":
            began = time.monotonic()
            self._postgres.kill()
            pause(self._random.uniform(0, 2))
            self._postgres.start()
            self.away.append((began, time.monotonic()))
            return
        held = self._held(name) if kind == "worker" else frozenset()
        self._swarm.kill(name)
        if held:
            self.workers_killed.append((time.monotonic(), held))
        pause(self._random.uniform(0, 2))
        self._swarm.start(name, kind)

    def supervise(self) -> None:
        """Start anew what ended by itself, as a supervisor would: the database was away."""
        for name, process in [*self._swarm.processes.items()]:
            if process.poll() is not None:
                self.restarted += 1
                self._swarm.start(name, "worker" if name[0] == "w" else "scheduler")

    def until(self, is_done: Callable[[], bool], *, kills: int, every: float, limit: float) -> None:
        """Kill every few seconds until it is done and there were kills enough."""
        next_kill = time.monotonic() + every
        while time.monotonic() < limit:
            pause(1.0)
            self.supervise()
            is_enough = sum(self.killed.values()) >= kills
            with suppress(sa.exc.DBAPIError):
                if is_enough and is_done():
                    return
            if not is_enough and time.monotonic() >= next_kill:
                next_kill = time.monotonic() + every
                self.strike()

    def _held(self, name: str) -> frozenset[str]:
        """Return the servers whose turn a worker holds, and where more than its own is due."""
        question = (
            "SELECT t.name FROM turns t JOIN processes p ON p.id = t.held_by WHERE p.pid = :pid"
            " AND (SELECT count(*) FROM targets g WHERE g.host = t.name"
            " AND (g.next_due = '' OR g.leased_by <> '')) > 2"
        )
        try:
            rows = self._swarm.ask(question, pid=self._swarm.processes[name].pid)
        except sa.exc.DBAPIError:
            return frozenset()
        return frozenset(str(row[0]).partition(":")[0] for row in rows)

    def resumptions(self, asked: dict[str, list[float]], until: float) -> tuple[list[float], int]:
        """Return after how many seconds each server of a killed worker was asked again.

        And of how many that took more than a minute, not counting what the database was away.
        """
        found: list[float] = []
        late = 0
        for at, servers in self.workers_killed:
            for server in servers:
                after = next((each - at for each in asked[server] if each > at), until - at)
                after -= sum(
                    max(0.0, min(end, at + after) - max(begin, at)) for begin, end in self.away
                )
                found.append(round(after, 1))
                late += after > RESUMED_WITHIN
        return sorted(found), late


def pause(seconds: float) -> None:
    """Wait; this is a script beside the processes it torments."""
    Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large it is, and how often and how long it is tormented; times in seconds.

    Attributes:
        every: Between two kills; 0: spread over the time that the looks take.
    """

    tables: int
    rows: int
    hosts: int
    workers: int
    kills: int
    seed: int
    limit: float
    every: float = 0.0


def torture(folder: Path, plan: Plan) -> Verdict:
    """Run it all and return the verdict."""
    with (
        Cluster(is_durable=True) as postgres,
        postgres.database(is_empty=True) as url,
        Mailbox() as box,
    ):
        where = (folder, address_of(url), box.address())
        swarm = Swarm(*where, plan.tables, plan.rows, plan.hosts)
        try:
            return _run(swarm, postgres, box, plan)
        finally:
            swarm.close()


def _run(swarm: Swarm, postgres: Cluster, box: Mailbox, plan: Plan) -> Verdict:
    began = time.monotonic()
    pages = swarm.pages()
    for number in range(SCHEDULERS):
        swarm.start(f"s{number}", "scheduler")
    for number in range(plan.workers):
        swarm.start(f"w{number}", "worker")
    changed = random.Random(plan.seed).sample(pages, max(len(pages) // 30, 1))  # noqa: S311
    verdict = Verdict(pages=len(pages), servers=swarm.hosts, changed=len(changed))
    torment = Torment(swarm, postgres, plan.seed)
    expected = len(pages) / (swarm.hosts / swarm.pace) + 60
    every = plan.every or max(expected * 1.5 / max(plan.kills, 1), 2.0)
    limit = began + plan.limit
    torment.until(
        lambda: swarm.count(_SEEN) >= len(pages),
        kills=plan.kills * 4 // 5,
        every=every,
        limit=limit,
    )
    verdict.first_round = round(time.monotonic() - began, 1)
    swarm.change(changed)
    _ask(swarm, "UPDATE targets SET next_due = '' WHERE source LIKE 'table-%'")
    torment.until(
        lambda: len(swarm.ask(_NEWS)) >= len(changed), kills=plan.kills, every=every, limit=limit
    )
    verdict.is_settled = _settle(swarm, torment, limit)
    verdict.seconds = round(time.monotonic() - began, 1)
    verdict.kills = dict(torment.killed)
    verdict.restarted = torment.restarted
    _judge_log(swarm, verdict, changed)
    _judge_mails(swarm, box, verdict, changed)
    verdict.left_held = swarm.count("SELECT count(*) FROM turns WHERE held_by <> ''")
    for name in swarm.processes:
        swarm.end(name)
    verdict.is_whole = command(swarm.folder, "verify").returncode == 0
    _judge_requests(swarm, verdict, torment)
    return verdict


def _ask(swarm: Swarm, statement: str) -> None:
    for _ in range(20):
        try:
            swarm.ask(statement)
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
        try:
            open_work = swarm.count(_DUE) + swarm.count(_UNTOLD) + swarm.count(_UNSENT)
        except sa.exc.DBAPIError:
            continue
        quiet = quiet + 1 if not open_work else 0
    return quiet >= 3


def _judge_log(swarm: Swarm, verdict: Verdict, changed: list[str]) -> None:
    verdict.unseen = verdict.pages - swarm.count(_SEEN)
    told = {_page(subject): int(count) for subject, count in swarm.ask(_NEWS)}
    wanted = {_page(each) for each in changed}
    verdict.lost = len(wanted - told.keys())
    verdict.false = len(told.keys() - wanted)
    verdict.doubled_events = sum(count - 1 for count in told.values())


def _judge_mails(swarm: Swarm, box: Mailbox, verdict: Verdict, changed: list[str]) -> None:
    told = Counter({_page(subject): int(count) for subject, count in swarm.ask(_TOLD)})
    verdict.untold = sum(not told[_page(each)] for each in changed)
    verdict.doubles_other_key = sum(max(count - 1, 0) for count in told.values())
    mails = Counter(str(mail.message["Message-ID"]) for mail in box.messages)
    verdict.doubles_same_key = sum(count - 1 for count in mails.values())
    # what the outbox says was delivered has to be there
    verdict.untold += max(swarm.count(_SENT) - len(mails), 0)


def _page(text: object) -> str:
    """Return what follows the last slash: a page is the same in an address and in a subject."""
    return str(text).rpartition("/")[2]


def _judge_requests(swarm: Swarm, verdict: Verdict, torment: Torment) -> None:
    asked: dict[str, list[float]] = defaultdict(list)
    for at, host, _path in swarm.asked():
        asked[host].append(at)
    gaps = [later - earlier for times in asked.values() for earlier, later in pairwise(times)]
    verdict.requests = sum(map(len, asked.values()))
    verdict.least_gap = round(min(gaps, default=0.0), 4)
    verdict.rude = sum(gap < swarm.pace - _TOLERANCE for gap in gaps)
    verdict.resumed, verdict.not_resumed = torment.resumptions(asked, time.monotonic())


def main() -> int:
    """Read the arguments, run, print; return the exit code."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--tables", type=int, default=8)
    wanted.add_argument("--rows", type=int, default=2500)
    wanted.add_argument("--hosts", type=int, default=100)
    wanted.add_argument("--workers", type=int, default=WORKERS)
    wanted.add_argument("--kills", type=int, default=50)
    wanted.add_argument("--minutes", type=float, default=15.0)
    wanted.add_argument("--seed", type=int, default=7)
    wanted.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    said = wanted.parse_args()
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
    )
    verdict = torture(folder, plan)
    told = asdict(verdict) | {"good": verdict.is_good}
    resumed = told.pop("resumed")
    told["servers_resumed"] = len(resumed)
    told["longest_until_resumed"] = max(resumed, default=0.0)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    if said.keep or not verdict.is_good:
        sys.stdout.write(f"the logs are in {folder}\n")
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
