"""What wakes a consumer of a SQLite store: the file's own count of what was committed to it."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from math import ceil
from pathlib import Path
from threading import Event, Lock

_EVERY = 0.2
"""Seconds between two looks at the file's count: a look reads one page that is in memory."""


class SqliteWakes:
    """Keeps the port `Wakes`: sees what any process commits, a fifth of a second later at most."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
        )
        self._is_closed = Event()
        self._waiting = Lock()
        self._seen = self._version()

    def wait(self, seconds: float) -> bool:
        """Return once something was committed, at the latest after `seconds`; whether it was."""
        with self._waiting:
            for _ in range(max(1, ceil(seconds / _EVERY))):
                if self._is_closed.is_set():
                    return False
                if self._has_moved():
                    return True
                self._is_closed.wait(min(seconds, _EVERY))
            return not self._is_closed.is_set() and self._has_moved()

    def close(self) -> None:
        """Let go of the file, and of whoever waits."""
        self._is_closed.set()
        with self._waiting:
            # closed under the hands of another thread, it would take the process down
            self._connection.close()

    def _has_moved(self) -> bool:
        before = self._seen
        with suppress(sqlite3.Error):  # busy: the next look will tell
            self._seen = self._version()
        return self._seen != before

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
