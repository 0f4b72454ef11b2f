"""Who does what: turns at servers and channels, and targets, claimed by one process at a time.

Each call is made of single statements that lock the rows they change, and of rows that another
transaction has locked it takes the next ones: so it is right on PostgreSQL with many processes, and
on SQLite, where writers come one after the other anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from watcher.core.capture import NEVER_DUE, instant
from watcher.ports.cluster import DEAD_AFTER, LEASE, Backlog, Claimed, HostDue, Process
from watcher.store.schema import LEASED, hosts, processes, targets, turns

_BATCH = 500
_FEW = 20


class SqlProcesses:
    """The processes in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def beat(self, process: Process) -> None:
        """Keep a process's sign of life."""
        row = {field.name: getattr(process, field.name) for field in fields(Process)}
        mine = sa.update(processes).where(processes.c.id == process.id).values(row)
        if not self._connection.execute(mine).rowcount:
            self._connection.execute(sa.insert(processes).values(row))

    def all(self) -> tuple[Process, ...]:
        """Return every process that has not said that it ended, by role and start."""
        order = (processes.c.role, processes.c.started_at, processes.c.id)
        rows = self._connection.execute(sa.select(processes).order_by(*order))
        return tuple(Process(**row._mapping) for row in rows)

    def leave(self, process: str) -> None:
        """Forget a process that has ended: what it held is free."""
        _free(self._connection, [process], "", deaths=0)
        self._connection.execute(sa.delete(processes).where(processes.c.id == process))


class SqlClaims:
    """Who looks at what, in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def waiting(self, now: str, limit: int, least: int = 0) -> tuple[HostDue, ...]:
        """Return servers that nobody holds and of which something is due; see the port."""
        # one walk over what is due, not a question for each server: next to nothing on a usual day
        due = (
            sa.select(
                targets.c.host,
                sa.func.min(targets.c.next_due).label("since"),
                sa.func.max(targets.c.priority).label("priority"),
            )
            .where(*_due(now, least))
            .group_by(targets.c.host)
            .subquery()
        )
        asleep = sa.select(hosts.c.host).where(hosts.c.paused_until > now)
        query = (
            sa.select(due)
            .join(turns, turns.c.name == due.c.host)
            .where(turns.c.held_by == "", turns.c.name.not_in(asleep))
            .order_by(due.c.priority.desc(), due.c.since, due.c.host)
            .limit(limit)
        )
        return tuple(HostDue(**row._mapping) for row in self._connection.execute(query))

    def hold(self, name: str, process: str, now: str) -> bool:
        """Take a turn; return whether it is ours now; see the port."""
        enrol(self._connection, {name})
        alive = sa.select(processes.c.id).where(processes.c.beat_at > _alive_since(now))
        is_free = sa.or_(
            turns.c.held_by.in_(("", process)), turns.c.held_by.not_in(alive.scalar_subquery())
        )
        taken = (
            sa.update(turns)
            .where(turns.c.name == name, is_free)
            .values(held_by=process, held_since=now)
        )
        if not self._connection.execute(taken).rowcount:
            return False
        # who lives and has not the turn is at none of its targets: the store was away as it ended
        left = (targets.c.host == name, targets.c.leased_by.in_(alive.scalar_subquery()))
        self._connection.execute(sa.update(targets).where(LEASED, *left).values(_freed(now)))
        return True

    def holds(self, name: str, process: str) -> bool:
        """Return whether a process holds a turn; while this transaction lasts, it stays so."""
        query = sa.select(turns.c.held_by).where(turns.c.name == name).with_for_update()
        return self._connection.execute(query).scalar() == process

    def keep_only(self, process: str, names: Collection[str], now: str) -> None:
        """Give back every turn of a process but these, and the targets claimed with them."""
        mine = sa.select(turns.c.name).where(turns.c.held_by == process)
        for name in sorted(set(self._connection.execute(mine).scalars()) - set(names)):
            left = (targets.c.host == name, targets.c.leased_by == process)
            self._connection.execute(sa.update(targets).where(LEASED, *left).values(_freed(now)))
            self.let_go(name, process)

    def free_others(self, process: str, names: Collection[str], now: str) -> None:
        """Free the targets of a process at all servers but these; see the port."""
        left = (targets.c.leased_by == process, targets.c.host.not_in(names))
        self._connection.execute(sa.update(targets).where(LEASED, *left).values(_freed(now)))

    def let_go(self, name: str, process: str) -> None:
        """Give a turn back."""
        self._connection.execute(
            sa.update(turns)
            .where(turns.c.name == name, turns.c.held_by == process)
            .values(held_by="", held_since="")
        )

    def give_back(self, process: str, rest: Sequence[Claimed]) -> None:
        """Let what was claimed and not looked at be due as it was; see the port."""
        back = [
            {"_source": each.source, "_url": each.url, "by": process}
            | {"at": each.at, "until": each.until}
            for each in rest
        ]
        if back:
            self._connection.execute(_GIVE_BACK, back)
            self._connection.execute(_FREE, back)

    def take(
        self, host: str, process: str, now: datetime, limit: int, least: int = 0
    ) -> tuple[Claimed, ...]:
        """Claim targets of a server that are due; see the port."""
        at = (targets.c.source, targets.c.url, targets.c.next_due, targets.c.deaths)
        query = (
            sa.select(*at)
            .where(targets.c.host == host, *_due(instant(now), least))
            .order_by(targets.c.priority.desc(), targets.c.next_due, targets.c.url)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = self._connection.execute(query).all()
        if rows and rows[0].deaths:
            rows = rows[:1]
        until = instant(now + LEASE)
        found = tuple(
            Claimed(source=row.source, url=row.url, at=row.next_due, until=until, deaths=row.deaths)
            for row in rows
            if row is rows[0] or not row.deaths
        )
        if found:
            taken = [{"_source": each.source, "_url": each.url} for each in found]
            lease = [each | {"by": process, "until": until} for each in taken]
            self._connection.execute(_LEASE, lease)
        return found

    def who_has(self, source: str, url: str) -> str:
        """Return the process that has claimed a target; empty: none has."""
        this = (targets.c.source == source, targets.c.url == url)
        query = sa.select(targets.c.leased_by).where(*this)
        return self._connection.execute(query).scalar() or ""

    def late(self, source: str, before: str) -> tuple[str, ...]:
        """Return addresses of a source that have been due for long; see the port."""
        at = targets.c.next_due
        late = (targets.c.source == source, at > "", at <= before, targets.c.leased_by == "")
        query = sa.select(targets.c.url).where(*late).order_by(at, targets.c.url).limit(_FEW)
        return tuple(self._connection.execute(query).scalars())

    def bury(self, now: str) -> tuple[Claimed, ...]:
        """Free what dead processes held, and forget them; see the port."""
        late = sa.select(processes.c.id).where(processes.c.beat_at <= _alive_since(now))
        dead = self._connection.execute(late.with_for_update(skip_locked=True)).scalars().all()
        if not dead:
            return ()
        freed = _free(self._connection, dead, now, deaths=1)
        self._connection.execute(sa.delete(processes).where(processes.c.id.in_(dead)))
        return freed

    def clock(self) -> datetime | None:
        """Return the instant by the database's clock; see the port."""
        if self._connection.dialect.name == "sqlite":
            return None
        found: datetime = self._connection.execute(
            sa.select(sa.func.clock_timestamp())
        ).scalar_one()
        return found.astimezone(UTC)

    def backlog(self, now: str) -> Backlog:
        """Return how the work stands."""
        is_due = sa.and_(targets.c.next_due <= now, targets.c.leased_by == "")
        count = sa.func.count()
        work = self._connection.execute(
            sa.select(
                count.label("targets"),
                count.filter(is_due).label("due"),
                count.filter(targets.c.leased_by != "").label("leased"),
                sa.func.min(targets.c.next_due).filter(is_due).label("oldest"),
            ).where(targets.c.next_due < NEVER_DUE)
        ).one()
        servers = self._connection.execute(
            sa.select(
                count.label("hosts"), count.filter(turns.c.held_by != "").label("held")
            ).where(turns.c.name.not_like("% %"))
        ).one()
        oldest = {"oldest": work.oldest or ""}
        return Backlog(**{**work._mapping, **servers._mapping, **oldest})


