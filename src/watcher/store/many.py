"""Questions about many values at once, and many rows at once, given to the driver as they are.

To build such a statement, or to expand the list in it, would cost more than to run it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from watcher.store.driver import asked, done_for_each, is_file

_AT_ONCE = 500


def mark_of(connection: sa.Connection) -> str:
    """Return how the driver writes the place of a value in a statement."""
    return "?" if is_file(connection) else "%s"


def rows_about(
    connection: sa.Connection, statement: str, values: Sequence[tuple[str, ...]], form: str = "{}"
) -> Iterator[tuple[Any, ...]]:
    """Yield what a statement finds of many values, some hundred of them at a time.

    Args:
        connection: The database.
        statement: Our own SQL; `{}` is where the values' places go, with commas between them.
        values: What is asked about; each has a text for every place of its form.
        form: The places of one value: `{}` within `IN (…)`, `({})` or `({}, {})` within `VALUES …`.
    """
    mark = mark_of(connection)
    places = form.replace("{}", mark)
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        question = statement.format(", ".join([places] * len(some)))
        yield from asked(connection, question, tuple(text for each in some for text in each))


def add_rows(
    connection: sa.Connection,
    into: str,
    rows: Sequence[tuple[object, ...]],
    otherwise: str = "",
) -> None:
    """Insert rows in one call of the driver; into a server some hundred in one statement.

    Args:
        connection: The database.
        into: Table and columns, our own SQL: `words (subject, word)`.
        rows: A value for each column; none at all is no mistake.
        otherwise: What becomes of a row that is there already: `ON CONFLICT …`.
    """
    if not rows:
        return
    one = f"({', '.join([mark_of(connection)] * len(rows[0]))})"
    insert = f"INSERT INTO {into} VALUES {{}} {otherwise}"  # noqa: S608  our own names
    if is_file(connection):
        done_for_each(connection, insert.format(one), rows)
        return
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        values = tuple(value for row in some for value in row)
        connection.exec_driver_sql(insert.format(", ".join([one] * len(some))), values)
