"""Cases and the events that tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import sqlalchemy as sa

from watcher.ports.cases import CaseRow
from watcher.store.schema import DOUBTED, begins, case_events, cases

_CHUNK = 400


class SqlCases:
    """Cases in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def last_on(self, axis: str) -> CaseRow | None:
        """Return the newest case on an axis."""
        row = self._connection.execute(
            sa.select(cases).where(cases.c.axis == axis).order_by(cases.c.lead.desc()).limit(1)
        ).first()
        return CaseRow(**row._mapping) if row else None

    def of_event(self, position: int) -> CaseRow | None:
        """Return the case that an event tells of, or None where it opened and joined none."""
        joined = cases.join(case_events, case_events.c.case == cases.c.key)
        row = self._connection.execute(
            sa.select(cases).select_from(joined).where(case_events.c.position == position)
        ).first()
        return CaseRow(**row._mapping) if row else None

    def of_events(self, positions: Sequence[int]) -> Mapping[int, CaseRow]:
        """Return by position the cases that these events tell of."""
        joined = cases.join(case_events, case_events.c.case == cases.c.key)
        query = sa.select(cases, case_events.c.position).select_from(joined)
        found: dict[int, CaseRow] = {}
        for start in range(0, len(positions), _CHUNK):
            some = query.where(case_events.c.position.in_(positions[start : start + _CHUNK]))
            for row in self._connection.execute(some):
                known = dict(row._mapping)
                position = known.pop("position")
                found[position] = CaseRow(**known)
        return found

    def with_keys(self, keys: Sequence[str]) -> Mapping[str, CaseRow]:
        """Return cases by their whole keys."""
        found: dict[str, CaseRow] = {}
        for start in range(0, len(keys), _CHUNK):
            some = cases.c.key.in_(keys[start : start + _CHUNK])
            for row in self._connection.execute(sa.select(cases).where(some)):
                found[row.key] = CaseRow(**row._mapping)
        return found

    def recent(self, since: str) -> tuple[CaseRow, ...]:
        """Return the cases opened since an instant, oldest first."""
        query = sa.select(cases).where(cases.c.opened_at >= since).order_by(cases.c.lead)
        return tuple(CaseRow(**row._mapping) for row in self._connection.execute(query))

    def doubted(self, since: str) -> tuple[CaseRow, ...]:
        """Return recent cases that no authority told of first; see the port."""
        query = sa.select(cases).where(DOUBTED, cases.c.opened_at >= since)
        rows = self._connection.execute(query.order_by(cases.c.lead))
        return tuple(CaseRow(**row._mapping) for row in rows)

    def named(self, beginning: str) -> tuple[CaseRow, ...]:
        """Return the cases whose keys begin so, two at most: one is meant, or none."""
        named = sa.select(cases).where(begins(cases.c.key, beginning)).limit(2)
        rows = self._connection.execute(named)
        return tuple(CaseRow(**row._mapping) for row in rows)

    def open(self, row: CaseRow, positions: Sequence[int]) -> None:
        """Open a case with the positions of its events, the lead first."""
        values = {field.name: getattr(row, field.name) for field in fields(CaseRow)}
        self._connection.execute(sa.insert(cases).values(values))
        self.corroborate(row.key, positions)

    def corroborate(self, key: str, positions: Sequence[int]) -> None:
        """Attach events to a case."""
        self._connection.execute(
            sa.insert(case_events), [{"case": key, "position": each} for each in positions]
        )

    def positions(self, key: str) -> tuple[int, ...]:
        """Return the positions of all its events."""
        query = (
            sa.select(case_events.c.position)
            .where(case_events.c.case == key)
            .order_by(case_events.c.position)
        )
        return tuple(self._connection.execute(query).scalars())

    def all_positions(self, keys: Sequence[str]) -> Mapping[str, tuple[int, ...]]:
        """Return by key the positions of all events of these cases."""
        found: dict[str, list[int]] = {}
        for start in range(0, len(keys), _CHUNK):
            some = case_events.c.case.in_(keys[start : start + _CHUNK])
            query = sa.select(case_events).where(some).order_by(case_events.c.position)
            for row in self._connection.execute(query):
                found.setdefault(row.case, []).append(row.position)
        return {key: tuple(positions) for key, positions in found.items()}
