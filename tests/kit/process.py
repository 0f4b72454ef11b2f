"""The program as a process of its own, started and ended for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "watcher"
_PATIENCE = 60.0


def command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command in `folder` to its end."""
    return subprocess.run(
        [PROGRAM, *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )


@contextmanager
def service(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run the service in `folder`; it is killed at the end if a test has not ended it."""
    process = subprocess.Popen(
        [PROGRAM, "run", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def terminate(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Ask it to end as a supervisor would; return its exit code and what it said."""
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=_PATIENCE)
    return process.returncode, told


def kill(process: subprocess.Popen[str]) -> None:
    """End it without a warning."""
    process.kill()
    process.wait(timeout=_PATIENCE)
