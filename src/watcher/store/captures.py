"""The ledger of looks; where they leave each target is in `store.targets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.core.capture import ARCHIVED, Capture, Target
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.ports.captures import LookAt, LooksCounted, LooksOnDay, WhichLooks
from watcher.store import codec
from watcher.store.capture_rows import are, capture_of
from watcher.store.driver import Ready
from watcher.store.schema import begins, captures
from watcher.store.targets import SqlTargets, total

_BATCH = 500
_LAST_NUMBER = sa.select(sa.func.max(captures.c.number))
_NEXT_NUMBER = sa.select(sa.func.coalesce(sa.func.max(captures.c.number), 0) + 1)
_ADD = Ready(
    sa.insert(captures).values(
        {field.name: sa.bindparam(field.name) for field in fields(Capture)}
        | {"number": _NEXT_NUMBER.scalar_subquery()}
    )
)
_KNOWN_DIGEST = Ready(
    sa.select(captures.c.id).where(captures.c.digest == sa.bindparam("digest")).limit(1)
)
_OF_CAPTURE = tuple(field.name for field in fields(Capture))


class SqlCaptures(SqlTargets):
    """Captures and targets in one transaction of a database."""

    def add(self, capture: Capture, target: Target) -> None:
        """Add a capture and move its target on."""
        row = {name: getattr(capture, name) for name in _OF_CAPTURE}
        row["verdict"] = str(capture.verdict)
        row["signals"] = codec.encode_value(list(capture.signals))
        row["headers"] = codec.encode_value(dict(capture.headers))
        _ADD.run(self._connection, row)
        self.end_look(target)

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

    def at_each(self, source: str, since: str, until: str) -> Iterator[LookAt]:
        """Return the looks at each target of a source, target by target; see the port."""
        at = captures.c.at
        query = (
            sa.select(captures.c.url, at, captures.c.verdict)
            .where(captures.c.source == source, at >= since, at <= until)
            .order_by(captures.c.url, at, captures.c.id)
        )
        rows = self._connection.execute(query.execution_options(yield_per=_BATCH))
        return (LookAt(row.url, row.at, Verdict(row.verdict).is_good) for row in rows)

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
        sizes = total(sa.func.sum(captures.c.size).filter(is_new))
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
        return _KNOWN_DIGEST.first(self._connection, {"digest": digest}) is not None

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
