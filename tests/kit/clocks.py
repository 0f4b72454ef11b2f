"""Clocks for tests: one that stands still until told, one that is real."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class StandingClock:
    """A clock that moves only when a test moves it, or when someone sleeps by it."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at
        self._seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def forward(self, seconds: float) -> None:
        self._seconds += seconds

    def sleep(self, seconds: float, /) -> None:
        """Be a `Sleeper`: note it and move on at once."""
        self.slept.append(seconds)
        self.forward(seconds)


class LooseClock(StandingClock):
    """A wall clock that can be moved while time itself goes on."""

    moved = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.moved


class RealClock:
    """The machine's clock, for exchanges with a real server on the loopback."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 (the one real clock of the tests)

    def monotonic(self) -> float:
        return time.monotonic()
