"""Who else on this machine may write what we trust: noticed, with what to do about it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from watcher.config.addresses import sqlite_file
from watcher.config.env_file import ENV_FILE, env_file
from watcher.config.model import Config, Secret
from watcher.config.secret_files import READABLE_BY_OTHERS
from watcher.errors import Problem


def notices(path: Path, config: Config) -> Iterator[Problem]:
    """Yield what others than the owner may do to the configuration and to what is kept.

    Who writes `sources.yaml` decides what is watched and who is told; who writes to the folder of
    the database can put another one in its place. Reading them tells no secret.

    Args:
        path: The configuration's file.
        config: What stands in it.
    """
    database = config.storage.database
    file = {} if isinstance(database, Secret) else {"storage.database": sqlite_file(database)}
    kept = {
        **{key: path.parent for key, path in file.items()},
        "storage.folder": config.storage.folder,
    }
    if isinstance(config.storage.snapshots, Path):
        kept["storage.snapshots"] = config.storage.snapshots
    secrets = env_file(path)
    told: set[Path] = set()
    for key, trusted in {"(file)": path, ENV_FILE: secrets, **kept}.items():
        if trusted in told:
            continue
        told.add(trusted)
        if _may_be_written_by_anyone(trusted):
            what = "folder" if key.startswith("storage") else "file"
            message = f"anyone on this machine may write to this {what}: chmod o-w {trusted}"
            yield Problem(file=str(path), line=1, key=key, message=message)
    if _mode(secrets) & READABLE_BY_OTHERS:
        message = f"it holds secrets, and others than its owner may read it: chmod 600 {secrets}"
        yield Problem(file=str(path), line=1, key=ENV_FILE, message=message)


def _may_be_written_by_anyone(path: Path) -> bool:
    return bool(_mode(path) & stat.S_IWOTH)


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0  # it is not there, or will be made by us, with our umask
