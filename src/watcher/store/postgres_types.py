"""How PostgreSQL keeps what the tables call an integer and a text, so that both engines agree.

SQLite's integers have 64 bits, and its texts are compared byte by byte. PostgreSQL would make an
integer of 32 bits and order texts by the rules of a language; here it makes `BIGINT`, and texts of
collation "C", whose order is that of their UTF-8 bytes and whose index also finds beginnings.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGTypeCompiler

from watcher.store.schema import metadata


class _Types(PGTypeCompiler):
    def visit_INTEGER(self, type_: sa.Integer, **kw: Any) -> str:  # noqa: ARG002, N802  SQLAlchemy's
        return "BIGINT"

    def visit_TEXT(self, type_: sa.Text, **kw: Any) -> str:  # noqa: N802  SQLAlchemy's
        # only where a column is made is a collation part of its type
        is_column = isinstance(kw.get("type_expression"), sa.Column)
        return 'TEXT COLLATE "C"' if is_column else super().visit_TEXT(type_, **kw)


def portable_types(dialect: sa.Dialect) -> None:
    """Make the tables that are created through `dialect` behave as they do on SQLite."""
    for index in (each for table in metadata.tables.values() for each in table.indexes):
        if (where := index.dialect_kwargs.get("sqlite_where")) is not None:
            index.dialect_kwargs["postgresql_where"] = where
    dialect.type_compiler_instance = _Types(dialect)
    # without a cast of ours: a function that takes an integer of 32 bits would not know it again
    dialect.colspecs = {**dialect.colspecs, sa.Integer: sa.BigInteger}
