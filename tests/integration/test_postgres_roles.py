"""A role that runs the service and cannot change the log, whatever it tries."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from factories import ALOFISEL, a_state
from kit.clocks import StandingClock
from kit.engines import outside
from kit.plain_source import URL, ScriptedFetcher, a_source, a_toolbox, page
from kit.station import settings
from watcher.cli.main import app
from watcher.core.rules import Rule
from watcher.errors import StoreError
from watcher.ports import Envelope
from watcher.services.alert import alert
from watcher.services.check import check
from watcher.services.deliver import deliver
from watcher.services.sealing import seal
from watcher.store.postgres_checkup import check_up_server
from watcher.store.postgres_grants import apply, reader_grants, service_grants
from watcher.store.schema import CLOSED
from watcher.store.signing import FolderSigning
from watcher.store.store import SqlStore

ROLES = ("the_owner", "the_service", "the_reader")


@pytest.fixture
def addresses(postgres):
    """A database that its owner has made and granted, as each of the three roles sees it."""
    with postgres.database(is_empty=True) as url:
        for role in ROLES:
            postgres.run(f"CREATE ROLE {role} LOGIN")
        postgres.run(f"ALTER DATABASE {url.database} OWNER TO the_owner")
        by_role = {role: url.set(username=role) for role in ROLES}
        SqlStore(by_role["the_owner"], writable=True).close()
        wanted = (*service_grants("the_service"), *reader_grants("the_reader"))
        apply(by_role["the_owner"], wanted)
        try:
            yield by_role
        finally:
            for role in ROLES[::-1]:
                postgres.run(f"DROP OWNED BY {role} CASCADE", database=url.database)
            postgres.run(f"ALTER DATABASE {url.database} OWNER TO postgres")
            for role in ROLES:
                postgres.run(f"DROP ROLE {role}")


class Receiver:
    id = "pv"

    def __init__(self):
        self.taken = []

    def send(self, envelope):
        self.taken.append(envelope)
        return "taken"


def letter(case, _why, _known, _recipient):
    return Envelope(key=case.key, subject=case.lead.event.type, text="")


def test_the_whole_line_runs_as_the_role_of_the_service(addresses, tmp_path):
    store = SqlStore(addresses["the_service"], writable=True)
    clock, fetcher, receiver = StandingClock(), ScriptedFetcher(), Receiver()
    tools = a_toolbox(tmp_path, fetcher, clock, store=store)
    signing = FolderSigning(tmp_path, {})
    signing.prepare()
    for status in ("authorised", "withdrawn"):
        clock.forward(3600)
        fetcher.says(page({str(ALOFISEL): a_state(**{"authorisation[EU].status": status})}))
        check(a_source(), URL, tools)
        alert(store, [Rule(id="all", channels=("pv",))], letter, clock)
        deliver(store, {"pv": receiver}, clock)
    seal(store, signing, clock)
    seal(store, signing, clock)

    assert [each.subject for each in receiver.taken] == ["authorisation.withdrawn"]
    with store.writing() as work:
        assert work.proof.last_checkpoint() is not None
        work.streams.rebuild()
        assert [*work.log.verify()]
    store.close()


@pytest.mark.parametrize("table", CLOSED)
@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "INSERT INTO {table} TABLE {table} ON CONFLICT ({column}) DO UPDATE SET {column} = 0",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP TABLE {table} CASCADE",
        "ALTER TABLE {table} ADD COLUMN more text",
        "CREATE RULE none AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION watcher_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "SET session_replication_role = replica",
        "SET ROLE the_owner",
        "UPDATE alembic_version SET version_num = '0'",
    ],
)
def test_the_role_of_the_service_cannot_change_what_is_closed(addresses, table, attempt):
    column = {"events": "position", "captures": "number", "signed_checkpoints": "size"}[table]
    statement = attempt.format(table=table, column=column)

    with (
        outside(addresses["the_service"]) as connection,
        pytest.raises(sa.exc.ProgrammingError) as refused,
    ):
        connection.exec_driver_sql(statement)
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_role_of_the_service_can_grant_itself_nothing(addresses):
    with outside(addresses["the_service"]) as connection:
        for table in CLOSED:
            connection.exec_driver_sql(f"GRANT ALL ON {table} TO the_service")
            for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
                may = sa.select(sa.func.has_table_privilege(table, right))
                assert connection.execute(may).scalar() is False, f"{right} on {table}"


def test_who_only_reads_reads_no_password_and_writes_nothing(addresses):
    with outside(addresses["the_reader"]) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 0
    for statement in (
        "SELECT * FROM users",
        "SELECT * FROM sessions",
        "SELECT * FROM tokens",
        "INSERT INTO checkpoints VALUES ('a', 1)",
    ):
        with (
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
            outside(addresses["the_reader"]) as connection,
        ):
            connection.exec_driver_sql(statement)


def test_the_doctor_finds_the_role_of_the_service_right_and_the_owner_too_mighty(addresses):
    service = check_up_server(addresses["the_service"])
    assert (service.may_do_all, service.may_change) == (False, ())
    owner = check_up_server(addresses["the_owner"])
    assert (owner.may_do_all, set(owner.may_change)) == (False, set(CLOSED))


def test_a_role_without_grants_is_told_what_to_do(addresses, postgres):
    postgres.run("CREATE ROLE nobody_yet LOGIN")
    with pytest.raises(StoreError, match="watcher store grants") as told:
        SqlStore(addresses["the_owner"].set(username="nobody_yet"), writable=True)
    postgres.run("DROP ROLE nobody_yet")

    assert told.value.kind == "denied"


def test_the_command_prints_what_it_would_carry_out():
    told = CliRunner().invoke(app, ["store", "grants", "--service", "svc", "--reader", "look"])

    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN;", "COMMIT;")
    assert lines[1:-1] == [f"{each};" for each in (*service_grants("svc"), *reader_grants("look"))]
    assert CliRunner().invoke(app, ["store", "grants"]).exit_code == 2
    assert CliRunner().invoke(app, ["store", "grants", "--service", 'x"; DROP']).exit_code == 1


def test_the_command_carries_it_out_as_the_configured_role(addresses, tmp_path, postgres):
    postgres.run("CREATE ROLE another LOGIN")
    storage = {"database": str(addresses["the_owner"].set(drivername="postgresql"))}
    path = settings(tmp_path, [SOURCE], channels={"files": "folder:messages"}, storage=storage)
    words = ["store", "grants", "--service", "another", "--apply", "--config", str(path)]

    told = CliRunner().invoke(app, words)

    assert told.exit_code == 0, told.output
    SqlStore(addresses["the_owner"].set(username="another"), writable=True).close()
    postgres.run("DROP OWNED BY another", database=addresses["the_owner"].database)
    postgres.run("DROP ROLE another")


SOURCE = {"id": "table", "reader": "ema_medicines", "url": "https://127.0.0.1:1/m.json"}
