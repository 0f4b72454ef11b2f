"""The ledger of looks, and where we are with each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from watcher.core.capture import Capture, Target
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError
from watcher.store import codec
from watcher.store.schema import captures, targets


class SqlCaptures:
    """Captures and targets in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, capture: Capture, target: Target) -> None:
        """Add a capture and move its target on."""
        row = {field.name: getattr(capture, field.name) for field in fields(Capture)}
        row["verdict"] = str(capture.verdict)
        row["signals"] = codec.encode_value(list(capture.signals))
        row["headers"] = codec.encode_value(dict(capture.headers))
        row["number"] = self.count() + 1
        self._connection.execute(sa.insert(captures).values(row))
        self.put_target(target)

    def count(self) -> int:
        """Return how many captures the ledger has: the number of the last one."""
        return self._connection.execute(sa.select(sa.func.max(captures.c.number))).scalar() or 0

    def capture(self, capture_id: str) -> Capture:
        """Return one capture by id or unambiguous beginning of it."""
        rows = self._connection.execute(
            sa.select(captures)
            .where(captures.c.id.startswith(capture_id, autoescape=True))
            .limit(2)
        ).all()
        if len(rows) != 1:
            count = "no capture" if not rows else "more than one capture"
            message = f"{count} has the id {capture_id}: see `watcher captures`"
            raise NotFoundError(message)
        return _capture(rows[0])

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
        return tuple(_capture(row) for row in reversed(rows))

    def known_digest(self, digest: str) -> bool:
        """Return whether an earlier capture had this payload."""
        query = sa.select(captures.c.id).where(captures.c.digest == digest).limit(1)
        return self._connection.execute(query).first() is not None

    def target(self, source: str, url: str) -> Target:
        """Return where we are with a target; a new one where we never looked."""
        row = self._connection.execute(
            sa.select(targets).where(targets.c.source == source, targets.c.url == url)
        ).first()
        return Target(**row._mapping) if row else Target(source=source, url=url)

    def targets(self) -> tuple[Target, ...]:
        """Return every target that was ever looked at."""
        rows = self._connection.execute(sa.select(targets).order_by(*targets.primary_key.columns))
        return tuple(Target(**row._mapping) for row in rows)

    def put_target(self, target: Target) -> None:
        """Keep where we are with a target."""
        row = {field.name: getattr(target, field.name) for field in fields(Target)}
        at = (targets.c.source == target.source, targets.c.url == target.url)
        if not self._connection.execute(sa.update(targets).where(*at).values(row)).rowcount:
            self._connection.execute(sa.insert(targets).values(row))


def _capture(row: sa.Row[Any]) -> Capture:
    known = dict(row._mapping)
    del known["number"]
    known["verdict"] = Verdict(row.verdict)
    known["signals"] = tuple(codec.decode_value(row.signals))
    known["headers"] = codec.decode_value(row.headers)
    return Capture(**known)
