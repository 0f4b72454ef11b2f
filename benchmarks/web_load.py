"""Pages and the API under load: `wrk` asks the real server over the store of `web.py`.

Several connections at once for some seconds a question; answers a second, the median and the 99th
of a hundred in milliseconds, and how many were no good answer. The load and the server share the
machine. `wrk` is a package of Debian's; where it is missing nothing is measured, and it is said.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from meter import keep
from web import free_port, server
from web_history import made
from web_medicines import RICH

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)\s*$", re.MULTILINE)
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_TOTAL = re.compile(r"^\s+(\d+) requests in", re.MULTILINE)
_REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_BROKEN = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")

QUESTIONS = {
    "today": "/",
    "medicines": "/medicines",
    "medicine": f"/medicines/{quote(RICH.id, safe='')}",
    "events, API": "/api/v1/events?limit=50",
    "health": "/healthz",
}


def loaded(wrk: str, address: str, connections: int, seconds: int) -> dict[str, float]:
    """Return what a load on one address came to; no times where nothing was answered in time.

    Raises:
        RuntimeError: `wrk` said nothing that can be read.
    """
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    command = [wrk, *options, address]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    times = {
        f"p{share}_ms": float(value) * _UNITS[unit] for share, value, unit in _LATENCY.findall(told)
    }
    rate, total = _RATE.search(told), _TOTAL.search(told)
    if rate is None or total is None or len(times) != 2:
        raise RuntimeError(told)
    refused, broken = _REFUSED.search(told), _BROKEN.search(told)
    failed = int(refused[1]) if refused else 0
    failed += sum(map(int, broken.groups())) if broken else 0
    if not int(total[1]):
        times = {}  # wrk tells of 0 milliseconds where it had no answer to measure
    return {"a_second": float(rate[1]), **times, "asked": int(total[1]), "failed": failed}


def run(wrk: str, chosen: argparse.Namespace) -> list[dict[str, object]]:
    folder = Path(chosen.folder or tempfile.gettempdir()) / "watcher-bench"
    config, port = made(folder, chosen.events, chosen.snapshots), free_port()
    told = json.loads(config.read_text("utf-8"))
    config = config.with_name("serving.yaml")
    config.write_text(json.dumps({**told, "web": {"port": port}}), encoding="utf-8")
    with server(config, port):
        return [
            {
                "what": what,
                **loaded(wrk, f"http://127.0.0.1:{port}{path}", chosen.connections, chosen.seconds),
            }
            for what, path in QUESTIONS.items()
        ]


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--events", type=int, default=1_000_000)
    wanted.add_argument("--snapshots", type=int, default=20_000)
    wanted.add_argument("--connections", type=int, default=8)
    wanted.add_argument("--seconds", type=int, default=10, help="of each question")
    wanted.add_argument("--folder", help="where the store is kept; a temporary one if not said")
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    wrk = shutil.which("wrk")
    if wrk is None:
        print("wrk is not installed (apt-get install wrk): pages under load are not measured")
        return
    found = run(wrk, chosen)
    print(f"{chosen.events:,} events, {chosen.connections} connections")
    print(f"{'what':14} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8} {'asked':>7} failed")
    for row in found:
        times = " ".join(f"{row.get(name, math.nan):8.1f}" for name in ("p50_ms", "p99_ms"))
        print(f"{row['what']:14} {row['a_second']:9.1f} {times} {row['asked']:7} {row['failed']:6}")
    keep(chosen.json, found, events=chosen.events, connections=chosen.connections)


if __name__ == "__main__":
    main()
