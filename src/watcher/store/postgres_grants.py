"""Roles of PostgreSQL: who owns the tables, who may append to the log and not change it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from watcher.errors import OperationalError
from watcher.store.postgres import PostgresDatabase
from watcher.store.schema import CLOSED

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")
_SECRETS = ("users", "tokens", "sessions", "strikes")
"""What nobody reads who only looks: hashes of passwords and tokens, and who signs in."""


def service_grants(role: str, schema: str = "public") -> Iterator[str]:
    """Yield what lets a role run the service and keeps it from changing what is closed.

    It may append to the closed tables and read them. It owns nothing, so it can neither disable a
    trigger nor drop one. Given again after each upgrade, for tables that have come meanwhile.

    Raises:
        OperationalError: A name is none that needs no thought.
    """
    role, schema = _quoted(role), _quoted(schema)
    closed = ", ".join(f"{schema}.{_quoted(table)}" for table in CLOSED)
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
    yield f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {closed} FROM {role}, PUBLIC"
    yield f"REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {role}, PUBLIC"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM {role}, PUBLIC"


def reader_grants(role: str, schema: str = "public") -> Iterator[str]:
    """Yield what lets a role read everything but who may sign in.

    Raises:
        OperationalError: A name is none that needs no thought.
    """
    role, schema = _quoted(role), _quoted(schema)
    secret = ", ".join(f"{schema}.{_quoted(table)}" for table in _SECRETS)
    yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"
    yield f"REVOKE ALL ON {secret} FROM {role}"


def apply(url: sa.URL, statements: Sequence[str]) -> None:
    """Carry statements out, all of them or none, as the role of the address.

    Raises:
        StoreError: This role may not; the tables' owner may.
    """
    database = PostgresDatabase(url, writable=True)
    try:
        with database.apart() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        database.close()


def _quoted(name: str) -> str:
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name of a role or schema: letters, digits, _ and - only"
        raise OperationalError(message)
    return f'"{name}"'
