"""One clock for all machines: the database's, carried on by each machine's steady one.

What one process writes, an instant until which a server is left alone, say, another compares with
its own present. Clocks of machines differ by seconds and are set; the database has one. Between two
comparisons with it, only seconds that never run backwards are counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from watcher.core.clockwork import Moment
from watcher.ports import Clock


class SharedClock:
    """Keeps the port `Clock`: this machine's until it was first compared, the shared one since."""

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._compared: Moment | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """Return the present instant by the shared clock, in UTC."""
        with self._lock:
            compared = self._compared
        if compared is None:
            return self._machine.now()
        return compared.wall + timedelta(seconds=self._machine.monotonic() - compared.steady)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._machine.monotonic()

    def compare(self, shared: datetime, asked: float) -> None:
        """Be told what the shared clock showed, and when it was asked by the steady one.

        Half of the time that the answer took counts: it was read somewhere in between.
        """
        answered = self._machine.monotonic()
        with self._lock:
            self._compared = Moment(shared, (asked + answered) / 2)
