"""Whether the service is alive: each tick has ticked, and no thread is lost in a page.

Everything we fetch has a time limit, but reading a page is a call into libraries that no one can
interrupt. What hangs in one is noticed here; the supervisor is then left without its sign of life,
and restarts us.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from watcher.ports import Clock

LONGEST_LOOK = 20 * 60.0
"""Seconds for one target: robots.txt, five redirects with a minute's pace, ten minutes of bytes."""
LONGEST_TICK = 10 * 60.0
"""Seconds without which a tick has run to its end: a first table read, a mail server that waits."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A target that a thread has been busy with for too long."""

    url: str
    seconds: float

    def __str__(self) -> str:
        """Return it in words."""
        return f"the program has been busy with it for {self.seconds / 60:.0f} minutes"


@dataclass(slots=True)
class Watchdog:
    """Knows since when each thread is at its work, by a clock that no one sets."""

    clock: Clock
    _looks: dict[str, float] = field(default_factory=dict)
    _ticks: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def looking(self, url: str) -> Iterator[None]:
        """Be told that a thread looks at `url` within this block."""
        with self._lock:
            self._looks[url] = self.clock.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._looks.pop(url, None)

    def ticked(self, name: str) -> None:
        """Be told that a tick has run to its end."""
        with self._lock:
            self._ticks[name] = self.clock.monotonic()

    def stuck(self) -> list[Stuck]:
        """Return the targets that threads have been busy with for too long."""
        now = self.clock.monotonic()
        with self._lock:
            looks = sorted(self._looks.items())
        return [Stuck(url, now - since) for url, since in looks if now - since > LONGEST_LOOK]

    def silent(self) -> list[str]:
        """Return the names of the ticks that have not run to their end for too long."""
        now = self.clock.monotonic()
        with self._lock:
            ticks = sorted(self._ticks.items())
        return [name for name, last in ticks if now - last > LONGEST_TICK]

    @property
    def is_well(self) -> bool:
        """Return whether everything that runs here still does."""
        return not self.stuck() and not self.silent()
