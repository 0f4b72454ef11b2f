"""A reading survives being kept: every one that can be made, and that of every kept page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.corpus import MEDIA_TYPES, URLS, kept
from fuzz.soundness import check_sound
from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.errors import IntegrityError
from watcher.readers.coding import decode_reading, encode_reading
from watcher.readers.reader import Payload
from watcher.readers.registry import READERS, reader
from watcher.store.codec import decode_state, encode_state

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
keys = st.text(st.characters(codec="ascii"), max_size=10)
plain = st.one_of(st.none(), st.booleans(), st.integers(1 - 2**53, 2**53 - 1), text)
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)
paths = st.sampled_from(["product.inn", "authorisation[EU].granted", "flag[orphan]"]) | st.builds(
    "document[{}]".format, text
)
facts = st.builds(Fact, paths, values, text, text)
subjects = st.builds(Subject, text, text)
records = st.builds(Record, subjects, st.lists(facts, max_size=5).map(tuple))
readings = st.builds(
    Reading,
    reader=text,
    records=st.lists(records, max_size=3).map(tuple),
    lists_all=st.booleans(),
    published=text,
    unknown=st.lists(text, max_size=3).map(tuple),
)


def reading_of(value: Value) -> Reading:
    record = Record(Subject("medicine", "EMEA/H/C/004258"), (Fact("product.inn", value),))
    return Reading(reader="a_reader@1", records=(record,))


def turned(value: Value) -> Value:
    """The same value with its keys in another order."""
    if isinstance(value, dict):
        return {key: turned(each) for key, each in reversed(value.items())}
    return [turned(each) for each in value] if isinstance(value, list) else value


@given(reading=readings)
def test_what_is_read_back_is_what_was_written(reading: Reading):
    stored = encode_reading(reading)

    assert decode_reading(stored) == reading
    assert encode_reading(decode_reading(stored)) == stored


@given(value=values)
def test_truth_and_one_stay_two_values(value: Value):
    [record] = decode_reading(encode_reading(reading_of([value, 1, True]))).records

    found = record.facts[0].value
    assert isinstance(found, list)
    assert (type(found[1]), type(found[2])) == (int, bool)


@given(value=values)
def test_equal_readings_give_equal_bytes(value: Value):
    assert encode_reading(reading_of(turned(value))) == encode_reading(reading_of(value))


@given(reading=readings)
def test_a_state_that_is_kept_is_the_state_that_was_read(reading: Reading):
    for record in decode_reading(encode_reading(reading)).records:
        assert decode_state(encode_state(record.state())) == record.state()


@given(reading=readings, cut=st.floats(0, 0.99))
def test_a_reading_that_was_cut_is_none(reading: Reading, cut: float):
    stored = encode_reading(reading)

    with pytest.raises(IntegrityError, match="cannot be read"):
        decode_reading(stored[: int(cut * len(stored))])


@given(stored=st.binary(max_size=60))
def test_any_bytes_at_all_are_a_reading_or_refused(stored: bytes):
    with pytest.raises(IntegrityError):
        decode_reading(stored)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), [{"a": 0.0}], "\ud800", {"\ud800": 1}, 10**30, {1: "a"}, object()],
    ids=["float", "nan", "inner", "surrogate", "key", "huge", "number as key", "object"],
)
def test_what_no_log_could_keep_is_refused_as_it_is_written(value: Value):
    bad = reading_of(value)

    with pytest.raises(IntegrityError, match="kept"):
        encode_reading(bad)


def test_a_reading_of_another_form_is_not_guessed_at():
    stored = encode_reading(reading_of("x")).replace(b'"schema":1', b'"schema":2')

    with pytest.raises(IntegrityError, match="form 2"):
        decode_reading(stored)


PAGES = [
    pytest.param(name, body, suffix, id=f"{name}/{number}")
    for name in READERS
    for number, (body, suffix) in enumerate(kept(name))
]


@pytest.mark.parametrize(("name", "body", "suffix"), PAGES)
def test_the_reading_of_every_kept_page_survives(name: str, body: bytes, suffix: str):
    url = URLS.get(name, "https://agency.example/page.htm")
    read: Callable[[Payload], Reading] = reader(name).read

    reading = read(Payload(body=body, media_type=MEDIA_TYPES[suffix], url=url))

    check_sound(reading)
    assert decode_reading(encode_reading(reading)) == reading
