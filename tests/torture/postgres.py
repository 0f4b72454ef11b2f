"""Kill PostgreSQL and its writers at random instants, and count what was lost, doubled or bent.

    python tests/torture/postgres.py              # 50 kills, four writers
    python tests/torture/postgres.py --kills 200 --writers 8 --seed 3

Every other kill is of the postmaster itself, with SIGKILL, in the middle of appends; the others are
of a writer. Ends by itself; exit code 1 if an answered append was lost, stands twice, or the log
has a gap or does not fit its chain.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.postgres_kills import Tortured


def main() -> int:
    """Kill as often as is wanted, and tell what it came to."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--kills", type=int, default=50)
    wanted.add_argument("--writers", type=int, default=4)
    wanted.add_argument("--seed", type=int, default=7)
    given = wanted.parse_args()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="watcher-torture-") as folder,
        Tortured(Path(folder), writers=given.writers, seed=given.seed) as tortured,
    ):
        for number in range(given.kills):
            (tortured.kill_writer if number % 2 else tortured.kill_server)()
            print(f"\r{number + 1} of {given.kills} kills", end="", file=sys.stderr)  # noqa: T201
        told = tortured.verdict()
    seconds = time.monotonic() - began
    print(  # noqa: T201
        f"\n{given.kills} kills (half of them of the server), {given.writers} writers, "
        f"{seconds:.0f} s: {told.events} events, {told.acknowledged} of them answered, "
        f"{told.lost} lost, {told.doubled} twice, {told.gaps} gaps; the chain fits"
    )
    return 0 if told.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
