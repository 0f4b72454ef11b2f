"""Starts the service quickly and often: one process imports the program and forks for each run.

Reads a line of JSON a run (`{"folder": …, "log": …}`), forks a child that is `watcher run` in that
folder, answers with its process id, and reaps it. The child takes the time from a clock that the
tormentor moves: real seconds times a rate, plus an offset that a file in the folder tells.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx  # noqa: F401  imported here once, so that each child need not
from apprise import Apprise  # noqa: F401

from watcher.cli import working
from watcher.cli.main import app
from watcher.fetch import http, politeness  # noqa: F401
from watcher.notify import channels, render  # noqa: F401
from watcher.store import store  # noqa: F401

CLOCK = "clock.json"


class MovedClock:
    """The machine's clock as the file in this folder bends it."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {"rate": 1.0, "offset": 0.0, "since": 0.0}

    def now(self) -> datetime:
        """Return the moved instant, in UTC."""
        # just being written? then what it said before still holds
        with contextlib.suppress(OSError, ValueError):
            self._told = json.loads(Path(CLOCK).read_text("utf-8"))
        real = datetime.now(UTC)  # noqa: TID251  the tormentor's clock is made of the real one
        since = self._told["since"] or real.timestamp()
        run = (real.timestamp() - since) * (self._told["rate"] - 1)
        return real + timedelta(seconds=self._told["offset"] + run)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


def child(folder: str, log: str) -> None:
    """Be the service in `folder` until killed."""
    os.setsid()
    os.chdir(folder)
    told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(told, 1)
    os.dup2(told, 2)
    working.SystemClock = MovedClock  # type: ignore[misc, assignment]
    app(["run"])


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                child(wanted["folder"], wanted["log"])
            finally:
                os._exit(70)
        threading.Thread(target=os.waitpid, args=(pid, 0), daemon=True).start()
        print(pid, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
