"""What is on the first page: what needs somebody, and what there was this week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
from watcher.ports.cases import CaseState, WhichCases
from watcher.ports.store import Store, Work
from watcher.services.cases import OPEN, CaseView, Naming, views
from watcher.services.correlate import corrected

NEEDS = 25
"""How many cases that need somebody are shown at once."""
ANSWERED = 15
"""How many answered cases of today, and of the week, are shown."""
WEEK = timedelta(days=7)
_ANSWERED = ("acknowledged", "irrelevant", "wrong")


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
        needs: The gravest of those that nobody has acknowledged.
        open: How many there are of these at all.
        earlier: The newest of those opened today that somebody has answered.
        week: Likewise those of the last seven days before today.
        following: Where the list of what needs somebody goes on; empty: it is whole.
    """

    needs: tuple[CaseLine, ...]
    open: int
    earlier: tuple[CaseLine, ...]
    week: tuple[CaseLine, ...]
    following: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """One page of a list of cases.

    Attributes:
        lines: The cases.
        open: How many nobody has acknowledged.
        following: Where the next page begins; empty: there is none.
    """

    lines: tuple[CaseLine, ...]
    open: int
    following: str = ""


def today(store: Store, naming: Naming, now: datetime) -> Today:
    """Return the cases of the first page.

    Args:
        store: Where.
        naming: What sources and people are called.
        now: The present instant.
    """
    week, day = instant(now - WEEK), instant(now)[:10]
    with store.reading() as work:
        needs = work.case_states.gravest(OPEN, NEEDS + 1)
        earlier = WhichCases(states=_ANSWERED, since=day)
        before = WhichCases(states=_ANSWERED, since=week, until=day)
        return Today(
            needs=_lines(work, needs[:NEEDS], naming),
            open=work.case_states.count_open(),
            earlier=_lines(work, work.case_states.newest(earlier, ANSWERED), naming),
            week=_lines(work, work.case_states.newest(before, ANSWERED), naming),
            following=_place(needs[NEEDS - 1]) if len(needs) > NEEDS else "",
        )


def open_list(store: Store, naming: Naming, after: str, limit: int = 2 * NEEDS) -> CaseList:
    """Return a page of the cases that nobody has acknowledged, the gravest first.

    Args:
        store: Where.
        naming: What sources and people are called.
        after: Where the page before ended; empty: the first page.
        limit: How many it has.
    """
    gravity, _, lead = after.partition("-")
    with store.reading() as work:
        below = (int(gravity), int(lead)) if after else None
        found = work.case_states.gravest(OPEN, limit + 1, below)
        return CaseList(
            lines=_lines(work, found[:limit], naming),
            open=work.case_states.count_open(),
            following=_place(found[limit - 1]) if len(found) > limit else "",
        )


def answered_list(store: Store, naming: Naming, before: int, limit: int = 2 * NEEDS) -> CaseList:
    """Return a page of the cases that somebody has answered, the newest first.

    Args:
        store: Where.
        naming: What sources and people are called.
        before: The position of the last lead of the page before; 0: the first page.
        limit: How many it has.
    """
    which = WhichCases(states=_ANSWERED, before=before)
    with store.reading() as work:
        found = work.case_states.newest(which, limit + 1)
        return CaseList(
            lines=_lines(work, found[:limit], naming),
            open=work.case_states.count_open(),
            following=str(found[limit - 1].lead) if len(found) > limit else "",
        )


def _place(state: CaseState) -> str:
    """Return where in the list of what needs somebody a case stands."""
    return f"{state.gravity}-{state.lead}"


def _lines(work: Work, states: Sequence[CaseState], naming: Naming) -> tuple[CaseLine, ...]:
    taken_back = corrected(work) if states else frozenset()
    found = views(work, states, naming)
    return tuple(_line(view, case, is_wrong=view.event in taken_back) for view, case in found)


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
