"""One browser and one served showroom a file of tests; the ninety days are played once a run."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
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
def served(folder: Path, *, pause: float = 1.0, **web: object) -> Iterator[Served]:
    """Serve the showroom of a folder.

    Args:
        folder: Where it is.
        pause: Seconds between two looks for news.
        web: More of the section `web` of its configuration.
    """
    with showroom(folder, port=free_port(), **web) as here:
        told = here.watcher.config.web
        assert told is not None
        pages = application(here.watcher, hands=hands(here.watcher), web=told)
        pages.state.live.pause = pause
        with serving(pages, listening(told)):
            yield Served(here, f"http://{told.authority}")


@pytest.fixture(scope="module")
def copied(ninety_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """What makes a copy of the showroom."""

    def copy() -> Path:
        return Path(shutil.copytree(ninety_days, tmp_path_factory.mktemp("room") / "showroom"))

    return copy


@pytest.fixture(scope="module")
def room(copied: Callable[[], Path]) -> Iterator[Served]:
    """A served showroom to look at; tests that change something take one of their own."""
    with served(copied()) as given:
        yield given


@pytest.fixture
def own_room(copied: Callable[[], Path]) -> Iterator[Served]:
    """A served showroom of a test's own, to change something in."""
    with served(copied(), pause=0.05) as given:
        yield given


@pytest.fixture(scope="module")
def guarded(copied: Callable[[], Path]) -> Iterator[Served]:
    """A served showroom at which people sign in."""
    with served(copied(), sign_in={}) as given:
        yield given


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served watcher that has not looked at anything yet."""
    with served(tmp_path_factory.mktemp("bare")) as given:
        yield given
