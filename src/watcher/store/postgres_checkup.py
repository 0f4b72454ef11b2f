"""What can be told of a PostgreSQL database without writing to it: for the doctor."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from watcher.errors import WatcherError
from watcher.store.checkup import Checkup
from watcher.store.database import version
from watcher.store.postgres import PostgresDatabase
from watcher.store.schema import CLOSED

_DURABLE = ("fsync", "full_page_writes")
"""Settings of the server that have to be on for what was committed to survive a power cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerCheckup:
    """What was found of a server and of our database on it.

    Attributes:
        name: Which database it is, in words that hold no secret.
        server: The server's version: `15.18`.
        careless: Its settings that are off and have to be on.
        role: The role we are.
        may_change: Closed tables that this role could change, as their owner or by a grant.
        may_do_all: Whether it is a superuser, whom nothing is refused.
        tables: What is told of any database; `holder` is none here.
    """

    name: str
    server: str = ""
    careless: tuple[str, ...] = ()
    role: str = ""
    may_change: tuple[str, ...] = ()
    may_do_all: bool = False
    tables: Checkup


def check_up_server(url: sa.URL) -> ServerCheckup:
    """Return what can be told of the database at an address."""
    database = PostgresDatabase(url, writable=False, is_of_any_version=True)
    try:
        with database.reading() as connection:
            return _examined(connection, database.name)
    except WatcherError as error:
        return ServerCheckup(name=database.name, tables=Checkup(exists=True, fault=str(error)))
    finally:
        database.close()


def _examined(connection: sa.Connection, name: str) -> ServerCheckup:
    def one(query: str, **values: str) -> object:
        return connection.execute(sa.text(query), values).scalar()

    known = version(connection)
    newest = "SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1"
    tables = Checkup(
        exists=bool(known),
        size=int(str(one("SELECT pg_database_size(current_database())"))),
        version=known,
        last_recorded=str((one(newest) if known else "") or ""),
    )
    may = (
        "SELECT has_table_privilege(:table, 'UPDATE') OR has_table_privilege(:table, 'DELETE')"
        " OR has_table_privilege(:table, 'TRUNCATE')"
    )
    there = sa.inspect(connection).get_table_names() if known else []
    return ServerCheckup(
        name=name,
        server=str(one("SHOW server_version")).partition(" ")[0],
        careless=tuple(each for each in _DURABLE if one(f"SHOW {each}") != "on"),
        role=str(one("SELECT current_user")),
        may_change=tuple(table for table in CLOSED if table in there and one(may, table=table)),
        may_do_all=one("SHOW is_superuser") == "on",
        tables=tables,
    )
