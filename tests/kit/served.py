"""Pages that a real process serves: users come by command, and people sign in with a browser."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import httpx

from kit.process import PROGRAM
from kit.signing_in import PASSWORD

PATIENCE = 90.0


def adds(folder: Path, name: str, role: str) -> None:
    """Add a user of the watcher in `folder`, with the password of all tests."""
    done = subprocess.run(
        [PROGRAM, "users", "add", name, "--role", role, "--password-stdin"],
        cwd=folder,
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


def started(address: str) -> httpx.Response:
    """Return the answer of a service about its health, once there is one."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(f"{address}/healthz", timeout=5, trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < end, "no page in a minute and a half"
            time.sleep(0.1)  # noqa: TID251  another process starts meanwhile


def sign_in(browser: httpx.Client, name: str) -> httpx.Response:
    """Sign somebody in as the form does, and return the answer that leads on."""
    (seal,) = re.findall(r'name="seal" value="(\w+)"', browser.get("/").text)
    told = {"name": name, "password": PASSWORD, "seal": seal, "to": "/you"}
    done = browser.post("/sign-in", data=told)
    assert done.status_code == 303, done.text
    return done
