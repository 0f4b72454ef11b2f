"""Laws of taking out: no text is lost, and none becomes a formula or breaks its file."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import msgspec
import openpyxl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from factories import a_recorded
from watcher.core.events import Evidence
from watcher.core.export_rows import COLUMNS, guarded, unguarded
from watcher.ports.store import Stored
from watcher.services.export import About, Selected, Selection, csv_lines, json_lines
from watcher.services.workbook_out import as_cell, write_workbook

HOSTILE = [
    "=cmd|' /C calc'!A0",
    " \t=1+1",
    "\u202e=1",
    "x;=1",
    "a\r\n-1",
    "'",
    "''=",
    "＝1",
    "_x0007_",
    "\x07\x00\x1f",
    "\u200f\u202bעברית\u202c",
    "<r><t>=1</t></r>",
    "<r></r><f>1</f></r>",
    "  spaces  ",
    "\ud800 alone",
    "\ufffe\uffff",
    '"a","b"\n',
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ABOUT = About(
    program="watcher", at="2026-01-01T00:00:00.000000Z", selection=Selection(), head=1, head_hash=""
)


def selected(text: str) -> Selected:
    """Return an event whose quote and holder are `text`; what cannot be stored is replaced."""
    kept = text.encode("utf-8", "replace").decode()
    quoted = Evidence(path="authorisation[EU].status", quote=kept, place="line 1")
    told = a_recorded(evidence=(quoted,))
    payload = msgspec.json.encode({"quote": kept})
    return Selected(Stored(told, 2, payload), "yes", {"authorisation[EU].holder": kept})


def cell(rows: list[list[str]], name: str) -> str:
    return rows[1][list(COLUMNS).index(name)]


@given(TEXTS)
@example("\t=")
@example(";;='")
def test_a_guarded_cell_is_given_back_as_it_was(text):
    assert unguarded(guarded(text)) == text


@given(TEXTS)
@example("\ufeff=1")
def test_no_guarded_cell_begins_a_formula_wherever_a_program_sees_one_begin(text):
    for part in guarded(text).replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";"):
        assert not part.strip(" \u202e\ufeff\u200b\x07").startswith(STARTS)


@given(TEXTS)
def test_a_text_survives_csv(text):
    told = selected(text)
    body = b"".join(csv_lines([told])).decode()
    rows = list(csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline="")))

    assert rows[0] == list(COLUMNS)
    assert len(rows) == 2
    assert tuple(map(unguarded, rows[1])) == told.row()


@given(TEXTS)
def test_a_text_survives_json_lines(text):
    told = selected(text)
    lines = b"".join(json_lines(ABOUT, [told])).splitlines()
    event = msgspec.json.decode(lines[1])

    assert len(lines) == 3
    assert event["payload"].encode() == told.stored.payload


@given(st.lists(TEXTS, min_size=1, max_size=20))
@settings(max_examples=25)
@example(HOSTILE)
def test_texts_survive_a_workbook_and_none_is_a_formula(texts):
    told = [selected(text) for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.xlsx"
        write_workbook(path, ABOUT, told)
        book = openpyxl.load_workbook(path)

    rows = list(book["events"].iter_rows(min_row=2))
    assert len(rows) == len(told)
    for row, each in zip(rows, told, strict=True):
        assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
        assert not any(cell.data_type == "n" and cell.value is not None for cell in row)
        assert tuple(unescape(cell.value or "") for cell in row) == each.row()


def test_a_cell_that_is_too_long_for_excel_is_cut_and_says_so():
    cut = as_cell("😀" * 40_000)

    assert len(cut.encode("utf-16-le")) // 2 <= 32_767
    assert cut.endswith("[cut here; the JSON Lines export has all of it]")
    assert as_cell("a" * 32_767) == "a" * 32_767
