"""What a reading must be whatever page it was read from, so that the log can keep it."""

from __future__ import annotations

from watcher.core.facts import Reading, Record, Subject, Value, split_path
from watcher.errors import ReadError
from watcher.store.codec import decode_state, encode_state

LONGEST_REFUSAL = 2_000


def check_refusal(error: ReadError) -> None:
    """Raise unless an error's words can be stored and read: UTF-8 of a bounded length."""
    words = str(error)
    words.encode()
    assert len(words) <= LONGEST_REFUSAL, f"a refusal of {len(words)} characters: {words[:200]}"


def check_sound(reading: Reading) -> None:
    """Raise unless every record can be kept: one a subject, with paths, values and words."""
    subjects = [record.subject for record in reading.records]
    assert len(set(subjects)) == len(subjects), "two records of one subject"
    for text in (reading.reader, reading.published, *reading.unknown):
        text.encode()
    for record in reading.records:
        _check_record(record)


def _check_record(record: Record) -> None:
    name = str(record.subject)
    assert Subject.parse(name) == record.subject, f"a subject that is another one read back: {name}"
    assert record.subject.id, f"a subject without an identity: {record.subject}"
    name.encode()
    for fact in record.facts:
        split_path(fact.path)
        f"{fact.path}{fact.quote}{fact.place}".encode()
        _check_value(fact.value, fact.path)
    state = record.state()
    assert decode_state(encode_state(state)) == state, "a state that is another one read back"


def _check_value(value: Value, path: str) -> None:
    match value:
        case None | bool() | str():
            pass
        case int():
            assert abs(value) < 2**53, f"{path}: a number that not every JSON reader keeps: {value}"
        case list():
            for each in value:
                _check_value(each, path)
        case dict():
            for key, each in value.items():
                assert isinstance(key, str), f"{path}: a key that is no text: {key!r}"
                assert key.isascii(), f"{path}: a key beyond ASCII: {key!r}"
                _check_value(each, path)
        case _:
            message = f"{path}: {type(value).__name__} cannot stand in the log"
            raise TypeError(message)
