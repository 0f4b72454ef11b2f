"""The service in one process: ticks by APScheduler, due times in our own table.

The scheduler is only a wake-up. What is due, and what became of it, stands in the database; a
process that dies in the middle finds its work again when it starts.
"""

from __future__ import annotations

import logging
import signal
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from urllib.parse import urlsplit

from apscheduler.executors.pool import ThreadPoolExecutor as TickThreads
from apscheduler.schedulers.background import BackgroundScheduler

from watcher.bootstrap import Watcher
from watcher.core.clockwork import Moment
from watcher.ports import Clock
from watcher.runtime.desk import Desk, folder_of
from watcher.runtime.gauge import Gauge
from watcher.runtime.heart import Heart
from watcher.runtime.jumps import note_jump
from watcher.runtime.lanes import Lanes
from watcher.runtime.log import of_outcome
from watcher.runtime.notify_systemd import Systemd
from watcher.runtime.steps import Steps
from watcher.runtime.stopping import Guarded
from watcher.runtime.stopping import Stop as Stop  # noqa: PLC0414  named here too
from watcher.runtime.watchdog import Watchdog
from watcher.services.check import note_failure
from watcher.services.deliver import MOST_LANES
from watcher.services.lease import give_back
from watcher.services.source import Source

_TICK_SECONDS = 1
_HOSTS_AT_ONCE = 32
_LANES_A_TICK = 4
_TURN_SECONDS = 30.0
_REST_SECONDS = 60.0
_SEAL_SECONDS = 3600.0
_FIRST_SEAL_SECONDS = 60.0
_BEAT_SECONDS = 60.0
_SENDING_SECONDS = 0.5
_DRAIN_SECONDS = 8.0
"""How long looks that have begun may take to end once the service is to."""
_ENDING = (signal.SIGTERM, signal.SIGINT)


