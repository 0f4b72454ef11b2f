"""Where payloads and backups are: in a folder, or in a bucket by the environment's credentials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from watcher.bootstrap.world import SystemClock
from watcher.config.model import Storage
from watcher.config.secret_files import SecretFileError, find
from watcher.errors import ObjectStoreError
from watcher.store.blob_cache import BlobCache
from watcher.store.bucket import CREDENTIALS, bucket, is_bucket
from watcher.store.bucket_shelf import BucketShelf
from watcher.store.snapshots import FolderSnapshots, KeptSnapshots
from watcher.store.vault import Vault, vault


def snapshots_of(storage: Storage) -> KeptSnapshots:
    """Return the payloads that are configured; a bucket is not asked yet.

    Raises:
        ObjectStoreError: The bucket's settings cannot be used.
    """
    if isinstance(storage.snapshots, Path):
        return FolderSnapshots(storage.snapshots)
    clock = SystemClock()
    cache = BlobCache(storage.cache, storage.cache_size, lambda: clock.now().timestamp())
    opened = bucket(storage.snapshots, object_store_settings(os.environ))
    return KeptSnapshots(BucketShelf(opened, cache))


def snapshots_at(address: str) -> KeptSnapshots:
    """Return the payloads at an address that a person gave: a folder, `file:///…` or a bucket.

    Raises:
        ObjectStoreError: It is no such address, or the bucket's settings cannot be used.
    """
    if is_bucket(address):
        return KeptSnapshots(BucketShelf(bucket(address, object_store_settings(os.environ))))
    if address.startswith("file:///"):
        return FolderSnapshots(Path(unquote(address.removeprefix("file://"))))
    if "://" in address or not address.strip():
        message = f"{address!r} is no place for payloads: give a folder, file:///… or a bucket"
        raise ObjectStoreError(message)
    return FolderSnapshots(Path(address))


def vault_at(address: str) -> Vault:
    """Return the place for backups at an address; see `vault`."""
    return vault(address, object_store_settings(os.environ))


def object_store_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the object stores' secrets, those in files too.

    Raises:
        ObjectStoreError: A file should hold one, and cannot be read.
    """
    settings = dict(environment)
    for name in (each for names in CREDENTIALS.values() for each in names):
        try:
            found = find(name, environment)
        except SecretFileError as error:
            message = f"{name}: {error}"
            raise ObjectStoreError(message) from None
        if found is not None:
            settings[name] = found.value
    return settings
