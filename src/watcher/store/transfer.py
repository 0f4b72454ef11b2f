"""A whole store moved to another engine, byte for byte, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from watcher.errors import IntegrityError
from watcher.store.proof import make_ready
from watcher.store.schema import metadata

_BATCH, _FEW = 1_000, 4
_KINDS = ((sa.Text, str), (sa.LargeBinary, bytes), (sa.Integer, int), (sa.Boolean, int))
_LARGE = frozenset({"memos"})
"""Tables whose rows may be megabytes each."""
Told = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDigest:
    """What stands in one table.

    Attributes:
        rows: How many rows.
        digest: sha256 over all columns of all rows, in the order of the primary key.
    """

    rows: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDigest:
    """What stands in a store: two with the same digest hold the same, whatever their engines."""

    digest: str
    tables: Mapping[str, TableDigest]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(table.rows for table in self.tables.values())


def digest(connection: sa.Connection, told: Told, what: str = "digest") -> StoreDigest:
    """Return the digest of everything in a store, as one transaction sees it.

    Args:
        connection: The transaction's.
        told: Is told how far it is.
        what: What is being done, for that.
    """
    of, done = sum(counts(connection).values()), 0
    found: dict[str, TableDigest] = {}
    for table in _tables():
        total, number = hashlib.sha256(), 0
        for rows in _parts(connection, table):
            number += len(rows)
            for row in rows:
                total.update(_written(row))
            done += len(rows)
            told(what, done, of)
        found[table.name] = TableDigest(rows=number, digest=total.hexdigest())
    lines = "".join(f"{name} {each.rows} {each.digest}\n" for name, each in sorted(found.items()))
    return StoreDigest(digest=hashlib.sha256(lines.encode()).hexdigest(), tables=found)


def move(source: sa.Connection, target: sa.Connection, told: Told) -> StoreDigest:
    """Copy everything into an empty store, prove that both hold the same, and return the digest.

    All of it is one transaction of the target: one that is killed leaves the target empty.

    Args:
        source: A transaction of the store that is read, which nobody else may write to.
        target: The transaction that writes to the other store.
        told: Is told how far it is.

    Raises:
        IntegrityError: There is something in the target, or what came to stand there is not what
            stands in the source.
        BrokenLogError: The end of the log is not as it was written or signed.
    """
    if standing := {name: rows for name, rows in counts(target).items() if rows}:
        message = f"the target is not empty: there are rows in {', '.join(sorted(standing))}"
        raise IntegrityError(message)
    for each in (source, target):
        _be_patient(each)
    of, done = sum(counts(source).values()), 0
    for table in _tables():
        for rows in _parts(source, table):
            _put(target, table, rows)
            done += len(rows)
            told("rows", done, of)
        _go_on_counting(target, table)
    before, after = digest(source, told, "source"), digest(target, told, "target")
    if before != after:
        other = [name for name, each in before.tables.items() if after.tables[name] != each]
        message = f"what was copied is not what stands in the source: {', '.join(other)}"
        raise IntegrityError(message)
    make_ready(target)
    return after


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
        for table in _tables()
    }


def _tables() -> Iterator[sa.Table]:
    return iter(metadata.sorted_tables)


def _parts(connection: sa.Connection, table: sa.Table) -> Iterator[list[sa.Row[Any]]]:
    """Yield the rows of a table in the order of their key, some at a time, as they are stored."""
    batch = _FEW if table.name in _LARGE else _BATCH
    # SQLite says 1 and 0 for yes and no, and can be made to say 3: that is not the same
    columns = [
        sa.type_coerce(column, sa.Integer).label(column.name) if _is_flag(column) else column
        for column in table.columns
    ]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    rows = iter(connection.execute(query.execution_options(yield_per=batch)))
    while some := list(islice(rows, batch)):
        yield some


def _is_flag(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.Boolean)


def _put(target: sa.Connection, table: sa.Table, rows: Sequence[sa.Row[Any]]) -> None:
    values = [dict(row._mapping) for row in rows]
    for column in table.columns:
        kind = next(kind for each, kind in _KINDS if isinstance(column.type, each))
        for row in values:
            value = row[column.name]
            if not isinstance(value, kind) and not (value is None and column.nullable):
                raise _strange(table, row, f"{column.name} is a {type(value).__name__}")
            if isinstance(value, str) and "\0" in value:
                raise _strange(table, row, f"{column.name} has a NUL in it")
            if _is_flag(column):
                row[column.name] = bool(value)
    target.execute(sa.insert(table), values)


def _strange(table: sa.Table, row: Mapping[str, object], why: str) -> IntegrityError:
    key = ", ".join(f"{each.name} {row[each.name]!r}" for each in table.primary_key.columns)
    message = f"{table.name}, {key}: {why}; this program writes no such row: see `watcher verify`"
    return IntegrityError(message)


def _written(row: sa.Row[Any]) -> bytes:
    """Return a row as bytes that no other row has: each value with its kind and its length."""
    parts = []
    for value in row:
        kind, body = _value(value)
        parts.append(b"%b%d:%b" % (kind, len(body), body))
    return b"%d;%b" % (len(parts), b"".join(parts))


def _value(value: object) -> tuple[bytes, bytes]:
    match value:
        case None:
            return b"n", b""
        case bytes():
            return b"b", value
        case int():  # yes and no too: SQLite has 1 and 0 for them
            return b"i", b"%d" % value
        case str():
            return b"t", value.encode()
        case _:
            message = f"a value of the kind {type(value).__name__} stands in the store"
            raise IntegrityError(message)


def _be_patient(connection: sa.Connection) -> None:
    """Let one transaction wait as long as it takes while the other one is busy."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def _go_on_counting(target: sa.Connection, table: sa.Table) -> None:
    """Let the next number that PostgreSQL gives follow the last one that was copied."""
    column = table.autoincrement_column
    if target.dialect.name != "postgresql" or column is None or not column.autoincrement:
        return
    query = sa.text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
    last = target.execute(sa.select(sa.func.max(column))).scalar()
    names = {"table": f'"{table.name}"', "column": column.name}
    if last:
        target.execute(query, {**names, "last": last})
