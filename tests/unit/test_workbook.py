"""Workbooks: a header found by what it says, dates of two clocks, and bounds against bombs."""

from __future__ import annotations

import sys
import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from kit.ema_tables import (
    NEW_HEADINGS,
    NEW_PREAMBLE,
    OLD_HEADINGS,
    OLD_PREAMBLE,
    a_medicine,
    a_workbook,
    only,
    read,
    repacked,
)
from watcher.core.facts import Record
from watcher.errors import ReadError
from watcher.readers.ema_medicines import READER
from watcher.readers.workbook import MAX_BYTES

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
BOOK = a_workbook([a_medicine()], NEW_HEADINGS)


def record(workbook: bytes) -> Record:
    return only(read(READER, workbook))


def refusal(workbook: bytes) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read(READER, workbook)
    return caught.value


def a_moment(*when: int) -> datetime:
    return datetime(*when)  # type: ignore[misc,arg-type]  # noqa: DTZ001 — a cell has no zone


def test_a_fact_of_a_workbook_names_sheet_and_cell():
    fact = record(BOOK).fact("authorisation[EU].status")

    assert fact is not None
    assert (fact.value, fact.quote, fact.place) == ("authorised", "Authorised", "Medicine!D10")


def test_the_preamble_gives_the_stamp_and_may_be_gone():
    with_stamp, without = read(READER, BOOK), a_workbook([a_medicine()], NEW_HEADINGS, ())

    assert with_stamp.published == "2024-08-15T02:00:00Z"
    assert read(READER, without).published == ""
    assert record(without).state() == record(BOOK).state()


def test_a_sheet_that_somebody_put_in_front_is_passed_by():
    first = ("Sheet1", [["Column1", "year", "indication"], [1.0, 2019.0, "Pain, Cancer"]])
    workbook = a_workbook([a_medicine()], NEW_HEADINGS, sheet="Worksheet 1", first=first)

    status = record(workbook).fact("authorisation[EU].status")
    assert status is not None
    assert status.place == "Worksheet 1!D10"


def test_columns_may_stand_in_any_order():
    turned = dict(reversed(NEW_HEADINGS.items()))

    assert record(a_workbook([a_medicine()], turned)).state() == record(BOOK).state()


def test_empty_rows_between_and_below_are_no_rows():
    workbook = a_workbook([a_medicine(), {}, a_medicine(4259), {}], NEW_HEADINGS)

    assert len(read(READER, workbook).records) == 2


def test_a_column_that_is_unknown_is_told_and_a_required_one_that_is_renamed_is_missed():
    more = {**NEW_HEADINGS, "colour": "Colour of the box"}
    renamed = {**NEW_HEADINGS, "medicine_status": "State of the medicine"}

    assert "column: Colour of the box" in read(READER, a_workbook([a_medicine()], more)).unknown
    error = refusal(a_workbook([a_medicine()], renamed))
    assert (error.expected, error.found) == (
        "a column 'medicine_status'",
        "'State of the medicine'",
    )
    assert error.place == "Medicine!9"


def test_a_workbook_without_the_table_is_refused():
    error = refusal(a_workbook([], {"a": "Shortage", "b": "Started"}))

    assert error.expected.startswith("a header row with 'ema_product_number'")


OLD = [
    a_medicine(
        4258,
        marketing_authorisation_date=a_moment(2018, 3, 22, 23, 0),
        european_commission_decision_date=a_moment(2019, 9, 18, 22, 0),
        first_published_date=a_moment(2019, 11, 22, 14, 40),
        last_updated_date=a_moment(2017, 11, 12, 23, 9),
        refusal_of_marketing_authorisation_date=a_moment(2013, 2, 22, 0, 0),
    )
]


def test_a_day_written_in_utc_is_the_day_in_amsterdam():
    told = record(a_workbook(OLD, OLD_HEADINGS, OLD_PREAMBLE)).state()

    assert told["authorisation[EU].granted"] == "2018-03-23"
    assert told["authorisation[EU].decided"] == "2019-09-19"
    assert told["page.first_published"] == "2019-11-22"
    assert told["page.last_updated"] == "2017-11-13"
    assert told["authorisation[EU].refused"] == "2013-02-22"


def test_a_day_written_in_amsterdam_s_own_time_stays_that_day():
    row = a_medicine(
        marketing_authorisation_date=a_moment(2020, 12, 21, 1, 0),
        european_commission_decision_date=a_moment(2010, 12, 17, 2, 0),
        first_published_date=a_moment(2020, 12, 23, 23, 33),
    )
    told = record(a_workbook([row], OLD_HEADINGS, OLD_PREAMBLE)).state()

    assert told["authorisation[EU].granted"] == "2020-12-21"
    assert told["authorisation[EU].decided"] == "2010-12-17"
    assert told["page.first_published"] == "2020-12-23"


