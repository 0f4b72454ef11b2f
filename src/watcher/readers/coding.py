"""Readings to bytes and back, to keep them beside the snapshots they were read from.

Equal readings give equal bytes, and what is read back equals what was written: a reading is never
kept half. What no log could keep (a float, half a surrogate pair, a number of 2^53 or more) is
refused as it is written, since it would be a fault of a reader.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.errors import IntegrityError

SCHEMA: Final = 1
"""The number of the form; a change of it makes older readings be read anew, not converted."""


_LARGEST: Final = 2**53


class _Fact(msgspec.Struct, array_like=True, frozen=True):
    path: str
    value: Any
    quote: str
    place: str


class _Record(msgspec.Struct, array_like=True, frozen=True):
    kind: str
    id: str
    facts: list[_Fact]


class _Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    reader: str
    records: list[_Record]
    lists_all: bool
    published: str
    unknown: list[str]


class _Form(msgspec.Struct, frozen=True):
    schema: int


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(_Reading).decode
_form = msgspec.json.Decoder(_Form).decode


def encode_reading(reading: Reading) -> bytes:
    """Return a reading as bytes: UTF-8 JSON with sorted keys.

    Raises:
        IntegrityError: A fact holds what cannot be kept.
    """
    records = [
        _Record(record.subject.kind, record.subject.id, [_out(fact) for fact in record.facts])
        for record in reading.records
    ]
    whole = _Reading(
        schema=SCHEMA,
        reader=reading.reader,
        records=records,
        lists_all=reading.lists_all,
        published=reading.published,
        unknown=list(reading.unknown),
    )
    try:
        return _encode(whole)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        message = f"a reading of {reading.reader} cannot be kept: {error}"
        raise IntegrityError(message) from error


def decode_reading(stored: bytes) -> Reading:
    """Return the reading that `encode_reading` wrote.

    Raises:
        IntegrityError: It is of another form than this program writes, or no reading.
    """
    try:
        schema = _form(stored).schema
        if schema == SCHEMA:
            return _reading(_decode(stored))
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"a stored reading cannot be read: {error}"
        raise IntegrityError(message) from error
    message = f"a stored reading is of form {schema}, and this program writes {SCHEMA}"
    raise IntegrityError(message)


def _reading(stored: _Reading) -> Reading:
    records = tuple(
        Record(
            Subject(record.kind, record.id),
            tuple(Fact(each.path, each.value, each.quote, each.place) for each in record.facts),
        )
        for record in stored.records
    )
    return Reading(
        reader=stored.reader,
        records=records,
        lists_all=stored.lists_all,
        published=stored.published,
        unknown=tuple(stored.unknown),
    )


def _out(fact: Fact) -> _Fact:
    _refuse_unkept(fact.value, fact.path)
    return _Fact(fact.path, fact.value, fact.quote, fact.place)


def _refuse_unkept(value: Value, path: str) -> None:
    pending: list[object] = [value]
    while pending:
        match pending.pop():
            case float():
                message = f"{path}: a float cannot be kept; write it as text"
                raise IntegrityError(message)
            case int(number) if abs(number) >= _LARGEST:
                message = f"{path}: {number} cannot be kept; not every reader of JSON has it whole"
                raise IntegrityError(message)
            case dict() as fields:
                pending += fields.values()
            case list() as items:
                pending += items
            case _:
                pass
