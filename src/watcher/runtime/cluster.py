"""One of many machines: a worker that looks and tells, a scheduler that wakes, or both in one.

Procrastinate wakes; what is due, who is at it and whose turn it is stands in the store. A process
that dies in the middle leaves nothing that the others do not find within half a minute. One whose
database goes away waits for it, and ends with an error where it stays away, for a supervisor to
start it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from types import FrameType

import sqlalchemy as sa
from procrastinate import App

from watcher.bootstrap import Watcher
from watcher.core.pressure import Pressure
from watcher.errors import OperationalError, StoreError
from watcher.runtime.fetching import Fetching
from watcher.runtime.notify_systemd import Systemd
from watcher.runtime.patience import FAILED, Patience
from watcher.runtime.pulse import Pulse
from watcher.runtime.queue import (
    CONSUME,
    FETCH,
    HEARTBEAT,
    SCHEDULE,
    STALLED,
    Periodic,
    Wakes,
    Work,
    application,
    prepare,
)
from watcher.runtime.scheduling import Scheduling
from watcher.runtime.steps import Steps
from watcher.runtime.stopping import Guarded, Stop
from watcher.runtime.watchdog import Watchdog
from watcher.services.pressure import told_pressure
from watcher.store.holdings import SharingStore

CHANNELS = 8
"""How many steps and channels a worker sees to at the same time."""
DRAIN_SECONDS = 25.0
"""How long what has begun may take to end once a process is to; Kubernetes waits 30."""
_SOON = 0.5
_POLL = 2.0
_EVERY_SECOND, _SECONDS_5, _SECONDS_15 = "* * * * * *", "* * * * * */5", "* * * * * */15"
_ENDING = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What a process does.

    Attributes:
        role: What it is called.
        fetches: Whether it looks.
        consumes: Whether it tells, sends and keeps.
        schedules: Whether it wakes others.
        lanes: How many servers it asks at the same time.
    """

    role: str
    fetches: bool = False
    consumes: bool = False
    schedules: bool = False
    lanes: int = 1


