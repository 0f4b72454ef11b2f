"""Commands about what is stored: `snapshots`, `backup`, `restore`, `upgrade`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from watcher import __version__
from watcher.bootstrap import SystemClock, database_of, snapshots_at, snapshots_of, vault_at
from watcher.cli.bars import bars
from watcher.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigPath,
    configuration,
    say,
    told_errors,
    watching,
)
from watcher.cli.ordering import As
from watcher.cli.person import person
from watcher.cli.printing import as_json, progressing, table
from watcher.config.model import Config
from watcher.core.capture import instant
from watcher.errors import OperationalError
from watcher.ports.store import Store
from watcher.services import keeping, restoring
from watcher.services.audit import Against, steps, verify
from watcher.store import moving
from watcher.store.backup import Origin, back_up
from watcher.store.manifest import Manifest, chosen, generations
from watcher.store.restore import (
    DATABASE_PLACE,
    SETTINGS,
    SNAPSHOTS_PLACE,
    place,
    put_back,
    require_empty,
    require_room,
)
from watcher.store.signing import KEY_FILE, NOTES_FILE, PUBLIC_FILE, FolderSigning
from watcher.store.snapshots import FolderSnapshots
from watcher.store.store import SqlStore

_LIST = "list"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    snapshots = typer.Typer(
        no_args_is_help=True, help="What is stored of pages and files: `stats`, `gc`, `move`."
    )
    snapshots.command()(stats)
    snapshots.command()(gc)
    snapshots.command()(move)
    app.add_typer(snapshots, name="snapshots")
    app.command()(backup)
    app.command()(restore)
    app.command()(upgrade)


@told_errors
def stats(config: ConfigPath = DEFAULT_CONFIG, json: AsJson = False) -> None:
    """Tell how many payloads are stored, how small, of which sources, and what nothing names."""
    with watching(config, writable=False) as watcher:
        found = keeping.stats(watcher.store, watcher.snapshots)
    if json:
        as_json(found)
        return
    say(f"{found.count} payloads of {found.size} bytes in {found.stored}: {found.ratio:.1f} to 1")
    table("stored as", ("steps#", "payloads#"), found.depths.items())
    table("of sources", ("source", "bytes#"), found.sources.items())
    table("not there, or not needed", ("what", "payloads#"), _gone(found))


@told_errors
def gc(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would go, and take nothing.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Take the payloads whose time is over by `storage.retention`, and what nothing names.

    Nothing goes that an event rests on or names. An event lists what went; digests stay.
    """
    rules = configuration(config).storage.retention
    with watching(config, writable=not dry_run) as watcher:
        take = keeping.clearance if dry_run else keeping.clear
        found = take(watcher.store, watcher.snapshots, rules, SystemClock())
    if json:
        as_json(found)
        return
    going = (*found.expired, *found.orphans)
    table("", ("payload", "bytes#", "why"), ((e.digest, e.stored, e.why) for e in going))
    say(
        f"{len(going)} payloads and {found.leftovers} half-written files "
        f"{'would go' if dry_run else 'went'}: {found.freed} bytes; "
        f"{found.bases} stay because others rest on them"
    )


@told_errors
def move(
    origin: Annotated[
        str, typer.Argument(metavar="FROM", help="A folder, file:///… or a bucket: s3://…")
    ],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Likewise.")],
    json: AsJson = False,
) -> None:
    """Copy all payloads to another folder or bucket, and read each back; nothing is taken away.

    An interrupted move goes on where it stopped. The service may run meanwhile: stop it, move once
    more, name the new place as `storage.snapshots`, and start it.
    """
    with bars() as told:
        done = moving.move(snapshots_at(origin), snapshots_at(destination), told)
    if json:
        as_json(done)
        return
    say(f"{done.payloads} payloads and {done.tombstones} tombstones, {done.bytes} bytes, are there")
    say(f"{done.copied} files were copied; name the place as `storage.snapshots` to use it")


@told_errors
def backup(
    destination: Annotated[
        str,
        typer.Argument(
            metavar="DEST",
            help="A folder or a bucket (s3://, gs://, az://); `list DEST` lists them.",
        ),
    ],
    listed: Annotated[str, typer.Argument(metavar="[DEST]", help="After `list`.")] = "",
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Also the private key that signs checkpoints.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    json: AsJson = False,
) -> None:
    """Copy everything that is kept, while the service runs; payloads are copied once.

    It is complete only when its manifest is there, which comes last.
    """
    if destination == _LIST and listed:
        _list(listed, json=json)
        return
    if listed:
        message = f"expected one DEST, or `list DEST`; found {destination!r} and {listed!r}"
        raise typer.BadParameter(message)
    origin = _origin(configuration(config), config, with_key=with_key)
    with bars() as told:
        made = back_up(origin, vault_at(destination), instant(SystemClock().now()), told)
    if json:
        as_json(made)
        return
    say(f"{made.name}: position {made.position}, {made.captures} captures, {made.payloads} files")