@dataclass(slots=True)
class Service:
    """Looks at what is due, tells what is new, delivers what waits; until it is stopped.

    Attributes:
        watcher: The program.
        stop: Ends it.
        log: Where it tells what it does.
        supervisor: Who started us and wants signs of life.
        ping: Sends a sign of life elsewhere; None: nobody waits for one.
    """

    watcher: Watcher
    stop: Stop
    log: logging.Logger
    supervisor: Systemd = field(default_factory=Systemd)
    ping: Callable[[], None] | None = None
    watchdog: Watchdog = field(init=False)
    gauge: Gauge = field(init=False)
    steps: Steps = field(init=False)
    _moment: Moment | None = None
    _seal_at: float = field(init=False)
    _prove_at: float = 0.0
    _lanes: Lanes = field(default_factory=lambda: Lanes(_HOSTS_AT_ONCE))
    _sending: Lanes = field(default_factory=lambda: Lanes(MOST_LANES))
    _resting: dict[str, float] = field(default_factory=dict)
    _looking: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clock = self.watcher.tools.clock
        self.watchdog = Watchdog(clock)
        self.gauge = Gauge(self.watcher)
        self.steps = Steps(self.watcher, self.log)
        self._seal_at = clock.monotonic() + _FIRST_SEAL_SECONDS

    def heed(self) -> None:
        """End by a signal from now on: whoever sees our pages may end us, ere the first tick."""
        for number in _ENDING:
            signal.signal(number, self._on_signal)

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what has begun is finished, what has not stays due.

        A second signal ends the process at once, as a kill would: what is kept is whole.

        Raises:
            IntegrityError: The history would have become wrong; the service ended.
        """
        self.heed()
        scheduler = BackgroundScheduler(executors={"default": TickThreads(4)}, timezone="UTC")
        ticks = (self.look, self.tell, self.deliver, self.serve, self.seal, self.remember)
        for tick in (*ticks, self.measure, self.prove, self.escalate):
            scheduler.add_job(
                partial(self._tick, tick),
                "interval",
                seconds=_TICK_SECONDS,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            self._beat_until_stopped(scheduler)
        finally:
            self.supervisor.tell("STOPPING=1")
            scheduler.shutdown(wait=True)
            self._finish_looks()
            self._sending.finish(_DRAIN_SECONDS)
        if self.stop.failure is not None:
            raise self.stop.failure
        self._drain()

    def _beat_until_stopped(self, scheduler: BackgroundScheduler) -> None:
        """Beat by a clock that no one sets: the scheduler's timers go by the machine's."""
        heart = Heart(
            watcher=self.watcher,
            watchdog=self.watchdog,
            supervisor=self.supervisor,
            ping=self.ping,
            wake=partial(_wake, scheduler, self.watcher.tools.clock),
            log=self.log,
        )
        self.supervisor.tell("READY=1")
        while not self.stop.wait(heart.seconds):
            self._guarded(heart.beat)()

    def _tick(self, tick: Callable[[], None]) -> None:
        self._guarded(tick)()
        self.watchdog.ticked(tick.__name__)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        for each in _ENDING:
            signal.signal(each, signal.SIG_DFL)
        name = signal.Signals(number).name
        self.log.info("stopping on %s: finishing what has begun; once more ends it at once", name)
        self.stop.set()

    def look(self) -> None:
        """Start looking at due targets, one thread a connection, unless it is at it already.

        Of the hosts that have come due together, as after a week's sleep, a few start each tick.
        """
        started = 0
        for lane, targets in self._due_by_lane().items():
            if started < _LANES_A_TICK:
                started += self._lanes.start(lane, self._guarded(partial(self._look_at, targets)))

    def _due_by_lane(self) -> dict[str, list[tuple[Source, str]]]:
        """Return the due targets of hosts that may be asked, by host and connection."""
        by_host: dict[str, list[tuple[Source, str]]] = defaultdict(list)
        for source, url in self.watcher.due():
            by_host[urlsplit(url).netloc.casefold()].append((source, url))
        lanes: dict[str, list[tuple[Source, str]]] = {}
        for host, targets in by_host.items():
            url = targets[0][1]
            connections = self.watcher.config.host(urlsplit(url).hostname or "").connections
            if self.watcher.may_ask(url):
                lanes |= {
                    f"{host} {seat}": targets[seat::connections] for seat in range(connections)
                }
        return {lane: targets for lane, targets in lanes.items() if targets}

    def _look_at(self, targets: list[tuple[Source, str]]) -> None:
        clock = self.watcher.tools.clock
        until = clock.monotonic() + _TURN_SECONDS
        for source, url in targets:
            # what has come due meanwhile may be more urgent than the rest of this list
            if self.stop.is_set() or clock.monotonic() > until or not self.watcher.may_ask(url):
                return
            if self._resting.get(url, 0.0) > clock.monotonic():
                continue
            self._looking[url] = source
            with self.watchdog.looking(url):
                self._look_at_one(source, url)
            del self._looking[url]

    def _look_at_one(self, source: Source, url: str) -> None:
        if not self._guarded(partial(self._check, source, url))() and not self.stop.is_set():
            self._guarded(partial(self._note_fault, source, url))()
            # on a full disk not even that could be kept, and the target is still due
            self._resting[url] = self.watcher.tools.clock.monotonic() + _REST_SECONDS

    def _check(self, source: Source, url: str) -> None:
        outcome = self.watcher.check(source, url)
        with self.watcher.store.reading() as work:
            next_due = work.captures.target(source.id, url).next_due
        self.log.info("capture", extra={"fields": of_outcome(outcome, next_due)})
        if outcome.events:
            self._guarded(self._tell_at_once)()

    def _tell_at_once(self) -> None:
        """Tell of what a look just found and have it sent, without waiting for the next tick.

        What fails here, the ticks do a second later: they find by themselves what there is to do.
        """
        if self.steps.tell():
            self._start_sending()

    def _note_fault(self, source: Source, url: str) -> None:
        outcome = note_failure(source, url, "see the service's log", self.watcher.tools)
        self.log.info("capture", extra={"fields": of_outcome(outcome, "")})

    def tell(self) -> None:
        """Put messages into the outbox for what is new in the log."""
        self.steps.tell()

    def deliver(self) -> None:
        """Send what is due, a lane a channel: one that hangs is not waited for by the others."""
        self._start_sending()
        self._sending.finish(_SENDING_SECONDS)

    def _start_sending(self) -> None:
        for channel in self.watcher.channels_due():
            self._sending.start(channel, self._guarded(partial(self._send, channel)))

    def _send(self, channel: str) -> None:
        """Send until nothing is left: what is queued meanwhile finds the lane busy."""
        while self.steps.send(channel, self.stop.is_set):
            pass

    def serve(self) -> None:
        """Do what commands have left to be done, and see whether the clock moved by itself."""
        self._moment = note_jump(self.watcher, self._moment)
        Desk(self.watcher, folder_of(self.watcher.config), self.log).serve()

    def seal(self) -> None:
        """Seal the looks since the last seal into the log and sign its head, once an hour."""
        if self.watcher.tools.clock.monotonic() >= self._seal_at:
            self._seal_at = self.watcher.tools.clock.monotonic() + _SEAL_SECONDS
            self.steps.seal()

    def remember(self) -> None:
        """Keep a memo of the past where one is due: every few thousand events."""
        self.steps.remember()

    def measure(self) -> None:
        """Tell the operator where room on the disks runs out, or has run out."""
        self.gauge.read()

    def escalate(self) -> None:
        """Tell somebody else of what nobody has acknowledged in time."""
        self.steps.escalate()

    def prove(self) -> None:
        """Send the weekly proof that we watch where one is due; asked once a minute."""
        if self.watcher.tools.clock.monotonic() >= self._prove_at:
            self._prove_at = self.watcher.tools.clock.monotonic() + _BEAT_SECONDS
            self.steps.prove()

    def _finish_looks(self) -> None:
        """Wait for the looks that have begun; one whose server says nothing stays due."""
        if self._lanes.finish(_DRAIN_SECONDS):
            return
        for url, source in [*self._looking.items()]:
            self.log.warning("%s: its answer was not waited for; it stays due", url)
            now = self.watcher.tools.clock.now()
            self._guarded(partial(give_back, self.watcher.store, source.id, url, now))()

    def _drain(self) -> None:
        """Tell and seal what the last captures found; undelivered messages stay in the outbox."""
        self.tell()
        if not self._guarded(self.steps.seal)() and self.stop.failure is not None:
            raise self.stop.failure
        self.log.info("stopped")

    def _guarded(self, step: Callable[[], None]) -> Callable[[], bool]:
        """Return `step` with the three fates of errors; see `Guarded`."""
        return Guarded(self.stop, self.log, self.gauge.saw)(step)


def _wake(scheduler: BackgroundScheduler, clock: Clock) -> None:
    """Let every tick run now: a clock set back would have them wait until it is there again."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now())
