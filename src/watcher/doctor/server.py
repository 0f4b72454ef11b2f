"""The database where it is PostgreSQL: the server, what it promises, its tables, and our role."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.doctor.database import version
from watcher.doctor.finding import Area, Finding
from watcher.store.postgres_checkup import ServerCheckup

_AREA = Area("database")
_OLDEST = 15


def server(checkup: ServerCheckup) -> Iterator[Finding]:
    """Yield how the server is, and what we are to it."""
    if checkup.tables.fault:
        yield _AREA.failing(
            "server",
            checkup.tables.fault,
            means="nothing can be kept, and so nothing is looked at",
            advice="see whether it runs, and `storage.database` with docs/postgresql.md",
        )
        return
    yield _version(checkup)
    yield _durability(checkup)
    if not checkup.tables.exists:
        yield _AREA.warning(
            "tables",
            f"there are none yet in {checkup.name}",
            means="nothing was looked at so far",
            advice="`watcher once` makes them and takes the first look",
        )
        return
    yield _AREA.fine("tables", f"{checkup.name}, {checkup.tables.size / 1e6:,.1f} MB")
    yield from version(checkup.tables)
    yield _role(checkup)


def _version(checkup: ServerCheckup) -> Finding:
    if int(checkup.server.partition(".")[0]) >= _OLDEST:
        return _AREA.fine("server", f"PostgreSQL {checkup.server}")
    return _AREA.warning(
        "server",
        f"PostgreSQL {checkup.server}",
        means=f"this program is tried with PostgreSQL {_OLDEST} and later",
        advice="upgrade the server; `pg_upgrade` keeps everything",
    )


def _durability(checkup: ServerCheckup) -> Finding:
    if not checkup.careless:
        return _AREA.fine("durability", "fsync and full_page_writes are on")
    return _AREA.failing(
        "durability",
        f"{' and '.join(checkup.careless)} off",
        means="a power cut can lose or damage what was acknowledged, the log too",
        advice="set it to on in postgresql.conf, and reload the server",
    )


def _role(checkup: ServerCheckup) -> Finding:
    if not (checkup.may_do_all or checkup.may_change):
        return _AREA.fine("role", f"{checkup.role} can append to the log and cannot change it")
    why = "is a superuser" if checkup.may_do_all else f"may change {', '.join(checkup.may_change)}"
    return _AREA.warning(
        "role",
        f"{checkup.role} {why}",
        means="only triggers keep the log as it was written, and this role can take them away",
        advice="run the service as a role of its own: see `watcher store grants`",
    )
