"""The log as an Excel workbook: every cell a text, row after row, on as many sheets as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from watcher.core.export_rows import COLUMNS, guarded
from watcher.errors import OperationalError
from watcher.services.export import About, Selected
from watcher.services.whole_file import written_whole

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Rows of a sheet, the heading included: Excel's limit, not ours."""
_MOST_SHEETS = 20
_LONGEST = 32_767
"""UTF-16 units of a cell: Excel's limit."""
_CUT = "… [cut here; the JSON Lines export has all of it]"
_WIDTHS = {"what": 60, "quote": 50, "name": 32, "holder": 30, "type": 30, "url": 30, "from": 20}


def write_workbook(
    path: Path, told_of: About, found: Iterable[Selected], *, rows: int = MOST_ROWS
) -> None:
    """Write the events to `path`, whole or not at all.

    A sheet that is full is followed by another. The last sheet tells what the columns mean, what
    was asked for and whose words these are.

    Args:
        path: Where to.
        told_of: What the export says of itself.
        found: The events.
        rows: Rows a sheet, the heading included.

    Raises:
        OperationalError: `xlsxwriter` is not installed, there are too many events, or the file
            cannot be written.
    """
    if find_spec("xlsxwriter") is None:
        message = "writing Excel needs the extra `excel`: pip install 'watcher[excel]'"
        raise OperationalError(message)
    from xlsxwriter.exceptions import XlsxFileError  # noqa: PLC0415  an extra
    from xlsxwriter.workbook import Workbook  # noqa: PLC0415

    with written_whole(path) as scratch, TemporaryDirectory() as room:
        # constant memory: a row goes to disk as the next one comes
        book = Workbook(str(scratch), {"constant_memory": True, "tmpdir": room})
        try:
            _fill(book, told_of, found, rows)
            book.close()
        except XlsxFileError as error:
            message = f"{path} cannot be written: {error}"
            raise OperationalError(message) from error
        finally:
            _let_go(book)


def _fill(book: Workbook, told_of: About, found: Iterable[Selected], rows: int) -> None:
    book.set_properties(
        {"title": "Events of the log", "created": datetime.fromisoformat(told_of.at)}
    )
    text = book.add_format({"valign": "top"})
    guard = book.add_format({"valign": "top", "quote_prefix": True})
    sheets = _sheets(book)
    sheet, at = next(sheets), 1
    for each in found:
        if at == rows:
            sheet, at = next(sheets), 1
        for column, cell in enumerate(each.row()):
            _put(sheet, at, column, cell, guard if guarded(cell) != cell else text)
        at += 1
    _about(book, told_of)


def _sheets(book: Workbook) -> Iterator[Worksheet]:
    plain = _plain_sheet()
    heading = book.add_format({"bold": True, "bottom": 1})
    for number in range(1, _MOST_SHEETS + 1):
        sheet = book.add_worksheet("events" if number == 1 else f"events {number}", plain)
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, 14))
            sheet.write_string(0, column, name, heading)
        yield sheet
    message = (
        f"more events than {_MOST_SHEETS} sheets of Excel hold: narrow it with --since, --type or "
        "--source, or take --format csv"
    )
    raise OperationalError(message)


def _plain_sheet() -> type[Worksheet]:
    """Return a kind of sheet that takes every text for a text.

    Where rows leave at once, the library takes a text from `<r>` to `</r>` for its own markup and
    writes it as it is: a source that printed such a thing would write into our workbook.
    """
    from xlsxwriter.worksheet import Worksheet  # noqa: PLC0415  an extra

    class PlainSheet(Worksheet):  # type: ignore[misc]  # the library has no types
        def _xml_rich_inline_string(self, string: str, attributes: list[tuple[str, str]]) -> None:
            self._xml_inline_string(string, preserve=True, attributes=attributes)

    return PlainSheet


def _about(book: Workbook, told_of: About) -> None:
    sheet = book.add_worksheet("about", _plain_sheet())
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    rows = [(name, str(value)) for name, value in told_of.plain().items()]
    rows += [("", ""), ("column", "meaning"), *COLUMNS.items()]
    for at, (name, value) in enumerate(rows):
        _put(sheet, at, 0, name)
        _put(sheet, at, 1, value)


def _put(sheet: Worksheet, row: int, column: int, cell: str, look: Format | None = None) -> None:
    """Write a cell as a text, never as a number, a date, a link or a formula."""
    if cell:
        sheet.write_string(row, column, as_cell(cell), look)


def as_cell(text: str) -> str:
    """Return a text as a cell may hold it: what is too long for one is cut, and says so.

    Characters that XML cannot hold are left: they are written as Excel writes them, `_x0007_`.
    """
    told = text.encode("utf-8", "replace").decode()
    if len(told) * 2 <= _LONGEST or _units(told) <= _LONGEST:
        return told
    kept = told[: _LONGEST - len(_CUT)]
    while _units(kept) > _LONGEST - len(_CUT):
        kept = kept[: -(_units(kept) - _LONGEST + len(_CUT) + 1) // 2]
    return kept + _CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _let_go(book: Workbook) -> None:
    """Close what an unfinished workbook holds open: it does so itself only when it is finished."""
    for sheet in book.worksheets():
        scratch = getattr(sheet, "row_data_fh", None)
        if scratch is not None and not scratch.closed:
            scratch.close()