_THIS = (targets.c.source == sa.bindparam("_source"), targets.c.url == sa.bindparam("_url"))
_LEASE = (
    sa.update(targets)
    .where(*_THIS)
    .values(leased_by=sa.bindparam("by"), next_due=sa.bindparam("until"))
)
_GIVE_BACK = (
    sa.update(targets)
    # what was brought forward meanwhile, or looked at to its end, keeps its instant
    .where(*_THIS, targets.c.leased_by == sa.bindparam("by"))
    .where(targets.c.next_due == sa.bindparam("until"))
    .values(next_due=sa.bindparam("at"))
)
_FREE = sa.update(targets).where(*_THIS, targets.c.leased_by == sa.bindparam("by"))
_FREE = _FREE.values(leased_by="")


def _due(now: str, least: int) -> tuple[sa.ColumnElement[bool], ...]:
    at, by = targets.c.next_due, targets.c.leased_by
    return (at <= now, by == "", targets.c.priority >= least)


def _alive_since(now: str) -> str:
    return instant(datetime.fromisoformat(now) - DEAD_AFTER)


def _freed(now: str) -> dict[str, Any]:
    """Return what is changed of a target that nobody is at after all: it is due again."""
    soon = sa.case((targets.c.next_due > now, now), else_=targets.c.next_due)
    return {"leased_by": "", "next_due": soon}


def _free(
    connection: sa.Connection, dead: Collection[str], now: str, *, deaths: int
) -> tuple[Claimed, ...]:
    """Free what these processes held; return the targets, each with so many deaths more."""
    mine = sa.and_(LEASED, targets.c.leased_by.in_(dead))
    at = (targets.c.source, targets.c.url, targets.c.next_due, targets.c.deaths)
    freed = tuple(
        Claimed(source=row.source, url=row.url, at=row.next_due, deaths=row.deaths + deaths)
        for row in connection.execute(sa.select(*at).where(mine))
    )
    free = _freed(now) | {"deaths": targets.c.deaths + deaths}
    connection.execute(sa.update(targets).where(mine).values(free))
    held = sa.update(turns).where(turns.c.held_by.in_(dead))
    connection.execute(held.values(held_by="", held_since=""))
    return freed


def _inserting(connection: sa.Connection) -> Callable[[sa.Table], Any]:
    """Return the engine's own insert, which knows of conflicts."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert
    # loaded with the driver where it is used; a tenth of a start where it is not
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert


def enrol(connection: sa.Connection, named: Collection[str]) -> None:
    """See to it that there is a turn to be held for each of these names."""
    names = sorted(named)
    for start in range(0, len(names), _BATCH):
        some = names[start : start + _BATCH]
        known = set(
            connection.execute(sa.select(turns.c.name).where(turns.c.name.in_(some))).scalars()
        )
        new = [
            {"name": each, "held_by": "", "held_since": ""} for each in some if each not in known
        ]
        if not new:
            continue
        # another process may enrol the same one in the same moment
        connection.execute(_inserting(connection)(turns).on_conflict_do_nothing(), new)
