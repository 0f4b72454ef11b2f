"""EMA's JSON tables: `{"meta": …, "data": [rows]}` and the bare array of older files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import msgspec

from watcher.readers.cells import Cell, of_number, of_text
from watcher.readers.tables import Layout, Places, Row, Table, assign, complete, generated

MAX_BYTES = 40_000_000
"""The largest file, the documents', has some 12 MB."""
MAX_ROWS = 200_000
MAX_BRACES, MAX_COMMAS = 450_000, 1_500_000
"""What bounds the values before any is decoded; EMA's list of medicines has 2,600 and 107,000."""
MAX_SHAPES = 50
"""How many sets of keys the rows may have; a row without translations leaves out that key."""

_Value: TypeAlias = str | int | float | bool | list[str] | dict[str, str] | None
_Row: TypeAlias = dict[str, _Value]


class _Meta(msgspec.Struct):
    total_records: int | None = None
    timestamp: str = ""


class _Envelope(msgspec.Struct):
    data: list[_Row]
    meta: _Meta | None = None


def read_json(body: bytes, layout: Layout) -> Table:
    """Return the table in a JSON file.

    Raises:
        ReadError: It is no JSON or cut, its rows are not as many as it says, or it is not the
            table of `layout`.
    """
    if len(body) > MAX_BYTES:
        raise layout.error(expected=f"at most {MAX_BYTES} bytes", found=f"{len(body)} bytes")
    # thirty bytes a value are decoded to a hundred; `{},` would come to twenty times its size
    if body.count(b"{") > MAX_BRACES or body.count(b",") > MAX_COMMAS:
        expected = f"at most {MAX_ROWS} rows and {MAX_COMMAS} values"
        raise layout.error(expected=expected, found="more of them")
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"["):
        return _table(layout, _decode(start, layout, list[_Row]), _Meta(), "/")
    envelope = _decode(start, layout, _Envelope)
    meta = envelope.meta or _Meta()
    rows = len(envelope.data)
    if meta.total_records is not None and meta.total_records != rows:
        expected = f"meta.total_records = {meta.total_records} rows"
        raise layout.error(expected=expected, found=f"{rows} rows", place="/meta/total_records")
    return _table(layout, envelope.data, meta, "/data/")


_Shape: TypeAlias = tuple[dict[str, str], Places]
_T = TypeVar("_T")


def _decode(body: bytes, layout: Layout, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise layout.error(
            expected="a whole JSON table of rows", found=str(error), place="the file"
        ) from error


def _table(layout: Layout, data: Sequence[_Row], meta: _Meta, prefix: str) -> Table:
    if len(data) > MAX_ROWS:
        raise layout.error(expected=f"at most {MAX_ROWS} rows", found=f"{len(data)} rows")
    shapes: dict[tuple[str, ...], _Shape] = {}
    rows: list[Row] = []
    unknown: list[str] = []
    for number, record in enumerate(data):
        keys = tuple(record)
        shape = shapes.get(keys)
        if shape is None:
            if len(shapes) == MAX_SHAPES:
                raise layout.error(expected="rows of one shape", found=f"over {MAX_SHAPES} shapes")
            shape, strange = _shape(layout, keys, prefix, number)
            shapes[keys] = shape
            unknown += strange
        fields, places = shape
        cells = {fields[key]: _cell(value) for key, value in record.items() if key in fields}
        rows.append(Row(number, {field: cell for field, cell in cells.items() if cell}, places))
    published = generated(meta.timestamp)
    if not published and meta.timestamp:
        unknown.append(f"meta.timestamp: {meta.timestamp}")
    return complete(layout, rows, unknown, published)


def _shape(
    layout: Layout, keys: tuple[str, ...], prefix: str, number: int
) -> tuple[_Shape, tuple[str, ...]]:
    """Return which of a row's keys are which fields and where they stand, and the keys unknown."""
    found, unknown = assign(layout, keys, f"{prefix}{number}")
    fields = {keys[at]: field for at, field in found.items()}
    places = {field: (prefix, f"/{_escaped(key)}") for key, field in fields.items()}
    return (fields, places), unknown


def _cell(value: _Value) -> Cell:
    """Return a cell; lists become what other files print for them, blanks become nothing."""
    if isinstance(value, str):
        return of_text(value)
    if value is None or isinstance(value, dict):
        return value or ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return of_text(";".join(value))
    return of_number(value) if isinstance(value, float) else str(value)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
