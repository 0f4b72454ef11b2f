"""What people did about cases, and the order in which lists have them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, fields
from typing import Any

import sqlalchemy as sa

from watcher.ports.cases import CaseState, WhichCases
from watcher.store.schema import case_states, cases, events

_OPEN = ("open", "assigned")
_ALL = (*_OPEN, "acknowledged", "irrelevant", "wrong")
_COLUMNS = tuple(field.name for field in fields(CaseState))
_LEAD = (
    sa.select(cases.c.lead, events.c.severity)
    .select_from(cases.outerjoin(events, events.c.position == cases.c.lead))
    .where(cases.c.key == sa.bindparam("wanted"))
)


class SqlCaseStates:
    """What people did about cases, in one transaction of a database."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, case: str) -> CaseState:
        """Return the state of a case; open where no one has done anything."""
        query = sa.select(case_states).where(case_states.c.case == case)
        row = self._connection.execute(query).first()
        return CaseState(**row._mapping) if row else CaseState(case=case)

    def put(self, state: CaseState) -> None:
        """Keep the state of a case, and where lists have it."""
        at = case_states.c.case == state.case
        row = dict(zip(_COLUMNS, astuple(state), strict=True))
        found = self._connection.execute(_LEAD, {"wanted": state.case}).first()
        row["lead"] = found.lead if found else 0
        row["gravity"] = state.severity or (found.severity if found else 0) or 0
        moved = self._connection.execute(sa.update(case_states).where(at).values(row))
        if not moved.rowcount:
            self._connection.execute(sa.insert(case_states).values(row))

    def overdue(self, now: str) -> tuple[CaseState, ...]:
        """Return the open cases that are to be escalated by now and were not."""
        return self._states(
            case_states.c.state.in_(_OPEN),
            case_states.c.escalate_at != "",
            case_states.c.escalate_at <= now,
            case_states.c.escalated_at == "",
        )

    def open(self) -> tuple[CaseState, ...]:
        """Return all cases that nobody has acknowledged."""
        return self._states(case_states.c.state.in_(_OPEN))

    def count_open(self) -> int:
        """Return how many cases nobody has acknowledged."""
        query = sa.select(sa.func.count()).where(case_states.c.state.in_(_OPEN))
        return self._connection.execute(query).scalar() or 0

    def gravest(
        self, states: Collection[str], limit: int, below: tuple[int, int] | None = None
    ) -> tuple[CaseState, ...]:
        """Return cases that stand so, the gravest first; see the port."""
        found: list[CaseState] = []
        gravity, lead = case_states.c.gravity, case_states.c.lead
        for state in states or _ALL:
            query = sa.select(case_states).where(case_states.c.state == state, lead > 0)
            if below is not None:
                query = query.where(sa.tuple_(gravity, lead) < sa.tuple_(*below))
            rows = self._connection.execute(
                query.order_by(gravity.desc(), lead.desc()).limit(limit)
            )
            found += (CaseState(**row._mapping) for row in rows)
        found.sort(key=lambda each: (each.gravity, each.lead), reverse=True)
        return tuple(found[:limit])

    def newest(self, which: WhichCases, limit: int) -> tuple[CaseState, ...]:
        """Return cases, the newest first; see the port."""
        query = sa.select(case_states).where(*_are(which))
        if which.since or which.until:
            query = query.join(cases, cases.c.key == case_states.c.case)
            query = query.where(cases.c.opened_at >= which.since)
        if which.until:
            query = query.where(cases.c.opened_at < which.until)
        return self._found(query.order_by(case_states.c.lead.desc()).limit(limit))

    def all(self) -> tuple[CaseState, ...]:
        """Return all cases that anybody was told of, or has done anything about."""
        return self._states()

    def _states(self, *where: sa.ColumnElement[bool]) -> tuple[CaseState, ...]:
        return self._found(sa.select(case_states).where(*where).order_by(case_states.c.case))

    def _found(self, query: sa.Select[Any]) -> tuple[CaseState, ...]:
        return tuple(CaseState(**row._mapping) for row in self._connection.execute(query))


def _are(which: WhichCases) -> list[sa.ColumnElement[bool]]:
    """Return what has to be so of the cases that are meant."""
    found = [case_states.c.lead > 0]
    if which.before:
        found.append(case_states.c.lead < which.before)
    if which.states:
        found.append(case_states.c.state.in_(which.states))
    if which.least:
        found.append(case_states.c.gravity >= which.least)
    return found
