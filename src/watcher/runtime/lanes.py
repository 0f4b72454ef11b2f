"""Lanes: one thread a connection, and none that could keep the process from ending.

A server that takes a request and says nothing holds its thread for as long as a look may take. The
threads are daemons, so that a service that was asked to end need not wait for the last of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread


@dataclass(slots=True)
class Lanes:
    """Work that is done side by side, in one thread for each name.

    Attributes:
        most: How many threads there may be.
    """

    most: int
    _threads: dict[str, Thread] = field(default_factory=dict)
    _starting: Lock = field(default_factory=Lock)

    def start(self, name: str, work: Callable[[], object]) -> bool:
        """Start `work` in the lane of that name; return False where it, or every one, is busy.

        Any thread may ask: of two that want the same lane at once, one gets it.
        """
        with self._starting:
            busy = {each: thread for each, thread in self._threads.items() if thread.is_alive()}
            self._threads = busy
            if name in busy or len(busy) >= self.most:
                return False
            thread = Thread(target=work, name=f"host {name}", daemon=True)
            thread.start()
            self._threads = {**busy, name: thread}
        return True

    def finish(self, seconds: float) -> bool:
        """Wait for all that has begun, `seconds` in all; return whether it has ended."""
        until = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())
