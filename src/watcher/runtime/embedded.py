"""The service in one process: ticks by APScheduler, due times in our own table.

The scheduler is only a wake-up. What is due, and what became of it, stands in the database; a
process that dies in the middle finds its work again when it starts.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from urllib.parse import urlsplit

from apscheduler.executors.pool import ThreadPoolExecutor as TickThreads
from apscheduler.schedulers.background import BackgroundScheduler

from watcher.bootstrap import Watcher
from watcher.errors import IntegrityError, OperationalError, StoppingError
from watcher.runtime.log import of_outcome
from watcher.services.check import note_failure
from watcher.services.source import Source

_TICK_SECONDS = 1
_HOSTS_AT_ONCE = 8
_REST_SECONDS = 60.0


class Stop:
    """Tells every thread that the service ends; also the sleeper that politeness waits by."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.failure: BaseException | None = None

    def __call__(self, seconds: float) -> None:
        """Wait for `seconds`, or raise at once when the service ends meanwhile.

        Raises:
            StoppingError: The service ends; a request must not go out before its turn.
        """
        if self._event.wait(seconds):
            message = "the service is stopping"
            raise StoppingError(message)

    def set(self, failure: BaseException | None = None) -> None:
        """End the service; with a failure, for that reason."""
        self.failure = self.failure or failure
        self._event.set()

    def is_set(self) -> bool:
        """Return whether the service ends."""
        return self._event.is_set()

    def wait(self) -> None:
        """Return when the service is to end."""
        while not self._event.wait(3600):
            pass


@dataclass(slots=True)
class Service:
    """Looks at what is due, tells what is new, delivers what waits; until it is stopped."""

    watcher: Watcher
    stop: Stop
    log: logging.Logger
    _busy: dict[str, Future[None]] = field(default_factory=dict)
    _resting: dict[str, float] = field(default_factory=dict)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_HOSTS_AT_ONCE, thread_name_prefix="host")
    )

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what has begun is finished, what has not stays due.

        Raises:
            IntegrityError: The history would have become wrong; the service ended.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        scheduler = BackgroundScheduler(executors={"default": TickThreads(4)}, timezone="UTC")
        for tick in (self.look, self.tell, self.deliver):
            scheduler.add_job(
                self._guarded(tick),
                "interval",
                seconds=_TICK_SECONDS,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        scheduler.start()
        try:
            self.stop.wait()
        finally:
            scheduler.shutdown(wait=True)
            self._threads.shutdown(wait=True)
        if self.stop.failure is not None:
            raise self.stop.failure
        self._drain()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.log.info("stopping on %s: finishing what has begun", signal.Signals(number).name)
        self.stop.set()

    def look(self) -> None:
        """Start looking at every due target, one thread a host, unless it is at it already."""
        by_host: dict[str, list[tuple[Source, str]]] = defaultdict(list)
        for source, url in self.watcher.due():
            by_host[urlsplit(url).netloc.casefold()].append((source, url))
        for host, targets in by_host.items():
            at_it = self._busy.get(host)
            if at_it is None or at_it.done():
                self._busy[host] = self._threads.submit(self._look_at, targets)

    def _look_at(self, targets: list[tuple[Source, str]]) -> None:
        for source, url in targets:
            if self.stop.is_set():
                return
            resting_until = self._resting.get(url, 0.0)
            if resting_until > self.watcher.tools.clock.monotonic():
                continue
            if not self._guarded(partial(self._check, source, url))() and not self.stop.is_set():
                fault = partial(self._note_fault, source, url)
                self._guarded(fault)()
                # on a full disk not even that could be kept, and the target is still due
                rest = self.watcher.tools.clock.monotonic() + _REST_SECONDS
                self._resting[url] = rest

    def _check(self, source: Source, url: str) -> None:
        outcome = self.watcher.check(source, url)
        with self.watcher.store.reading() as work:
            next_due = work.captures.target(source.id, url).next_due
        self.log.info("capture", extra={"fields": of_outcome(outcome, next_due)})

    def _note_fault(self, source: Source, url: str) -> None:
        outcome = note_failure(source, url, "see the service's log", self.watcher.tools)
        self.log.info("capture", extra={"fields": of_outcome(outcome, "")})

    def tell(self) -> None:
        """Put messages into the outbox for what is new in the log."""
        done = self.watcher.alert()
        if done.queued:
            self.log.info("queued %d messages on %d cases", done.queued, done.cases)

    def deliver(self) -> None:
        """Try every message that is due."""
        delivered = self.watcher.deliver()
        if delivered:
            self.log.info("delivered %d messages", delivered)

    def _drain(self) -> None:
        """Tell what the last captures found; undelivered messages stay in the outbox."""
        self.tell()
        self.log.info("stopped")

    def _guarded(self, step: Callable[[], None]) -> Callable[[], bool]:
        """Return `step` with the three fates of errors: carry on, or end the service.

        What is returned answers whether it went as it should.
        """

        def guarded() -> bool:
            try:
                step()
            except StoppingError:
                pass
            except OperationalError as error:
                self.log.warning("%s", error)
            except IntegrityError as error:
                self.log.exception("the history would become wrong: stopping")
                self.stop.set(error)
            except Exception:  # one bad target must not end the watch over the others
                self.log.exception("unforeseen; carrying on with the next")
            else:
                return True
            return False

        return guarded
