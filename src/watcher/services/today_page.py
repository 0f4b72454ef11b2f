"""What is on the first page: what needs somebody, and what there was this week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from watcher.core import wording
from watcher.core.capture import instant
from watcher.core.case import Case
from watcher.core.events import Event
from watcher.core.facts import State
from watcher.core.other_sources import agrees
from watcher.core.phrases import (
    FromTo,
    date_role,
    from_to,
    is_operational,
    short_date,
    topic,
    what,
)
from watcher.ports.store import Store
from watcher.services.case_pages import WhichCases, case_pages
from watcher.services.cases import OPEN, CaseView, Naming, cases
from watcher.services.correlate import case_of, corrected

MOST = 100
"""How many cases a list has."""
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in one line.

    Attributes:
        view: How it stands.
        topic: What changed: `EU marketing authorisation`; where nothing leads from something to
            something, what happened.
        change: From what to what; empty: the topic says it.
        date: The date that matters most, in its role; empty: not stated.
        doubts: Words of doubt: `UNCONFIRMED`, `CONFLICT`, `TAKEN BACK`.
        is_operational: Whether it is about watching itself.
    """

    view: CaseView
    topic: str
    change: FromTo
    date: str
    doubts: tuple[str, ...]
    is_operational: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The cases of the first page.

    Attributes:
        needs: Those that nobody has acknowledged, the gravest first.
        open: How many there are of these at all.
        earlier: Those seen today that somebody has answered, the newest first.
        week: Those of the last seven days before today that somebody has answered.
    """

    needs: tuple[CaseLine, ...]
    open: int
    earlier: tuple[CaseLine, ...]
    week: tuple[CaseLine, ...]


def today(store: Store, naming: Naming, now: datetime) -> Today:
    """Return the cases of the first page.

    Args:
        store: Where.
        naming: What sources and people are called.
        now: The present instant.
    """
    needs = cases(store, naming, only_open=True, limit=MOST)
    which = WhichCases(since=instant(now - WEEK))
    recent = [
        each
        for each in islice(case_pages(store, naming, which), 3 * MOST)
        if each.state not in OPEN
    ][:MOST]
    day = instant(now)[:10]
    return Today(
        needs=lines_of(store, needs),
        open=open_cases(store),
        earlier=lines_of(store, (each for each in recent if each.seen_at[:10] == day)),
        week=lines_of(store, (each for each in recent if each.seen_at[:10] != day)),
    )


def open_cases(store: Store) -> int:
    """Return how many cases nobody has acknowledged."""
    with store.reading() as work:
        return len(work.case_states.open())


def known_medicines(store: Store) -> int:
    """Return how many medicines any source has told of."""
    with store.reading() as work:
        subjects = {each.subject for each in work.streams.searchable()}
    return sum(each.startswith("medicine:") for each in subjects)


def lines_of(store: Store, views: Iterable[CaseView]) -> tuple[CaseLine, ...]:
    """Return cases in a line each.

    Args:
        store: Where they are.
        views: How they stand.
    """
    with store.reading() as work:
        taken_back = corrected(work)
        return tuple(
            _line(
                view,
                case_of(work, work.cases.named(view.case)[0]),
                is_wrong=view.event in taken_back,
            )
            for view in views
        )


def _line(view: CaseView, case: Case, *, is_wrong: bool) -> CaseLine:
    event = case.lead.event
    pair = pair_of(event, case.facts)
    about = topic(event, case.facts) if pair else what(event, case.facts)
    date = f"{date_role(event)} {short_date(event.effective)}" if event.effective else ""
    return CaseLine(
        view=view,
        topic=about[:1].upper() + about[1:],
        change=pair or FromTo(),
        date=date,
        doubts=doubts(case, is_wrong=is_wrong),
        is_operational=is_operational(event),
    )


def pair_of(event: Event, facts: State) -> FromTo | None:
    """Return from what to what an event leads; None where it is better told in words."""
    pair = from_to(event)
    is_pair = what(event, facts) == f"{topic(event, facts)}: {pair}"
    return pair if pair.after and is_pair else None


def doubts(case: Case, *, is_wrong: bool) -> tuple[str, ...]:
    """Return the words of doubt that a case is shown with.

    Args:
        case: The case.
        is_wrong: Whether its lead was taken back.
    """
    found = ["TAKEN BACK"] if is_wrong else []
    if case.is_unconfirmed and not is_operational(case.lead.event):
        found.append(wording.UNCONFIRMED)
    if not all(agrees(case.lead, each) for each in case.corroborations):
        found.append(wording.CONFLICT)
    return tuple(found)
