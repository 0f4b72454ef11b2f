"""Prints how often the shipped configuration asks whom in a day: `make day`."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from kit.clocks import StandingClock
from kit.days import Life, Web, as_table, shipped

EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def main() -> None:
    """Live through an evening, so that first looks do not count, and then a day."""
    with tempfile.TemporaryDirectory(prefix="watcher-day-") as folder:
        web = Web(StandingClock(EVENING))
        life = Life(shipped(Path(folder)), web)
        life.live(EVENING + timedelta(minutes=5))
        web.asked.clear()
        web.clock.forward((EVENING + timedelta(hours=4) - web.clock.now()).total_seconds())
        life.live(web.clock.now() + timedelta(days=1), step=60)
    print("Requests by host and hour (UTC) of 22 November 2026, robots.txt included:")  # noqa: T201
    print(as_table(web))  # noqa: T201


if __name__ == "__main__":
    main()
