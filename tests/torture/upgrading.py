"""Upgrade a cluster while it works, from an older version's program to this one's.

    python tests/torture/upgrading.py 2674881          # a revision of the repository
    python tests/torture/upgrading.py v0.9.0 --rows 500

Two schedulers and three workers of the older program look at pages of a hundred servers on loopback
and tell of withdrawals. Amid that the tables are upgraded by `watcher upgrade` of this program, and
one process after the other is ended, as a supervisor ends them, and started anew with it, while
pages go on changing. Then log, mailbox and the site's record of requests are compared with the
truth; and the site has to be asked throughout. Ends by itself; exit code 1 if anything was lost,
told twice or asked for too soon, or if no request came for half a minute while work was left.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from kit.cluster_torment import pause
from kit.cluster_verdict import (
    NEWS,
    OPEN_WORK,
    SEEN,
    Verdict,
    judge_log,
    judge_mails,
    judge_manners,
)
from kit.postgres import Cluster
from kit.receivers import Mailbox
from kit.swarm import ROOMY, Swarm

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = {"w0": "worker", "w1": "worker", "w2": "worker", "s0": "scheduler", "s1": "scheduler"}
"""In the order in which they are replaced: the workers first."""
_ONE_IN = 30
"""More at once would be held as a mass."""
_LONGEST_PAUSE = 30.0
_SETTLED = 3


def unpacked(revision: str, folder: Path) -> Path:
    """Put an older version's modules into a folder and return where they are."""
    git = shutil.which("git") or "git"
    packed = folder / "older.tar"
    command = [git, "archive", "--output", str(packed), revision, "src"]
    subprocess.run(command, cwd=ROOT, check=True)
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def waited(done: Callable[[], bool], until: float) -> bool:
    """Wait until something is so; return whether it came in time."""
    while time.monotonic() < until:
        try:
            if done():
                return True
        except sa.exc.DBAPIError:  # the tables are being upgraded
            pass
        pause(0.5)
    return False


def upgraded(swarm: Swarm, box: Mailbox, older: Path, limit: float) -> Verdict:
    """Live through it and return what was found."""
    pages, until = swarm.pages(), time.monotonic() + limit
    changed = pages[::_ONE_IN]
    verdict = Verdict(
        pages=len(pages), servers=swarm.hosts, changed=len(changed), workers=3, planned=0
    )
    for name, role in PROCESSES.items():
        swarm.start(name, role, program=older)
    waited(lambda: swarm.count(SEEN) > len(pages) / 3, until)
    assert swarm.run("upgrade") == 0, "see upgrade.log"
    for at, (name, role) in enumerate(PROCESSES.items()):
        some = changed[at :: len(PROCESSES)]
        seen = swarm.count(SEEN)
        waited(
            lambda seen=seen: swarm.count(SEEN) >= min(len(pages), seen + len(pages) // 8), until
        )
        swarm.change(some)
        swarm.ask("UPDATE targets SET next_due = '' WHERE source LIKE 'table-%' AND leased_by = ''")
        swarm.processes[name].terminate()
        swarm.processes[name].wait(60)
        swarm.start(name, role)
    waited(lambda: swarm.count(SEEN) == len(pages), until)
    swarm.ask("UPDATE targets SET next_due = '' WHERE leased_by = ''")
    waited(lambda: len(swarm.ask(NEWS)) == len(changed), until)
    calm = [waited(lambda: not swarm.count(OPEN_WORK), until) for _ in range(_SETTLED)]
    verdict.is_settled = all(calm)
    verdict.restarted = sum(each.poll() is not None for each in swarm.processes.values())
    judge_log(swarm, verdict, changed)
    judge_mails(swarm, box.messages, verdict, changed)
    swarm.end_all()
    verdict.is_whole = swarm.is_whole()
    judge_manners(swarm, verdict)
    return verdict


def longest_pause(swarm: Swarm) -> float:
    """Return the longest time in seconds between two requests of any servers."""
    at = sorted(when for when, _, _ in swarm.asked())
    return max((later - before for before, later in pairwise(at)), default=0.0)


def main() -> int:
    """Read the arguments, run, print; return the exit code."""
    wanted = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    wanted.add_argument("revision", help="the older version, as git knows it")
    wanted.add_argument("--rows", type=int, default=1_000, help="pages")
    wanted.add_argument("--minutes", type=float, default=8.0, help="when it is over at the latest")
    said = wanted.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="watcher-upgrading-"))
    older = unpacked(said.revision, folder)
    with (
        Cluster(is_durable=True, settings=ROOMY) as postgres,
        postgres.database(is_empty=True) as url,
        Mailbox() as box,
    ):
        swarm = Swarm(
            folder=folder, place=url, channel=box.address(), tables=1, rows=said.rows, hosts=100
        )
        try:
            verdict = upgraded(swarm, box, older, said.minutes * 60)
        finally:
            swarm.close()
    gap = longest_pause(swarm)
    for name, value in (verdict.told() | {"longest pause of all looks, s": round(gap, 1)}).items():
        sys.stdout.write(f"{name:40} {value}\n")
    is_good = verdict.is_good and gap < _LONGEST_PAUSE
    sys.stdout.write("good\n" if is_good else f"BAD: the logs are in {folder}\n")
    if is_good:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
