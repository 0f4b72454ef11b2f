"""The first `sources.yaml`: what was wished for is what is loaded, and nothing else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from watcher.config.first_file import Watched, Wishes, first_file
from watcher.config.load import checked
from watcher.readers.registry import READERS

PATH = Path("/srv/watcher/sources.yaml")
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30
).filter(lambda text: "${" not in text)
numbers = st.integers(1, 999_999).map("EMEA/H/C/{:06d}".format)
notes = st.text(max_size=40)
CONTACT = "mailto:pv@hospital.eu"


def loaded(wishes, environment=None):
    return checked(first_file(wishes).encode(), PATH, environment or {}, READERS)


@given(
    products=st.lists(st.tuples(numbers, notes), unique_by=lambda pair: pair[0], max_size=4),
    substances=st.lists(st.tuples(words, notes), unique_by=lambda pair: pair[0], max_size=4),
    records=st.integers(0, 5000),
)
def test_what_was_wished_for_is_what_is_loaded(products, substances, records):
    config = loaded(
        Wishes(
            contact=CONTACT,
            records=records,
            products=tuple(Watched(text=text, note=note) for text, note in products),
            substances=tuple(Watched(text=text, note=note) for text, note in substances),
            send_to="folder:data/messages",
            zone="Europe/Vienna",
        )
    )

    lists = {listed.id: listed for listed in config.watch_lists}
    assert config.notices == ()
    assert [
        *(lists["my-products"].products if products else ()),
        *(lists["my-substances"].substances if substances else ()),
    ] == [text for text, _ in [*products, *substances]]
    assert [person.zone for person in config.people] == ["Europe/Vienna"]
    assert {rule.id for rule in config.rules} == {
        *(lists or ["endings"]),
        "operator",
    }
    table, pages = config.sources
    least, most = table.expect.records
    assert least <= (records or 2700) <= most
    assert pages.follow is not None
    assert pages.follow.only_watched


def test_without_a_recipient_it_records_and_tells_nobody():
    config = loaded(Wishes(contact=CONTACT))

    assert (config.channels, config.rules, config.heartbeat) == ((), (), None)


def test_a_table_of_ones_own_may_be_private_and_needs_no_pause():
    config = loaded(Wishes(contact=CONTACT, table_url="http://127.0.0.1:8000/a.json"))

    assert all(source.allow_private for source in config.sources)
    assert config.pace("127.0.0.1") == 0
    assert config.sources[0].expect.records is None
    assert config.pace("www.ema.europa.eu") == 10


def test_a_secret_is_named_and_not_written():
    wishes = Wishes(contact=CONTACT, send_to="${WATCHER_CHANNEL_URL}")
    config = loaded(wishes, {"WATCHER_CHANNEL_URL": "json://u:hunter2@hooks.example.org/a"})

    assert str(config.channels[0].url) == "${WATCHER_CHANNEL_URL}"
    assert "hunter2" not in first_file(wishes)
