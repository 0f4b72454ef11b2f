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

from watcher.readers.generic import generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.reader import Payload, Reader
from watcher.readers.registry import reader
from watcher.store.snapshots import FolderSnapshots

_PAGE = "https://agency.example/en/medicines/human/EPAR/testol"


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


_BY_SELECTORS: dict[str, object] = {
    "subject": "medicine",
    "facts": [
        {"path": "authorisation[EU].status", "css": ".status-title", "kind": "status",
         "required": True},
    ],
    "lists": [{
        "path": "document", "css": "div.bcl-file", "key": "url",
        "fields": {
            "title": {"css": "p.file-title"},
            "url": {"css": "a.standalone", "attribute": "href", "kind": "url"},
            "first_published": {"css": ".first-published time", "kind": "date",
                                "order": "day_first"},
            "last_updated": {"css": ".last-updated time", "kind": "date", "order": "day_first"},
        },
    }],
}  # fmt: skip
"""What a user would say to have the same rows read by the selectors of `by_hand`."""


def by_hand(body: bytes) -> tuple[str, list[tuple[str | None, ...]]]:
    """Return status and documents of a page as bare selectolax finds them."""
    tree, rows = LexborHTMLParser(body), list[tuple[str | None, ...]]()
    status = tree.css_first(".status-title")
    for card in tree.css("div.bcl-file"):
        link = card.css_first("a.standalone")
        texts = (
            node.text() if (node := card.css_first(selector)) else None
            for selector in ("p.file-title", ".first-published time", ".last-updated time")
        )
        rows.append((*texts, link.attributes.get("href") if link else None))
    return status.text() if status else "", rows


def rereading(pages: int, rounds: int) -> dict[str, object]:
    """Return how fast a kept page is read anew, as a multiple of bare selectolax: 1 is as fast.

    Once by EMA's own reader, which reads all facts of the page in three designs, and once by a
    user's selectors, which ask for just what bare selectolax is asked for here.
    """
    site = Site(pages)
    bodies = [site.serve(number)[0] for number in range(pages)]
    folder = Path(tempfile.mkdtemp(prefix="watcher-bench-reread-"))
    snapshots = FolderSnapshots(folder)
    digests = [snapshots.put(body) for body in bodies]
    generic = generic_reader(GenericOptions.decode(_BY_SELECTORS))

    def read_by(chosen: Reader) -> None:
        for digest in digests:
            body = snapshots.get(digest)
            chosen.read(Payload(body=body, media_type="text/html; charset=UTF-8", url=_PAGE))

    def raw() -> None:
        for body in bodies:
            by_hand(body)

    ema = reader("ema_medicine_page")
    taken = [
        (cpu_of(lambda: read_by(ema)), cpu_of(lambda: read_by(generic)), cpu_of(raw))
        for _ in range(rounds)
    ]
    shutil.rmtree(folder)
    milliseconds = statistics.median(one for one, _, _ in taken) / pages * 1000
    return {
        "ours_ms": milliseconds,
        "by_selectors_ms": statistics.median(one for _, one, _ in taken) / pages * 1000,
        "raw_ms": statistics.median(other for _, _, other in taken) / pages * 1000,
        "ratio": spread([other / one for one, _, other in taken]),
        "by_selectors": spread([other / one for _, one, other in taken]),
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
