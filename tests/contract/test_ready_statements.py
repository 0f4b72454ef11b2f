"""A statement made ready says what the library says, on either engine."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from watcher.core.capture import Target
from watcher.store.driver import Ready, asked
from watcher.store.schema import events, targets
from watcher.store.store import SqlStore

BY_URL = sa.select(targets).where(targets.c.url == sa.bindparam("at"))
RENAME = sa.update(targets).where(targets.c.url == sa.bindparam("at")).values(reader="", every=7)
ADD = sa.insert(events).values({column.name: sa.bindparam(column.name) for column in events.c})
NUMBERS = {"position": 1, "version": 2**53 - 1, "severity": 0, "schema": 1}
EVENT = {column.name: "é" for column in events.c} | NUMBERS | {"payload": b"\x00\xff"}


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    with store.writing() as work:
        for url, waits in (("https://a.example/", True), ("https://b.example/", False)):
            work.captures.put_target(Target(source="s", url=url, waiting=waits, every=3))
    yield store
    store.close()


@pytest.mark.parametrize("url", ["https://a.example/", "https://b.example/"])
def test_a_row_is_found_as_the_library_finds_it(store, url):
    with store.reading() as work:
        found = Ready(BY_URL).first(work.connection, {"at": url})
        said = work.connection.execute(BY_URL, {"at": url}).one()._mapping

    assert dict(found) == dict(said)
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in said.items()
    }


def test_nothing_is_found_where_there_is_nothing(store):
    with store.reading() as work:
        assert Ready(BY_URL).first(work.connection, {"at": "https://c.example/"}) is None


def test_what_a_statement_brings_itself_is_written(store):
    with store.writing() as work:
        changed = Ready(RENAME).run(work.connection, {"at": "https://a.example/"})

    with store.reading() as work:
        every = [each.every for each in work.captures.targets()]
    assert (changed, every) == (1, [7, 3])


def test_texts_numbers_and_bytes_are_written_as_they_are(store):
    with store.writing() as work:
        Ready(ADD).run(work.connection, EVENT)

    with store.reading() as work:
        assert dict(work.connection.execute(sa.select(events)).one()._mapping) == EVENT
        assert asked(work.connection, "SELECT version, payload FROM events") == [
            (EVENT["version"], EVENT["payload"])
        ]


def test_a_row_that_may_not_be_stays_the_error_it_is_and_leaves_no_trace(store):
    def added_twice():
        with store.writing() as work:
            Ready(RENAME).run(work.connection, {"at": "https://a.example/"})
            Ready(ADD).run(work.connection, EVENT)
            Ready(ADD).run(work.connection, EVENT)

    with pytest.raises((sqlite3.IntegrityError, sa.exc.IntegrityError)):
        added_twice()

    with store.reading() as work:
        assert [each.every for each in work.captures.targets()] == [3, 3]
