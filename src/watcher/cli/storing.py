"""Commands about the database itself: `store move`, `digest`, `upgrade`, `grants`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from watcher.bootstrap import database_of
from watcher.cli.bars import bars
from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
)
from watcher.cli.printing import as_json, table
from watcher.config.addresses import address_of_database
from watcher.errors import IntegrityError, OperationalError
from watcher.store import transfer
from watcher.store.database import HEAD, Place, postgres_at
from watcher.store.store import SqlStore, opened_database
from watcher.store.transfer import StoreDigest


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    store = typer.Typer(
        no_args_is_help=True,
        help="The database itself: `move` to another engine, `digest`, `upgrade`, `grants`.",
    )
    for command in (move, digest, upgrade, grants):
        store.command()(command)
    app.add_typer(store, name="store")


@told_errors
def move(
    source: Annotated[
        str, typer.Argument(help="A SQLite file, sqlite:///… or postgresql://…, as it is now.")
    ],
    target: Annotated[
        str, typer.Argument(help="Where it is to be: likewise; nothing may stand there yet.")
    ],
    json: AsJson = False,
) -> None:
    """Move a store to another database, prove that both hold the same, or leave nothing there.

    Stop the service first. `${NAME}` in an address is read from the environment, so that no
    password stands on the command line. The source is only read, and stays as it is.
    """
    origin, destination = _place(source), _place(target)
    _refuse_same(origin, destination)
    with _stopped(origin) as reading:
        store = SqlStore(destination, writable=True)
        try:
            with bars() as told, store.writing() as work:
                moved = transfer.move(reading, work.connection, told)
            states = _states(store)
        finally:
            store.close()
    _tell(moved, states, json=json)
    say("the same stands in both. Name the new one as `storage.database`, then `watcher verify`")


@told_errors
def digest(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Tell what stands in the configured database: each table's rows and digest, and one of all.

    Two stores with the same digest hold the same, byte for byte, whatever their engines.
    """
    store = SqlStore(database_of(configuration(config)), writable=False)
    try:
        with bars() as told, store.reading() as work:
            found = transfer.digest(work.connection, told)
        _tell(found, _states(store), json=json)
    finally:
        store.close()


@told_errors
def upgrade(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Make the tables of the configured database, or those of this version of the program.

    As a rule any command that writes does. Where the service's role may not, the owner's does:
    `DATABASE=postgresql://owner:…@… watcher store upgrade`, then `watcher store grants` again.
    """
    place = database_of(configuration(config))
    opened_database(place, writable=True).close()
    say(f"the database is of version {HEAD}")


@told_errors
def grants(
    service: Annotated[
        str, typer.Option(help="The role that runs the service: appends, and changes no log.")
    ] = "",
    reader: Annotated[str, typer.Option(help="A role that only reads, and no passwords.")] = "",
    schema: Annotated[str, typer.Option(help="The schema of the tables.")] = "public",
    apply: Annotated[
        bool, typer.Option("--apply", help="Carry it out, as the configured role: the owner.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Print the SQL that lets a role of PostgreSQL run the service without owning the log.

    Such a role cannot update, delete or truncate the log, the ledger or the signed checkpoints, nor
    take away the triggers that refuse it. Give it again after each upgrade.
    """
    # the driver is an extra of its own
    from watcher.store import postgres_grants  # noqa: PLC0415

    if not (service or reader):
        message = "say for which role: --service NAME, --reader NAME, or both"
        raise typer.BadParameter(message)
    made = [*(postgres_grants.service_grants(service, schema) if service else ())]
    made += postgres_grants.reader_grants(reader, schema) if reader else ()
    if not apply:
        typer.echo("\n".join(["BEGIN;", *(f"{each};" for each in made), "COMMIT;"]))
        return
    place = database_of(configuration(config))
    if isinstance(place, Path):
        message = "the configured database is a SQLite file: who may read the file may read it all"
        raise OperationalError(message)
    postgres_grants.apply(place, made)
    say(f"{len(made)} statements were carried out")


def _place(said: str) -> Place:
    """Return the place that a person names: a file, or an address with its variables read."""
    if "://" not in said:
        return Path(said)
    address = address_of_database(said, os.environ, Path.cwd())
    return postgres_at(address.reveal()) if not isinstance(address, Path) else address


def _refuse_same(one: Place, other: Place) -> None:
    if one == other:
        message = "both are the same database"
        raise OperationalError(message)


@contextmanager
def _stopped(place: Place) -> Iterator[sa.Connection]:
    """Yield a view of one moment of a store that nobody writes to meanwhile.

    Raises:
        StoreBusyError: A service holds the SQLite file.
        OperationalError: Other processes of ours are connected to PostgreSQL.
        IntegrityError: There is no store.
    """
    if isinstance(place, Path) and not place.exists():
        message = f"there is no database at {place}"
        raise IntegrityError(message)
    store = SqlStore(place, writable=True)
    try:
        if not isinstance(place, Path):
            _refuse_company(store)
        with store.reading() as work:
            yield work.connection
    finally:
        store.close()


def _refuse_company(store: SqlStore) -> None:
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'watcher%'"
        " AND datname = current_database() AND pid <> ALL(:ours)"
    )
    with store.reading() as work, store.reading() as other:
        ours = [
            each.connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
            for each in (work, other)
        ]
        company = work.connection.execute(query, {"ours": ours}).scalar()
    if company:
        message = f"{company} other connections of watcher are open: stop every process first"
        raise OperationalError(message)


def _states(store: SqlStore) -> str:
    with store.reading() as work:
        return work.streams.digest()


def _tell(found: StoreDigest, states: str, *, json: bool) -> None:
    if json:
        as_json({"store": found, "states": states})
        return
    rows = ((name, each.rows, each.digest) for name, each in sorted(found.tables.items()))
    table("", ("table", "rows#", "digest"), rows)
    typer.echo(f"store {found.digest}")
    typer.echo(f"states {states}")
