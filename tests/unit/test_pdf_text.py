"""What a PDF says, whatever was stamped across it, and what is no PDF."""

from __future__ import annotations

import sys
from typing import get_args

import pytest

from kit.pdf import Stamp, Way, pdf
from kit.smpc import annexes
from watcher.core.diff import diff
from watcher.core.facts import Reading, Subject, Value
from watcher.errors import ReadError
from watcher.readers import pdf_extract, pdf_pages, pdf_text
from watcher.readers.pdf_extract import extract
from watcher.readers.pdf_text import NO_LONGER_AUTHORISED, READER
from watcher.readers.reader import Payload

URL = "https://www.ema.europa.eu/en/documents/product-information/testol-epar_en.pdf"
ENCRYPTED = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (12345678901234567890123456789012)"
    " /U (12345678901234567890123456789012) >> /ID [<01> <01>]"
)


def read(body: bytes) -> Reading:
    return READER.read(Payload(body=body, url=URL))


def state(body: bytes) -> dict[str, Value]:
    [record] = read(body).records
    return record.state()


def test_product_information_is_read_section_by_section():
    reading = read(pdf(annexes({"4.1": ["Testol is for tests.", "Not for pain."]})))

    [record] = reading.records
    told = record.fact("section[4.1]")
    assert record.subject == Subject("document", URL)
    assert told is not None
    assert told.place == "page 1"
    assert told.quote == "Therapeutic indications Testol is for tests. Not for pain."
    assert isinstance(told.value, dict)
    assert told.value["title"] == "Therapeutic indications"
    assert told.value["text"] == "Testol is for tests.\nNot for pain."
    assert str(told.value["digest"]).startswith("sha256:")


@pytest.mark.parametrize("way", get_args(Way))
@pytest.mark.parametrize("degrees", [35, 50, -45, 235])
def test_a_stamped_file_gives_the_sections_it_gave_before(way: Way, degrees: float):
    before = extract(pdf(annexes()))
    after = extract(pdf(annexes(), Stamp(NO_LONGER_AUTHORISED, degrees, way)))

    assert [page.text for page in after] == [page.text for page in before]
    assert all(page.stamp for page in after)


@pytest.mark.parametrize("way", ["text", "letters"])
def test_the_stamp_is_the_one_thing_that_changed(way: Way):
    before = state(pdf(annexes()))
    after = state(pdf(annexes(), Stamp(NO_LONGER_AUTHORISED, way=way)))

    events = diff(Subject("document", URL), before, after)

    assert [change.path for event in events for change in event.changes] == ["pdf.watermark"]
    assert after["pdf.watermark"] == "Medicinal product no longer authorised"


def test_a_stamp_in_other_words_is_told_where_most_pages_have_it():
    assert state(pdf(annexes(), Stamp("DRAFT")))["pdf.watermark"] == "DRAFT"


def test_diagonal_text_of_one_page_is_no_stamp_and_is_not_lost():
    printed = (
        pdf_pages.Page(number=1, text="One"),
        pdf_pages.Page(number=2, text="Two"),
        pdf_pages.Page(number=3, text="Three", stamp="Column heading"),
    )
    words, _ = pdf_text._watermark(printed)
    cleaned = pdf_text._clean(printed[2], is_stamped=bool(words))

    assert words == ""
    assert cleaned.text == "Three\nColumn heading"


def test_a_stamp_printed_as_a_line_of_its_own_is_a_stamp_too():
    pages = annexes()
    stamped = [[NO_LONGER_AUTHORISED, *page] for page in pages]

    assert state(pdf(stamped)) == state(pdf(pages)) | {"pdf.watermark": NO_LONGER_AUTHORISED}


def test_text_turned_by_a_right_angle_belongs_to_the_page():
    [page] = extract(pdf([["Upright"]], Stamp("Sideways", 90)))

    assert page.stamp == ""
    assert "Sideways" in page.text


def test_what_wrote_the_file_is_no_part_of_what_it_says():
    one = read(pdf(annexes(), producer="Writer 1.0"))
    other = read(pdf(annexes(), producer="Writer 2.0"))

    assert one == other


def test_another_document_is_read_page_by_page():
    told = state(pdf([["Assessment report", "Words."], ["More words."]]))

    assert told["pdf.pages"] == 2
    assert isinstance(told["page[2]"], dict)
    assert told["page[2]"]["text"] == "More words."


