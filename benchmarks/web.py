"""The pages and the API over a million events: how long each answer takes, and the server's memory.

The store is made once (`web_history.py`) and kept, some fifteen minutes for a million events; the
real application answers on Uvicorn in a process of its own, over loopback, one question at a time.
Each question is asked `--rounds` times, with other values each time where there are any, so that no
answer can be a kept one. `--events 10000 --snapshots 400` is the quick run.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

from web_history import END, Then, days_of, made, some
from web_medicines import RICH, holder_of, name_of

AIM = 100.0
"""Milliseconds within which the median of the questions with an aim has to be."""
WITH_AIM = frozenset({"today", "medicine", "search", "as-of"})
MEMORY = 256
"""Megabytes by which an export of any length may make the server grow."""
EXPORTS = ("events.jsonl", "events.csv", "events.xlsx")


@dataclass(frozen=True, slots=True)
class Answered:
    """One kind of question: milliseconds to the last byte, and how large the last answer was.

    `cpu` is the median of what the server itself computed: on a machine that others keep busy it
    says what `median` would be if they did not.
    """

    name: str
    median: float
    p95: float
    cpu: float
    kilobytes: float
    aim: float | None

    @property
    def is_met(self) -> bool:
        return self.aim is None or self.median <= self.aim


@dataclass(frozen=True, slots=True)
class Streamed:
    """One export of the whole log: megabytes of the server before, and at most while it streamed."""

    name: str
    seconds: float
    megabytes: float
    before: int
    most: int


def serve(config: Path, port: int) -> None:
    """Answer until told to end; run as a process of its own."""
    # imported here: the process that asks does not need it
    from watcher.bootstrap import World, opened  # noqa: PLC0415
    from watcher.config.load import load  # noqa: PLC0415
    from watcher.readers.registry import READERS  # noqa: PLC0415
    from watcher.runtime.desk import hands  # noqa: PLC0415
    from watcher.web.app import application  # noqa: PLC0415
    from watcher.web.server import listening, serving  # noqa: PLC0415

    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    checked = load(config, {}, READERS)
    assert checked.web is not None
    assert checked.web.port == port
    with opened(checked, World(clock=Then(), sleep=lambda _: None), writable=True) as watcher:
        pages = application(watcher, hands=hands(watcher), web=checked.web)
        with serving(pages, listening(checked.web)):
            ended.wait()


@contextmanager
def server(config: Path, port: int) -> Iterator[int]:
    """Yield the process id of a server that answers."""
    command = [sys.executable, __file__, "--serve", str(config), "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                status, _ = ask(port, "/healthz")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        assert status == 200
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, path: str) -> tuple[int, bytes]:
    """Return the status and body of an answer, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, answer.read()
    connection.close()
    return told


def questions(port: int, config: Path, rounds: int) -> dict[str, list[str]]:
    """Return what is asked, by kind."""
    chance = random.Random(4)
    subjects = [each.id for each in some(config, rounds)]
    found = json.loads(ask(port, f"/api/v1/cases?limit={min(rounds, 100)}")[1])["items"]
    head = json.loads(ask(port, "/api/v1/events?limit=1")[1])["head"]
    length = days_of(int(config.parent.name.split("-")[1]))
    days = [str((END - timedelta(days=chance.randrange(length - 1))).date()) for _ in range(rounds)]
    cursors = [chance.randrange(max(1, head)) for _ in range(rounds)]
    medicines = [f"/medicines/{each}" for each in subjects]

    def searches(*words: str) -> list[str]:
        return [f"/medicines?{urlencode({'q': word})}" for word in words]

    return {
        "today": ["/"] * rounds,
        "medicine": medicines,
        "medicine, rich": [f"/medicines/{RICH.id}"] * rounds,
        "as-of, rich": [f"/medicines/{RICH.id}?as_of={day}" for day in days],
        "as-of": [f"{each}?as_of={day}" for each, day in zip(medicines, days, strict=True)],
        "as-of, all (API)": [f"/api/v1/medicines?as_of={day}" for day in days],
        "search, name": searches(*(name_of(7 * each) for each in range(rounds))),
        "search, without accent": searches("darvadstrócel", "DARVADSTROCEL", "alofisel"),
        "search, substance": searches(*(f"{name_of(7 * each)}mab" for each in range(rounds))),
        "search, number": searches(*subjects),
        "search, holder": searches(*(holder_of(each) for each in range(rounds))),
        "search, words": searches("crohn disease", "public assessment report", "zürich",
                                  "shortage", "withdrawn authorisation", "risk management"),
        "search, nothing": searches("qqqqzz", "no such medicine at all", "xyzzyx"),
        "medicines, first page": ["/medicines"] * rounds,
        "case": [f"/cases/{each['case']}" for each in found],
        "sources": ["/sources"] * rounds,
        "source": ["/sources/ema-pages"] * rounds,
        "deliveries": ["/deliveries"] * rounds,
        "audit": [f"/audit?before={each}" for each in cursors],
        "API events by cursor": [f"/api/v1/events?after={each}&limit=100" for each in cursors],
        "API events of a type": [f"/api/v1/events?type=authorisation.*&after={each}&limit=100"
                                 for each in cursors],
        "API events as of": [f"/api/v1/events?as_of={day}&axis=observed&limit=100" for day in days],
        "API medicines": ["/api/v1/medicines"] * rounds,
        "API medicine": [f"/api/v1/medicines/{each}" for each in subjects],
        "API cases": [f"/api/v1/cases?limit=100&after={each}" for each in cursors],
        "API cases, open": ["/api/v1/cases?state=open&limit=100"] * rounds,
        "API captures": [f"/api/v1/captures?after={each}" for each in cursors],
        "API sources": ["/api/v1/sources"] * rounds,
        "metrics": ["/metrics"] * rounds,
        "readyz": ["/readyz"] * rounds,
    }  # fmt: skip


