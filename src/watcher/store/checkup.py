"""What can be told of a database's file without opening it to write: for the doctor.

A connection of its own, read-only from the first byte: it neither upgrades, checkpoints nor locks,
so it does no harm beside the running service.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from watcher.store.database import HEAD as HEAD  # noqa: PLC0414  named here too

_SMALL = 200_000_000
"""Bytes up to which every index is compared with its table; above it only pages are checked."""
_BUSY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What was found.

    Attributes:
        sqlite: SQLite's version: `3.40.1`.
        exists: Whether there is a file.
        size: Its bytes, those not yet copied into it included.
        journal: How it writes: `wal`.
        version: The newest migration it has had; empty: none.
        damage: What SQLite finds wrong with it, a line each; empty: nothing.
        fault: Why it could not be read at all; empty: it could.
        holder: The process that holds it for writing; 0: none.
        last_recorded: When the last event was recorded, RFC 3339 UTC; empty: never.
    """

    sqlite: str = sqlite3.sqlite_version
    exists: bool = False
    size: int = 0
    journal: str = ""
    version: str = ""
    damage: tuple[str, ...] = ()
    fault: str = ""
    holder: int = 0
    last_recorded: str = ""


def check_up(path: Path) -> Checkup:
    """Return what can be told of the database at `path`."""
    if not path.exists():
        return Checkup(holder=holder_of(path))
    size = sum(each.stat().st_size for each in (path, _beside(path, "-wal")) if each.exists())
    try:
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
            found = _examined(database, size)
    except sqlite3.Error as error:
        return Checkup(exists=True, size=size, fault=str(error), holder=holder_of(path))
    journal, version, damage, last = found
    return Checkup(
        exists=True,
        size=size,
        journal=journal,
        version=version,
        damage=damage,
        holder=holder_of(path),
        last_recorded=last,
    )


def _examined(database: sqlite3.Connection, size: int) -> tuple[str, str, tuple[str, ...], str]:
    (journal,) = database.execute("PRAGMA journal_mode").fetchone()
    how = "integrity_check" if size < _SMALL else "quick_check"
    found = [str(row[0]) for row in database.execute(f"PRAGMA {how}(10)")]
    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    version = last = ""
    if "alembic_version" in tables:
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
        version = str(row[0]) if row else ""
    if "events" in tables:
        newest = "SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1"
        row = database.execute(newest).fetchone()
        last = str(row[0]) if row else ""
    return str(journal), version, tuple(found) if found != ["ok"] else (), last


def holder_of(path: Path) -> int:
    """Return the process that has the database at `path` for writing; 0: none that is alive.

    The lock itself is left alone: taking it, if only for a moment, could turn a service away that
    is about to start.
    """
    with suppress(OSError, ValueError):
        number = int(_beside(path, ".lock").read_text(encoding="utf-8").strip() or 0)
        if number:
            os.kill(number, 0)
            return number if _has_open(number, _beside(path, ".lock")) else 0
    return 0


def _has_open(number: int, lock: Path) -> bool:
    """Return whether a process has the lock's file open; where that is not told, it may have."""
    try:
        opened = [str(each.readlink()) for each in Path(f"/proc/{number}/fd").iterdir()]
    except OSError:
        return True
    return str(lock.resolve()) in opened


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")
