"""EMA's list of the documents of all medicines (the EPAR documents report, JSON).

A document belongs to the medicine whose number its row states, even where its title names another;
a row without a number stands for itself. Source: EMA's report `documents-output-epar_documents`.
"""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.core.identity import document_key, procedure_of, product_number
from watcher.readers.bulk import read_table
from watcher.readers.cells import Cell, day, of_text, text
from watcher.readers.reader import Payload, Reader
from watcher.readers.tables import (
    Column,
    Layout,
    Row,
    UnreadableRowError,
    refuse_many,
    value_of,
)


def _status(cell: Cell) -> str:
    """Return the document's status; "unknown", EMA's word for most of them, is none."""
    words = text(cell)
    return "" if words.casefold() == "unknown" else words


def _translations(cell: Cell) -> Value:
    if isinstance(cell, Mapping) and all(map(str.isascii, cell)):
        return {code.casefold(): {"url": of_text(url)} for code, url in sorted(cell.items()) if url}
    message = "addresses by language"
    raise ValueError(message)


_NUMBER = Column("ema_product_number", "", text, is_required=True)
_MEDICINE = Column("medicine_name", "", text)
_TITLE = Column("name", "title", text, is_required=True)
_ATTRIBUTES = (
    _TITLE,
    Column("type", "type", text, is_required=True),
    Column("status", "status", _status),
    Column("reference_number", "reference_number", text),
    Column("consultation_date", "consultation_date", day),
    Column("first_published_date", "first_published", day),
    Column("last_updated_date", "last_updated", day),
    Column("document_url", "url", text, is_required=True),
    Column("translations", "translations", _translations),
)
"""Columns whose path is the key in the document's value."""

LAYOUT = Layout(
    reader="ema_documents@1",
    columns=(Column("id", "", text, is_required=True), _NUMBER, _MEDICINE, *_ATTRIBUTES),
    keys=(("id",),),
)


def read(payload: Payload) -> Reading:
    """Return one record a medicine with its documents, and one for each document without.

    Raises:
        ReadError: It is not the whole list, or too many of its rows cannot be read.
    """
    table = read_table(payload, LAYOUT)
    notes = list(table.unknown)
    unreadable: list[UnreadableRowError] = []
    facts: dict[Subject, list[Fact]] = {}
    for row in table.rows:
        try:
            fact = _document(row)
        except UnreadableRowError as error:
            unreadable.append(error)
            notes.append(f"unreadable: {row.printed('name')}: {error}")
            continue
        subject = _subject(row)
        if subject.kind == "document":
            notes.append(f"no product number: {subject} {row.printed('name')}")
        facts.setdefault(subject, []).append(fact)
    refuse_many(LAYOUT, unreadable, len(table.rows))
    return Reading(
        reader=LAYOUT.reader,
        records=tuple(Record(subject, tuple(told)) for subject, told in facts.items()),
        lists_all=True,
        published=table.published,
        unknown=tuple(notes),
    )


def _key(row: Row) -> str:
    return document_key(source_id=row.printed("id"))


def _subject(row: Row) -> Subject:
    number = product_number(row.printed(_NUMBER.field))
    return Subject("medicine", number) if number else Subject("document", _key(row))


def _document(row: Row) -> Fact:
    """Return the row's document as one fact, with the keys that are not stated left out.

    Raises:
        UnreadableRowError: One of its cells does not say what its column says.
    """
    value: dict[str, Value] = {"language": "en"}
    for column in _ATTRIBUTES:
        if column.field in row.cells and (stated := value_of(row, column)):
            value[column.path] = stated
    if procedure := procedure_of(str(value.get("title", ""))):
        value["procedure"] = procedure
    if _subject(row).kind == "document" and (name := row.printed(_MEDICINE.field)):
        value["medicine"] = name
    path = f"document[{_key(row)}]"
    return Fact(path, value, quote=row.printed(_TITLE.field), place=row.place(_TITLE.field))


READER = Reader(
    name="ema_documents",
    version=1,
    about="EMA's list of the documents of all medicines, with their translations (JSON)",
    read=read,
    markers=('"document_url"',),
)
