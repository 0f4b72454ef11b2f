"""Makes `0001.sql`: a database as the program of version 0001 of the schema left it.

Run by the program of that time, on its own code, its tests' kit and nothing of today:

    git archive 99fda2b src tests | tar -x -C /tmp/then
    PYTHONPATH=/tmp/then/src:/tmp/then/tests python tests/contract/released/make_0001.py \\
        > tests/contract/released/0001.sql

`0002.sql` was made by the same lines, of the program at 6099588; `0003.sql` at 975b812,
`0004.sql` at e868e3d, `0005.sql` at 33878e0, `0006.sql` at 5c03ef4, `0007.sql`
at 2674881.

It lives through a story: a baseline, a page that does not answer, a withdrawal that is told, the
same page once more, and a batch that is held back.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from watcher.core.rules import Rule
from watcher.ports import Envelope
from watcher.services.alert import alert
from watcher.services.check import check

WITHDRAWN = a_state(**{"authorisation[EU].status": "withdrawn"})


def letter(case: object, *_: object) -> Envelope:
    return Envelope(key=case.key, subject="withdrawn", text="withdrawn")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock, fetcher = StandingClock(), ScriptedFetcher()
        tools = a_toolbox(folder, fetcher, clock)
        for body in (
            page({str(ALOFISEL): a_state()}),
            b"<html><title>502 Bad Gateway</title></html>",
            page({str(ALOFISEL): WITHDRAWN}),
            page({str(ALOFISEL): WITHDRAWN}, note="nonce"),
        ):
            clock.forward(12 * 3600)
            fetcher.says(body)
            check(a_source(), URL, tools)
            alert(tools.store, [Rule(id="all", channels=("pv",))], letter, clock)
        with tools.store.writing() as work:
            work.held.hold("b1", "ema", "authorisation.withdrawn", "2026-11-24", [2])
        tools.store.close()
        sys.stdout.write(f"-- Made by {Path(__file__).name}; see there how.\n")
        with sqlite3.connect(folder / "watcher.db") as database:
            sys.stdout.writelines(f"{line}\n" for line in database.iterdump())


if __name__ == "__main__":
    main()
