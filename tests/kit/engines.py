"""Both engines of the store, from outside: a database of each, and hands that get past its guards.

A test that is to hold on every engine asks for the fixture `engine`, or for `place`, which are in
`tests/conftest.py`; what it puts at a path by `place_at` then goes where its engine has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from kit.postgres import Cluster
from watcher.store.database import Place
from watcher.store.schema import CLOSED

ENGINES = ("sqlite", "postgresql")

_placing: list[Callable[[Path], Place]] = []
"""Where stores go just now: the last one says; a file at its path where there is none."""


def place_at(path: Path) -> Place:
    """Return where the store goes that a test would put into the file at `path`."""
    return _placing[-1](path) if _placing else path


@contextmanager
def on_postgres(cluster: Cluster) -> Iterator[None]:
    """Let every store of this block be a database of the server, the same path the same one."""
    known: dict[Path, Place] = {}
    with ExitStack() as databases:

        def placed(path: Path) -> Place:
            if path not in known:
                known[path] = databases.enter_context(cluster.database())
            return known[path]

        _placing.append(placed)
        try:
            yield
        finally:
            _placing.pop()


def engine_of(place: Place) -> sa.Engine:
    """Return an engine for a database, as somebody else's program would make it."""
    url = f"sqlite:///{place}" if isinstance(place, Path) else place
    return sa.create_engine(url, poolclass=sa.NullPool)


@contextmanager
def outside(place: Place) -> Iterator[sa.Connection]:
    """Yield a connection of somebody else's, whose changes are committed at the end."""
    with engine_of(place).begin() as connection:
        yield connection


@contextmanager
def unguarded(place: Place) -> Iterator[sa.Connection]:
    """Yield such a connection to a database whose closed tables stand open."""
    with outside(place) as connection:
        for table in CLOSED:
            for trigger in triggers_of(place, table):
                dropped = f"DROP TRIGGER {trigger}"
                on = "" if isinstance(place, Path) else f" ON {table}"
                connection.exec_driver_sql(dropped + on)
        yield connection


def triggers_of(place: Place, table: str) -> tuple[str, ...]:
    """Return the names of the triggers that guard a closed table."""
    if isinstance(place, Path):
        return (f"{table}_no_update", f"{table}_no_delete")
    return (f"{table}_append_only",)


def address_of(place: Place) -> str:
    """Return a database's address as it stands in a configuration."""
    if isinstance(place, Path):
        return f"sqlite:///{place}"
    return place.set(drivername="postgresql").render_as_string(hide_password=False)
