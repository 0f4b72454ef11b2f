"""Servers that others have written, started on the loopback for a test and ended by their process.

Each starter is a context manager. What is not installed skips, saying so: `make test-system-deps`
installs it. Servers that refuse to run as root, or should not, run as nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from kit.free_port import free_port
from kit.receivers import LOOPBACK

REPOSITORY = Path(__file__).resolve().parents[2]
CHAT_SERVER = REPOSITORY / ".venv-servers" / "bin" / "python"
_PATIENCE = 30.0
_NOBODY = "nobody"


def needed(program: str, *, package: str) -> str:
    """Return where a program is; skip where it is not."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{package} is not installed: `make test-system-deps` installs it")
    return found


def as_nobody(*words: str | Path) -> list[str]:
    """Return a command that runs without rights; who has none runs it as it is."""
    told = [str(word) for word in words]
    if os.geteuid() != 0:
        return told
    drop = ["setpriv", f"--reuid={_NOBODY}", "--regid=nogroup", "--clear-groups"]
    return [*drop, *told]


@contextmanager
def place(name: str) -> Iterator[Path]:
    """Yield a folder that a server without rights can live in."""
    folder = Path(tempfile.mkdtemp(prefix=f"watcher-{name}-"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def given_to_nobody(folder: Path) -> None:
    """Let a folder and all in it belong to nobody, where we may say so."""
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam(_NOBODY)
    for each in (folder, *folder.rglob("*")):
        os.chown(each, owner.pw_uid, owner.pw_gid)


def until(is_ready: Callable[[], bool], *, what: str, process: subprocess.Popen[bytes]) -> None:
    """Return once a server answers; fail with its word where it ends or takes too long."""
    end = time.monotonic() + _PATIENCE
    while not is_ready():
        if process.poll() is not None:
            pytest.fail(f"{what} ended with {process.returncode}")
        if time.monotonic() > end:
            pytest.fail(f"{what} did not answer within {_PATIENCE:g} s")
        Event().wait(0.05)


def answers(port: int) -> bool:
    """Return whether something listens at a port of the loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


@contextmanager
def running(command: list[str], log: Path, **more: object) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a server's process; it is asked to end, and killed where it does not."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **more
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def a_port() -> int:
    """Return a port of the loopback that nobody listens at."""
    return free_port()
