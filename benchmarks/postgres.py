"""PostgreSQL at length: appends by one to eight writers, and every question at ten million events.

    python benchmarks/postgres.py appends                     # minutes; it says how many at first
    python benchmarks/postgres.py appends --rounds 1 --seconds 2 --writers 1 4 --at-once 100
    python benchmarks/postgres.py bulk --rows 200000          # says how long ten million would take
    python benchmarks/postgres.py bulk --rows 10000000        # appends them, by the store's own path
    python benchmarks/postgres.py questions --rows 10000000   # builds the rows, then asks: see below

Each runs a durable server of its own and leaves nothing behind. Appends go through the real path
(views, words, tree, NOTIFY and all) and are compared, in turns in the same run, with bare psycopg:
the same advisory lock, the tail read, the rows in one batch, a commit; and with a function in the
server that does lock, position, hash and NOTIFY in one round trip. The raw rows are in no view and
found by no word; `known` are appends to streams that have begun, whose names and words stand
there already. Questions go through the store; each statement they send is explained, and a table
that is read whole is named. Their ten million events and five million captures are made in the
server by one statement, for what is asked does not depend on who wrote them: ten to fifteen minutes
and 15 GB of disk (300,000 events took 23 s on a busy machine). Ten million through `bulk` take
longer than ten minutes: try 200,000 first. Machines are shared and noisy: ratios are what counts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from postgres_appends import appends, bulk
from postgres_questions import questions


def main() -> None:
    wanted = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    wanted.add_argument("what", choices=("appends", "bulk", "questions"))
    wanted.add_argument("--rows", type=int, default=1_000_000, help="of bulk and questions")
    wanted.add_argument("--seconds", type=float, default=3.0, help="how long one way is measured")
    wanted.add_argument("--rounds", type=int, default=3, help="how often: medians are told")
    wanted.add_argument("--writers", type=int, nargs="*", default=[1, 2, 4, 8])
    wanted.add_argument(
        "--at-once", type=int, nargs="*", default=[1, 100], help="events a transaction"
    )
    wanted.add_argument("--memory", default="512MB", help="the server's shared_buffers: questions")
    given = wanted.parse_args()
    if given.what == "appends":
        appends(given.seconds, given.rounds, given.writers, given.at_once)
    elif given.what == "bulk":
        bulk(given.rows, max(given.at_once))
    else:
        questions(given.rows, given.memory)


if __name__ == "__main__":
    main()
