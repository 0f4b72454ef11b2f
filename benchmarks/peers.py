"""Whom we are compared with, and ourselves: drivers of one shape for the pass benchmark.

Each is set up once with the addresses to watch, keeps the status and the documents of each page,
and tells of a change to one webhook. The peers live in virtual environments of their own, made by
`benchmarks/venvs.sh`; they are never part of ours.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from meter import PYTHON, Taken, ask, environment, run, size_of, tree_cpu, tree_memory, wait_for

BLOCKS = "#medicine-status, #documents"
_CDIO_PORT = 18_100
_WORKERS = 10
_QUIET = 8
_SHARE = 100


class Driver(Protocol):
    """One program that watches pages."""

    def setup(self, urls: list[str]) -> None:
        """Make its configuration."""

    def run(self) -> Taken:
        """Look at every page once, tell of what changed, and end."""

    def stored(self) -> int:
        """Return the bytes it has stored."""

    def stop(self) -> None:
        """End what runs."""


@dataclass
class Place:
    """Where a driver works.

    Attributes:
        folder: Its folder.
        venvs: The folder of the peers' environments.
        site: The site's address.
        sink: The address that takes what is told.
        reader: The entry of the reader in our `sources.yaml`.
    """

    folder: Path
    venvs: Path
    site: str
    sink: str
    reader: str


@dataclass
class Ours:
    """`watcher once`: fetch, judge, keep, read all facts, compare, append, tell."""

    place: Place

    def setup(self, urls: list[str]) -> None:
        """Configure a source and a channel of their own for each hundred pages.

        One reader of all would get ten messages of a pass alone, and the rest in a later summary.
        """
        shares = [urls[start : start + _SHARE] for start in range(0, len(urls), _SHARE)]
        hook = f"webhook+{self.place.sink}/watcher?allow_private=yes&secret=${{HOOK_SECRET}}"
        names = [f"site-{number}" for number in range(len(shares))]
        sources = "".join(map(self._source, names, shares))
        channels = [{"id": name, "url": hook} for name in names]
        rules = [{"id": name, "sources": [name], "channels": [name]} for name in names]
        (self.place.folder / "sources.yaml").write_text(f"""contact: mailto:bench@watcher.example
storage: {{database: "sqlite:///data/watcher.db", snapshots: data/snapshots}}
hosts: {{127.0.0.1: {{pace: 0s}}}}
sources:
{sources}channels: {json.dumps(channels)}
rules: {json.dumps(rules)}
""")

    def _source(self, name: str, urls: list[str]) -> str:
        return f"""  - id: {name}
    {self.place.reader}
    every: 6h
    tier: 1
    allow_private: true
    urls: {json.dumps(urls)}
"""

    def run(self) -> Taken:
        command = Path(PYTHON).with_name("watcher")
        return run([str(command), "once"], self.place.folder)

    def stored(self) -> int:
        return size_of(self.place.folder / "data")

    def stop(self) -> None:
        pass


@dataclass
class Urlwatch:
    """urlwatch 2: one process a pass, ten threads, SQLite."""

    place: Place

    def setup(self, urls: list[str]) -> None:
        jobs = "---\n".join(
            f"name: {url.rpartition('/')[2]}\nurl: {url}\nfilter:\n  - css: '{BLOCKS}'\n  - html2text\n"
            for url in urls
        )
        folder = self.place.folder
        (folder / "urls.yaml").write_text(jobs)
        (folder / "hooks.py").write_text("")
        (folder / "state").mkdir()
        (folder / "urlwatch.yaml").write_text(f"""
display: {{new: false, error: true, unchanged: false, empty-diff: true}}
report:
  text: {{line_length: 75, details: true, footer: true, minimal: false, separate: false}}
  html: {{diff: unified, separate: false}}
  markdown: {{details: true, footer: true, minimal: false, separate: false}}
  stdout: {{enabled: false, color: false}}
  slack: {{enabled: true, webhook_url: '{self.place.sink}/urlwatch', max_message_length: 40000, separate: false}}
job_defaults: {{all: {{}}, url: {{}}, browser: {{}}, shell: {{}}}}
""")

    def run(self) -> Taken:
        folder = self.place.folder
        options = ["--urls", "urls.yaml", "--config", "urlwatch.yaml", "--hooks", "hooks.py"]
        command = self.place.venvs / "urlwatch/bin/urlwatch"
        return run([str(command), *options, "--cache", "state/cache.db"], folder)

    def stored(self) -> int:
        return size_of(self.place.folder / "state")

    def stop(self) -> None:
        pass


@dataclass
class Webchanges:
    """webchanges 3: one process a pass, threads, SQLite."""

    place: Place

    def setup(self, urls: list[str]) -> None:
        jobs = "".join(
            f"---\nname: {url.rpartition('/')[2]}\nurl: {url}\n"
            f"filters:\n  - css: '{BLOCKS}'\n  - html2text\n"
            for url in urls
        )
        folder = self.place.folder
        (folder / "jobs.yaml").write_text(jobs)
        (folder / "state").mkdir()
        (folder / "config.yaml").write_text(f"""
