"""Where we are with each target: what is due, what fails, what was seen last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.core.capture import NEVER_DUE, Target
from watcher.core.shard import host_of
from watcher.ports.captures import TargetsCounted
from watcher.store.claims import enrol
from watcher.store.driver import Ready
from watcher.store.schema import targets

_BATCH = 500
_OF_TARGET = tuple(field.name for field in fields(Target))
_MOVING = tuple(name for name in _OF_TARGET if name not in {"source", "url"})
_TARGETS = sa.select(*(targets.c[name] for name in _OF_TARGET))
"""Where we are with targets; who is at one now is kept beside it: see `store.claims`."""

# made once: building a statement costs more than running it, and each look runs eight of these
_AT = (targets.c.source == sa.bindparam("of"), targets.c.url == sa.bindparam("at"))
_TARGET = Ready(_TARGETS.where(*_AT))
_MOVE = sa.update(targets).where(*_AT).values({name: sa.bindparam(name) for name in _MOVING})
_MOVE_ONE, _END = Ready(_MOVE), Ready(_MOVE.values(leased_by="", deaths=0))
_NEW_TARGET = sa.insert(targets)


class SqlTargets:
    """Targets in one transaction of a database; `store.captures` adds the ledger of looks."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def target(self, source: str, url: str) -> Target:
        """Return where we are with a target; a new one where we never looked."""
        row = _TARGET.first(self._connection, {"of": source, "at": url})
        return Target(**row) if row else Target(source=source, url=url)

    def targets(self, source: str = "") -> tuple[Target, ...]:
        """Return every target that was ever looked at; of one source, or of all."""
        query = _TARGETS.order_by(*targets.primary_key.columns)
        if source:
            query = query.where(targets.c.source == source)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def targets_like(self, words: str, limit: int, source: str = "") -> tuple[Target, ...]:
        """Return targets once seen well whose address has these words; see the port."""
        has_them = sa.func.lower(targets.c.url).contains(words.lower(), autoescape=True)
        which = [has_them, targets.c.last_good != "", *[targets.c.source == source][: bool(source)]]
        query = _TARGETS.where(*which).order_by(*targets.primary_key.columns).limit(limit)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def targets_counted(
        self,
        source: str,
        *,
        only: Collection[str] | None = None,
        late: str = "",
        with_retired: bool = False,
    ) -> TargetsCounted:
        """Return how the targets of a source do; see the port."""
        fails, least = targets.c.failures > 0, sa.func.min(targets.c.next_due)
        query = sa.select(
            sa.func.count().label("targets"),
            sa.func.coalesce(sa.func.max(targets.c.last_good_at), "").label("last_good_at"),
            sa.func.coalesce(least, "").label("next_due"),
            total(sa.func.sum(targets.c.records)).label("records"),
            sa.func.count().filter(fails).label("failing"),
            sa.func.coalesce(sa.func.max(targets.c.failures), 0).label("failures"),
            sa.func.coalesce(sa.func.min(targets.c.failing_since).filter(fails), "").label(
                "failing_since"
            ),
            sa.func.count().filter(targets.c.next_due < late).label("overdue"),
        )
        which = [targets.c.source == source] if with_retired else _watched(source, only)
        (row,) = self._connection.execute(query.where(*which))
        return TargetsCounted(**row._mapping)

    def failing_first(
        self, source: str, limit: int, *, only: Collection[str] | None = None
    ) -> tuple[Target, ...]:
        """Return targets, those that fail first; see the port."""
        is_well = sa.case((targets.c.failures > 0, 0), else_=1)
        query = _TARGETS.where(*_watched(source, only))
        query = query.order_by(is_well, targets.c.failing_since, targets.c.url).limit(limit)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def seen_last(
        self, source: str, limit: int = 1, *, with_retired: bool = True
    ) -> tuple[Target, ...]:
        """Return the source's targets, those seen well most recently first; see the port."""
        which = [targets.c.source == source] if with_retired else _watched(source, None)
        query = _TARGETS.where(*which)
        query = query.order_by(targets.c.last_good_at.desc(), targets.c.url).limit(limit)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def servers(self, source: str) -> tuple[str, ...]:
        """Return the servers that the source's targets are on, each once, by name."""
        query = sa.select(targets.c.host).where(targets.c.source == source).distinct()
        return tuple(sorted(self._connection.execute(query).scalars()))

    def due(self, source: str, now: str, horizon: str) -> tuple[Target, ...]:
        """Return the source's targets to look at, those due longest first; see the port."""
        at = targets.c.next_due
        is_due = sa.or_(at <= now, sa.and_(at > horizon, at < NEVER_DUE))
        is_free = targets.c.leased_by == ""
        query = _TARGETS.where(targets.c.source == source, is_due, is_free)
        rows = self._connection.execute(query.order_by(at, targets.c.url))
        return tuple(Target(**row._mapping) for row in rows)

    def known(self, source: str, urls: Sequence[str]) -> Mapping[str, Target]:
        """Return those of the source's targets at these addresses that are known, by address."""
        found: dict[str, Target] = {}
        mine = _TARGETS.where(targets.c.source == source)
        for start in range(0, len(urls), _BATCH):
            some = mine.where(targets.c.url.in_(urls[start : start + _BATCH]))
            found |= {row.url: Target(**row._mapping) for row in self._connection.execute(some)}
        return found

    def of_source(self, source: str) -> Iterator[Target]:
        """Return the source's targets by address, a few hundred in memory at a time."""
        mine = _TARGETS.where(targets.c.source == source).order_by(targets.c.url)
        rows = self._connection.execute(mine.execution_options(yield_per=_BATCH))
        return (Target(**row._mapping) for row in rows)

    def count_targets(self, source: str) -> int:
        """Return how many targets of the source are known here."""
        query = sa.select(sa.func.count()).where(targets.c.source == source)
        return self._connection.execute(query).scalar() or 0

    def retire_others(self, sources: Sequence[str]) -> int:
        """Let no target of any other source be due any more; return how many were."""
        others = (targets.c.source.not_in(sources), targets.c.next_due != NEVER_DUE)
        retired = sa.update(targets).where(*others).values(next_due=NEVER_DUE)
        return self._connection.execute(retired).rowcount

    def draw_in(self, source: str, beyond: str, now: str) -> int:
        """Let targets be due now whose turn is further away than `beyond`; return how many."""
        at = targets.c.next_due
        far = (targets.c.source == source, at > beyond, at < NEVER_DUE, targets.c.leased_by == "")
        return self._connection.execute(
            sa.update(targets).where(*far).values(next_due=now)
        ).rowcount

    def put_target(self, target: Target) -> None:
        """Keep where we are with a target."""
        self._put(_MOVE_ONE, target)

    def put_targets(self, many: Sequence[Target]) -> None:
        """Keep where we are with many targets, each once among them."""
        by_source: dict[str, list[Target]] = {}
        for each in many:
            by_source.setdefault(each.source, []).append(each)
        for source, mine in by_source.items():
            known = self.known(source, [each.url for each in mine])
            new = [_row(each) for each in mine if each.url not in known]
            moved = [_moved(each) for each in mine if each.url in known]
            if moved:
                self._connection.execute(_MOVE, moved)
            if new:
                self._connection.execute(_NEW_TARGET, new)
                enrol(self._connection, {str(row["host"]) for row in new})

    def end_look(self, target: Target) -> None:
        """Move a target on after a look: whoever was at it has come to its end."""
        self._put(_END, target)

    def _put(self, how: Ready, target: Target) -> None:
        if not how.run(self._connection, _moved(target)):
            row = _row(target)
            self._connection.execute(_NEW_TARGET, row)
            enrol(self._connection, {str(row["host"])})


def _row(target: Target) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(target, name) for name in _OF_TARGET}
    return row | {"host": host_of(target.url)}


def _moved(target: Target) -> dict[str, object]:
    moved: dict[str, object] = {name: getattr(target, name) for name in _MOVING}
    return moved | {"of": target.source, "at": target.url}


def total(of: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return a sum as a whole number, 0 where there is nothing: in SQL it may have any length."""
    return sa.cast(sa.func.coalesce(of, 0), sa.Integer)


def _watched(source: str, only: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    """Return what has to be so of the targets of a source that are looked at."""
    found = [targets.c.source == source, targets.c.next_due != NEVER_DUE]
    return found if only is None else [*found, targets.c.url.in_(only)]
