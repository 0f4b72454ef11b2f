"""What a database promises, whatever its engine, and the version of its tables."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from watcher.errors import ConfigError, IntegrityError, Problem
from watcher.ports.wakes import Wakes

HEAD = "0008"
"""The newest migration."""

Place = Path | sa.URL
"""Where a database is: a SQLite file, or an address of PostgreSQL, which prints no password."""


class Database(Protocol):
    """One transaction at a time writes to the log; any number read, each as of one moment."""

    def close(self) -> None:
        """Close every connection, and let the next writer in where there may be only one."""
        ...

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection within the transaction that alone writes to the log.

        What is committed so is seen by readers in the order of its positions.
        """
        ...

    def apart(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection within a transaction that does not touch the log.

        On PostgreSQL any number of them run beside one another and beside the one that writes to
        the log; who changes the same rows has to lock them. On SQLite it is `writing`.
        """
        ...

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Return a connection that sees one moment; nothing can be written through it."""
        ...

    def announce(self, connection: sa.Connection, news: AbstractSet[str]) -> None:
        """Wake whoever waits for such news once the transaction of `connection` is committed."""
        ...

    def wakes(self) -> Wakes:
        """Return what wakes a consumer as soon as there is something new."""
        ...


def postgres_at(address: str) -> sa.URL:
    """Return the place that an address of PostgreSQL names.

    Raises:
        ConfigError: It cannot be read, or what drives PostgreSQL is not installed.
    """
    if find_spec("psycopg") is None:
        message = "PostgreSQL needs more than is installed: pip install 'watcher[cluster]'"
        raise _unusable(message)
    try:
        return sa.make_url(address).set(drivername="postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError) as error:
        # what it says may hold the password
        message = "is no address of PostgreSQL: percent-encode what is special in its password"
        raise _unusable(message) from error


def _unusable(message: str) -> ConfigError:
    return ConfigError(
        [Problem(file="sources.yaml", line=0, key="storage.database", message=message)]
    )


def version(connection: sa.Connection) -> str:
    """Return the version of the tables; empty where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return str(found or "")


def refuse_newer(found: str) -> None:
    """Refuse tables that this program does not know.

    Raises:
        IntegrityError: They were made by a later version of it.
    """
    if found > HEAD:
        message = f"the database is of version {found}, newer than this program ({HEAD}): upgrade"
        raise IntegrityError(message)


def refuse_other(found: str, place: object) -> None:
    """Refuse to read tables of another version than this program's.

    Raises:
        IntegrityError: They are older, or newer.
    """
    refuse_newer(found)
    if found != HEAD:
        message = f"{place} is of an older version: run `watcher once` to upgrade it"
        raise IntegrityError(message)


def upgrade(writer: sa.Connection) -> None:
    """Make the tables those of the newest version, within the transaction of `writer`."""
    # alembic takes a tenth of a second to import and is needed once in a database's life
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", "watcher:store/migrations")
    settings.attributes["connection"] = writer
    command.upgrade(settings, "head")
