"""Many processes of the program on one PostgreSQL, over a site of many servers on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa

from kit.engines import address_of, outside
from kit.process import PROGRAM
from kit.swarm_site import host_number, page_path
from watcher.store.database import Place

SITE = Path(__file__).with_name("swarm_site.py")
ROOMY = ("max_connections=200",)
"""Settings of a PostgreSQL that has room for the connections of some workers."""
_BEGIN = 60.0


@dataclass(slots=True)
class Swarm:
    """A folder with a site and a configuration, and the processes started in it.

    Attributes:
        folder: Where everything is.
        place: The database, of PostgreSQL where there are to be many processes.
        channel: The address of whoever is told.
        tables: How many tables the site has.
        rows: How many pages each of them names.
        hosts: How many servers the pages are on.
        pace: Seconds between two requests to a server.
        snapshots: Where payloads are kept: a folder, or a bucket's address.
    """

    folder: Path
    place: Place
    channel: str
    tables: int
    rows: int
    hosts: int
    pace: int = 1
    snapshots: str = "snapshots"
    port: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _site: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        told = {"tables": self.tables, "rows": self.rows, "hosts": self.hosts}
        (self.folder / "site.json").write_text(json.dumps(told), encoding="utf-8")
        self._site = subprocess.Popen([sys.executable, SITE, self.folder])
        until = time.monotonic() + _BEGIN
        while not (self.folder / "port").exists() or not (self.folder / "port").read_text():
            assert time.monotonic() < until, "the site does not begin"
            Event().wait(0.02)
        self.port = int((self.folder / "port").read_text(encoding="utf-8"))
        self._configure()

    def _configure(self) -> None:
        sources: list[dict[str, object]] = []
        for table in range(self.tables):
            at = host_number(self.hosts + table)
            sources += [
                {
                    "id": f"table-{table}",
                    "reader": "ema_medicines",
                    "url": f"http://{at}:{self.port}/table/{table}",
                    "every": "12h",
                    "tier": 1,
                    "allow_private": True,
                },
                {
                    "id": f"pages-{table}",
                    "reader": "generic",
                    "options": {
                        "facts": [
                            {
                                "path": "authorisation[EU].status",
                                "label": "Status",
                                "kind": "status",
                                "required": True,
                            }
                        ]
                    },
                    "follow": {"source": f"table-{table}", "every": "365d", "where": "watched"},
                    "tier": 1,
                    "allow_private": True,
                },
            ]
        paces = {host_number(each): {"pace": f"{self.pace}s"} for each in range(self.hosts)}
        tables = {
            host_number(self.hosts + each): {"pace": f"{self.pace}s"} for each in range(self.tables)
        }
        told = {
            "contact": "mailto:tests@watcher.example.org",
            "storage": {"database": address_of(self.place), "snapshots": self.snapshots},
            "hosts": {**paces, **tables},
            "sources": sources,
            "watch_lists": [{"id": "all", "areas": ["Crohn Disease"]}],
            "channels": [{"id": "files", "url": self.channel}],
            "rules": [{"id": "all", "events": ["authorisation.withdrawn"], "channels": ["files"]}],
        }
        path = self.folder / "sources.yaml"
        path.write_text(json.dumps(told), encoding="utf-8")

    def start(self, name: str, *words: str, program: Path | None = None) -> None:
        """Start a process of the program under a name; its log is added to `NAME.log`.

        Args:
            name: By which it is known here.
            words: Its command.
            program: The folder of another version's modules; None: as it is installed.
        """
        other = {"PYTHONPATH": str(program)} if program else {}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [PROGRAM, *words],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env=self._environment | other,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill a process."""
        process = self.processes[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def end_all(self, patience: float = 60.0) -> None:
        """End all processes as a supervisor would."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(patience)

    def is_whole(self, patience: float = 900.0) -> bool:
        """Return whether `watcher verify` finds the log and all payloads whole."""
        return self.run("verify", patience=patience) == 0

    def run(self, *words: str, patience: float = 900.0) -> int:
        """Run a command to its end and return its exit code; its log is added to `COMMAND.log`."""
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            done = subprocess.run(
                [PROGRAM, *words],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env=self._environment,
                check=False,
                timeout=patience,
            )
        return done.returncode

    def close(self) -> None:
        """End everything."""
        for name, process in self.processes.items():
            if process.poll() is None:
                self.kill(name)
        if self._site is not None:
            self._site.kill()
            self._site.wait(30)

    def change(self, pages: list[str]) -> None:
        """Let pages, by their paths, have changed from now on, and their rows with them."""
        with (self.folder / "changed").open("a", encoding="utf-8") as changed:
            changed.write("".join(f"{each}\n" for each in pages))

    def pages(self) -> list[str]:
        """Return the paths of all pages."""
        return [page_path(t, n) for t in range(self.tables) for n in range(self.rows)]

    def asked(self) -> Iterator[tuple[float, str, str]]:
        """Yield every request the site has had: when, of which server, for what."""
        with suppress(FileNotFoundError), (self.folder / "asked").open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    at, host, path = line.split()
                    yield float(at), host, path

    def ask(self, question: str, **values: object) -> list[tuple[Any, ...]]:
        """Return the answer to a question in SQL; what it changes is kept."""
        with outside(self.place) as connection:
            done = connection.execute(sa.text(question), values)
            return [tuple(row) for row in done] if done.returns_rows else []

    def count(self, question: str, **values: object) -> int:
        """Return the number that answers a question in SQL."""
        return int(self.ask(question, **values)[0][0] or 0)

    @property
    def _environment(self) -> dict[str, str]:
        """The environment of each process; modules are compiled once, as where it is installed."""
        told = {
            name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        }
        return {**told, "NO_COLOR": "1", "PYTHONPYCACHEPREFIX": str(self.folder / "compiled")}
