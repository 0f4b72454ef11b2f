"""What a PostgreSQL database is made of: the schema's tables, with the engine's own guards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kit.engines import outside
from watcher.errors import IntegrityError
from watcher.store.database import HEAD
from watcher.store.postgres_types import portable_types
from watcher.store.schema import CLOSED, metadata
from watcher.store.store import SqlStore


@pytest.fixture
def empty(postgres):
    with postgres.database(is_empty=True) as url:
        yield url


def made(url):
    """Every table's columns, keys and indices, as PostgreSQL keeps them."""
    with outside(url) as connection:
        columns = connection.exec_driver_sql(
            "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name <> 'alembic_version'"
        ).all()
        indices = connection.exec_driver_sql(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " AND tablename <> 'alembic_version'"
        ).all()
    return {tuple(each) for each in columns}, {each.indexdef for each in indices}


def test_the_migrations_make_the_tables_of_the_schema(empty, postgres):
    SqlStore(empty, writable=True).close()
    with postgres.database(is_empty=True) as said:
        engine = sa.create_engine(said)
        portable_types(engine.dialect)
        metadata.create_all(engine)
        engine.dispose()

        assert made(empty) == made(said)


def test_integers_have_64_bits_and_texts_the_order_of_their_bytes(empty):
    SqlStore(empty, writable=True).close()
    columns, _ = made(empty)

    kinds = {(kind, collation) for _, _, kind, collation, *_ in columns}
    assert kinds == {("bigint", None), ("text", "C"), ("bytea", None), ("boolean", None)}


def test_every_closed_table_refuses_whatever_changes_it_though_nothing_is_in_it(empty):
    SqlStore(empty, writable=True).close()

    for table in CLOSED:
        column = next(iter(metadata.tables[table].columns)).name
        for change in (
            f"UPDATE {table} SET {column} = {column}",  # noqa: S608  our own names
            f"DELETE FROM {table}",  # noqa: S608
            f"TRUNCATE {table}",
            f"SET session_replication_role = replica; DELETE FROM {table}",  # noqa: S608
        ):
            with (
                pytest.raises(sa.exc.IntegrityError, match="append-only"),
                outside(empty) as connection,
            ):
                connection.exec_driver_sql(change)


def test_a_reader_of_nothing_is_told_what_to_do(empty):
    with pytest.raises(IntegrityError, match="watcher once"):
        SqlStore(empty, writable=False)


def test_an_upgrade_that_fails_in_the_middle_leaves_nothing(empty, monkeypatch):
    def failing(writer):
        metadata.create_all(writer)
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr("watcher.store.postgres.upgrade", failing)
    with pytest.raises(OSError, match="the disk is full"):
        SqlStore(empty, writable=True)
    assert made(empty) == (set(), set())

    monkeypatch.undo()
    SqlStore(empty, writable=True).close()
    with outside(empty) as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert found == HEAD


def test_a_database_of_another_encoding_is_refused(postgres):
    postgres.run("CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(IntegrityError, match="--encoding UTF8"):
        SqlStore(postgres.url("latin"), writable=True)
    postgres.run("DROP DATABASE latin")
