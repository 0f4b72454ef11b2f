"""What befalls a cluster: kills of its processes and of its database, in the middle of its work."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from threading import Event

import sqlalchemy as sa

from kit.postgres import Cluster
from kit.swarm import Swarm

RESUMED_WITHIN = 60.0
"""Seconds after which what a killed worker was at has to be looked at by others."""
LEAST, MOST = 2.0, 20.0
"""Seconds between two kills: never fewer, and no more even where little moves meanwhile.

Three times as many where nothing has moved yet: there is to be something to disturb.
"""
KINDS = ("worker", "postgres", "scheduler")
_DECK = ("worker",) * 6 + ("postgres",) * 2 + ("scheduler",) * 2
_HELD = (
    "SELECT t.name FROM turns t JOIN processes p ON p.id = t.held_by WHERE p.pid = :pid"
    " AND (SELECT count(*) FROM targets g WHERE g.host = t.name AND (g.leased_by <> '' OR"
    " g.next_due <= to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS'))) > 2"
)


class Torment:
    """Kills in the middle of the work, and starts again what it killed.

    Attributes:
        killed: How often each kind was.
        restarted: How many processes ended by themselves, and were started anew.
        away: From when until when the database was, by the monotonic clock.
        tell: Is told, each second, how far it is and what was killed.
    """

    def __init__(self, swarm: Swarm, postgres: Cluster, seed: int, tell: Telling) -> None:
        self.killed: Counter[str] = Counter()
        self.restarted = 0
        self.away: list[tuple[float, float]] = []
        self._workers_killed: list[tuple[float, frozenset[str]]] = []
        self._swarm = swarm
        self._postgres = postgres
        self._random = random.Random(seed)  # noqa: S311  no secret
        self._kinds = _kinds(self._random)
        self.tell = tell

    def until(self, progress: Callable[[], float], *, kills: int, limit: float) -> None:
        """Let it work until its progress is 1, and spread kills over all of the way there.

        Args:
            progress: How far it is, from 0 to 1.
            kills: How many kills it takes on the way.
            limit: When to leave it at that, by the monotonic clock.
        """
        done, last, reached = 0, time.monotonic(), 0.0
        while time.monotonic() < limit:
            pause(1.0)
            self.supervise()
            with suppress(sa.exc.DBAPIError):
                reached = progress()
            self.tell(reached, self.killed)
            if reached >= 1.0 and done >= kills:
                return
            waited = time.monotonic() - last
            most = MOST if reached else 3 * MOST
            is_next = reached >= (done + 1) / (kills + 1) or waited >= most
            if done < kills and is_next and waited >= LEAST:
                self.strike()
                done, last = done + 1, time.monotonic()

    def strike(self) -> None:
        """Kill one process, or the database, and start it again soon."""
        kind = next(self._kinds)
        self.killed[kind] += 1
        if kind == "postgres":
            began = time.monotonic()
            self._postgres.kill()
            pause(self._random.uniform(0, 2))
            self._postgres.start()
            self.away.append((began, time.monotonic()))
            return
        name = self._random.choice([each for each in self._swarm.processes if _kind(each) == kind])
        held = self._held(name) if kind == "worker" else frozenset()
        self._swarm.kill(name)
        if held:
            self._workers_killed.append((time.monotonic(), held))
        pause(self._random.uniform(0, 2))
        self._swarm.start(name, kind)

    def supervise(self) -> None:
        """Start anew what ended by itself, as a supervisor would: the database was away."""
        for name, process in [*self._swarm.processes.items()]:
            if process.poll() is not None:
                self.restarted += 1
                self._swarm.start(name, _kind(name))

    def resumptions(
        self, asked: Mapping[str, list[float]], until: float
    ) -> tuple[list[float], int]:
        """Return after how many seconds each server of a killed worker was asked again.

        And of how many that took more than a minute, not counting what the database was away.

        Args:
            asked: The instants at which each server was asked.
            until: Until when one that was not asked again is counted to have waited.
        """
        found: list[float] = []
        for at, servers in self._workers_killed:
            for server in servers:
                after = next((each - at for each in asked[server] if each > at), until - at)
                after -= sum(
                    max(0.0, min(end, at + after) - max(begin, at)) for begin, end in self.away
                )
                found.append(round(after, 1))
        return sorted(found), sum(after > RESUMED_WITHIN for after in found)

    def _held(self, name: str) -> frozenset[str]:
        """Return the servers whose turn a worker holds, and where more than its own is due."""
        try:
            rows = self._swarm.ask(_HELD, pid=self._swarm.processes[name].pid)
        except sa.exc.DBAPIError:
            return frozenset()
        return frozenset(str(row[0]).partition(":")[0] for row in rows)


Telling = Callable[[float, Mapping[str, int]], object]
"""Is told, each second, how far it is and what was killed so far."""


def _kinds(chance: random.Random) -> Iterator[str]:
    """Yield what to kill: each kind once, then six workers to two of the others, in any order."""
    yield from KINDS
    while True:
        yield from chance.sample(_DECK, len(_DECK))


def _kind(name: str) -> str:
    return "worker" if name.startswith("w") else "scheduler"


def pause(seconds: float) -> None:
    """Wait; this is for scripts beside the processes they torment."""
    Event().wait(seconds)
