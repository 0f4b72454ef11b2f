"""A sender that is killed with SIGKILL before, during and after a send, over and over.

    with Mailbox() as box, Kills(folder, box.address()) as kills:
        kills.queue(40)
        for place in ("before", "during", "after"):
            kills.kill(place)
        kills.peace()

One process imports the program and forks for each life, as `watcher run` would be started anew by
its supervisor; every life opens the store on disk, sends what is due and dies where it is told to.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.clocks import RealClock
from kit.receivers import Mail
from watcher.core.capture import instant
from watcher.notify.channels import channel
from watcher.ports import Channel, Envelope
from watcher.services.deliver import deliver
from watcher.store.store import SqlStore

PLACES = ("before", "during", "after")
PEERS = (
    "measured elsewhere: a receiver answering 500 made urlwatch and changedetection.io lose 10 of "
    "10; kill -9 made urlwatch lose 6 of 10, changedetection.io 7 of 20"
)
_SURVIVES = 1
"""Messages that each life sends well before the one it dies at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a mailbox holds, beside what was queued.

    Attributes:
        lost: Keys that never came.
        doubled: Mails beyond the first of their key.
        strange: Keys whose mails differ in their Message-ID: their doubles could not be told.
    """

    lost: int
    doubled: int
    strange: int


def count(mails: Sequence[Mail], keys: Sequence[str]) -> Count:
    """Return what became of the messages of these keys."""
    came = Counter(str(mail.message["X-Watcher-Key"]) for mail in mails)
    ids = {(str(mail.message["X-Watcher-Key"]), str(mail.message["Message-ID"])) for mail in mails}
    return Count(
        lost=len(set(keys) - came.keys()),
        doubled=sum(came.values()) - len(came),
        strange=len(ids) - len(came),
    )


class Kills:
    """The outbox in a folder, and the process that forks its senders."""

    def __init__(self, folder: Path, address: str, seed: int = 7) -> None:
        self.path = folder / "watcher.db"
        self.address = address
        self.keys: list[str] = []
        self.done: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311  chance, not secrecy

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._said()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def queue(self, many: int) -> None:
        """Put that many messages into the outbox."""
        at = instant(RealClock().now())
        store = SqlStore(self.path, writable=True)
        with store.writing() as work:
            for number in range(len(self.keys), len(self.keys) + many):
                key = f"key-{number:04d}"
                letter = Envelope(key=key, subject=f"message {number}", text=f"number {number}")
                work.outbox.put(key, "", "pv", letter, at)
                self.keys.append(key)
        store.close()

    def kill(self, place: str) -> bool:
        """Let one life end at that place; return whether it was killed, and not out of work."""
        was_killed = self._live(place) == -signal.SIGKILL
        self.done[place] += was_killed
        return was_killed

    def peace(self) -> list[str]:
        """Let one life send all that is left; return the states of all messages."""
        assert self._live("") == 0
        store = SqlStore(self.path, writable=False)
        with store.reading() as work:
            states = [each.state for each in work.outbox.latest(10_000)]
            list(work.log.verify())
        store.close()
        return states

    def _live(self, place: str) -> int:
        wanted = {
            "path": str(self.path),
            "address": self.address,
            "place": place,
            "milliseconds": self._chance.uniform(0.0, 60.0),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        return int(self._said())

    def _said(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the process that forks the senders is gone"
        return line


@dataclass(slots=True)
class _Mortal:
    """A channel that kills its own process at a place of one of its sends."""

    inner: Channel
    place: str
    milliseconds: float
    sent: int = 0

    @property
    def id(self) -> str:
        return self.inner.id

    def send(self, envelope: Envelope) -> str:
        self.sent += 1
        if not self.place or self.sent <= _SURVIVES:
            return self.inner.send(envelope)
        if self.place == "before":
            _die()
        if self.place == "during":
            threading.Timer(self.milliseconds / 1000, _die).start()
            answer = self.inner.send(envelope)
            threading.Event().wait()
            return answer
        answer = self.inner.send(envelope)
        _die()
        return answer


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _life(path: str, address: str, place: str, milliseconds: float) -> None:
    clock = RealClock()
    store = SqlStore(Path(path), writable=True)
    way = _Mortal(channel("pv", address, clock=clock), place, milliseconds)
    while deliver(store, {"pv": way}, clock):
        pass
    store.close()


def main() -> None:
    """Fork a sender for each line read; answer how it ended."""
    # what a channel imports when it is made and used is imported once, and not in each life
    from email import generator  # noqa: F401, PLC0415

    channel("warm", "mailto://127.0.0.1:1/?from=a@example.org&to=b@example.org", clock=RealClock())
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                _life(**wanted)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
