"""Tables of EMA's bulk files: rows of named cells, from JSON or from a workbook.

A column is known by its name, never by its place: EMA changed names, order and number of columns
with the new website of December 2023 and drifts still. A table that cannot be vouched for (cut,
miscounted, a row listed twice, a column missing that we need) is a `ReadError`, not a shorter one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from watcher.core.facts import Fact, Value
from watcher.core.text import fold, shorten, squash
from watcher.errors import ReadError
from watcher.readers.cells import Cell, printed
from watcher.readers.dates import amsterdam_instant


@dataclass(frozen=True, slots=True)
class Column:
    """A column we know: how its cells are read and which fact they make.

    Attributes:
        field: Its name, as the JSON file spells it today.
        path: The path of its fact; empty: known, and no fact of its own.
        value: Reads a cell; raises ValueError with what was expected.
        spellings: Other names it has or had, where punctuation and case do not count.
        is_required: Whether a table without it is not the table we know.
    """

    field: str
    path: str
    value: Callable[[Cell], Value]
    spellings: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The table a reader knows.

    Attributes:
        reader: Name and version of the reader, for its errors.
        columns: Every column it knows.
        keys: What tells one row from another: the first group of fields whose first is filled.
    """

    reader: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]

    def error(self, *, expected: str, found: str, place: str = "") -> ReadError:
        """Return the error of a table that is not this one."""
        return ReadError(reader=self.reader, expected=expected, found=shorten(found), place=place)

    def names(self) -> dict[str, str]:
        """Return the field that each known spelling means, by the spelling squashed."""
        return {
            squash(name): column.field
            for column in self.columns
            for name in (column.field, *column.spellings)
        }

    @property
    def required(self) -> tuple[str, ...]:
        """Return the fields without which this is not the table."""
        return tuple(column.field for column in self.columns if column.is_required)


