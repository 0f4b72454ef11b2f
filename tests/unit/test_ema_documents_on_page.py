"""Documents as EMA's medicine pages list them: cards, their files, and what is unclear."""

from __future__ import annotations

from watcher.readers.blocks import Block, Link
from watcher.readers.ema_documents_on_page import document_facts

URL = "https://www.ema.europa.eu/en/documents/product-information/alofisel_en.pdf"


def line(text, *, kind="text", url=""):
    links = (Link(text, url),) if url else ()
    return Block(kind, text, "line 7", links=links)


def listed(*blocks):
    facts, unknown = document_facts(blocks)
    return [fact.value for fact in facts], unknown


def test_a_card_has_a_title_a_file_its_dates_and_an_address():
    (document,), unknown = listed(
        line("Alofisel : EPAR - Product information"),
        line("English (EN) (1.2 MB - PDF)"),
        line("First published: 04/04/2018"),
        line("View", url=URL),
    )

    assert document["title"] == "Alofisel : EPAR - Product information"
    assert (document["url"], document["first_published"]) == (URL, "2018-04-04")
    assert unknown == []


def test_a_file_with_no_title_before_it_is_unclear():
    documents, unknown = listed(line("English (EN) (1.2 MB - PDF)"))

    assert documents == []
    assert unknown == ["a file without a title: English (EN) (1.2 MB - PDF) at line 7"]


def test_a_date_that_does_not_exist_is_unclear_and_the_document_stays():
    (document,), (unclear,) = listed(
        line("Alofisel : EPAR - Product information"),
        line("English (EN) (1.2 MB - PDF)"),
        line("First published: 31/02/2018"),
        line("View", url=URL),
    )

    assert "first_published" not in document
    assert unclear.startswith("date of a document: ")


def test_a_link_of_the_earlier_design_that_has_another_form_is_a_title_and_no_document():
    odd = line("An annex of (unknown size B)", url=URL)
    documents, _ = listed(odd, line("English (EN) (1.2 MB - PDF)"))

    assert [document["title"] for document in documents] == [odd.text]
