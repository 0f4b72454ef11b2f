"""What a process and its children took: CPU, wall and peak memory, as the kernel counts them."""

from __future__ import annotations

import base64
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Taken:
    """CPU and wall seconds, and megabytes at the peak."""

    cpu: float
    wall: float
    megabytes: float


def run(command: Sequence[str], folder: Path, *, seconds: float = 1_500) -> Taken:
    """Run a command to its end, its output in `log` of its folder.

    Raises:
        RuntimeError: It ended with another exit code than 0, or not in time.
    """
    began = time.perf_counter()
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment())
        timer = began + seconds
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.perf_counter() > timer:
                child.kill()
            time.sleep(0.005)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        told = (folder / "log").read_text(errors="replace")[-800:]
        message = f"{command[0]} ended with {child.returncode}: {told}"
        raise RuntimeError(message)
    wall = time.perf_counter() - began
    return Taken(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    """Return the environment of what is measured: no proxy, and modules compiled once.

    An installed program finds its modules compiled; from a checkout each start would compile all.
    """
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(Path(tempfile.gettempdir()) / "watcher-bench-compiled")
    secret = base64.b64encode(bytes(32)).decode()  # for a receiver on loopback that checks none
    own = {"NO_PROXY": "127.0.0.1", "PYTHONPYCACHEPREFIX": compiled, "HOOK_SECRET": secret}
    return {**told, **own}


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def tree_cpu(pid: int) -> float:
    """Return the CPU seconds of a process, its children and those it has buried."""
    ticks = 0
    for each in _tree(pid):
        try:
            told = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, told[11:15]))
    return ticks / _TICKS


def tree_memory(pid: int) -> float:
    """Return the megabytes a process and its children have in memory now."""
    total = 0
    for each in _tree(pid):
        try:
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * _PAGE / 2**20


@contextmanager
def process(
    command: Sequence[str], folder: Path, ready: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process beside this one until the block ends.

    Args:
        command: What to run.
        folder: Where, and where its output goes.
        ready: An address that answers once it is ready.
    """
    with (folder / f"{Path(command[1]).stem}.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment())
        try:
            if ready:
                wait_for(ready)
            yield child
        finally:
            child.terminate()
            child.wait(30)


def ask(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """Return what a control address answers, as JSON or as text."""
    question = urllib.request.Request(url, data=body, headers=dict(headers or {}))
    with _direct.open(question, timeout=300) as answer:
        told = answer.read().decode()
    try:
        return json.loads(told)
    except ValueError:
        return told


def wait_for(url: str, seconds: float = 120) -> None:
    """Wait until an address answers.

    Raises:
        TimeoutError: It does not.
    """
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        try:
            ask(url)
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"{url} does not answer"
    raise TimeoutError(message)


@dataclass(frozen=True, slots=True)
class Loopback:
    """A site and who takes what is told, both on loopback.

    Attributes:
        site: The site's address; what it is asked to do is below `/__ctl/`.
        sink: The sink's address; below `/__sink/`.
        mail_port: Where the sink takes mail.
        told: Where it writes down what it took.
    """

    site: str
    sink: str
    mail_port: int
    told: Path

    def urls(self) -> list[str]:
        """Return the addresses of all pages."""
        return str(ask(f"{self.site}/__ctl/urls")).split()

    def change(self, fraction: float, seed: int) -> set[str]:
        """Change some pages in what means something, forget what was asked; tell their paths."""
        ask(f"{self.site}/__ctl/reset")
        told = ask(f"{self.site}/__ctl/change?fraction={fraction}&seed={seed}")
        return {each["path"] for each in told}


@contextmanager
def site_and_sink(folder: Path, pages: int, port: int) -> Iterator[Loopback]:
    """Run the invented site and the sink until the block ends.

    Args:
        folder: Where their output goes.
        pages: How many pages the site has.
        port: The site's; the sink listens at ten above, for mail at eleven above.
    """
    site, sink = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 10}"
    told = folder / "told.jsonl"
    serving = [PYTHON, str(HERE / "site_server.py"), "--n", str(pages), "--port", str(port)]
    taking = [PYTHON, str(HERE / "sink.py"), "--port", str(port + 10), "--out", str(told)]
    taking += ["--mail-port", str(port + 11)]
    with (
        process(serving, folder, f"{site}/__ctl/stats"),
        process(taking, folder, f"{sink}/__sink/count"),
    ):
        yield Loopback(site, sink, port + 11, told)


def settings(urls: Sequence[str], channels: Mapping[str, str], **more: object) -> str:
    """Return a `sources.yaml` (JSON is YAML) that watches the site's pages.

    Args:
        urls: The pages' addresses.
        channels: The address of each channel by its id.
        more: Other sections, `rules` among them where not every channel hears of everything.
    """
    source = {"id": "site", "reader": "ema_medicine_page", "every": "6h", "tier": 1}
    told: dict[str, object] = {
        "contact": "mailto:bench@watcher.example",
        "storage": {"database": "sqlite:///data/watcher.db", "snapshots": "data/snapshots"},
        "hosts": {"127.0.0.1": {"pace": "0s"}},
        "sources": [{**source, "allow_private": True, "urls": [*urls]}],
        "channels": [{"id": name, "url": url} for name, url in channels.items()],
        "rules": [{"id": "all", "channels": [*channels]}],
    }
    return json.dumps({**told, **more}, indent=1)


def keep(place: Path | None, results: object, **more: object) -> None:
    """Write what was measured as JSON, with the machine and the command; not where none is named."""
    if place is not None:
        told = {"machine": machine(), "command": sys.argv, **more, "results": results}
        place.write_text(json.dumps(told, indent=1) + "\n")


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    model = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return {
        "cpu": model[0].partition(": ")[2] if model else platform.machine(),
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "watcher": version("watcher"),
        "commit": _commit(),
    }


def _commit() -> str:
    here = Path(__file__).parent
    told = subprocess.run(
        ["/usr/bin/git", "rev-parse", "--short", "HEAD"],
        cwd=here, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip()


def cpu_of(step: Callable[[], object]) -> float:
    """Return the CPU seconds that a step takes of this process."""
    began = time.process_time()
    step()
    return time.process_time() - began


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median with the least and the most."""
    return {
        "median": round(statistics.median(values), 5),
        "least": round(min(values), 5),
        "most": round(max(values), 5),
    }


PYTHON = sys.executable
HERE = Path(__file__).parent.resolve()