Places = Mapping[str, tuple[str, str]]
"""By field, what stands before and behind a row's number in the place of its cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its filled cells by field, and where they stand."""

    number: int
    cells: Mapping[str, Cell]
    places: Places

    def place(self, field: str) -> str:
        """Return where a cell stands: `/data/17/medicine_status` or `Medicine!D412`."""
        before, behind = self.places[field]
        return f"{before}{self.number}{behind}"

    def printed(self, field: str) -> str:
        """Return a cell's words as printed, or nothing where it is empty."""
        cell = self.cells.get(field, "")
        return printed(cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table read in full.

    Attributes:
        rows: Its rows, in the order of the file.
        fields: The fields it has columns for.
        published: When EMA generated it, RFC 3339; empty: not stated.
        unknown: What we did not know and did not need.
    """

    rows: tuple[Row, ...]
    fields: frozenset[str]
    published: str
    unknown: tuple[str, ...]


MAX_COLUMNS = 500
"""EMA's widest table has 39."""


def assign(
    layout: Layout, headings: Sequence[str], place: str
) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return which heading is which field, and the headings we do not know.

    Raises:
        ReadError: A required column is missing, or two headings name one.
    """
    if len(headings) > MAX_COLUMNS:
        raise layout.error(
            expected=f"at most {MAX_COLUMNS} columns", found=f"{len(headings)}", place=place
        )
    known = layout.names()
    found = {at: known[squash(name)] for at, name in enumerate(headings) if squash(name) in known}
    fields = list(found.values())
    if doubled := sorted({field for field in fields if fields.count(field) > 1}):
        raise layout.error(
            expected=f"one column {doubled[0]!r}", found=f"{fields.count(doubled[0])}", place=place
        )
    unknown = tuple(
        f"column: {shorten(name)}" for at, name in enumerate(headings) if name and at not in found
    )
    if missing := [field for field in layout.required if field not in fields]:
        others = ", ".join(repr(shorten(name, 40)) for name in unknown) or "no other column"
        raise layout.error(
            expected=f"a column {missing[0]!r}", found=others.replace("column: ", ""), place=place
        )
    return found, unknown


def complete(layout: Layout, rows: Sequence[Row], unknown: Iterable[str], published: str) -> Table:
    """Return the table of `rows`, each listed once.

    Raises:
        ReadError: There is no row, a row has nothing to know it by, or two say different things of
            one thing. A row that is repeated word for word says nothing new and is noted.
    """
    if not rows:
        raise layout.error(expected="at least one row", found="none")
    kept: dict[str, Row] = {}
    notes = list(unknown)
    for row in rows:
        key = row_key(layout, row)
        before = kept.setdefault(key, row)
        if before is row:
            continue
        if before.cells != row.cells:
            where = f"row {before.number} and row {row.number}"
            raise layout.error(
                expected=f"{key!r} in one row", found="two rows that differ", place=where
            )
        notes.append(f"row repeated: {key}")
    return Table(
        rows=tuple(kept.values()),
        fields=frozenset(
            chain.from_iterable({id(row.places): row.places for row in rows}.values())
        ),
        published=published,
        unknown=tuple(dict.fromkeys(notes)),
    )


def row_key(layout: Layout, row: Row) -> str:
    """Return what the row is known by, folded.

    Raises:
        ReadError: None of the fields that could name it is filled.
    """
    for group in layout.keys:
        if row.printed(group[0]):
            return "|".join(fold(row.printed(field)) for field in group)
    fields = " or ".join(repr(group[0]) for group in layout.keys)
    raise layout.error(expected=f"a row with {fields}", found="neither", place=f"row {row.number}")


class UnreadableRowError(Exception):
    """A cell does not say what its column says, so the row is not read at all.

    Attributes:
        field: The column.
        expected: What should stand there.
        found: What stands there, shortened.
        place: Where.
    """

    def __init__(self, row: Row, field: str, expected: str) -> None:
        self.field = field
        self.expected = expected
        self.found = shorten(row.printed(field))
        self.place = row.place(field)
        super().__init__(f"{field} {self.found!r} at {self.place}, expected {expected}")


def value_of(row: Row, column: Column) -> Value:
    """Return what the row's cell in `column` says.

    Raises:
        UnreadableRowError: It does not say what the column says.
    """
    try:
        return column.value(row.cells[column.field])
    except ValueError as error:
        raise UnreadableRowError(row, column.field, str(error)) from error


def facts_of(row: Row, columns: Iterable[Column]) -> Iterator[Fact]:
    """Yield the facts of the row's filled cells; of two cells of one path the first one counts."""
    told: set[str] = set()
    for column in columns:
        if column.path and column.field in row.cells and column.path not in told:
            told.add(column.path)
            yield fact_of(row, column.field, column.path, value_of(row, column))


def fact_of(row: Row, field: str, path: str, value: Value) -> Fact:
    """Return a fact with the cell it was read from."""
    return Fact(path, value, quote=row.printed(field), place=row.place(field))


_GENERATED = re.compile(r"(\d{2})/(\d{2})/(\d{4})[\s-]+(\d{2}:\d{2})")


def generated(words: str) -> str:
    """Return the instant of a generation stamp in RFC 3339, or nothing where there is none.

    `2026-09-26T06:02:29Z` and `… on: 15/08/2024 - 04:00` are both times of Amsterdam's clock.
    """
    match = _GENERATED.search(words)
    stamp = f"{match[3]}-{match[2]}-{match[1]}T{match[4]}" if match else words
    try:
        return amsterdam_instant(stamp)
    except ValueError:
        return ""


_TOLERATED = 5


def refuse_many(layout: Layout, unreadable: Sequence[UnreadableRowError], rows: int) -> None:
    """Raise where so many rows are unreadable that the source must have changed its words.

    A few bad rows must not hide the thousands beside them: up to five, or one in a hundred, are
    left out and noted; more than that, or more than half of a short table, is a drift.

    Raises:
        ReadError: Of the first unreadable row, with their number.
    """
    few = max(_TOLERATED, rows // 100)
    if len(unreadable) > few or 2 * len(unreadable) > rows:
        first = unreadable[0]
        found = f"{first.found!r} ({len(unreadable)} of {rows} rows are unreadable)"
        raise layout.error(
            expected=f"{first.expected} as {first.field}", found=found, place=first.place
        )
