"""What befalls the tortured watcher: kills, a full disk, a locked database, a bent clock."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from truth import World

from kit.receivers import Mailbox

HERE = Path(__file__).resolve().parent


@dataclass(slots=True)
class Tally:
    """What was done to it, and what was seen."""

    kills: int = 0
    full_disks: int = 0
    locks: int = 0
    jumps: int = 0
    refusals: int = 0
    rewritten: list[int] = field(default_factory=list)
    seen: dict[int, str] = field(default_factory=dict)


class Tormentor:
    """One folder, one service at a time, and everything that can befall it."""

    def __init__(self, folder: Path, world: World, box: Mailbox, seed: int) -> None:
        self.folder, self.world, self.box = folder, world, box
        self.chance = random.Random(seed)  # noqa: S311  chance, not secrecy
        self.tally = Tally()
        self._zygote = subprocess.Popen(
            [sys.executable, HERE / "zygote.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._zygote.stdout is not None
        assert self._zygote.stdout.readline() == "ready\n"
        self._clock(0.0)
        self._configure()

    def close(self) -> None:
        assert self._zygote.stdin is not None
        self._zygote.stdin.close()
        self._zygote.wait(20)

    def start(self) -> int:
        """Start the service and return its process id."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        told = {"folder": str(self.folder), "log": str(self.folder / "service.log")}
        self._zygote.stdin.write(json.dumps(told) + "\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline())

    def kill(self, pid: int) -> None:
        """End it without a warning, and look whether what it had acknowledged is still there."""
        end(pid, signal.SIGKILL)
        self.tally.kills += 1
        self._remember()

    def mischief(self) -> None:
        """Do one of the things that happen to servers, for a moment."""
        match self.chance.randrange(8):
            case 0:
                self._fill_the_disk()
            case 1:
                self._lock_the_database()
            case 2:
                self._clock(self.chance.choice([-7200.0, 3600.0, 86_400.0 * 300, 0.0]))
                self.tally.jumps += 1
            case 3:
                self.box.greylist = self.chance.choice([0, 1])
                self.tally.refusals += 1
            case _:
                pass

    def peace(self, seconds: float) -> bool:
        """Let it finish undisturbed, the clock running ahead; return whether the outbox emptied."""
        self.box.greylist = 0
        for hour in range(1, 60):
            self._clock(86_400.0 * 300 + 3600.0 * 6 * hour)
            pid = self.start()
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and self._waiting():
                time.sleep(0.2)  # noqa: TID251
            time.sleep(1.5)  # noqa: TID251  one look more, for what was published last
            end(pid, signal.SIGTERM)
            if hour > 2 and not self._waiting():
                return True
        return False

    def _configure(self) -> None:
        told = {
            "contact": "mailto:torture@watcher.example.org",
            "hosts": {"127.0.0.1": {"pace": "0s"}},
            "sources": [
                {
                    "id": "bulk",
                    "reader": "ema_medicines",
                    "url": f"http://127.0.0.1:{self.world.port}/medicines.json",
                    "every": "1s",
                    "tier": 1,
                    "allow_private": True,
                }
            ],
            "channels": [{"id": "pv", "url": self.box.address()}],
            "rules": [
                {"id": "endings", "events": ["authorisation.*"], "channels": ["pv"]},
            ],
        }
        (self.folder / "sources.yaml").write_text(json.dumps(told), encoding="utf-8")

    def _clock(self, offset: float) -> None:
        place = self.folder / "clock.json"
        new = place.with_suffix(".new")
        new.write_text(json.dumps({"rate": 1.0, "offset": offset, "since": 0.0}), "utf-8")
        new.replace(place)

    def _fill_the_disk(self) -> None:
        data = self.folder / "data"
        if not os.path.ismount(data):
            return
        room = os.statvfs(data)
        filler = data / "filler"
        with contextlib.suppress(OSError):
            filler.write_bytes(b"\0" * (room.f_bavail * room.f_frsize))
        self.tally.full_disks += 1
        threading.Timer(self.chance.uniform(0.5, 2.0), filler.unlink, [True]).start()

    def _lock_the_database(self) -> None:
        place = self.folder / "data" / "watcher.db"
        if not place.exists():
            return
        holder = sqlite3.connect(place, timeout=2.0, isolation_level=None, check_same_thread=False)
        try:
            holder.execute("PRAGMA wal_autocheckpoint = 0")
            holder.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            holder.close()
            return
        self.tally.locks += 1
        threading.Timer(self.chance.uniform(0.2, 3.0), holder.close).start()

    def _remember(self) -> None:
        """Note every event that stands in the log; one that stood there otherwise was rewritten."""
        place = self.folder / "data" / "watcher.db"
        if not place.exists():
            return
        reader = sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=5.0)
        try:
            rows = dict(reader.execute("SELECT position, hash FROM events"))
        except sqlite3.OperationalError:
            return  # killed before its tables were made, or locked by ourselves
        finally:
            reader.close()
        for position, digest in self.tally.seen.items():
            if rows.get(position) != digest:
                self.tally.rewritten.append(position)
        self.tally.seen.update(rows)

    def _waiting(self) -> int:
        reader = sqlite3.connect(f"file:{self.folder / 'data' / 'watcher.db'}?mode=ro", uri=True)
        try:
            messages = "SELECT COUNT(*) FROM outbox WHERE state IN ('pending', 'sending')"
            lines = "SELECT COUNT(*) FROM digest_items WHERE told_in = ''"
            return sum(int(reader.execute(query).fetchone()[0]) for query in (messages, lines))
        finally:
            reader.close()


def end(pid: int, number: signal.Signals) -> None:
    """Send a signal to our own child and return when it is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)  # noqa: TID251
    os.kill(pid, signal.SIGKILL)
