"""A store moved from SQLite to PostgreSQL and back: the same to the byte, or nothing at all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from factories import ALOFISEL, NOON
from kit.engines import address_of, outside, unguarded
from kit.proven import Proven, authorised
from watcher.cli.main import app
from watcher.core.access import Role
from watcher.ports import Envelope
from watcher.ports.access import User
from watcher.services.past import memo_of
from watcher.store import transfer
from watcher.store.schema import metadata
from watcher.store.store import SqlStore

LETTER = Envelope(key="k", subject="ü", text="t")


def quiet(_what, _done, _of):
    pass


@pytest.fixture
def lived(tmp_path):
    """A store with something in nearly every table, sealed and signed."""
    home = tmp_path / "home"
    home.mkdir()
    proven = Proven(home)
    proven.look(authorised())
    proven.look(authorised(**{"authorisation[EU].status": "withdrawn"}))
    proven.look(authorised(**{"authorisation[EU].status": "withdrawn"}), note="other bytes")
    with proven.tools.store.writing() as work:
        for channel in ("pv", "chat"):
            work.outbox.put("k", "case", channel, LETTER, NOON)
        work.access.put_user(User(name="anna", role=Role.EDITOR, password="$x$", created_at=NOON))
        work.move_checkpoint("alert", 3)
        work.memos.put(memo_of(work, 2))
        work.streams.set_missing(f"ema/{ALOFISEL}", {"x": 2})
    proven.seal()
    proven.seal()
    proven.close()
    return proven


def run(*words):
    return CliRunner().invoke(app, ["store", *map(str, words)])


def everything(place):
    store = SqlStore(place, writable=False)
    with store.reading() as work:
        found = transfer.digest(work.connection, quiet)
    store.close()
    return found


def test_there_and_back_it_is_the_same_and_its_signatures_still_verify(lived, postgres, tmp_path):
    before = everything(lived.database)
    assert sum(table.rows > 0 for table in before.tables.values()) > 10
    with postgres.database(is_empty=True) as url:
        there = run("move", lived.database, address_of(url))
        assert there.exit_code == 0, there.output
        assert f"store {before.digest}" in there.stdout
        assert everything(url) == before

        back = tmp_path / "home" / "again.db"
        assert run("move", address_of(url), back).exit_code == 0
    assert everything(back) == before

    lived.database.unlink()
    back.rename(lived.database)
    assert lived.wrong() == ""


def test_what_was_moved_goes_on_where_it_was(lived, postgres):
    with postgres.database(is_empty=True) as url:
        assert run("move", lived.database, address_of(url)).exit_code == 0
        store = SqlStore(url, writable=True)
        with store.writing() as work:
            assert work.outbox.put("another", "case", "pv", LETTER, NOON)
            numbers = [each.id for each in work.outbox.latest(9)]
        with store.reading() as work:
            head = work.log.head()
            assert [*work.log.verify()] == [*range(1, head + 1)]
        store.close()

    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 3


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO checkpoints VALUES ('a', 1)", "INSERT INTO tiles VALUES (1, 1, 'x')"],
)
def test_what_is_not_empty_is_left_alone(lived, postgres, statement):
    with postgres.database() as url:
        with outside(url) as connection:
            connection.exec_driver_sql(statement)
        before = everything(url)

        refused = run("move", lived.database, address_of(url))

        assert refused.exit_code == 3
        assert "not empty: there are rows in" in refused.output
        assert everything(url) == before


def test_a_running_service_has_to_be_stopped_first(lived, postgres):
    lived.open_for_writing()
    with postgres.database(is_empty=True) as url:
        refused = run("move", lived.database, address_of(url))
        assert refused.exit_code == 3
        assert "stop it first" in refused.output
    lived.close()
    with postgres.database() as url:
        store = SqlStore(url, writable=True)
        with store.reading():
            refused = run("move", address_of(url), lived.folder / "new.db")
        store.close()
    assert refused.exit_code == 1
    assert "stop every process first" in refused.output


def test_one_that_fails_in_the_middle_leaves_the_target_empty(lived, postgres, monkeypatch):
    def failing(connection, *_):
        assert transfer.counts(connection)["events"]
        message = "killed"
        raise OSError(message)

    with postgres.database() as url:
        store, origin = SqlStore(url, writable=True), SqlStore(lived.database, writable=False)
        monkeypatch.setattr(transfer, "digest", failing)
        with (
            origin.reading() as source,
            pytest.raises(OSError, match="killed"),
            store.writing() as work,
        ):
            transfer.move(source.connection, work.connection, quiet)
        monkeypatch.undo()

        with store.reading() as work:
            assert not any(transfer.counts(work.connection).values())
        store.close()
        origin.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE captures SET is_revisit = 3 WHERE number = 1", "not what stands in the source"),
        ("UPDATE outbox SET attempts = 'x'", "outbox, id 1: attempts is a str"),
        ("UPDATE outbox SET answer = 'a' || char(0)", "outbox, id 1: answer has a NUL in it"),
        (
            "UPDATE events SET payload = 'text' WHERE position = 1",
            "events, position 1: payload is a str",
        ),
    ],
)
def test_what_this_program_did_not_write_is_not_moved(lived, postgres, damage, said):
    with unguarded(lived.database) as connection:
        connection.exec_driver_sql(damage)
    with postgres.database(is_empty=True) as url:
        refused = run("move", lived.database, address_of(url))

        assert refused.exit_code == 3, refused.output
        assert said in " ".join(refused.output.split())
        store = SqlStore(url, writable=False)
        with store.reading() as work:
            assert not any(transfer.counts(work.connection).values())
        store.close()


def test_any_single_change_changes_the_digest(lived):
    before = everything(lived.database)
    for name, table in metadata.tables.items():
        if not before.tables[name].rows:
            continue
        column = [each for each in table.columns if isinstance(each.type, sa.Integer | sa.Text)][-1]
        engine = sa.create_engine(f"sqlite:///{lived.database}", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for (trigger,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).all():
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
            other = "x" if isinstance(column.type, sa.Text) else 77
            last = sa.text(f"rowid = (SELECT max(rowid) FROM {name})")  # noqa: S608  our own names
            connection.execute(sa.update(table).where(last).values({column.name: other}))
            after = transfer.digest(connection, quiet)
            connection.rollback()
        changed = {each for each, told in after.tables.items() if told != before.tables[each]}
        assert changed == {name}
        assert after.digest != before.digest


def test_an_address_that_is_none_is_told_so_with_no_secret(lived, monkeypatch):
    monkeypatch.setenv("PW", "of-the-database")
    told = run("move", lived.database, "mysql://u:${PW}@h/d")

    assert told.exit_code == 2
    assert "PostgreSQL database" in told.output
    assert "of-the-database" not in told.output
    assert run("move", lived.folder / "no.db", lived.folder / "new.db").exit_code == 3
    assert run("move", lived.database, f"sqlite:///{lived.database}").exit_code == 1
