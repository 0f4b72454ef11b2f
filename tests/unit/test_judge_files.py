"""Files before the judge: what they are, what they were to be, and whether they are whole."""

from __future__ import annotations

import pytest

from kit.judging import ANYTHING, PAGE, a_reader, judged
from watcher.core.verdict import Verdict
from watcher.readers.judge import marker_in_file
from watcher.readers.judge_files import is_whole, kinds_at

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
PLAIN = "https://regulator.example/documents/4711"


def test_a_file_that_the_server_names_as_one_is_ok_from_an_address_that_does_not():
    stated = {"content-type": "application/pdf"}

    assert (
        judged(PDF, asked=PLAIN, url=PLAIN, headers=stated, reader=ANYTHING).verdict is Verdict.OK
    )


def test_a_file_that_nobody_announced_is_another_page():
    found = judged(PDF, asked=PLAIN, url=PLAIN, reader=ANYTHING)

    assert found.verdict is Verdict.WRONG_PAGE
    assert found.reason == "a PDF file where text is expected"


def test_what_is_no_text_and_no_file_we_know_is_another_page():
    found = judged(b"\x01\x00\x02", reader=ANYTHING)

    assert (found.verdict, found.signals) == (
        Verdict.WRONG_PAGE,
        ("status 200", "begins as binary"),
    )


@pytest.mark.parametrize(
    ("charset", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
def test_text_of_two_bytes_a_letter_is_no_binary_file(charset, mark):
    assert judged(mark + PAGE.encode(charset)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        (PLAIN, set()),
        (f"{PLAIN}?file=a.pdf", set()),
        (f"{PLAIN}/leaflet_en.PDF-0?v=1", {"PDF"}),
        (f"{PLAIN}/medicines.xlsx?page=1", {"ZIP"}),
        (f"{PLAIN}/medicines.xls", {"old Office file", "ZIP"}),
    ],
)
def test_the_end_of_an_addresss_path_promises_a_file_and_its_query_does_not(url, kinds):
    assert kinds_at(url) == kinds


def test_a_kind_of_file_without_an_end_of_its_own_is_whole_wherever_it_ends():
    assert is_whole("old Office file", b"\xd0\xcf\x11\xe0 and so on")
    assert is_whole("old Office file", b"")


def test_a_file_without_any_of_a_readers_marks_has_none():
    assert marker_in_file(a_reader(markers=("Product number",)), PDF) == ""
    assert marker_in_file(a_reader(markers=("no such", "%PDF-")), PDF) == "%PDF-"
