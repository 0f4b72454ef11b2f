"""What was read survives being kept: any that can be made, and that of every kept page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.corpus import MEDIA_TYPES, URLS, kept
from fuzz.soundness import check_sound
from watcher.core.facts import Fact, Reading, Record, Subject
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


@given(reading=readings)
def test_a_state_that_is_kept_is_the_state_that_was_read(reading: Reading):
    for record in reading.records:
        assert decode_state(encode_state(record.state())) == record.state()


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
    for record in reading.records:
        assert decode_state(encode_state(record.state())) == record.state()
