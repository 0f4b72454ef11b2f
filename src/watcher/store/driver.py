"""What is given to the driver itself: statements that every look runs, and many rows at once.

A statement on a file takes SQLite some microseconds, and what SQLAlchemy does around it six times
as long. On a server the way there and back takes longer than either, so there it all goes through
SQLAlchemy. The driver's errors are raised as SQLAlchemy would raise them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, methodcaller
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

Row = tuple[Any, ...]
_ALL, _FIRST, _COUNT = methodcaller("fetchall"), methodcaller("fetchone"), attrgetter("rowcount")


def is_file(connection: sa.Connection) -> bool:
    """Return whether the database is a file that SQLite reads and writes in this process."""
    return connection.dialect.name == "sqlite"


def asked(connection: sa.Connection, statement: str, values: Row = ()) -> list[Row]:
    """Return all rows that a statement of our own SQL finds, as the driver gives them."""
    if is_file(connection):
        return cast("list[Row]", _executed(connection, statement, values, _ALL))
    return cast("list[Row]", connection.exec_driver_sql(statement, values).all())  # a row is one


def done(connection: sa.Connection, statement: str) -> None:
    """Run a statement of our own SQL on a file; it finds nothing."""
    _executed(connection, statement, (), _COUNT)


def done_for_each(connection: sa.Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run a statement of our own SQL on a file, once for each row of values."""
    try:
        connection.dialect.do_executemany(_cursor(connection), statement, rows)
    except sqlite3.Error as error:
        raise _as_elsewhere(connection, statement, rows, error) from error


class Ready:
    """A statement made once, and made ready for SQLite's driver when it is first run.

    Values are given, and found, by name: text, numbers, bytes, yes and no.
    """

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update | sa.Delete) -> None:
        """Take a statement with bound parameters, none of them a list."""
        self._statement = statement

    def first(
        self, connection: sa.Connection, values: Mapping[str, object]
    ) -> Mapping[str, Any] | None:
        """Return the first row it finds, by column, or None."""
        if not is_file(connection):
            found = connection.execute(self._statement, values).first()
            return None if found is None else cast("Mapping[str, Any]", found._mapping)
        plan = self._plan
        row = _executed(connection, plan.text, plan.in_order(values), _FIRST)
        return None if row is None else plan.by_name(row)

    def run(self, connection: sa.Connection, values: Mapping[str, object]) -> int:
        """Return how many rows it changed; of what it added a server says nothing."""
        if not is_file(connection):
            return connection.execute(self._statement, values).rowcount
        plan = self._plan
        return cast("int", _executed(connection, plan.text, plan.in_order(values), _COUNT))

    def run_for_each(self, connection: sa.Connection, many: Sequence[Mapping[str, object]]) -> None:
        """Run it once for each set of values; none at all is no mistake."""
        if not many:
            return
        if not is_file(connection):
            connection.execute(self._statement, many)
            return
        plan = self._plan
        done_for_each(connection, plan.text, [plan.in_order(each) for each in many])

    @cached_property
    def _plan(self) -> _Plan:
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415  a server needs none of it

        dialect, statement = sqlite.dialect(), self._statement
        compiled = statement.compile(dialect=dialect)
        columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
        kinds = {str(column.key): column.type.dialect_impl(dialect) for column in columns}
        makers = ((name, kind.result_processor(dialect, None)) for name, kind in kinds.items())
        return _Plan(
            text=compiled.string,
            places=tuple(compiled.positiontup or ()),
            fixed={name: value for name, value in compiled.params.items() if value is not None},
            columns=tuple(kinds),
            made=[(name, maker) for name, maker in makers if maker is not None],
        )


class _Plan(NamedTuple):
    """A statement as SQLite's driver takes it.

    Attributes:
        text: Its SQL.
        places: The name of the value at each of its places.
        fixed: The values it brings itself, by name.
        columns: The names of what it finds.
        made: Columns whose values the driver gives otherwise than SQLAlchemy, with what makes them.
    """

    text: str
    places: tuple[str, ...]
    fixed: Mapping[str, object]
    columns: tuple[str, ...]
    made: Sequence[tuple[str, Callable[[Any], Any]]]

    def in_order(self, values: Mapping[str, object]) -> Row:
        """Return the values at their places."""
        known = {**self.fixed, **values}
        return tuple([known[name] for name in self.places])

    def by_name(self, row: Row) -> Mapping[str, Any]:
        """Return a row as SQLAlchemy would give it."""
        found = dict(zip(self.columns, row, strict=True))
        for name, maker in self.made:
            found[name] = maker(found[name])
        return found


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()


def _executed(
    connection: sa.Connection, statement: str, values: Row, taken: Callable[[Any], Any]
) -> Any:
    """Run a statement and return what is taken of its cursor: a row read may fail as well."""
    cursor = _cursor(connection)
    try:
        connection.dialect.do_execute(cursor, statement, values)
        return taken(cursor)
    except sqlite3.Error as error:
        raise _as_elsewhere(connection, statement, values, error) from error


def _as_elsewhere(
    connection: sa.Connection, statement: str, values: Sequence[Any], error: sqlite3.Error
) -> Exception:
    """Return the driver's error as SQLAlchemy raises it: whoever catches one knows one kind."""
    wrapped = sa.exc.DBAPIError.instance(
        statement, values, error, sqlite3.Error, dialect=connection.dialect
    )
    return cast("Exception", wrapped)
