"""EMA's Excel tables, opened within bounds: a workbook is a zip of XML that somebody else made.

Python's zip reader unpacks the parts within limits of number, size and ratio; only what passed goes
on to the workbook library, which would otherwise unpack anything and lay out a grid as large as the
farthest cell says (one cell in the last corner of a sheet asks for 500 gigabytes).
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TypeAlias

from watcher.core.text import squash, tidy
from watcher.readers.cells import Cell, Stamp, of_number, of_text
from watcher.readers.dates import excel_day
from watcher.readers.tables import Layout, Row, Table, assign, complete, generated

MAX_BYTES = 16_000_000
"""EMA's workbooks have less than one megabyte."""
MAX_ENTRIES = 200
MAX_UNPACKED = 40_000_000
"""EMA's largest workbook has 5.4 megabytes unpacked."""
MAX_RATIO = 100
"""XML packs to a tenth; bombs pack to a thousandth."""
MAX_CELLS = 4_000_000
"""Rows times columns of one sheet; EMA's largest has 100,000."""

_Raw: TypeAlias = str | int | float | bool | date | time | timedelta
_MAGIC = b"PK\x03\x04"


def is_workbook(body: bytes) -> bool:
    """Return whether the bytes are a zip, as every .xlsx is."""
    return body.startswith(_MAGIC)


def read_workbook(body: bytes, layout: Layout) -> Table:
    """Return the table in a workbook, on whichever sheet and below whatever preamble it stands.

    Raises:
        ReadError: It is no workbook or larger than allowed, no sheet has the header, or it is not
            the table of `layout`; also where the library that reads workbooks is missing.
    """
    best: _Header | None = None
    for sheet, grid in _sheets(_checked(body, layout), layout):
        header = _header(layout, sheet, grid)
        if header and (best is None or header.known > best.known):
            best = header
    if best is None:
        names = ", ".join(repr(name) for name in layout.required)
        raise layout.error(expected=f"a header row with {names}", found="no such row on any sheet")
    return _table(layout, best)


_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(ValueError, OSError, struct.error),
)
"""What Python's zip reader raises at a directory that leads before the file or beyond it."""


def _checked(body: bytes, layout: Layout) -> BytesIO:
    """Return the workbook packed anew from the parts that passed, so that nothing else is read."""
    if len(body) > MAX_BYTES:
        raise layout.error(expected=f"at most {MAX_BYTES} bytes", found=f"{len(body)} bytes")
    passed = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed, zipfile.ZipFile(passed, "w") as fresh:
            for entry in _entries(packed, layout):
                with packed.open(entry) as part:
                    # as far as it says it goes: to its end, a part may unpack to gigabytes
                    content = part.read(entry.file_size)
                    part.read(1)  # finds the checksum wrong where it was no whole part
                _check_extent(content, entry.filename, layout)
                fresh.writestr(entry.filename, content)
    except _DAMAGED as error:
        raise layout.error(
            expected="a whole Excel workbook", found=str(error), place="the file"
        ) from error
    passed.seek(0)
    return passed


_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|(?:xl/|_rels/)(?!media/|drawings/|theme/).*\.(?:xml|rels)"
)
"""The parts that hold cells or lead to them."""


def _entries(packed: zipfile.ZipFile, layout: Layout) -> list[zipfile.ZipInfo]:
    """Return the parts of the workbook that are needed."""
    entries = packed.infolist()
    names = [entry.filename for entry in entries]
    if "xl/workbook.xml" not in names:
        raise layout.error(
            expected="an Excel workbook (xl/workbook.xml)",
            found=", ".join(names[:5]),
            place="the zip",
        )
    if len(names) > MAX_ENTRIES or len(set(names)) < len(names):
        raise layout.error(
            expected=f"at most {MAX_ENTRIES} parts, each once",
            found=f"{len(names)}",
            place="the zip",
        )
    if (size := sum(entry.file_size for entry in entries)) > MAX_UNPACKED:
        raise layout.error(
            expected=f"at most {MAX_UNPACKED} bytes unpacked",
            found=f"{size} bytes",
            place="the zip",
        )
    for entry in entries:
        if entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            found = f"{entry.file_size} bytes packed in {entry.compress_size}"
            raise layout.error(
                expected=f"a ratio of at most {MAX_RATIO}", found=found, place=entry.filename
            )
    return [entry for entry in entries if _NEEDED.fullmatch(entry.filename)]


_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ADDRESS = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)??r\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")


