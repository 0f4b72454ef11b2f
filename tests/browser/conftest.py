"""One browser and one served showroom a file of tests; the ninety days are played once a run."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kit.browser import CHROMIUM, MISSING, launched
from kit.free_port import free_port
from kit.showroom import Showroom, built, showroom
from watcher.runtime.desk import hands
from watcher.web.app import application
from watcher.web.server import listening, serving


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser; the tests that need one skip where there is none, and say so."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def ninety_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a showroom: built by whichever worker comes first, to be copied."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "showroom"
    with (shared / "showroom.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = shared / "showroom-begun"
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            built(begun)
            begun.rename(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Served:
    """A showroom whose pages are served."""

    here: Showroom
    address: str


@contextmanager
def served(days: Path, folder: Path, **about: Any) -> Iterator[Served]:
    """Serve a copy of the showroom.

    Args:
        days: The showroom as built.
        folder: Where the copy is to be; it must not exist.
        about: What differs in how live news is looked for: `pause`, `beat`.
    """
    shutil.copytree(days, folder)
    port = free_port()
    with showroom(folder, port=port) as here:
        web = here.watcher.config.web
        assert web is not None
        pages = application(here.watcher, hands=hands(here.watcher), web=web)
        for name, value in about.items():
            setattr(pages.state.live, name, value)
        with serving(pages, listening(web)):
            yield Served(here, f"http://{web.authority}")


@pytest.fixture(scope="module")
def room(ninety_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served showroom to look at; tests that change something take one of their own."""
    with served(ninety_days, tmp_path_factory.mktemp("room") / "showroom") as given:
        yield given


@pytest.fixture
def own_room(ninety_days: Path, tmp_path: Path) -> Iterator[Served]:
    """A served showroom of a test's own, to change something in."""
    with served(ninety_days, tmp_path / "showroom", pause=0.05) as given:
        yield given
