"""The `eventsourcing` library on SQLite, run in its own environment: append and read back.

Prints the CPU microseconds an event: of saving an aggregate with a hundred changes, and of reading
all of them through the application's mapper. Called by `log_limits.py`.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

BATCH = 100


class Medicine(Aggregate):
    def __init__(self) -> None:
        self.state: dict[str, str] = {}

    @event("Changed")
    def change(
        self, path: str, before: str, after: str, quote: str, url: str, snapshot: str
    ) -> None:
        self.state[path] = after


def one(count: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        application = Application({
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(Path(folder) / f"{uuid4()}.db"),
        })  # fmt: skip
        began = time.process_time()
        for number in range(count):
            medicine = Medicine()
            for place in range(BATCH):
                after = f"look {number} {place}"
                medicine.change(
                    f"flag[{place % 40:02d}]", f"look {number - 1}", after, after,
                    "https://www.ema.example/medicines.json", "sha256:" + f"{number:064x}",
                )  # fmt: skip
            application.save(medicine)
        appended = time.process_time() - began
        began = time.process_time()
        start, read = 1, 0
        while some := application.recorder.select_notifications(start=start, limit=1_000):
            for notification in some:
                application.mapper.to_domain_event(notification)
                read += 1
            start = some[-1].id + 1
        taken = time.process_time() - began
        application.close()
    return appended / (count * BATCH) * 1e6, taken / read * 1e6


def main() -> None:
    count, rounds = int(sys.argv[1]), int(sys.argv[2])
    taken = [one(count) for _ in range(rounds)]
    print(json.dumps({
        "append_us": statistics.median(first for first, _ in taken),
        "read_us": statistics.median(second for _, second in taken),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