def _check_extent(content: bytes, name: str, layout: Layout) -> None:
    """Raise where a sheet's farthest cell would ask for a grid beyond the limit."""
    if b"\0" in content:
        raise layout.error(expected="XML in UTF-8", found="NUL bytes", place=name)
    if b"sheetData" not in content:
        return
    addresses = _ADDRESS.findall(content)
    if bare := len(_CELL.findall(content)) - len(addresses):
        raise layout.error(expected="an address on every cell", found=f"{bare} without", place=name)
    width = max((_column(letters) for letters in {pair[0] for pair in addresses}), default=0)
    height = max((int(number) for number in {pair[1] for pair in addresses}), default=0)
    if width * height > MAX_CELLS:
        found = f"{height} rows of {width}"
        raise layout.error(expected=f"at most {MAX_CELLS} cells", found=found, place=name)


def _column(letters: bytes) -> int:
    """Return a column's number from 1: A is 1, AMJ is 1024."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _letters(column: int) -> str:
    """Return a column's letters: 1 is A, 1024 is AMJ."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _sheets(workbook: BytesIO, layout: Layout) -> Iterator[tuple[str, Sequence[Sequence[_Raw]]]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 — optional
    except ImportError as error:
        expected = "the library for Excel files: install watcher[excel]"
        raise layout.error(expected=expected, found="no module python_calamine") from error
    try:
        with CalamineWorkbook.from_filelike(workbook) as book:
            for name in book.sheet_names:
                yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise layout.error(
            expected="a whole Excel workbook", found=str(error), place="the file"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """Where the table's header stands: on which sheet, in which row, above which rows."""

    sheet: str
    at: int
    known: int
    grid: Sequence[Sequence[_Raw]]


_SEARCHED = 60
"""How many rows from the top a header is looked for; EMA's preamble has eight."""


def _header(layout: Layout, sheet: str, grid: Sequence[Sequence[_Raw]]) -> _Header | None:
    """Return the row of the sheet that names most of our columns, if it names three at least."""
    names = layout.names()
    counts = [
        len(
            {names[key] for cell in row if isinstance(cell, str) and (key := squash(cell)) in names}
        )
        for row in grid[:_SEARCHED]
    ]
    known = max(counts, default=0)
    if known < min(3, len(layout.columns)):
        return None
    return _Header(sheet=sheet, at=counts.index(known), known=known, grid=grid)


def _table(layout: Layout, header: _Header) -> Table:
    headings = [tidy(str(cell)) for cell in header.grid[header.at]]
    found, unknown = assign(layout, headings, f"{header.sheet}!{header.at + 1}")
    places = {field: (f"{header.sheet}!{_letters(at + 1)}", "") for at, field in found.items()}
    body = header.grid[header.at + 1 :]
    in_utc = _is_in_utc(body)
    rows: list[Row] = []
    for number, raw in enumerate(body, start=header.at + 2):
        cells = {field: cell for at, field in found.items() if (cell := _cell(raw[at], in_utc))}
        if cells:
            rows.append(Row(number, cells, places))
    return complete(layout, rows, unknown, _published(header.grid[: header.at]))


def _published(preamble: Iterable[Sequence[_Raw]]) -> str:
    """Return the stamp above the table: `Output … on: 15/08/2024 - 04:00`; rows may be gone."""
    stamps = (generated(cell) for row in preamble for cell in row if isinstance(cell, str))
    return next(filter(None, stamps), "")


def _is_in_utc(rows: Iterable[Sequence[_Raw]]) -> bool:
    """Return whether the sheet's dates were written in UTC, an evening before the day they mean.

    A day is midnight in Amsterdam. The file of 2019 has it as 22:00 or 23:00 of the evening before;
    those of 2021 and 2022, as 01:00 or 02:00 of the day itself.
    """
    hours = [
        cell.hour
        for row in rows
        for cell in row
        if isinstance(cell, datetime) and not (cell.minute or cell.second)
    ]
    return sum(hour >= 22 for hour in hours) > sum(hour <= 2 for hour in hours)


def _cell(raw: _Raw, in_utc: bool) -> Cell:  # noqa: FBT001 — one of two clocks
    if isinstance(raw, str):
        return of_text(raw)
    if isinstance(raw, datetime):
        return Stamp(raw, excel_day(raw) if in_utc else raw.date().isoformat())
    if isinstance(raw, date):
        return Stamp(raw, raw.isoformat())
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    return of_number(float(raw)) if isinstance(raw, int | float) else str(raw)