def test_the_quote_of_a_date_is_the_cell_as_it_stands():
    granted = record(a_workbook(OLD, OLD_HEADINGS)).fact("authorisation[EU].granted")

    assert granted is not None
    assert granted.quote == "2018-03-22 23:00:00"


def test_numbers_and_flags_of_cells_read_like_those_of_text():
    row = a_medicine(revision_number=21, generic=True)
    told = record(a_workbook([row], NEW_HEADINGS)).state()

    assert (told["product_information.revision"], told["flag[generic]"]) == (21, True)


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)

    assert "install watcher[excel]" in refusal(BOOK).expected


def sheet(*cells: bytes) -> bytes:
    return repacked(BOOK, {SHEET: HEAD + b'<row r="1">' + b"".join(cells) + b"</row>" + TAIL})


FAR = b'<c r="XFD1048576"><v>1</v></c>'
NEAR = b'<c r="A1"><v>1</v></c>'


@pytest.mark.parametrize(
    ("workbook", "expected"),
    [
        (b"PK\x03\x04 and then nothing", "a whole Excel workbook"),
        (BOOK[: len(BOOK) // 2], "a whole Excel workbook"),
        (BOOK.replace(b"xl/workbook.xml", b"xl/workbook.bin"), "an Excel workbook"),
        (sheet(NEAR, FAR), "at most 4000000 cells"),
        (sheet(NEAR, FAR.replace(b'"', b"'")), "at most 4000000 cells"),
        (sheet(NEAR, FAR.replace(b"XFD", b"xfd").replace(b"<c ", b'<c t="n"\n')), "cells"),
        (sheet(NEAR, b"<c><v>1</v></c>"), "an address on every cell"),
        (sheet(NEAR, b'<x r="B1"/><c><v>1</v></c>'), "an address on every cell"),
        (sheet(NEAR, b'<c r="XFD&#49;048576"><v>1</v></c>'), "an address on every cell"),
        (repacked(BOOK, {SHEET: (HEAD + TAIL).decode().encode("utf-16")}), "XML in UTF-8"),
        (repacked(BOOK, {SHEET: HEAD + NEAR * 100_000 + TAIL}), "a ratio of at most 100"),
        (sheet(NEAR, b"</c></c>"), "a whole Excel workbook"),
        (b"PK\x03\x04" + bytes(MAX_BYTES), "at most 16000000 bytes"),
        (repacked(BOOK, {f"xl/{number}.xml": b" " for number in range(300)}), "at most 200 parts"),
    ],
    ids=[
        "nothing packed",
        "cut",
        "another kind of file",
        "far cell",
        "far cell in single quotes",
        "far cell in small letters",
        "cell without address",
        "address elsewhere",
        "address in disguise",
        "two bytes a letter",
        "packed to a thousandth",
        "broken XML",
        "too many bytes",
        "too many parts",
    ],
)
def test_bombs_and_broken_workbooks_are_refused_before_they_are_opened(
    workbook: bytes, expected: str
):
    assert expected in refusal(workbook).expected


def test_a_workbook_is_refused_by_the_size_it_would_unpack_to():
    # Sizes as the directory states them: no need to pack forty megabytes for the test.
    filler = {"xl/filler.xml": b"a" * 450_001}
    stored = repacked(BOOK, filler, by=zipfile.ZIP_STORED)
    stated = stored.replace((450_001).to_bytes(4, "little"), (44_000_000).to_bytes(4, "little"))

    assert "bytes unpacked" in refusal(stated).expected


def test_a_part_whose_bytes_are_not_those_it_was_packed_from_is_refused():
    stored = repacked(BOOK, {}, by=zipfile.ZIP_STORED)
    damaged = stored.replace(b"Authorised", b"Withdrawn!")

    assert stored != damaged
    assert refusal(damaged).expected == "a whole Excel workbook"


def test_a_part_that_is_listed_twice_is_refused():
    packed = BytesIO(BOOK)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(packed, "a") as book:
        book.writestr(SHEET, HEAD + TAIL)

    assert "each once" in refusal(packed.getvalue()).expected


def test_pictures_and_other_parts_that_hold_no_cells_are_not_unpacked():
    workbook = repacked(BOOK, {"xl/media/logo.xml": b"\0" * 1000, "customXml/item1.xml": b"\0\0"})

    assert record(workbook).state() == record(BOOK).state()


def test_the_preamble_may_be_longer_than_ema_s():
    longer = (*NEW_PREAMBLE, *([] for _ in range(40)))

    assert record(a_workbook([a_medicine()], NEW_HEADINGS, longer)).state() == record(BOOK).state()
