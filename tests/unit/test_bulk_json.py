"""JSON tables: the envelope, the bare array, and everything that is not a whole table."""

from __future__ import annotations

import json

import pytest

from kit.ema_tables import a_list, a_medicine, read
from watcher.errors import ReadError
from watcher.readers.bulk import read_table
from watcher.readers.cells import flag, text
from watcher.readers.ema_medicines import READER
from watcher.readers.json_table import MAX_BRACES, MAX_BYTES, MAX_COMMAS, MAX_ROWS, MAX_SHAPES
from watcher.readers.reader import Payload
from watcher.readers.tables import MAX_COLUMNS, Column, Layout, Table, facts_of, generated

LAYOUT = Layout(
    reader="a_reader@1",
    columns=(
        Column("id", "thing.id", text, is_required=True),
        Column("name", "thing.name", text, is_required=True),
        Column("generic", "flag[generic]", flag, ("generic_or_hybrid",)),
    ),
    keys=(("id",), ("name",)),
)
ROWS = [{"id": str(number), "name": f"Thing {number}", "generic": "No"} for number in range(3)]


def table(body: bytes) -> Table:
    return read_table(Payload(body=body), LAYOUT)


def refusal(body: bytes) -> ReadError:
    with pytest.raises(ReadError) as caught:
        table(body)
    assert caught.value.reader == "a_reader@1"
    return caught.value


def test_the_envelope_and_the_bare_array_hold_the_same_rows_at_their_own_places():
    today, formerly = table(a_list(ROWS)), table(json.dumps(ROWS).encode())

    assert [row.cells for row in today.rows] == [row.cells for row in formerly.rows]
    assert today.rows[2].place("name") == "/data/2/name"
    assert formerly.rows[2].place("name") == "/2/name"


def test_a_byte_order_mark_and_white_space_around_change_nothing():
    assert len(table(b"\xef\xbb\xbf\n " + a_list(ROWS) + b"\n").rows) == 3


def test_the_stamp_is_amsterdam_time_although_it_ends_with_z():
    assert table(a_list(ROWS, timestamp="2026-09-26T06:02:29Z")).published == "2026-09-26T04:02:29Z"
    assert table(a_list(ROWS, timestamp="2026-01-26T06:02:29Z")).published == "2026-01-26T05:02:29Z"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Output automatically generated on: 15/08/2024 - 04:00", "2024-08-15T02:00:00Z"),
        ("Sun, 12/12/2021 - 02:00", "2021-12-12T01:00:00Z"),
        ("15/07/2025 18:00", "2025-07-15T16:00:00Z"),
        ("35/07/2025 18:00", ""),
        ("Medicine", ""),
        ("", ""),
    ],
)
def test_generation_stamps_of_every_layout_are_understood(words: str, said: str):
    assert generated(words) == said


def test_a_stamp_that_is_none_is_noted():
    told = table(a_list(ROWS, timestamp="this morning"))

    assert (told.published, told.unknown) == ("", ("meta.timestamp: this morning",))


def test_an_unknown_column_is_told_once_for_all_rows():
    told = table(a_list([{**row, "colour": "red"} for row in ROWS]))

    assert told.unknown == ("column: colour",)


def test_a_column_is_known_by_its_earlier_names_and_its_place_says_which():
    rows = [{"id": "1", "name": "Thing", "generic_or_hybrid": "Yes"}]
    [row] = table(a_list(rows)).rows

    [fact] = [fact for fact in facts_of(row, LAYOUT.columns) if fact.path == "flag[generic]"]
    assert (fact.value, fact.quote, fact.place) == (True, "Yes", "/data/0/generic_or_hybrid")


def test_rows_may_leave_out_a_column_that_others_have():
    rows = [{"id": "1", "name": "Thing"}, *ROWS[2:]]

    assert [sorted(row.cells) for row in table(a_list(rows)).rows] == [
        ["id", "name"],
        ["generic", "id", "name"],
    ]


def test_what_other_readings_of_the_file_have_as_lists_numbers_or_null_reads_as_text():
    rows = [{"id": 7, "name": ["b", "a"], "generic": True}, {"id": 2.0, "name": None}]
    told = table(a_list(rows))

    assert [row.cells for row in told.rows] == [
        {"id": "7", "name": "b;a", "generic": "Yes"},
        {"id": "2"},
    ]