display: {{new: false, error: true, unchanged: false}}
report:
  stdout: {{enabled: false}}
  webhook: {{enabled: true, webhook_url: '{self.place.sink}/webchanges'}}
version_check: {{enabled: false}}
""")

    def run(self) -> Taken:
        options = ["--jobs", "jobs.yaml", "--config", "config.yaml"]
        command = self.place.venvs / "webchanges/bin/webchanges"
        database = ["--database", "state/snapshots.db"]
        return run([str(command), *options, *database], self.place.folder)

    def stored(self) -> int:
        return size_of(self.place.folder / "state")

    def stop(self) -> None:
        pass


@dataclass
class Changedetection:
    """changedetection.io: a service, asked over its own interface to look at all pages."""

    place: Place
    _child: subprocess.Popen[bytes] | None = None
    _key: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    @property
    def _state(self) -> Path:
        return self.place.folder / "state"

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{_CDIO_PORT}"

    def setup(self, urls: list[str]) -> None:
        self._count = len(urls)
        self._state.mkdir()
        self._start("-P", "true")
        self.stop()
        for example in (path for path in self._state.iterdir() if path.is_dir()):
            shutil.rmtree(example)
        self._settle()
        self._start()
        chosen = f"include_filters={quote(json.dumps([BLOCKS]))}&paused=true"
        told = {"content-type": "text/plain", **self._key}
        ask(f"{self._base}/api/v1/import?{chosen}", "\n".join(urls).encode(), told)
        while self._info()["watch_count"] < len(urls):
            time.sleep(1)
        self.stop()
        self._wake()
        self._start()

    def _settle(self) -> None:
        """Write the settings: never by itself, ten workers, one webhook."""
        path = self._state / "changedetection.json"
        chosen = json.loads(path.read_text())
        settings = chosen["settings"]
        self._key = {"x-api-key": settings["application"]["api_access_token"]}
        never = {"weeks": 52, "days": None, "hours": None, "minutes": None, "seconds": None}
        settings["requests"] |= {"time_between_check": never, "workers": _WORKERS}
        settings["application"] |= {
            "notification_urls": [f"json://{self.place.sink.removeprefix('http://')}/cdio"],
            "notification_format": "text",
            "notification_body": "{{watch_url}} had a change.\n{{diff}}",
        }
        path.write_text(json.dumps(chosen))

    def _wake(self) -> None:
        """End the pause of each watch on the disk, as if it was looked at just now."""
        for path in self._state.glob("*/watch.json"):
            watch = json.loads(path.read_text())
            path.write_text(
                json.dumps({**watch, "paused": False, "last_checked": int(time.time())})
            )

    def _start(self, *more: str) -> None:
        told = {
            "DISABLE_VERSION_CHECK": "true", "ALLOW_IANA_RESTRICTED_ADDRESSES": "true",
            "FETCH_WORKERS": str(_WORKERS), "LOGGER_LEVEL": "WARNING",
        }  # fmt: skip
        command = self.place.venvs / "changedetection/bin/changedetection.io"
        options = ["-d", str(self._state), "-C", "-h", "127.0.0.1", "-p", str(_CDIO_PORT), *more]
        with (self.place.folder / "log").open("ab") as log:
            self._child = subprocess.Popen(
                [str(command), *options], cwd=self.place.folder, stdout=log, stderr=log,
                env={**environment(), **told},
            )  # fmt: skip
        wait_for(f"{self._base}/static/styles/styles.css", 300)

    def _info(self) -> dict[str, int]:
        told: dict[str, int] = ask(f"{self._base}/api/v1/systeminfo", headers=self._key)
        return told

    def run(self) -> Taken:
        assert self._child is not None
        pid, peak, quiet, last = self._child.pid, 0.0, 0, (-1, -1)
        before, began = tree_cpu(pid), time.perf_counter()
        ended = began
        ask(f"{self._base}/api/v1/watch?recheck_all=1", headers=self._key)
        while quiet < _QUIET and time.perf_counter() - began < 1_500:
            asked = ask(f"{self.place.site}/__ctl/stats")["requests"]
            now = (asked, ask(f"{self.place.sink}/__sink/count")["posts"])
            is_done = asked >= self._count and self._info()["queue_size"] == 0 and now == last
            quiet, last = (quiet + 1 if is_done else 0), now
            ended = ended if is_done else time.perf_counter()
            peak = max(peak, tree_memory(pid))
            time.sleep(0.5)
        return Taken(tree_cpu(pid) - before, ended - began, peak)

    def stored(self) -> int:
        return size_of(self._state)

    def stop(self) -> None:
        if self._child is None:
            return
        pids = [*_descendants(self._child.pid)]
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(60)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pid in pids:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)
        self._child = None


def _descendants(pid: int) -> Iterable[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return map(int, told)


DRIVERS: dict[str, type[Ours | Urlwatch | Webchanges | Changedetection]] = {
    "watcher": Ours,
    "urlwatch": Urlwatch,
    "webchanges": Webchanges,
    "changedetection.io": Changedetection,
}
