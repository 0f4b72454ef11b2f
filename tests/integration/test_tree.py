"""The tree in the database: tiles kept in step, made anew where they are missing, and checked."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest
import sqlalchemy as sa

from factories import ALOFISEL, NOON, a_provenance, an_append
from kit.proven import Proven, behind_its_back
from watcher.core import merkle
from watcher.core.events import Cause, Event
from watcher.errors import ProofError
from watcher.store.schema import events, metadata
from watcher.store.store import SqlStore
from watcher.store.tree import SqlTree, row_leaf

MANY = 66_000


@pytest.fixture
def store(tmp_path):
    store = SqlStore(tmp_path / "watcher.db", writable=True)
    yield store
    store.close()


def append(store, count, *, at_once):
    """Append `count` events, so many in a transaction."""
    stored = 0
    while stored < count:
        with store.writing() as work:
            version = work.streams.get(f"ema/{ALOFISEL}").version
            told = tuple(
                Event(type="fact.changed", subject=ALOFISEL, details={"number": str(number)})
                for number in range(version, version + min(at_once, count - stored))
            )
            recorded = work.log.append(
                an_append(*told, version=version), a_provenance(), Cause.OBSERVED, NOON
            )
        stored += len(recorded)


def tiles(store):
    with store.reading() as work:
        return {
            (level, place): work.proof.tile(level, place)
            for level in (1, 2)
            for place in range(300)
            if work.proof.tile(level, place) is not None
        }


def leaves(store):
    with store.reading() as work:
        return [row_leaf(told.hash) for told in work.log.checked()]


@pytest.mark.parametrize("at_once", [7, 256, 600])
def test_tiles_are_kept_however_many_events_come_at_once(store, at_once):
    append(store, 600, at_once=at_once)

    found = leaves(store)
    assert tiles(store) == {
        (1, place): merkle.tree_root(found[place * 256 : (place + 1) * 256]) for place in range(2)
    }


def test_root_and_proofs_come_from_tiles_and_rows_alike(store):
    append(store, 600, at_once=100)
    found = leaves(store)

    with store.reading() as work:
        for size in (1, 255, 256, 257, 511, 512, 513, 600):
            root = merkle.tree_root(found[:size])
            assert work.proof.root(size) == root
            for position in {1, size // 2 + 1, size}:
                path = work.proof.inclusion(position, size)
                assert merkle.includes(found[position - 1], position - 1, size, path, root)
            path = work.proof.consistency(size, 600)
            assert merkle.extends(size, root, 600, merkle.tree_root(found), path)
        with pytest.raises(ProofError):
            work.proof.root(601)


def test_an_older_database_gets_its_tiles_when_it_is_first_opened_for_writing(store, tmp_path):
    append(store, 600, at_once=100)
    made = tiles(store)
    store.close()
    for damage in ("DELETE FROM tiles", "DELETE FROM tiles WHERE place = 1"):
        with sqlite3.connect(tmp_path / "watcher.db") as outside:
            outside.execute(damage)
        outside.close()
        again = SqlStore(tmp_path / "watcher.db", writable=True)

        assert tiles(again) == made
        again.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE tiles SET hash = CAST(x'00' || substr(hash, 2) AS BLOB)", "tile 1/0 is not"),
        ("UPDATE tiles SET hash = 'text'", "tile 1/0 is not"),
        ("DELETE FROM tiles", "tile 1/0 is not"),
        ("UPDATE tiles SET place = 7", "tile 1/0 is not"),
        ("UPDATE tiles SET level = 2", "tile 1/0 is not"),
        ("INSERT INTO tiles SELECT level, 9, hash FROM tiles", "2 tiles, expected 1"),
    ],
)
def test_a_tile_that_is_not_of_its_events_is_named(tmp_path, damage, said):
    proven = Proven(tmp_path)
    append(proven.tools.store, 300, at_once=300)
    proven.close()
    assert proven.wrong() == ""
    with behind_its_back(proven.database) as outside:
        outside.execute(damage)

    assert said in proven.wrong()


def test_a_large_log_has_tiles_of_tiles():
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(MANY)]
    whole = merkle.Frontier()
    at = {}
    for number, each in enumerate(hashes, start=1):
        whole.add(row_leaf(each))
        if number in {65_536, MANY}:
            at[number] = whole.root()
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = -20000")
        blank = {
            column.name: 0 if isinstance(column.type, sa.Integer) else "" for column in events.c
        }
        rows = [
            {
                **blank,
                "position": position,
                "version": position,
                "event_id": each,
                "payload": b"",
                "hash": each,
            }
            for position, each in enumerate(hashes, start=1)
        ]
        connection.execute(sa.insert(events), rows)
        tree = SqlTree(connection)
        tree.catch_up(MANY)

        assert tree.tiles() == 257 + 1
        assert tree.tile(2, 0) == at[65_536] == tree.root(65_536)
        assert tree.root(MANY) == at[MANY]
        path = tree.inclusion(12_345, MANY)
        assert merkle.includes(row_leaf(hashes[12_344]), 12_344, MANY, path, at[MANY])
        path = tree.consistency(65_536, MANY)
        assert merkle.extends(65_536, at[65_536], MANY, at[MANY], path)
    engine.dispose()


def test_what_is_no_hash_is_no_leaf():
    with pytest.raises(ProofError, match="not the hash of a row"):
        row_leaf("text")
