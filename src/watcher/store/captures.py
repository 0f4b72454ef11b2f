"""The ledger of looks, and where we are with each target."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.core.capture import ARCHIVED, NEVER_DUE, Capture, Target
from watcher.core.shard import host_of
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports.captures import LooksCounted, LooksOnDay, TargetsCounted, WhichLooks
from watcher.store import codec
from watcher.store.capture_rows import are, capture_of
from watcher.store.claims import enrol
from watcher.store.schema import begins, captures, targets

_BATCH = 500
_OF_TARGET = tuple(field.name for field in fields(Target))
_MOVING = tuple(name for name in _OF_TARGET if name not in {"source", "url"})
_TARGETS = sa.select(*(targets.c[name] for name in _OF_TARGET))
"""Where we are with targets; who is at one now is kept beside it: see `store.claims`."""

# made once: building a statement costs more than running it, and each look runs eight of these
_AT = (targets.c.source == sa.bindparam("of"), targets.c.url == sa.bindparam("at"))
_TARGET = _TARGETS.where(*_AT)
_MOVE = sa.update(targets).where(*_AT).values({name: sa.bindparam(name) for name in _MOVING})
_END = _MOVE.values(leased_by="", deaths=0)
_NEW_TARGET = sa.insert(targets)
_ADD = sa.insert(captures)
_LAST_NUMBER = sa.select(sa.func.max(captures.c.number))
_KNOWN_DIGEST = sa.select(captures.c.id).where(captures.c.digest == sa.bindparam("digest")).limit(1)
_OF_CAPTURE = tuple(field.name for field in fields(Capture))


class SqlCaptures:
    """Captures and targets in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, capture: Capture, target: Target) -> None:
        """Add a capture and move its target on."""
        row = {name: getattr(capture, name) for name in _OF_CAPTURE}
        row["verdict"] = str(capture.verdict)
        row["signals"] = codec.encode_value(list(capture.signals))
        row["headers"] = codec.encode_value(dict(capture.headers))
        row["number"] = self.count() + 1
        self._connection.execute(_ADD, row)
        # whoever was at it has come to its end
        self._put(_END, target)

    def count(self) -> int:
        """Return how many captures the ledger has: the number of the last one."""
        return self._connection.execute(_LAST_NUMBER).scalar() or 0

    def capture(self, capture_id: str) -> Capture:
        """Return one capture by id or unambiguous beginning of it."""
        rows = self._connection.execute(
            sa.select(captures).where(begins(captures.c.id, capture_id)).limit(2)
        ).all()
        if len(rows) != 1:
            count = "no capture" if not rows else "more than one capture"
            message = f"{count} has the id {capture_id}: see `watcher captures`"
            raise NotFoundError(message)
        return capture_of(rows[0])

    def latest(
        self, *, source: str = "", verdicts: Sequence[Verdict] = (), limit: int = 50
    ) -> tuple[Capture, ...]:
        """Return the last captures, oldest first."""
        query = sa.select(captures).order_by(captures.c.at.desc(), captures.c.id.desc())
        if source:
            query = query.where(captures.c.source == source)
        if verdicts:
            query = query.where(captures.c.verdict.in_([str(verdict) for verdict in verdicts]))
        rows = self._connection.execute(query.limit(limit)).all()
        return tuple(capture_of(row) for row in reversed(rows))

    def read(
        self, *, source: str = "", url: str = "", since: str = "", until: str = ""
    ) -> Iterator[Capture]:
        """Return captures in the order in which they were made; empty means all."""
        query = sa.select(captures).order_by(captures.c.at, captures.c.id)
        if source:
            query = query.where(captures.c.source == source)
        if url:
            query = query.where(captures.c.url == url)
        if since:
            query = query.where(captures.c.at >= since)
        if until:
            query = query.where(captures.c.at <= until)
        rows = self._connection.execute(query.execution_options(yield_per=_BATCH))
        return map(capture_of, rows)

    def numbered(
        self, which: WhichLooks, *, after: int = 0, limit: int = 50
    ) -> tuple[tuple[int, Capture], ...]:
        """Return the captures that follow a number in the ledger; see the port."""
        query = sa.select(captures).where(captures.c.number > after, *are(which))
        rows = self._connection.execute(query.order_by(captures.c.number).limit(limit))
        return tuple((row.number, capture_of(row)) for row in rows)

    def newest(
        self, which: WhichLooks, *, before: int = 0, limit: int = 50
    ) -> tuple[tuple[int, Capture], ...]:
        """Return the captures with their numbers, the last first; see the port."""
        query = sa.select(captures).where(*are(which))
        if before:
            query = query.where(captures.c.number < before)
        rows = self._connection.execute(query.order_by(captures.c.number.desc()).limit(limit))
        return tuple((row.number, capture_of(row)) for row in rows)

    def by_day(self, since: str) -> tuple[LooksOnDay, ...]:
        """Return how many captures were made since an instant; see the port."""
        day = sa.func.substr(captures.c.at, 1, 10)
        kinds = (captures.c.source, day.label("day"), captures.c.verdict)
        rows = self._connection.execute(
            sa.select(*kinds, sa.func.count().label("looks"))
            .where(captures.c.at >= since)
            .group_by(captures.c.source, "day", captures.c.verdict)
            .order_by(captures.c.source, "day", captures.c.verdict)
        )
        return tuple(
            LooksOnDay(**{**row._mapping, "verdict": Verdict(row.verdict)}) for row in rows
        )

    def counted(self, *, after: int = 0) -> tuple[LooksCounted, ...]:
        """Return how many captures follow a number; see the port."""
        is_new = sa.and_(captures.c.is_revisit.is_(False), captures.c.digest != "")
        sizes = _total(sa.func.sum(captures.c.size).filter(is_new))
        kinds = (captures.c.source, captures.c.verdict)
        rows = self._connection.execute(
            sa.select(*kinds, sa.func.count().label("looks"), sizes.label("new_bytes"))
            .where(captures.c.number > after)
            .group_by(*kinds)
            .order_by(*kinds)
        )
        return tuple(
            LooksCounted(
                source=row.source,
                verdict=Verdict(row.verdict),
                looks=row.looks,
                new_bytes=row.new_bytes,
            )
            for row in rows
        )

    def known_digest(self, digest: str) -> bool:
        """Return whether an earlier capture had this payload."""
        return self._connection.execute(_KNOWN_DIGEST, {"digest": digest}).first() is not None

    def of_digest(self, digest: str, limit: int = 50) -> tuple[Capture, ...]:
        """Return the captures that had this payload; see the port."""
        query = sa.select(captures).where(captures.c.digest == digest)
        rows = self._connection.execute(query.order_by(captures.c.at, captures.c.id).limit(limit))
        return tuple(map(capture_of, rows))

    def digests(self, ids: Sequence[str], source: str = "") -> Mapping[str, str]:
        """Return the payload digest of those captures that are known, by id; see the port."""
        found: dict[str, str] = {}
        query = sa.select(captures.c.id, captures.c.digest)
        if source:
            query = query.where(captures.c.source == source)
        for start in range(0, len(ids), _BATCH):
            some = query.where(captures.c.id.in_(ids[start : start + _BATCH]))
            found |= {row.id: row.digest for row in self._connection.execute(some)}
        return found

    def unchanged(self, source: str, url: str) -> Mapping[str, str]:
        """Return what each "not modified" repeats; see the port."""
        found: dict[str, str] = {}
        last, said = ("", 0), ""
        for row, lived in self._as_lived(source, url):
            if row.verdict == Verdict.UNCHANGED and said:
                found[row.id] = said
            elif row.verdict == Verdict.OK and row.digest and (lived, row.number) > last:
                last, said = (lived, row.number), row.id
        return found

    def behind(self, source: str, url: str) -> Mapping[str, str]:
        """Return the looks that the clock puts too early; see the port."""
        return {
            row.id: f"{lived} {row.number:012d}"
            for row, lived in self._as_lived(source, url)
            if lived > row.at
        }

    def _as_lived(self, source: str, url: str) -> Iterator[tuple[sa.Row[Any], str]]:
        """Yield a target's captures as we got them, each with the instant it belongs at.

        A look of ours is not made before the one before it, whatever the clock says.
        """
        columns = ("id", "number", "at", "verdict", "digest", "signals")
        query = (
            sa.select(*(captures.c[name] for name in columns))
            .where(captures.c.source == source, captures.c.url == url)
            .order_by(captures.c.number)
        )
        latest = ""
        for row in self._connection.execute(query.execution_options(yield_per=_BATCH)):
            if ARCHIVED in codec.decode_value(row.signals):
                yield row, row.at
            else:
                latest = max(latest, row.at)
                yield row, latest

    def target(self, source: str, url: str) -> Target:
        """Return where we are with a target; a new one where we never looked."""
        row = self._connection.execute(_TARGET, {"of": source, "at": url}).first()
        return Target(**row._mapping) if row else Target(source=source, url=url)

    def targets(self, source: str = "") -> tuple[Target, ...]:
        """Return every target that was ever looked at; of one source, or of all."""
        query = _TARGETS.order_by(*targets.primary_key.columns)
        if source:
            query = query.where(targets.c.source == source)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def targets_counted(
        self, source: str, *, only: Collection[str] | None = None, late: str = ""
    ) -> TargetsCounted:
        """Return how the targets of a source do; see the port."""
        fails, least = targets.c.failures > 0, sa.func.min(targets.c.next_due)
        query = sa.select(
            sa.func.count().label("targets"),
            sa.func.coalesce(sa.func.max(targets.c.last_good_at), "").label("last_good_at"),
            sa.func.coalesce(least, "").label("next_due"),
            _total(sa.func.sum(targets.c.records)).label("records"),
            sa.func.count().filter(fails).label("failing"),
            sa.func.coalesce(sa.func.max(targets.c.failures), 0).label("failures"),
            sa.func.coalesce(sa.func.min(targets.c.failing_since).filter(fails), "").label(
                "failing_since"
            ),
            sa.func.count().filter(targets.c.next_due < late).label("overdue"),
        )
        (row,) = self._connection.execute(query.where(*_watched(source, only)))
        return TargetsCounted(**row._mapping)

    def failing_first(
        self, source: str, limit: int, *, only: Collection[str] | None = None
    ) -> tuple[Target, ...]:
        """Return targets, those that fail first; see the port."""
        is_well = sa.case((targets.c.failures > 0, 0), else_=1)
        query = _TARGETS.where(*_watched(source, only))
        query = query.order_by(is_well, targets.c.failing_since, targets.c.url).limit(limit)
        return tuple(Target(**row._mapping) for row in self._connection.execute(query))

    def due(self, source: str, now: str, horizon: str) -> tuple[Target, ...]:
        """Return the source's targets to look at, those due longest first; see the port."""
        at = targets.c.next_due
        is_due = sa.or_(at <= now, sa.and_(at > horizon, at < NEVER_DUE))
        is_free = targets.c.leased_by == ""
        query = _TARGETS.where(targets.c.source == source, is_due, is_free)
        rows = self._connection.execute(query.order_by(at, targets.c.url))
        return tuple(Target(**row._mapping) for row in rows)

    def urls(self, source: str) -> frozenset[str]:
        """Return the addresses of the source's targets that are known here."""
        query = sa.select(targets.c.url).where(targets.c.source == source)
        return frozenset(self._connection.execute(query).scalars())

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
        self._put(_MOVE, target)

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

    def _put(self, how: sa.Update, target: Target) -> None:
        if not self._connection.execute(how, _moved(target)).rowcount:
            row = _row(target)
            self._connection.execute(_NEW_TARGET, row)
            enrol(self._connection, {str(row["host"])})


def _row(target: Target) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(target, name) for name in _OF_TARGET}
    return row | {"host": host_of(target.url)}


def _moved(target: Target) -> dict[str, object]:
    moved: dict[str, object] = {name: getattr(target, name) for name in _MOVING}
    return moved | {"of": target.source, "at": target.url}


def _total(of: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Return a sum as a whole number, 0 where there is nothing: in SQL it may have any length."""
    return sa.cast(sa.func.coalesce(of, 0), sa.Integer)


def _watched(source: str, only: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    """Return what has to be so of the targets of a source that are looked at."""
    found = [targets.c.source == source, targets.c.next_due != NEVER_DUE]
    return found if only is None else [*found, targets.c.url.in_(only)]