def test_lines_broken_elsewhere_do_not_change_a_digest():
    def digest(*lines: str) -> Value:
        told = state(pdf(annexes({"4.1": lines})))["section[4.1]"]
        assert isinstance(told, dict)
        return told["digest"]

    whole = digest("For the treatment of well-known tests in adults.")

    assert digest("For the treatment of well-", "known tests", "in adults.") == whole
    assert digest("For the treatment of well-known tests in children.") != whole


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "expected a PDF, found b''"),
        (b"<!DOCTYPE html><html>Just a moment</html>", "found an HTML page"),
        (pdf(annexes())[:-500], "expected a whole PDF"),
        (pdf(annexes(), lock=ENCRYPTED), "without a password"),
        (pdf([[]]), "expected text, found 1 pages without any"),
        (b"%PDF-1.4\nnothing\n%%EOF", "found Failed to load document"),
    ],
)
def test_what_is_no_whole_readable_pdf_is_an_error(body: bytes, said: str):
    with pytest.raises(ReadError, match=said):
        read(body)


def test_a_file_beyond_all_measure_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_pages, "MAX_BYTES", 100)

    with pytest.raises(ReadError, match="expected at most 100 bytes"):
        read(pdf(annexes()))


@pytest.mark.parametrize(
    ("limit", "most"),
    [("MAX_PAGES", 5), ("MAX_CHARACTERS", 100), ("MAX_OBJECTS", 10), ("MAX_DEPTH", 0)],
)
def test_a_file_with_more_than_any_document_has_is_given_up(
    limit: str, most: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pdf_extract, limit, most)

    with pytest.raises(ReadError, match=f"expected at most .*{most}"):
        extract(pdf(annexes(), Stamp("Stamped", way="form")))


def test_a_file_that_takes_too_long_is_given_up():
    with pytest.raises(ReadError, match="found no end of it"):
        pdf_pages.pages_of(pdf(annexes()), seconds=0.0001)


def test_a_reader_that_breaks_does_not_take_the_program_with_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(ReadError, match="ended its reader with 1"):
        read(pdf(annexes()))


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)

    with pytest.raises(ReadError, match=r"pip install 'watcher\[pdf\]'"):
        read(pdf(annexes()))


def test_the_process_that_reads_does_not_know_our_secrets(monkeypatch: pytest.MonkeyPatch):
    seen: dict[str, str] = {}

    class Stopped(Exception):  # noqa: N818
        pass

    def run(*_: object, env: dict[str, str], **__: object) -> None:
        seen.update(env)
        raise Stopped

    monkeypatch.setenv("WATCHER_MAIL_PASSWORD", "secret")
    monkeypatch.setattr(pdf_pages.subprocess, "run", run)

    with pytest.raises(Stopped):
        read(pdf(annexes()))
    assert "WATCHER_MAIL_PASSWORD" not in seen


def test_what_stands_on_a_page_beside_text_is_passed_over():
    drawn = pdf([["Testol", "(kept)"]], drawn="0 0 m 100 100 l S")

    assert extract(drawn)[0].text.split() == ["Testol", "(kept)"]


def test_what_a_process_finds_wrong_is_its_answer(monkeypatch):
    assert pdf_extract._answer(pdf([[""]])) == {
        "expected": "text",
        "found": "1 pages without any (scanned?)",
    }
    locked = pdf_extract._answer(pdf([["Testol"]], lock=ENCRYPTED))
    assert locked["expected"] == "a PDF that opens without a password"
    assert pdf_extract._answer(pdf([["Testol"]]))["pages"][0]["text"] == "Testol"

    def too_large(body: bytes) -> tuple[pdf_pages.Page, ...]:
        raise MemoryError(len(body))

    monkeypatch.setattr(pdf_extract, "extract", too_large)
    assert pdf_extract._answer(b"")["found"] == "a larger one"


def test_where_nobody_tells_how_much_is_mapped_the_bound_is_two_gigabytes(monkeypatch, tmp_path):
    assert 1_000_000 < pdf_extract._address_space() < 1 << 47

    monkeypatch.setattr(pdf_extract, "_MAPPED", tmp_path / "no-such-file")
    assert pdf_extract._address_space() == 2_000_000_000
