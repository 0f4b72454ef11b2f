"""What each role does again and again, each step alone in a process of its own: time and memory."""

from __future__ import annotations

import logging
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from world import SOURCE, Hurrying, url_of, wired

from kit.clocks import NOON
from watcher.bootstrap import Watcher
from watcher.core.capture import instant
from watcher.core.shard import host_of
from watcher.ports.cluster import Process
from watcher.runtime.membership import shared
from watcher.runtime.scheduling import Scheduling
from watcher.runtime.steps import Steps
from watcher.services.sources_page import source_page
from watcher.web.metrics import now_of

LOG = logging.getLogger("bench")


class Bell:
    """Stands in for the queue: remembers who is to be woken."""

    def __init__(self) -> None:
        self._rung: dict[str, None] = {}

    def queued(self) -> frozenset[str]:
        return frozenset(self._rung)

    def fetch(self, host: str, _priority: int) -> bool:
        self._rung[host] = None
        return True

    def deliver(self, _channel: str) -> bool:
        return True

    def heard(self) -> list[str]:
        """Return the servers to be asked, and forget them."""
        found, self._rung = [*self._rung], {}
        return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What a step took: seconds of wall and of its own CPU, megabytes in all and on top."""

    wall: float
    cpu: float
    megabytes: int
    more: int


def scheduling(watcher: Watcher) -> Scheduling:
    """Return what a scheduler does, with a bell for a queue."""
    return Scheduling(watcher, shared(watcher), Bell(), LOG)  # type: ignore[arg-type]


def process(clock: Hurrying) -> Process:
    """Return this process as others would see it."""
    now = instant(clock.now())
    return Process(
        id="me", role="worker", machine="m", pid=1, version="0", started_at=now, beat_at=now
    )


def _claim(watcher: Watcher) -> None:
    store, host, now = shared(watcher), host_of(url_of(7)), watcher.tools.clock.now()
    with store.apart() as work:
        work.processes.beat(process(watcher.tools.clock))  # type: ignore[arg-type]
        work.claims.hold(host, "me", instant(now))
        taken = work.claims.take(host, "me", now, 50)
    with store.apart() as work:
        work.claims.give_back("me", taken)
        work.claims.let_go(host, "me")


def _tidy(watcher: Watcher) -> None:
    assert watcher.holdings is not None
    watcher.holdings.doubt()
    watcher.holdings.tidy()


def _status(watcher: Watcher) -> None:
    with shared(watcher).reading() as work:
        work.claims.backlog(instant(watcher.tools.clock.now()))


def _metrics(watcher: Watcher) -> None:
    with watcher.store.reading() as work:
        list(now_of(watcher, work, watcher.tools.clock.now()))


def _page(watcher: Watcher) -> None:
    source_page(watcher.store, watcher.source(SOURCE), watcher.tools.clock.now())


STEPS: dict[str, Callable[[Watcher], object]] = {
    "scheduler: tick": lambda watcher: scheduling(watcher).tick(),
    "scheduler: bury": lambda watcher: scheduling(watcher).bury(),
    "scheduler: look round": lambda watcher: scheduling(watcher).look_round(),
    "scheduler: draw in": lambda watcher: scheduling(watcher).draw_in(),
    "worker: claim fifty": _claim,
    "worker: tidy": _tidy,
    "worker: tell": lambda watcher: Steps(watcher, LOG).tell(),
    "worker: escalate": lambda watcher: Steps(watcher, LOG).escalate(),
    "worker: remember": lambda watcher: Steps(watcher, LOG).remember(),
    "worker: heartbeat": lambda watcher: Steps(watcher, LOG).prove(),
    "serve: page of a source": _page,
    "serve: metrics": _metrics,
    "cluster status": _status,
}
"""By role and name. What is asked of the same table twice in a second comes first."""


def measured(path: Path, lived: float) -> dict[str, dict[str, Taken]]:
    """Return what each step takes: when little is due, and when all is."""
    found: dict[str, dict[str, Taken]] = {}
    for when, later in (("as it is", lived), ("all due", lived + 2 * 86_400)):
        found[when] = {name: _alone(path, name, later) for name in STEPS}
    return found


def _alone(path: Path, name: str, later: float) -> Taken:
    context = multiprocessing.get_context("fork")
    told: multiprocessing.SimpleQueue[Taken] = context.SimpleQueue()
    child = context.Process(target=_take, args=(path, name, later, told))
    child.start()
    child.join()
    if child.exitcode:
        message = f"{name} failed with exit code {child.exitcode}"
        raise RuntimeError(message)
    return told.get()


def _take(path: Path, name: str, later: float, told: multiprocessing.SimpleQueue[Taken]) -> None:
    with wired(path, Hurrying(NOON + timedelta(seconds=later))) as watcher:
        _status_of_none(watcher)
        before, cpu, wall = _peak(), time.process_time(), time.perf_counter()
        STEPS[name](watcher)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    told.put(Taken(wall, cpu, _peak(), _peak() - before))


def _status_of_none(watcher: Watcher) -> None:
    """Have a connection made, which is nobody's cost."""
    with watcher.store.reading() as work:
        work.log.head()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
