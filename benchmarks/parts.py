"""The small measures: start, stored bytes, re-reading; each with its raw limit beside it.

`watcher --help` against `python -c pass`; what a capture adds to database and snapshots when
nothing changed, when only noise did, and when a document was added; how fast kept pages are read
anew compared with bare selectolax over the same rows.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from meter import PYTHON, cpu_of, environment, machine, size_of, spread
from selectolax.lexbor import LexborHTMLParser
from site_pages import Site

from watcher.readers.reader import Payload
from watcher.readers.registry import reader
from watcher.store.snapshots import FolderSnapshots


def cpu_of_process(command: list[str]) -> float:
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def start(rounds: int) -> dict[str, object]:
    ours, bare = [str(Path(PYTHON).with_name("watcher")), "--help"], [PYTHON, "-c", "pass"]
    cpu_of_process(ours)
    taken = [(cpu_of_process(ours), cpu_of_process(bare)) for _ in range(rounds)]
    return {
        "ours_ms": statistics.median(one for one, _ in taken) * 1000,
        "bare_ms": statistics.median(other for _, other in taken) * 1000,
        "ratio": spread([one / other for one, other in taken]),
    }


def rereading(pages: int, rounds: int) -> dict[str, object]:
    """Return how fast a kept page is read anew, as a multiple of bare selectolax: 1 is as fast."""
    site, chosen = Site(pages), reader("ema_medicine_page")
    bodies = [site.serve(number)[0] for number in range(pages)]
    folder = Path(tempfile.mkdtemp(prefix="watcher-bench-reread-"))
    snapshots = FolderSnapshots(folder)
    digests = [snapshots.put(body) for body in bodies]

    def ours() -> None:
        for digest in digests:
            chosen.read(Payload(body=snapshots.get(digest), media_type="text/html; charset=UTF-8"))

    def raw() -> None:
        for body in bodies:
            for card in LexborHTMLParser(body).css("div.bcl-file"):
                [node.text() for node in card.css("p.file-title, .value, time, .language-meta")]
                [link.attributes.get("href") for link in card.css("a")]

    taken = [(cpu_of(ours), cpu_of(raw)) for _ in range(rounds)]
    shutil.rmtree(folder)
    milliseconds = statistics.median(one for one, _ in taken) / pages * 1000
    return {
        "ours_ms": milliseconds,
        "raw_ms": statistics.median(other for _, other in taken) / pages * 1000,
        "ratio": spread([other / one for one, other in taken]),
        "million_pages_hours_on_two_cores": milliseconds * 1e6 / 1000 / 3600 / 2,
    }


def snapshot_bytes() -> dict[str, int]:
    """Return what one more version of a page takes: the same, noisy, and with a document more."""
    site = Site(1)
    folder = Path(tempfile.mkdtemp(prefix="watcher-bench-bytes-"))
    snapshots = FolderSnapshots(folder)
    now, found = datetime(2026, 11, 30, tzinfo=UTC), dict[str, int]()
    first = snapshots.put(site.serve(0)[0])
    found["first"] = before = size_of(folder)
    same = snapshots.put(site.serve(0)[0], first)
    found["unchanged"], before = size_of(folder) - before, size_of(folder)
    site.noise(1, now)
    noisy = snapshots.put(site.serve(0)[0], same)
    found["noisy"], before = size_of(folder) - before, size_of(folder)
    site.change(1, 1, now)
    site.change(1, 2, now)
    snapshots.put(site.serve(0)[0], noisy)
    found["changed"] = size_of(folder) - before
    shutil.rmtree(folder)
    return found


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--pages", type=int, default=20)
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    found = {
        "start": start(chosen.rounds),
        "rereading": rereading(chosen.pages, chosen.rounds),
        "snapshot_bytes": snapshot_bytes(),
    }
    print(json.dumps(found, indent=1))
    if chosen.json:
        told = {"machine": machine(), "command": sys.argv, "results": found}
        chosen.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
