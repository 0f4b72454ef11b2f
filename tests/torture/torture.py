"""Kill the service at random instants, hundreds of times, and count what was lost, doubled or bent.

    make torture              # 300 kills, a full disk, a locked database, a clock that jumps
    python tests/torture/torture.py --kills 40 --seed 7

A real service watches a list on loopback that loses authorisations one by one, and mails to a real
mail server. It is killed with SIGKILL at random instants; meanwhile its disk is filled (a small
tmpfs, where we may mount one), its database is locked by another process, its clock jumps both
ways, its mail server turns it away. At the end it is left in peace until the outbox is empty, and
the log is compared with the truth. Ends by itself; exit code 1 if anything was lost or bent.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tormentor import Tally, Tormentor, end
from truth import World

from kit.receivers import Mailbox

PEERS = "for comparison, killed once: urlwatch never told 6 of 10, changedetection.io 7 of 20"
_DISK_MB = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the log and the mailbox say, beside the truth."""

    withdrawn: int
    missed: int
    false: int
    doubled_events: int
    unmailed: int
    held: int
    doubled_mails: int
    unrecognisable: int
    whole: bool
    settled: bool
    tally: Tally

    @property
    def is_good(self) -> bool:
        bad = self.missed + self.false + self.doubled_events + self.unmailed + self.unrecognisable
        return not bad and self.whole and self.settled and not self.tally.rewritten

    def told(self) -> dict[str, object]:
        return {
            "kills": self.tally.kills,
            "full disks": self.tally.full_disks,
            "locks": self.tally.locks,
            "clock jumps": self.tally.jumps,
            "mail server refusing": self.tally.refusals,
            "withdrawals published": self.withdrawn,
            "events missed": self.missed,
            "events false": self.false,
            "events twice": self.doubled_events,
            "acknowledged events lost or rewritten": len(self.tally.rewritten),
            "withdrawals never mailed": self.unmailed,
            "held back as a mass, the operator told": self.held,
            "mails doubled": self.doubled_mails,
            "doubled mails not recognisable by their key": self.unrecognisable,
            "outbox emptied": self.settled,
            "watcher verify": "whole" if self.whole else "NOT WHOLE",
        }


def names(number: str, text: str) -> bool:
    """Return whether a mail tells of a medicine, by its number or, in a summary, its name."""
    return number in text or bool(re.search(rf"\bMedicine {int(number[-6:])}\b", text))


def judged(tormentor: Tormentor, truth: set[str], *, settled: bool) -> Verdict:
    """Return what became of the truth."""
    base = sqlite3.connect(f"file:{tormentor.folder / 'data' / 'watcher.db'}?mode=ro", uri=True)
    query = "SELECT subject FROM events WHERE type = 'authorisation.withdrawn'"
    told = Counter(subject.removeprefix("medicine:") for (subject,) in base.execute(query))
    query += " AND position IN (SELECT position FROM held WHERE state = 'held')"
    held = {subject.removeprefix("medicine:") for (subject,) in base.execute(query)}
    base.close()
    mails = Counter(
        (mail.message["Message-ID"], mail.message["X-Watcher-Key"])
        for mail in tormentor.box.messages
    )
    texts = [mail.text for mail in tormentor.box.messages]
    mailed = {number for number in truth if any(names(number, text) for text in texts)}
    by_subject = Counter(mail.subject for mail in tormentor.box.messages)
    verify = subprocess.run(
        [Path(sys.executable).parent / "watcher", "verify"],
        cwd=tormentor.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if verify.returncode:
        print(verify.stdout, verify.stderr)  # noqa: T201
    return Verdict(
        withdrawn=len(truth),
        missed=len(truth - told.keys()),
        false=len(told.keys() - truth),
        doubled_events=sum(count - 1 for count in told.values()),
        unmailed=len(truth - mailed - held),
        held=len(held),
        doubled_mails=sum(count - 1 for count in mails.values()),
        # two mails of one medicine's ending with different keys could not be told for one
        unrecognisable=len(mails) - len(by_subject),
        whole=verify.returncode == 0,
        settled=settled,
        tally=tormentor.tally,
    )


def torture(folder: Path, *, kills: int, seed: int, medicines: int) -> Verdict:
    """Torment a watcher in `folder` and return what is left of it."""
    chance = random.Random(seed)  # noqa: S311  chance, not secrecy
    world = World(medicines, every=0.8, seed=seed)
    with Mailbox() as box:
        tormentor = Tormentor(folder, world, box, seed)
        try:
            pid = tormentor.start()
            while world.asked < 2:
                time.sleep(0.1)  # noqa: TID251  the baseline, in peace
            time.sleep(2.0)  # noqa: TID251
            world.begin()
            for _ in range(kills):
                tormentor.mischief()
                time.sleep(chance.uniform(0.05, 2.6))  # noqa: TID251
                tormentor.kill(pid)
                pid = tormentor.start()
            end(pid, signal.SIGTERM)
            truth = world.end()
            settled = tormentor.peace(30.0)
            return judged(tormentor, truth, settled=settled)
        finally:
            tormentor.close()
            world.close()


def mounted(folder: Path) -> bool:
    """Put the data on a small disk of its own, where we may; return whether we did."""
    (folder / "data").mkdir()
    done = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "tmpfs", folder / "data"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--kills", type=int, default=300)
    asked.add_argument("--seed", type=int, default=20_261_122)
    asked.add_argument("--medicines", type=int, default=900)
    asked.add_argument("--keep", type=Path, help="a folder to keep it in; it must be empty")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="watcher-torture-") as scratch:
        folder = options.keep or Path(scratch)
        has_disk = mounted(folder)
        if not has_disk:
            print("no small disk could be mounted: the full disk is left out")  # noqa: T201
        began = time.monotonic()
        try:
            verdict = torture(
                folder, kills=options.kills, seed=options.seed, medicines=options.medicines
            )
        finally:
            if has_disk:
                subprocess.run(["/bin/umount", folder / "data"], check=False)
    for name, value in verdict.told().items():
        print(f"{name:45} {value}")  # noqa: T201
    print(f"{'seconds':45} {time.monotonic() - began:.0f}")  # noqa: T201
    print(PEERS)  # noqa: T201
    print("good" if verdict.is_good else "BAD")  # noqa: T201
    return 0 if verdict.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