def test_a_row_repeated_word_for_word_counts_once_and_is_noted():
    told = table(a_list([*ROWS, ROWS[1]]))

    assert (len(told.rows), told.unknown) == (3, ("row repeated: 1",))


@pytest.mark.parametrize(
    ("body", "expected", "found"),
    [
        (b"", "JSON or an Excel workbook", "nothing"),
        (b"  \n", "JSON or an Excel workbook", "nothing"),
        (b"null", "JSON or an Excel workbook", "null"),
        (b"<!DOCTYPE html><title>Wait</title>", "JSON or an Excel", "<title>Wait</title>"),
        (a_list(ROWS).decode().encode("utf-16"), "JSON or an Excel workbook", "meta"),
        (a_list(ROWS)[:-30], "a whole JSON table", "truncated"),
        (a_list(ROWS).replace(b"Thing 1", b"Thing \xe9"), "a whole JSON table", "utf-8"),
        (b'{"meta": {}, "medicines": []}', "a whole JSON table", "field `data`"),
        (b'{"data": [["1", "Thing"]]}', "a whole JSON table", "got `array`"),
        (b'{"data": [{"id": {"deep": []}}]}', "a whole JSON table", "$.data[0]"),
        (b"[" * 100_000, "a whole JSON table", "got `array`"),
        (b'{"x":' + b"[" * 100_000, "a whole JSON table", "recursion"),
        (a_list(ROWS, total_records=4), "meta.total_records = 4 rows", "3 rows"),
        (a_list(ROWS, total_records="3"), "a whole JSON table", "total_records"),
        (a_list([]), "at least one row", "none"),
    ],
)
def test_what_is_no_whole_table_is_refused_naming_what_was_found(
    body: bytes, expected: str, found: str
):
    error = refusal(body)

    assert expected in error.expected
    assert found in error.found.replace("\ufffd", "")


def test_a_required_column_that_was_renamed_is_missed_by_name_and_the_new_name_shown():
    error = refusal(a_list([{"id": "1", "label": "Thing"}]))

    assert (error.expected, error.found) == ("a column 'name'", "'label'")
    assert error.place == "/data/0"


def test_a_required_column_may_not_be_missing_in_a_later_row_either():
    error = refusal(a_list([*ROWS, {"id": "4"}]))

    assert (error.expected, error.place) == ("a column 'name'", "/data/3")


def test_two_columns_of_one_meaning_are_refused():
    error = refusal(a_list([{**ROWS[0], "generic_or_hybrid": "Yes"}]))

    assert (error.expected, error.found) == ("one column 'generic'", "2")


def test_two_rows_that_say_different_things_of_one_thing_are_refused_with_both_places():
    error = refusal(a_list([*ROWS, {"id": "1", "name": "Another"}]))

    assert (error.expected, error.found) == ("'1' in one row", "two rows that differ")
    assert error.place == "row 1 and row 3"


def test_a_row_without_anything_to_know_it_by_is_refused():
    error = refusal(a_list([*ROWS, {"id": "", "name": " ", "generic": "No"}]))

    assert (error.expected, error.place) == ("a row with 'id' or 'name'", "row 3")


def test_rows_of_ever_new_shapes_and_endless_columns_are_refused():
    shapes = [{**row, f"key {at}": ""} for at, row in enumerate(ROWS * MAX_SHAPES)]
    columns = {f"key {number}": "" for number in range(MAX_COLUMNS + 1)}

    assert refusal(a_list(shapes)).expected == "rows of one shape"
    assert refusal(a_list([columns])).expected == f"at most {MAX_COLUMNS} columns"


def test_a_table_larger_than_any_of_ema_s_is_refused():
    assert refusal(b"[" + bytes(MAX_BYTES)).expected == f"at most {MAX_BYTES} bytes"
    assert refusal(b"[" + b"{}," * MAX_ROWS + b"{}]").expected == f"at most {MAX_ROWS} rows"


def test_a_list_of_medicines_names_its_reader_when_it_refuses():
    with pytest.raises(ReadError, match=r"^ema_medicines@1: expected meta.total_records = 2 rows"):
        read(READER, a_list([a_medicine()], total_records=2))


def test_more_braces_or_commas_than_any_list_has_are_refused_before_they_are_decoded():
    for body in (b"[" + b"{" * (MAX_BRACES + 1), b"[" + b"," * (MAX_COMMAS + 1)):
        assert refusal(body).found == "more of them"