def measured(port: int, process: int, name: str, paths: list[str], rounds: int) -> Answered:
    """Ask a kind of question `rounds` times, after one that warms up."""
    taken, computed, size = [], [], 0
    for number in range(rounds + 1):
        path = quote(paths[number % len(paths)], safe="/?=&%+*.-_~:")
        spent, began = computing(process), time.perf_counter()
        status, body = ask(port, path)
        taken.append(1_000 * (time.perf_counter() - began))
        computed.append(computing(process) - spent)
        size = len(body)
        if status != 200:
            message = f"{path} was answered {status}: {body[:300]!r}"
            raise RuntimeError(message)
    taken = sorted(taken[1:])
    aim = AIM if name.split(",", maxsplit=1)[0] in WITH_AIM else None
    p95 = taken[min(len(taken) - 1, round(0.95 * len(taken)))]
    cpu = statistics.median(computed[1:])
    return Answered(name, statistics.median(taken), p95, cpu, size / 1_000, aim)


def computing(process: int) -> float:
    """Return for how many milliseconds a process has computed, over all its threads."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in tasks) / 1e6


def memory(process: int, which: str) -> int:
    """Return megabytes of a process: `VmRSS` now, `VmHWM` at most since it was last set back."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which)) // 1024


def streamed(port: int, process: int, name: str) -> Streamed:
    """Take the whole log out, and keep none of it."""
    Path(f"/proc/{process}/clear_refs").write_text("5")
    before, began, size = memory(process, "VmRSS"), time.perf_counter(), 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600)
    connection.request("GET", f"/api/v1/{name}")
    answer = connection.getresponse()
    while piece := answer.read(1 << 20):
        size += len(piece)
    connection.close()
    if answer.status != 200:
        message = f"{name} was answered {answer.status}"
        raise RuntimeError(message)
    taken = time.perf_counter() - began
    return Streamed(name, taken, size / 1e6, before, memory(process, "VmHWM"))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def run(chosen: argparse.Namespace) -> dict[str, object]:
    folder = Path(chosen.folder or tempfile.gettempdir()) / "watcher-bench"
    config = made(folder, chosen.events, chosen.snapshots)
    port = free_port()
    told = json.loads(config.read_text("utf-8"))
    config = config.with_name("serving.yaml")
    config.write_text(json.dumps({**told, "web": {"port": port}}), encoding="utf-8")
    with server(config, port) as process:
        asked = questions(port, config, chosen.rounds)
        answers = [
            measured(port, process, name, paths, chosen.rounds)
            for name, paths in asked.items() if not chosen.only or name.startswith(chosen.only)
        ]  # fmt: skip
        resting = memory(process, "VmRSS")
        most = memory(process, "VmHWM")
        exports = [streamed(port, process, each) for each in EXPORTS if chosen.exports]
    return {
        "machine": platform.machine(), "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "load": os.getloadavg(), "events": chosen.events,
        "bytes": (config.parent / "watcher.db").stat().st_size,
        "megabytes": resting, "most_megabytes": most,
        "answers": [asdict(each) | {"is_met": each.is_met} for each in answers],
        "exports": [asdict(each) for each in exports],
    }  # fmt: skip


def show(told: dict[str, object], rounds: int) -> None:
    print(f"{told['events']:,} events, {told['bytes'] / 1e6:,.0f} MB, {rounds} rounds, "  # type: ignore[operator]
          f"load {told['load'][0]:.1f}; the server has {told['megabytes']} MB, at most "  # type: ignore[index]
          f"{told['most_megabytes']}")  # fmt: skip
    print(f"{'what':28} {'median ms':>10} {'p95 ms':>10} {'CPU ms':>10} {'kB':>9}  aim")
    for each in told["answers"]:  # type: ignore[attr-defined]
        aim = "" if each["aim"] is None else f"{'met' if each['is_met'] else 'MISSED'}"
        times = f"{each['median']:10.1f} {each['p95']:10.1f} {each['cpu']:10.1f} {each['kilobytes']:9.1f}"
        print(f"{each['name']:28} {times}  {aim}")
    for each in told["exports"]:  # type: ignore[attr-defined]
        print(f"{each['name']:28} {each['seconds']:8.1f} s, {each['megabytes']:,.0f} MB sent; "
              f"server {each['before']} MB before, {each['most']} MB at most")  # fmt: skip


def main() -> int:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--events", type=int, default=1_000_000)
    wanted.add_argument("--snapshots", type=int, default=20_000)
    wanted.add_argument("--rounds", type=int, default=30)
    wanted.add_argument("--folder", help="where the store is kept; a temporary one if not said")
    wanted.add_argument("--only", default="", help="only questions whose name begins so")
    wanted.add_argument("--exports", action=argparse.BooleanOptionalAction, default=True)
    wanted.add_argument("--aims", action=argparse.BooleanOptionalAction, default=True,
                        help="end with 1 where an aim is missed")  # fmt: skip
    wanted.add_argument("--json", action="store_true")
    wanted.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    wanted.add_argument("--port", type=int, help=argparse.SUPPRESS)
    chosen = wanted.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port)
        return 0
    told = run(chosen)
    if chosen.json:
        print(json.dumps(told, indent=1))
    else:
        show(told, chosen.rounds)
    grown = max((each["most"] - each["before"] for each in told["exports"]), default=0)  # type: ignore[attr-defined]
    are_met = all(each["is_met"] for each in told["answers"])  # type: ignore[attr-defined]
    return 1 if chosen.aims and not (are_met and grown <= MEMORY) else 0


if __name__ == "__main__":
    sys.exit(main())
