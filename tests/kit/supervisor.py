"""Starts what a unit starts, as systemd would: its words, its environment, its signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kit.deployed import PROGRAM, directives, started_by
from kit.process import PROGRAM as OURS

_PATIENCE = 90.0


@dataclass
class Supervised:
    """A process and what it has told its supervisor."""

    process: subprocess.Popen[str]
    ear: socket.socket
    told: list[str] = field(default_factory=list)

    def wait_for(self, state: str) -> None:
        """Return once it has told a state such as `READY=1`."""
        self.ear.settimeout(_PATIENCE)
        while state not in self.told:
            assert self.process.poll() is None, self.process.communicate()[1]
            self.told += self.ear.recv(4096).decode().split("\n")

    def end(self) -> tuple[int, str]:
        """End it as systemd does; return its exit code and what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=_PATIENCE)
        self.ear.settimeout(0.01)
        try:
            while True:
                self.told += self.ear.recv(4096).decode().split("\n")
        except TimeoutError:
            return self.process.returncode, said


def words_of(unit: Path, folder: Path) -> list[str]:
    """The words a unit starts, with the places of a test for those of a machine."""
    places = {
        PROGRAM: str(OURS),
        "/etc/watcher/sources.yaml": str(folder / "sources.yaml"),
        "/var/lib/watcher-backup": str(folder / "backup"),
    }
    return [places.get(word, word) for word in started_by(unit)]


def environment_of(unit: Path, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What systemd would give: hardly anything; `given` stands for `/etc/watcher/environment`."""
    seconds = directives(unit).get("WatchdogSec", ["0"])[0]
    credentials = {"CREDENTIALS_DIRECTORY": str(folder / "credentials")}
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "WATCHDOG_USEC": f"{seconds}000000",
        "NOTIFY_SOCKET": str(folder / "notify"),
        **(credentials if (folder / "credentials").is_dir() else {}),
        **given,
    }


@contextmanager
def supervised(unit: Path, folder: Path, **given: str) -> Iterator[Supervised]:
    """Run what a unit starts; it is killed at the end if a test has not ended it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        (folder / "notify").unlink(missing_ok=True)
        ear.bind(os.fspath(folder / "notify"))
        process = subprocess.Popen(
            words_of(unit, folder),
            cwd=folder,
            env=environment_of(unit, folder, given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Supervised(process, ear)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()
