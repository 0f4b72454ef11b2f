"""Where the CPU of a look goes: the steps of our own passes, in one process, its start left out.

Each step is wrapped by name and counts the process's CPU that none of the steps within it counts,
so that the rows of a pass add up to the whole. It tells what to make faster; what a pass costs
beside others is for `passes.py` to say, which measures whole processes and wraps nothing.
"""

from __future__ import annotations

import argparse
import functools
import gc
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from meter import HERE, PYTHON, ask, environment, process
from passes import OWN_READER
from peers import Ours, Place

PASSES = ("first", "unchanged", "noise", "1 % changed")
REST = "the rest"
STEPS = {
    "put off": "watcher.services.lease:_put_off",
    "politeness": "watcher.fetch.politeness:PoliteFetcher.fetch",
    "exchange": "watcher.fetch.http:HttpFetcher.ask",
    "judge": "watcher.services.capture:judge",
    "keep: digest, base, files": "watcher.store.snapshots:KeptSnapshots.put",
    "keep: packing": "watcher.store.deltas:whole",
    "keep: difference": "watcher.store.deltas:difference",
    "keep: written and synced": "watcher.store.shelf:write_durably",
    "read: parsing": "watcher.readers.outline_html:LexborHTMLParser",
    "read: outline": "watcher.readers.outline:html_outline",
    "read: documents": "watcher.readers.ema_medicine_page:document_facts",
    "read: other facts": "watcher.readers.ema_medicine_page:READER.read",
    "compare": "watcher.services.check:_observed",
    "append to the log": "watcher.store.appending:ProjectingLog.append_all",
    "view and words": "watcher.store.views:SqlStreams.put",
    "capture and target": "watcher.store.captures:SqlCaptures.add",
    "statements": "sqlalchemy.engine.base:Connection.execute",
    "statements for the driver": "sqlalchemy.engine.default:DefaultDialect.do_execute",
    "rows for the driver": "sqlalchemy.engine.default:DefaultDialect.do_executemany",
    "commit": "sqlalchemy.engine.default:DefaultDialect.do_commit",
}
"""Each step with the function that is it: `module:name` or `module:class.name`."""


class Meter:
    """CPU seconds by step, each without the steps within it."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._open = [REST]
        self._since = time.process_time()

    def wrap(self, step: str, where: str) -> None:
        """Have a function count as a step from now on, wherever its module or class is asked."""
        module, _, path = where.partition(":")
        holder: Any = import_module(module)
        *owner, name = path.split(".")
        for each in owner:
            holder = getattr(holder, each)
        counted = self._counted(step, getattr(holder, name))
        # a reader is frozen for all but us
        (type if isinstance(holder, type) else object).__setattr__(holder, name, counted)

    def _counted(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function, updated=())
        def counted(*values: Any, **named: Any) -> Any:
            with self.within(step):
                found = function(*values, **named)
                # what is made piece by piece is made here, or nobody would count it
                return list(found) if isinstance(found, Generator) else found

        return counted

    @contextmanager
    def within(self, step: str) -> Iterator[None]:
        """Count what the block takes."""
        self._turn()
        self._open.append(step)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def _turn(self) -> None:
        now = time.process_time()
        self.taken[self._open[-1]] += now - self._since
        self._since = now


def passes(pages: int, port: int) -> dict[str, dict[str, float]]:
    """Return the CPU milliseconds a look by pass and step."""
    os.environ |= environment()
    folder = Path(tempfile.mkdtemp(prefix="watcher-bench-where-"))
    site = f"http://127.0.0.1:{port}"
    command = [PYTHON, str(HERE / "site_server.py"), "--n", str(pages), "--port", str(port)]
    try:
        with process(command, folder, f"{site}/__ctl/stats"):
            place = Place(folder, folder, site, f"http://127.0.0.1:{port + 10}", OWN_READER)
            Ours(place).setup(str(ask(f"{site}/__ctl/urls")).split())
            os.chdir(folder)
            return _passes(folder / "sources.yaml", site, pages)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _passes(configuration: Path, site: str, pages: int) -> dict[str, dict[str, float]]:
    # loaded here, so that each step is wrapped before another module takes it by name
    meter = Meter()
    for step, where in STEPS.items():
        meter.wrap(step, where)
    from watcher.cli.common import watching  # noqa: PLC0415

    gc.freeze()  # as the program's start does
    found: dict[str, dict[str, float]] = {}
    with watching(configuration, writable=True) as watcher:
        for number, what in enumerate(PASSES, start=1):
            if what == "noise":
                ask(f"{site}/__ctl/noise?fraction=1&seed={number}")
            elif what == "1 % changed":
                ask(f"{site}/__ctl/change?fraction=0.01&kinds=status,doc_added&seed={number}")
            with meter.within(REST):
                meter.taken.clear()
                for source in watcher.sources.values():
                    for _ in watcher.check_all(source):
                        pass
            found[what] = {step: taken / pages * 1000 for step, taken in meter.taken.items()}
    return found


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--n", type=int, default=100, help="pages")
    wanted.add_argument("--port", type=int, default=19_080)
    chosen = wanted.parse_args()
    found = passes(chosen.n, chosen.port)
    print(f"| CPU ms a look, {chosen.n} pages | {' | '.join(found)} |")
    print(f"|---|{'---|' * len(found)}")
    for step in (*STEPS, REST):
        print(f"| {step} | {' | '.join(f'{each.get(step, 0):.2f}' for each in found.values())} |")
    print(f"| all | {' | '.join(f'{sum(each.values()):.2f}' for each in found.values())} |")


if __name__ == "__main__":
    main()