@told_errors
def upgrade(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Bring the tables to the form of this version, and do nothing else.

    Any command that writes does so when it starts; this one is for whoever wants it done before.
    Several at the same time take turns, and what is done is not done twice.
    """
    with watching(config, writable=True) as watcher:
        place = database_of(watcher.config)
    if not isinstance(place, Path):
        from watcher.runtime.queue import prepare  # noqa: PLC0415  an extra of its own

        prepare(place)
    say(f"the tables are in the form of watcher {__version__}")


@told_errors
def restore(
    destination: Annotated[str, typer.Argument(metavar="DEST", help="Where the backup is.")],
    into: Annotated[Path, typer.Option(help="An empty folder, or one that is not there yet.")],
    to: Annotated[
        str, typer.Option(help="The newest backup not after this position or instant; else any.")
    ] = "",
    as_: As = "",
    json: AsJson = False,
) -> None:
    """Put a backup back into an empty folder, whole and verified, or not at all.

    The folder can be run as it is: `cd FOLDER && watcher run`.
    """
    kept = vault_at(destination)
    made = chosen(generations(kept), to)
    details = {"who": person(as_), "via": "command", "why": f"restored from {destination}"}
    require_empty(into)
    target = into.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    require_room(made, target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restoring-") as scratch:
        folder = Path(scratch) / "store"
        folder.mkdir()
        with bars() as told:
            put_back(kept, made, folder, told)
        position = _proved(folder, made, details)
        place(folder, target)
    if json:
        as_json({"backup": made, "folder": str(target), "position": position})
        return
    say(f"restored {made.name} into {target}: whole, states {made.states}")
    say(f"head {made.position}, hash {made.hash}; position {position} tells of the restoring")
    if SETTINGS in made.beside:
        say(f"see that `storage` in {target / SETTINGS} names {DATABASE_PLACE}, {SNAPSHOTS_PLACE}")


def _proved(folder: Path, made: Manifest, details: dict[str, str]) -> int:
    """Check a restored store as a whole; append the event that tells of it, return its position."""
    database = folder / DATABASE_PLACE
    store = SqlStore(database, writable=True)
    try:
        told = restoring.Told(
            name=made.name,
            position=made.position,
            hash=made.hash,
            states=made.states,
            captures=made.captures,
        )
        restoring.compare(store, told)
        _verify(store, FolderSnapshots(folder / SNAPSHOTS_PLACE), database.parent)
        return restoring.note(store, told, details, SystemClock()).position
    finally:
        store.close()


def _verify(store: Store, snapshots: FolderSnapshots, keys: Path) -> None:
    signing = FolderSigning(keys, os.environ)
    checked = verify(store, snapshots, Against(signing=signing, keys=signing.keys()))
    for _ in progressing("verifying", checked, total=steps(store)):
        pass


def _origin(config: Config, path: Path, *, with_key: bool) -> Origin:
    database = database_of(config)
    if not isinstance(database, Path):
        message = (
            "a backup of PostgreSQL is made by its own tools: see docs/postgresql.md for the "
            "order in which to copy it and the payloads"
        )
        raise OperationalError(message)
    beside = {SETTINGS: path, PUBLIC_FILE: database.with_name(PUBLIC_FILE)}
    if with_key:
        beside[KEY_FILE] = database.with_name(KEY_FILE)
        if not beside[KEY_FILE].exists():
            message = f"there is no private key at {beside[KEY_FILE]}: leave --with-key out"
            raise OperationalError(message)
    echoes = {NOTES_FILE: database.with_name(NOTES_FILE)}
    return Origin(
        database=database,
        snapshots=snapshots_of(config.storage),
        beside={name: file for name, file in beside.items() if file.exists()},
        echoes={name: file for name, file in echoes.items() if file.exists()},
    )


def _list(destination: str, *, json: bool) -> None:
    found = generations(vault_at(destination))
    if json:
        as_json(found)
        return
    rows = (
        (
            each.name,
            each.made_at[:16].replace("T", " "),
            each.position,
            each.captures,
            each.payloads,
        )
        for each in found
    )
    table("", ("backup", "made", "position#", "captures#", "files#"), rows)


def _gone(found: keeping.Stats) -> Iterator[tuple[str, int]]:
    yield "orphans", found.orphans
    yield from (("tombstones: " + kind, count) for kind, count in found.tombstones.items())
