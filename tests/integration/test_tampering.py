"""Whatever somebody with the files changes in them, `verify` finds it and names it."""
# ruff: noqa: S608  the tables are our own

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from kit.proven import Proven, behind_its_back, rewrite_from
from watcher.core.note import Note
from watcher.errors import BrokenLogError, ProofError
from watcher.store.schema import captures, events, signed_checkpoints
from watcher.store.store import SqlStore

# ranks are derived: what a type's severity is today is for today's taxonomy to say
DERIVED = {("events", "severity")}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A history with two seals and two signed checkpoints, written once."""
    proven = Proven(tmp_path_factory.mktemp("written"))
    proven.history()
    assert proven.wrong() == ""
    proven.close()
    return proven.folder


@pytest.fixture
def proven(written, tmp_path, engine):
    """A copy of it to tamper with; on PostgreSQL it is written anew."""
    if engine == "sqlite":
        shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    else:
        again = Proven(tmp_path)
        again.history()
        again.close()
    return Proven(tmp_path, writable=False)


def flipped(value: object) -> object:
    """The value with one bit of it the other way."""
    match value:
        case bytes():
            return bytes([*value[:-1], value[-1] ^ 1]) if value else b"\1"
        case str():
            return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "\1"
        case int():
            return value ^ 1
        case _:
            return 1


COLUMNS = [
    (table.name, column.name, number)
    for table in (events, captures, signed_checkpoints)
    for number, column in enumerate(table.columns)
]


@pytest.mark.one_engine  # each column on each engine: `test_event_log`; here rows by their `rowid`
@pytest.mark.parametrize(("table", "column", "number"), COLUMNS)
def test_one_bit_in_any_column_is_found(proven, table, column, number):
    with behind_its_back(proven.database) as outside:
        count = outside.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        place = number % count  # another row for each column
        row, value = outside.execute(
            f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 1 OFFSET {place}"
        ).fetchone()
        new = 4 if (table, column) in DERIVED else flipped(value)
        while outside.execute(f"SELECT 1 FROM {table} WHERE {column} = ?", (new,)).fetchone():
            if column not in {"position", "size", "number", "version"}:
                break
            new += 2  # its place is taken, and the table itself would refuse it
        outside.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, row))

    assert proven.wrong(), (value, new)


@pytest.mark.one_engine
@pytest.mark.parametrize("table", ["events", "captures", "signed_checkpoints"])
def test_a_row_that_was_deleted_is_missed_whichever_it_was(proven, table):
    with closing(sqlite3.connect(proven.database)) as reading:
        count = reading.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    saved = proven.database.read_bytes()
    for number in range(count):
        with behind_its_back(proven.database) as outside:
            outside.execute(
                f"DELETE FROM {table} WHERE rowid IN "
                f"(SELECT rowid FROM {table} ORDER BY rowid LIMIT 1 OFFSET {number})"
            )

        assert proven.wrong(), f"{table} row {number}"
        proven.database.write_bytes(saved)


@pytest.mark.parametrize(("table", "column"), [("events", "position"), ("captures", "number")])
def test_two_rows_that_changed_places_are_found(proven, table, column):
    with behind_its_back(proven.database) as outside:
        for new, old in ((-1, 1), (1, 2), (2, -1)):
            outside.execute(f"UPDATE {table} SET {column} = {new} WHERE {column} = {old}")

    assert proven.wrong()


def test_a_capture_that_was_slipped_in_is_found(proven):
    names = [column.name for column in captures.columns if column.name not in {"id", "number"}]
    rest = ", ".join(names)
    with behind_its_back(proven.database) as outside:
        outside.execute(
            f"INSERT INTO captures (id, {rest}) SELECT 'slipped in', {rest} FROM captures LIMIT 1"
        )

    assert "out of its place" in proven.wrong()


def test_a_tail_that_was_cut_off_is_missed(proven):
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM events WHERE position > 2")

    assert "position 3: missing; a checkpoint over 4 events was signed" in proven.wrong()


@pytest.mark.one_engine
def test_every_payload_that_is_damaged_or_gone_is_named(proven):
    blobs = sorted((proven.folder / "snapshots").rglob("*.zst"))
    assert len(blobs) == 4
    for blob in blobs:
        saved = blob.read_bytes()
        digest = blob.parent.name + blob.stem
        for damage in (saved[:-1] + bytes([saved[-1] ^ 1]), saved[:-3], b""):
            blob.write_bytes(damage)
            assert digest in proven.wrong()
        blob.unlink()
        assert digest in proven.wrong()
        blob.write_bytes(saved)

    assert proven.wrong() == ""


def changed(payload: bytes) -> bytes:
    return payload.replace(b'"authorised"', b'"refused"', 1)


def test_a_rewritten_tail_is_found_by_the_signature_though_chain_and_tiles_fit(proven):
    rewrite_from(proven.database, 3, changed)

    store = SqlStore(proven.database, writable=False)
    with store.reading() as work:
        assert list(work.log.verify()) == [1, 2, 3, 4]
    store.close()
    assert "position 4: the first 4 events are not those whose root was signed" in proven.wrong()


def test_a_checkpoint_kept_elsewhere_finds_it_though_all_newer_ones_were_deleted(proven):
    notes = proven.signing.published()
    rewrite_from(proven.database, 3, changed)
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM signed_checkpoints WHERE size > 2")
    (proven.folder / "checkpoints.txt").write_text(notes[0], encoding="utf-8")

    assert proven.wrong() == ""
    assert "the first 4 events are not those whose root was signed" in proven.wrong(notes[1])
    assert proven.wrong(notes[0]) == ""


def test_a_log_cut_off_to_an_older_checkpoint_is_found_by_one_kept_elsewhere(proven):
    notes = proven.signing.published()
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM events WHERE position > 2")
        outside.execute("DELETE FROM captures WHERE number > 2")
        outside.execute("DELETE FROM signed_checkpoints WHERE size > 2")

    assert "the checkpoint over 4 events was published, and is gone here" in proven.wrong()
    (proven.folder / "checkpoints.txt").unlink()
    assert proven.wrong() == ""
    assert "kept elsewhere is over 4 events" in proven.wrong(notes[1])


def test_a_checkpoint_signed_by_somebody_else_is_not_believed(proven, tmp_path):
    stranger = Proven(tmp_path / "stranger")
    forged = stranger.signing.sign(Note.parse(proven.signing.published()[1]).text)
    stranger.close()
    with behind_its_back(proven.database) as outside:
        outside.execute("UPDATE signed_checkpoints SET note = ? WHERE size = 4", (forged,))

    assert "the checkpoint over 4 events was not signed by a known key" in proven.wrong()
    (proven.folder / "signing.vkey").unlink()
    assert "no public key" in proven.wrong()


def test_nothing_is_signed_on_top_of_a_rewritten_log(proven):
    rewrite_from(proven.database, 1, changed)

    with pytest.raises(BrokenLogError, match="are not those whose root was signed"):
        SqlStore(proven.database, writable=True)
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM signed_checkpoints")
    proven.open_for_writing()
    with pytest.raises(BrokenLogError, match="nothing was signed"):
        proven.seal()
    proven.close()


def test_nothing_is_signed_on_top_of_a_log_that_shrank(proven):
    with behind_its_back(proven.database) as outside:
        outside.execute("DELETE FROM events WHERE position > 2")
        outside.execute("DELETE FROM signed_checkpoints")
        outside.execute("DELETE FROM captures WHERE number > 2")
    proven.open_for_writing()

    with pytest.raises(BrokenLogError, match="position 3: missing"):
        proven.seal()
    proven.close()


def test_nothing_is_signed_on_top_of_a_note_that_is_not_ours(proven, tmp_path):
    stranger = Proven(tmp_path / "stranger")
    forged = stranger.signing.sign(Note.parse(proven.signing.published()[1]).text)
    stranger.close()
    (proven.folder / "checkpoints.txt").write_text(forged, encoding="utf-8")
    proven.open_for_writing()

    with pytest.raises(ProofError, match="not signed by a known key"):
        proven.seal()
    proven.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE events SET payload = previous.payload FROM events AS previous"
        " WHERE events.position = 4 AND previous.position = 3",
        "UPDATE events SET recorded_at = '2020' WHERE position = 4",
        "DELETE FROM events WHERE position = 3",
        "DELETE FROM events WHERE position = 4",
        "UPDATE signed_checkpoints SET root = note.root FROM signed_checkpoints AS note"
        " WHERE signed_checkpoints.size = 4 AND note.size = 2",
    ],
)
def test_a_daemon_does_not_append_to_a_log_whose_end_was_tampered_with(proven, damage):
    with behind_its_back(proven.database) as outside:
        outside.execute(damage)

    with pytest.raises(BrokenLogError):
        SqlStore(proven.database, writable=True)
    with pytest.raises(BrokenLogError):  # and the lock was given back
        SqlStore(proven.database, writable=True)
