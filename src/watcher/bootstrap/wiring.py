"""A configuration becomes stores, a fetcher, channels and the steps they serve."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.bootstrap.channels import channels_of, with_files
from watcher.bootstrap.evidence import evidence_of
from watcher.bootstrap.fetching import NoFetcher, polite_fetcher
from watcher.bootstrap.payloads import snapshots_of
from watcher.bootstrap.sources import due_by, followings, made
from watcher.bootstrap.watcher import Watcher
from watcher.bootstrap.world import World
from watcher.config.addresses import sqlite_file
from watcher.config.model import Config
from watcher.core.links import PURPOSE
from watcher.core.sign_in import FORMS
from watcher.ports.access import Passwords
from watcher.ports.hosts import HostLedger
from watcher.ports.store import Store
from watcher.services.check import Tools
from watcher.services.follow import settle
from watcher.store.database import Place, postgres_at
from watcher.store.holdings import Holdings, SharedHostLedger
from watcher.store.hosts import SqlHostLedger
from watcher.store.passwords import Argon2Passwords
from watcher.store.signing import FolderSigning
from watcher.store.store import SqlStore

if TYPE_CHECKING:
    from watcher.fetch.politeness import PoliteFetcher


@contextmanager
def opened(config: Config, world: World, *, writable: bool) -> Iterator[Watcher]:
    """Return the whole program wired by `config`; its store is closed at the end.

    Args:
        config: The checked configuration.
        world: Clock, sleeper and, for tests, a fetcher.
        writable: Whether this process is to be the one that writes.

    Raises:
        StoreBusyError: Another process writes to the store already.
    """
    store = SqlStore(database_of(config), writable=writable)
    try:
        yield _wired(config, world, store, writable=writable)
    finally:
        store.close()


@contextmanager
def scratch_store() -> Iterator[Store]:
    """Return an empty store that is thrown away at the end."""
    with tempfile.TemporaryDirectory(prefix="watcher-scratch-") as folder:
        store = SqlStore(Path(folder) / "watcher.db", writable=True)
        try:
            yield store
        finally:
            store.close()


def database_of(config: Config) -> Place:
    """Return where the configured database is.

    Raises:
        ConfigError: What drives PostgreSQL is not installed.
    """
    database = config.storage.database
    return sqlite_file(database) if isinstance(database, str) else postgres_at(database.reveal())


def argon2() -> Passwords:
    """Return what keeps passwords."""
    return Argon2Passwords()


def _wired(config: Config, world: World, store: SqlStore, *, writable: bool) -> Watcher:
    sources = {source.id: made(source) for source in config.sources}
    snapshots = snapshots_of(config.storage)
    followed = tuple(followings(config))
    polite: PoliteFetcher | None = None
    holdings: Holdings | None = None
    signing = FolderSigning(config.storage.folder, os.environ)
    if writable:
        config.storage.folder.mkdir(parents=True, exist_ok=True)
        signing.prepare()
        if isinstance(database_of(config), Path):
            ledger: HostLedger = SqlHostLedger(store)
            settle(store, followed, world.clock.now())
        else:
            holdings = Holdings(store, secrets.token_hex(6), world.clock)
            ledger = SharedHostLedger(store, holdings)
        if world.fetcher is None:
            polite = polite_fetcher(config, world, ledger)
    tools = Tools(
        store=store,
        snapshots=snapshots,
        fetcher=world.fetcher or polite or NoFetcher(),
        clock=world.clock,
        recorder=world.clock,
        due=due_by(config),
    )
    evidence = partial(evidence_of, store, snapshots, signing, sources)
    channels = channels_of(config, world.clock) if writable else {}
    return Watcher(
        config=config,
        store=store,
        snapshots=snapshots,
        signing=signing,
        sources=sources,
        channels={**channels, **dict(with_files(config, channels, store, evidence))},
        tools=tools,
        followings=followed,
        rests=polite,
        holdings=holdings,
        passwords=world.passwords or argon2(),
        link_key=signing.secret_for(PURPOSE) if writable and config.web else b"",
        form_key=signing.secret_for(FORMS) if writable and config.web else b"",
    )
