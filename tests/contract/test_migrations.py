"""A database of any released version is upgraded as it is opened to write, or left as it is."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from watcher.core.events import Cause
from watcher.errors import IntegrityError
from watcher.ports.store import EventFilter
from watcher.store import sqlite as opening
from watcher.store.database import HEAD
from watcher.store.schema import APPEND_ONLY, metadata
from watcher.store.sqlite import SqliteDatabase
from watcher.store.store import SqlStore

RELEASED = Path(__file__).parent / "released"
VERSIONS = sorted(path.stem for path in RELEASED.glob("*.sql"))


@pytest.fixture(params=VERSIONS)
def old(request, tmp_path):
    """The path of a database as the program of an earlier version left it."""
    path = tmp_path / "watcher.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((RELEASED / f"{request.param}.sql").read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")
    return path


def rows(path, query):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def contents(path, table):
    """Every column there was, of every row."""
    columns = {
        "cases": 'key, happening, axis, "after", effective, lead, opened_at',
        "captures": "id, source, url, at, verdict, digest, headers",
        "outbox": 'id, key, "case", channel, envelope, state, attempts, next_attempt, answer',
        "targets": "source, url, next_due, etag, digest, reader, last_good, failures",
    }.get(table, "*")
    return rows(path, f"SELECT {columns} FROM {table} ORDER BY 1")  # noqa: S608  our own names


def schema(path):
    """Every table, index and trigger, each as SQLite keeps it, but for white space and quotes."""
    found = rows(
        path, "SELECT type, name, sql FROM sqlite_master WHERE tbl_name != 'alembic_version'"
    )
    return {(kind, name, re.sub(r"[\s\"]+", "", sql or "")) for kind, name, sql in found}


def test_there_is_a_database_of_every_version_before_this_one():
    assert [f"{number:04d}" for number in range(1, int(HEAD))] == VERSIONS


def test_an_upgrade_keeps_every_event_every_message_and_where_we_are(old):
    tables = ("events", "streams", "targets", "outbox", "held", "cases", "checkpoints", "captures")
    before = {table: contents(old, table) for table in tables}

    SqlStore(old, writable=True).close()

    assert {table: contents(old, table) for table in tables} == before
    assert [len(before[table]) > 0 for table in tables] == [True] * len(tables)


def test_the_log_fits_its_chain_and_its_states_afterwards(old):
    store = SqlStore(old, writable=True)
    with store.writing() as work:
        told = [*work.log.read(EventFilter())]
        assert [*work.log.verify()] == [each.position for each in told]
        assert [each.cause for each in told] == [Cause.BASELINE, Cause.OBSERVED]
        before = work.streams.digest()
        work.streams.rebuild()
        assert work.streams.digest() == before
    store.close()


def test_captures_are_numbered_in_the_order_in_which_they_were_added(old):
    added = rows(old, "SELECT id FROM captures ORDER BY rowid")
    SqlStore(old, writable=True).close()

    numbered = rows(old, "SELECT id, number FROM captures ORDER BY number")
    assert numbered == [(name, number) for number, (name,) in enumerate(added, start=1)]


@pytest.mark.parametrize("table", ["events", "captures"])
def test_what_was_written_before_the_upgrade_cannot_be_changed_after_it(old, table):
    SqlStore(old, writable=True).close()

    with closing(sqlite3.connect(old)) as database:
        for change in (f"UPDATE {table} SET source = ''", f"DELETE FROM {table}"):  # noqa: S608
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(change)


def test_an_upgraded_database_is_made_like_a_new_one(old, tmp_path):
    SqlStore(old, writable=True).close()
    SqlStore(tmp_path / "new.db", writable=True).close()

    assert schema(old) == schema(tmp_path / "new.db")


def test_a_new_database_is_made_as_the_schema_says(tmp_path):
    SqlStore(tmp_path / "new.db", writable=True).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'said.db'}")
    with engine.begin() as connection:
        metadata.create_all(connection)
        for trigger in APPEND_ONLY:
            connection.exec_driver_sql(trigger)
    engine.dispose()

    made, said = schema(tmp_path / "new.db"), schema(tmp_path / "said.db")
    assert {each[:2] for each in made} == {each[:2] for each in said}
    # the text of a table may put a column and a constraint in another order: what is it to SQLite?
    for name in sorted(each[1] for each in said if each[0] == "table"):
        assert columns(tmp_path / "new.db", name) == columns(tmp_path / "said.db", name)
        assert indexes(tmp_path / "new.db", name) == indexes(tmp_path / "said.db", name)


def columns(path, table):
    return rows(path, f"PRAGMA table_info({table})")


def indexes(path, table):
    """The indexes of a table: each with its name, whether it is unique, and its columns."""
    return sorted(
        (name, unique, tuple(rows(path, f"PRAGMA index_info({name})")))
        for _, name, unique, *_ in rows(path, f"PRAGMA index_list({table})")
    )


def test_the_database_is_kept_as_it_was_and_the_operator_is_told_where(old, caplog):
    before = contents(old, "events"), rows(old, "SELECT version_num FROM alembic_version")
    SqlStore(old, writable=True).close()

    kept = old.with_name(f"watcher.db.before-{HEAD}")
    assert (
        contents(kept, "events"),
        rows(kept, "SELECT version_num FROM alembic_version"),
    ) == before
    assert rows(kept, "PRAGMA journal_mode") == [("delete",)], "one file, whole by itself"
    assert str(kept) in caplog.text


def test_a_new_database_has_no_earlier_self_to_keep(tmp_path, caplog):
    SqlStore(tmp_path / "watcher.db", writable=True).close()
    SqlStore(tmp_path / "watcher.db", writable=True).close()

    assert [*tmp_path.glob("*.before-*")] == []
    assert [each for each in caplog.messages if "it is kept in" in each] == []


def test_an_upgrade_that_fails_in_the_middle_leaves_the_database_as_it_was(old, monkeypatch):
    before = digest(old)
    upgraded = opening.upgrade

    def failing(writer):
        upgraded(writer)
        assert "number" in {each["name"] for each in sa.inspect(writer).get_columns("captures")}
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr(opening, "upgrade", failing)
    with pytest.raises(OSError, match="the disk is full"):
        SqlStore(old, writable=True)
    assert digest(old) == before

    monkeypatch.undo()
    SqlStore(old, writable=True).close()
    assert rows(old, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def digest(path):
    """Everything in the database: rows and tables."""
    with closing(sqlite3.connect(path)) as database:
        return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


def test_an_old_database_is_not_read_without_an_upgrade(old):
    with pytest.raises(IntegrityError, match="of an older version"):
        SqliteDatabase(old, writable=False)


def test_a_newer_database_is_refused_and_left_alone(old):
    with closing(sqlite3.connect(old)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = digest(old)

    for writable in (True, False):
        with pytest.raises(IntegrityError, match="newer than this program"):
            SqliteDatabase(old, writable=writable)
    assert digest(old) == before
    assert [*old.parent.glob("*.before-*")] == []