@dataclass(slots=True)
class Member:
    """One process among many, from its start until it is told to end.

    Attributes:
        watcher: The program.
        store: Its store, as several processes share it.
        url: Where the queue is: the store's own database.
        duties: What it does.
        pulse: Its sign of life.
        stop: Ends it.
        log: Where it tells what it does.
        supervisor: Who started us and wants signs of life.
    """

    watcher: Watcher
    store: SharingStore
    url: sa.URL
    duties: Duties
    pulse: Pulse
    stop: Stop
    log: logging.Logger
    supervisor: Systemd = field(default_factory=Systemd)
    watchdog: Watchdog = field(init=False)
    wakes: Wakes = field(init=False)
    guarded: Guarded = field(init=False)
    scheduling: Scheduling = field(init=False)
    fetching: Fetching | None = field(init=False)
    _steps: Steps = field(init=False)
    _patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.watchdog = Watchdog(self.watcher.tools.clock)
        self.wakes = Wakes(self.url)
        self.guarded = Guarded(self.stop, self.log, self._saw)
        self.scheduling = Scheduling(self.watcher, self.store, self.wakes, self.log)
        self._steps = Steps(self.watcher, self.log)
        self._patience = Patience(self.stop, self.watcher.tools.clock, self.log, self._is_there)
        self.pulse.is_well = self.is_well
        self.fetching = self._fetching() if self.duties.fetches else None

    def _saw(self, error: Exception) -> None:
        """Be told of a failure: where the store failed, a claim may have been left behind."""
        if isinstance(error, StoreError) and self.watcher.holdings is not None:
            self.watcher.holdings.doubt()

    def is_well(self) -> bool:
        """Return whether all that runs here still does."""
        return self.watchdog.is_well

    def _is_there(self) -> bool:
        return self.pulse.is_alive

    def run(self, first: Callable[[], object]) -> None:
        """Work until SIGTERM or SIGINT; what has begun is finished, what has not stays due.

        Args:
            first: What is done once, before all else.

        Raises:
            IntegrityError: The history would have become wrong; the process ended.
            StoreError: The database stayed away.
        """
        for number in _ENDING:
            signal.signal(number, self._on_signal)
        self._patience.until_there(partial(prepare, self.url))
        self._patience.until_there(self.pulse.start)
        self._patience.until_there(first)
        self._patience.until_there(self.watcher.enrol)
        self._patience.until_there(self.wakes.open)
        Thread(target=self._tell_supervisor, name="supervisor", daemon=True).start()
        self.supervisor.tell("READY=1")
        self.log.info("%s %s works", self.duties.role, self.pulse.process.id)
        try:
            while not self.stop.is_set():
                self._work()
        finally:
            self.supervisor.tell("STOPPING=1")
            self.pulse.stop()
            self.wakes.close()
        if self.stop.failure is not None:
            raise self.stop.failure
        self.log.info("stopped")

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for each in _ENDING:
            signal.signal(each, signal.SIG_DFL)
        name = signal.Signals(number).name
        self.log.info("stopping on %s: finishing what has begun; once more ends it at once", name)
        self.pulse.end()
        self.stop.set()

    def _work(self) -> None:
        """Take jobs until the process ends, or the queue does because its database went away."""
        try:
            asyncio.run(self._take_jobs())
        except FAILED as error:
            self._patience.wait(error)
        else:
            # a worker whose connections are cut ends in good order; it is not to end for good
            self.stop.wait(_SOON)

    async def _take_jobs(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self.duties.lanes + CHANNELS + 4))
        app = application(self.url, self._jobs(), is_scheduler=self.duties.schedules)
        async with app.open_async():
            workers = [
                asyncio.create_task(self._worker(app, queues, concurrency), name=queues[0])
                for queues, concurrency in self._queues()
            ]
            ending = asyncio.create_task(self._ended())
            try:
                await asyncio.wait([*workers, ending], return_when=asyncio.FIRST_COMPLETED)
            finally:
                ending.cancel()
                await self._drain(workers)

    def _queues(self) -> list[tuple[Sequence[str], int]]:
        wanted = (
            (self.duties.fetches, (FETCH,), self.duties.lanes),
            (self.duties.consumes, (CONSUME,), CHANNELS),
            (self.duties.schedules, (SCHEDULE,), 2),
        )
        return [(queues, concurrency) for is_ours, queues, concurrency in wanted if is_ours]

    async def _worker(self, app: App, queues: Sequence[str], concurrency: int) -> None:
        await app.run_worker_async(
            queues=[*queues],
            name=f"{self.duties.role} {self.pulse.process.id}",
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
            delete_jobs="always",
        )

    async def _ended(self) -> None:
        while not self.stop.is_set():
            await asyncio.sleep(0.1)

    async def _drain(self, workers: Sequence[asyncio.Task[None]]) -> None:
        """Let jobs that have begun come to their end; one that does not is left to the others.

        A job is never aborted: it ends by itself as soon as its look has, and one that hangs in a
        look of which nothing is heard is found to be dead with the process.
        """
        for worker in workers:
            worker.cancel()
        _, hanging = await asyncio.wait(workers, timeout=DRAIN_SECONDS)
        if hanging:
            self._leave_at_once()
        for ended in await asyncio.gather(*workers, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    def _leave_at_once(self) -> None:
        """End although something hangs: what it was at is given back, and is due again."""
        self.log.warning("something did not end in %.0f seconds; it is left", DRAIN_SECONDS)
        self.pulse.stop()
        logging.shutdown()
        os._exit(0 if self.stop.is_set() and self.stop.failure is None else 3)

    def _jobs(self) -> Work:
        return Work(fetch=self._fetch, deliver=self._deliver, periodic=tuple(self._periodic()))

    def _periodic(self) -> list[Periodic]:
        """Return what is woken by time; a process that does not do it knows its name as well."""
        steps, scheduling = self._steps, self.scheduling
        return [
            Periodic("tick", _EVERY_SECOND, SCHEDULE, self._step(scheduling.tick)),
            Periodic("bury", _SECONDS_5, SCHEDULE, self._step(scheduling.bury)),
            Periodic("round", "* * * * * 37", SCHEDULE, self._step(scheduling.look_round)),
            Periodic("draw_in", "23 * * * * 7", SCHEDULE, self._step(scheduling.draw_in)),
            Periodic("tell", _SECONDS_5, CONSUME, self._step(self._tell)),
            Periodic("escalate", _SECONDS_15, CONSUME, self._step(steps.escalate)),
            Periodic("prove", "* * * * * 17", CONSUME, self._step(steps.prove)),
            Periodic("remember", "* * * * * 47", CONSUME, self._step(steps.remember)),
            Periodic("seal", "0 * * * * 0", CONSUME, self._step(steps.seal)),
        ]

    def _step(self, step: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            if not self.stop.is_set():
                self.guarded(partial(_done, step))()

        return run

    def _tell(self) -> None:
        if self._steps.tell():
            for channel in self.watcher.channels_due():
                self.wakes.deliver(channel)

    def _deliver(self, channel: str) -> None:
        is_over = lambda: self.stop.is_set() or not self.pulse.is_alive  # noqa: E731
        self.guarded(lambda: self._steps.send(channel, is_over))()

    def _fetch(self, host: str) -> None:
        if self.fetching is not None and not self.stop.is_set():
            self.guarded(partial(_done, partial(self.fetching.turn, host)))()

    def _fetching(self) -> Fetching:
        if self.watcher.rests is None:
            message = "a worker needs a fetcher with manners"
            raise OperationalError(message)
        return Fetching(
            watcher=self.watcher,
            store=self.store,
            rests=self.watcher.rests,
            pulse=self.pulse,
            stop=self.stop,
            guarded=self.guarded,
            watchdog=self.watchdog,
            log=self.log,
            pressure=self._pressure,
            on_news=lambda: _done(partial(self.wakes.step, "tell")),
        )

    def _pressure(self) -> Pressure:
        with self.store.reading() as work:
            return told_pressure(work)

    def _tell_supervisor(self) -> None:
        wait = min(self.supervisor.watchdog / 2 or HEARTBEAT, HEARTBEAT)
        while not self.stop.wait(wait):
            if self.is_well():
                self.supervisor.tell("WATCHDOG=1")


def _done(step: Callable[[], object]) -> None:
    step()
