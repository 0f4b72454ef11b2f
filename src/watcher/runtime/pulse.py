"""A process's pulse: its sign of life in the store, and whether others still take it for alive."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event, Thread

from watcher.core.capture import instant
from watcher.errors import OperationalError
from watcher.ports.cluster import BEAT_SECONDS, LOST_AFTER, Process
from watcher.runtime.shared_clock import SharedClock
from watcher.store.holdings import Holdings, SharingStore

_SOON = 1.0
"""Seconds until a sign of life that could not be given is tried again."""


@dataclass(slots=True)
class Pulse:
    """Beats in a thread of its own, from `start` to `stop`.

    Attributes:
        store: Where the sign of life is kept.
        process: Who gives it.
        clock: The clock that all processes share; each beat compares it.
        holdings: What the process holds; whatever else stands in its name is given back.
        log: Where it tells that the store is away.
        is_well: Whether there is life to give a sign of: a process that hangs gives none.
    """

    store: SharingStore
    process: Process
    clock: SharedClock
    holdings: Holdings
    log: logging.Logger
    is_well: Callable[[], bool] = lambda: True
    _last: float = field(default=float("-inf"))
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None
    _was_away: bool = False

    def start(self) -> None:
        """Give the first sign of life, and go on in a thread.

        Raises:
            StoreError: The store is away.
        """
        self.beat()
        self._thread = Thread(target=self._run, name="pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Say that the process ends: what it held is free at once."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(BEAT_SECONDS)
        try:
            with self.store.apart() as work:
                work.processes.leave(self.process.id)
        except OperationalError as error:
            self.log.warning("%s", error)

    def end(self) -> None:
        """Let it be seen that the process finishes what it has begun, and begins nothing new."""
        self.process = replace(self.process, state="ending")

    @property
    def is_alive(self) -> bool:
        """Return whether nobody can take this process for dead yet."""
        return self.clock.monotonic() - self._last < LOST_AFTER

    def beat(self) -> None:
        """Give one sign of life.

        Raises:
            StoreError: The store is away.
        """
        asked = self.clock.monotonic()
        with self.store.apart() as work:
            shared = work.claims.clock()
            if shared is not None:
                self.clock.compare(shared, asked)
            now = instant(self.clock.now())
            self.process = replace(self.process, beat_at=now)
            work.processes.beat(self.process)
        self.holdings.tidy()
        self._last = asked

    def _run(self) -> None:
        wait = BEAT_SECONDS
        while not self._over.wait(wait):
            wait = BEAT_SECONDS if self._beats() else _SOON

    def _beats(self) -> bool:
        if not self.is_well():
            return True
        try:
            self.beat()
        except OperationalError as error:
            if not self._was_away:
                self.log.warning("no sign of life could be given: %s", error)
            self._was_away = True
            return False
        if self._was_away:
            self.log.info("signs of life are given again")
        self._was_away = False
        return True
