"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from kit.engines import ENGINES, on_postgres, place_at
from kit.postgres import Cluster
from watcher.store.database import Place

# machines are shared and noisy: a law is about what is true, not about how soon
settings.register_profile("watcher", deadline=None)
settings.load_profile("watcher")
# `make mutation` runs them thousands of times: the same examples each time, and no search for less
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=25,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real EMA data beside the project; a test that needs them skips where they are missing."""
    data = SHARED / "data"
    if not data.is_dir():
        pytest.skip("the real EMA data are not beside the project (../shared/data)")
    return data


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The three reference pages beside the project."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the reference pages are not beside the project (../shared/seeds)")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server of this test process alone; a test that needs it skips without one."""
    with Cluster() as cluster:
        yield cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the stores of all tests, and not only of those that try both, go to another engine."""
    parser.addoption("--engine", choices=ENGINES, default=ENGINES[0], help="where stores go")


@pytest.fixture(autouse=True)
def everywhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put the stores of a test that does not choose an engine on the one of `--engine`."""
    is_chosen = "engine" in request.fixturenames
    if is_chosen or request.config.getoption("--engine") == ENGINES[0]:
        yield
        return
    with on_postgres(request.getfixturevalue("postgres")):
        yield


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine that a test's stores are on; see `kit.engines.place_at`."""
    if request.param == "sqlite":
        yield request.param
        return
    with on_postgres(request.getfixturevalue("postgres")):
        yield request.param


@pytest.fixture
def place(engine: str, tmp_path: Path) -> Place:  # noqa: ARG001  what `place_at` goes by
    """Where a store goes that is to work the same on every engine; it is empty yet."""
    return place_at(tmp_path / "watcher.db")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a test would try on PostgreSQL that is none of the database's."""
    chosen = config.getoption("--engine")

    def is_again(item: pytest.Item) -> bool:
        values = getattr(item, "callspec", None)
        engine = values.params.get("engine", chosen) if values else chosen
        return item.get_closest_marker("one_engine") is not None and engine != ENGINES[0]

    again = [item for item in items if is_again(item)]
    if again:
        config.hook.pytest_deselected(items=again)
        items[:] = [item for item in items if item not in again]
