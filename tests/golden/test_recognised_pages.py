"""Every kept page is known for what it is: it bears its reader's marker and is understood by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from golden.test_golden_readings import MEDIA_TYPES, PAGES
from kit.pdf import pdf
from watcher.readers.reader import Payload, Reader
from watcher.readers.recognition import recognised
from watcher.readers.registry import READERS


def first(body: bytes, media_type: str = "text/html") -> Reader | None:
    found = recognised(Payload(body=body, media_type=media_type), READERS.values())
    return next((each.reader for each in found if each.reading is not None), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_kept_page_is_recognised_by_the_reader_it_was_kept_for(page: Path):
    found = first(page.read_bytes(), MEDIA_TYPES[page.suffix])

    assert (found.name if found else "generic") == page.parent.name


def test_a_pdf_is_recognised_by_its_first_bytes():
    found = first(pdf([["Annual report", "Nothing else"]]), "application/octet-stream")

    assert found is not None
    assert found.name == "pdf_text"


@pytest.mark.parametrize(
    "words", ["Name of medicine", "Clinical data", "EMA Approval", "Union Register", "Read study"]
)
def test_words_of_a_marker_do_not_make_a_page_of_its_kind(words: str):
    page = f"<html><body><h1>Agency</h1><p>{words}: see elsewhere, please.</p></body></html>"

    assert first(page.encode()) is None
