"""The database: SQLite's version and its known faults, its file, and the clock by what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from watcher.doctor.finding import Area, Finding
from watcher.store.checkup import HEAD, Checkup

_AREA = Area("database")
_FAULTS = (
    (
        ((3, 7, 0), (3, 51, 2)),
        "two connections that write or checkpoint at the same moment can damage a WAL database "
        "(SQLite's own account: the WAL-reset bug, mended in 3.51.3)",
        "this program has one writing connection, and it alone checkpoints; keep it so: open the "
        "file with no other program that writes, and take a newer SQLite when your system has one",
    ),
)
"""SQLite's known faults that concern us: from and to which version, what it is, what to do."""
_OLDEST = (3, 35, 0)
"""What the statements of this program need (RETURNING)."""


def sqlite(version: str) -> Finding:
    """Return whether SQLite has a fault that is known to concern us."""
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    if number < _OLDEST:
        return _AREA.failing(
            "SQLite",
            version,
            means="it does not know statements that this program needs",
            advice=f"use a Python with SQLite {'.'.join(map(str, _OLDEST))} or newer",
        )
    for (first, last), fault, advice in _FAULTS:
        if first <= number <= last:
            return _AREA.warning("SQLite", version, means=fault, advice=advice)
    return _AREA.fine("SQLite", version)


def file(path: Path, checkup: Checkup) -> Iterator[Finding]:
    """Yield how the database's file is."""
    if not checkup.exists:
        yield _AREA.warning(
            "file",
            f"{path} is not there yet",
            means="nothing was looked at so far",
            advice="`watcher once` takes the first look, `watcher run` goes on from there",
        )
        return
    if checkup.fault or checkup.damage:
        yield _AREA.failing(
            "file",
            checkup.fault or "; ".join(checkup.damage[:3]),
            means="it is not as SQLite wrote it, and nothing may be built on it",
            advice="stop the service, keep the file, and put a backup back with `watcher restore`",
        )
        return
    yield _AREA.fine("file", f"{path}, {checkup.size / 1e6:,.1f} MB, whole by SQLite's own check")
    yield from version(checkup)
    if checkup.journal != "wal":
        yield _AREA.warning(
            "journal",
            checkup.journal,
            means="readers and the writer wait for each other",
            advice="nothing to do: `watcher run` sets it to WAL when it starts",
        )
    else:
        yield _AREA.fine("journal", "WAL, as it should be")
    holder = f"process {checkup.holder} has it to write" if checkup.holder else "nobody has it"
    yield _AREA.fine("writer", f"{holder}; this examination only reads")


def version(checkup: Checkup) -> Iterator[Finding]:
    """Yield whether the tables are of this program's version."""
    if checkup.version == HEAD:
        yield _AREA.fine("version", HEAD)
    elif checkup.version < HEAD:
        yield _AREA.warning(
            "version",
            f"{checkup.version or 'none'}, and this program writes {HEAD}",
            means="commands that only read refuse it until it is upgraded",
            advice="`watcher backup DEST`, then `watcher once` upgrades it and keeps it as it was",
        )
    else:
        yield _AREA.failing(
            "version",
            f"{checkup.version}, and this program knows {HEAD} at most",
            means="a newer program wrote it, and this one refuses it",
            advice="install the newer program again",
        )


def clock(checkup: Checkup, now: datetime) -> Iterator[Finding]:
    """Yield whether the machine's clock is behind what was already recorded."""
    if not checkup.last_recorded:
        return
    behind = datetime.fromisoformat(checkup.last_recorded) - now
    if behind > timedelta(seconds=1):
        yield Area("machine").failing(
            "clock",
            f"{behind.total_seconds():,.0f} s behind the newest event, {checkup.last_recorded}",
            means="it was set back, or ran ahead before: what is seen next would be dated wrongly",
            advice="set it right (timedatectl, chrony), then look at `watcher events`",
        )
