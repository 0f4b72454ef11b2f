"""The only wiring: a configuration becomes stores, a fetcher, channels and the steps they serve.

Importing anything else of this program opens, starts and reads nothing.
"""

from watcher.bootstrap.channels import channels_of
from watcher.bootstrap.fetching import polite_fetcher, sign_of_life
from watcher.bootstrap.letters import source_names
from watcher.bootstrap.payloads import snapshots_at, snapshots_of, vault_at
from watcher.bootstrap.watcher import Watcher
from watcher.bootstrap.wiring import argon2, database_of, opened, scratch_store
from watcher.bootstrap.world import SystemClock, World, wait

__all__ = [
    "SystemClock",
    "Watcher",
    "World",
    "argon2",
    "channels_of",
    "database_of",
    "opened",
    "polite_fetcher",
    "scratch_store",
    "sign_of_life",
    "snapshots_at",
    "snapshots_of",
    "source_names",
    "vault_at",
    "wait",
]
