"""A process among others on one store: who it is, and its sign of life for as long as it works."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import watcher as program
from watcher.bootstrap import Watcher
from watcher.core.capture import instant
from watcher.errors import OperationalError
from watcher.ports.cluster import Process
from watcher.runtime.pulse import Pulse
from watcher.runtime.shared_clock import SharedClock
from watcher.store.holdings import SharingStore


def pulse_of(watcher: Watcher, role: str, clock: SharedClock, log: logging.Logger) -> Pulse:
    """Return the pulse of this process, which does not beat yet.

    Raises:
        OperationalError: The store is one file, which only one process writes to.
    """
    if watcher.holdings is None:
        message = (
            "several processes need PostgreSQL: set storage.database to a postgresql:// address, "
            "or run everything in one process with `watcher run`"
        )
        raise OperationalError(message)
    now = instant(clock.now())
    process = Process(
        id=watcher.holdings.process,
        role=role,
        machine=platform.node() or "localhost",
        pid=os.getpid(),
        version=program.__version__,
        started_at=now,
        beat_at=now,
    )
    store = shared(watcher)
    return Pulse(store, process, clock, watcher.holdings, log)


def shared(watcher: Watcher) -> SharingStore:
    """Return the program's store as several processes share it."""
    return cast("SharingStore", watcher.store)


@contextmanager
def present(
    watcher: Watcher, role: str, clock: SharedClock, log: logging.Logger
) -> Iterator[Pulse | None]:
    """Be seen by others as alive within this block, where there can be others; else do nothing."""
    if watcher.holdings is None:
        yield None
        return
    pulse = pulse_of(watcher, role, clock, log)
    pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()
