"""EMA's list of documents: each is told of the medicine whose number its row states."""

from __future__ import annotations

import pytest

from kit.ema_tables import a_list, medicine, only, read
from watcher.core.facts import Fact, Subject, Value
from watcher.errors import ReadError
from watcher.readers.ema_documents import READER


def a_document(identity: int = 42063, **more: object) -> dict[str, object]:
    return {
        "id": str(identity),
        "name": "Example : EPAR - Medicine overview",
        "type": "overview",
        "medicine_name": "Example",
        "ema_product_number": "EMEA/H/C/004258",
        "status": "unknown",
        "consultation_date": "",
        "first_published_date": "2018-09-19T02:00:00Z",
        "last_updated_date": "2022-05-19T10:45:00Z",
        "reference_number": "EMA/188757/2022 ",
        "document_url": "https://www.ema.europa.eu/en/documents/overview/example_en.pdf",
        **more,
    }


def value(**more: object) -> dict[str, Value]:
    [fact] = only(read(READER, a_list([a_document(**more)]))).facts
    assert isinstance(fact.value, dict)
    return fact.value


def test_a_document_is_one_fact_of_its_medicine_with_what_is_stated_of_it():
    record = only(read(READER, a_list([a_document()])))

    assert record.subject == medicine(4258)
    assert record.facts == (
        Fact(
            "document[id:42063]",
            {
                "language": "en",
                "title": "Example : EPAR - Medicine overview",
                "type": "overview",
                "reference_number": "EMA/188757/2022",
                "first_published": "2018-09-19",
                "last_updated": "2022-05-19",
                "url": "https://www.ema.europa.eu/en/documents/overview/example_en.pdf",
            },
            "Example : EPAR - Medicine overview",
            "/data/0/name",
        ),
    )


def test_all_documents_of_a_medicine_stand_in_one_record():
    rows = [a_document(1), a_document(2, ema_product_number="EMEA/H/C/000001"), a_document(3)]
    reading = read(READER, a_list(rows))

    assert {record.subject: [fact.path for fact in record.facts] for record in reading.records} == {
        medicine(4258): ["document[id:1]", "document[id:3]"],
        medicine(1): ["document[id:2]"],
    }
    assert reading.lists_all


@pytest.mark.parametrize("number", ["", "EMEA/H/C005201"])
def test_a_document_without_a_product_number_stands_for_itself(number: str):
    reading = read(READER, a_list([a_document(ema_product_number=number)]))

    [fact] = only(reading).facts
    assert only(reading).subject == Subject("document", "id:42063")
    assert isinstance(fact.value, dict)
    assert fact.value["medicine"] == "Example"
    assert reading.unknown == (
        "no product number: document:id:42063 Example : EPAR - Medicine overview",
    )


def test_translations_are_kept_by_language():
    said = value(translations={"DE": "https://example.org/de.pdf ", "bg": "https://example.org/bg"})

    assert said["translations"] == {
        "bg": {"url": "https://example.org/bg"},
        "de": {"url": "https://example.org/de.pdf"},
    }


def test_ema_s_word_for_no_status_is_no_status():
    assert "status" not in value(status="unknown")
    assert value(status="Adopted")["status"] == "Adopted"


def test_a_day_is_that_of_amsterdam_s_calendar_however_early_the_hour():
    assert value(first_published_date="2005-12-01T00:09:21Z")["first_published"] == "2005-12-01"


def test_the_procedure_in_a_title_is_told_too():
    said = value(name="Example-H-C-004258-II-0051-G : EPAR - Assessment report - Variation")

    assert said["procedure"] == "EMEA/H/C/004258/II/0051/G"


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ("last_updated_date", "soon", "a date as dd/mm/yyyy"),
        ("translations", "in Bulgarian", "addresses by language"),
    ],
)
def test_one_document_that_cannot_be_read_hides_no_other(field: str, cell: str, expected: str):
    rows = [*(a_document(number) for number in range(9)), a_document(9, **{field: cell})]
    reading = read(READER, a_list(rows))

    assert len(only(reading).facts) == 9
    [note] = reading.unknown
    assert note.endswith(f"{field} {cell!r} at /data/9/{field}, expected {expected}")


@pytest.mark.parametrize("missing", ["id", "name", "document_url", "ema_product_number"])
def test_a_column_without_which_documents_cannot_be_told_is_missed(missing: str):
    row = a_document()
    del row[missing]

    with pytest.raises(ReadError, match=f"expected a column '{missing}'"):
        read(READER, a_list([row]))


def test_two_documents_of_one_id_are_refused():
    with pytest.raises(ReadError, match="'42063' in one row"):
        read(READER, a_list([a_document(), a_document(type="assessment-report")]))
