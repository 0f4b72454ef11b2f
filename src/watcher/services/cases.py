"""Cases as people see them: what it is, since when, whose, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watcher.core.case import Case
from watcher.core.phrases import Sources, title, what_and_when
from watcher.core.taxonomy import Severity
from watcher.errors import NotFoundError
from watcher.ports.cases import CaseState
from watcher.ports.store import Store, Work
from watcher.services.correlate import cases_of

MOST = 200
"""How many cases are listed at once, unless asked otherwise."""
OPEN = frozenset({"open", "assigned"})
"""States in which somebody still has to acknowledge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What sources and people are called.

    Attributes:
        sources: Names and tiers of the sources, by id.
        people: Names of the people, by id.
    """

    sources: Sources
    people: Mapping[str, str]

    def person(self, name: str) -> str:
        """Return what a person is called."""
        return self.people.get(name, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who was told of a case.

    Attributes:
        who: A person's name, or the channel.
        state: What became of the message: `delivered`, `pending` …; `digest`: it stood in one.
        at: When it was delivered, RFC 3339 UTC; empty: it was not.
    """

    who: str
    state: str
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case.

    Attributes:
        case: Its key.
        severity: `critical` to `low`: as it was told.
        title: What it is about: `Alofisel (darvadstrocel)`.
        what: What happened, with the date.
        confidence: A to D.
        sources: Names of the sources that tell of it.
        seen_at: When we saw it, RFC 3339 UTC.
        state: `open`, `acknowledged`, `assigned`, `irrelevant` or `wrong`.
        by: Who decided last; empty: nobody has.
        at: When.
        why: The reason given.
        assigned_to: Whose it is; empty: nobody's.
        escalate_at: When somebody else is told unless it is acknowledged; empty: never.
        escalated_at: When that was done.
        told: Who was told.
        event: The position of its lead in the log.
    """

    case: str
    severity: str
    title: str
    what: str
    confidence: str
    sources: tuple[str, ...]
    seen_at: str
    state: str
    by: str
    at: str
    why: str
    assigned_to: str
    escalate_at: str
    escalated_at: str
    told: tuple[Told, ...]
    event: int

    @property
    def is_open(self) -> bool:
        """Return whether somebody still has to acknowledge it."""
        return self.state in OPEN

    @property
    def short(self) -> str:
        """Return enough of its key to name it in a command."""
        return self.case[:12]


def cases(
    store: Store, naming: Naming, *, only_open: bool = False, limit: int = MOST
) -> tuple[CaseView, ...]:
    """Return the cases that anybody was told of, the gravest first, then the newest.

    Args:
        store: Where.
        naming: What sources and people are called.
        only_open: Whether to leave out what somebody has acknowledged or judged.
        limit: How many at most.
    """
    with store.reading() as work:
        wanted = tuple(OPEN) if only_open else ()
        return tuple(
            view for view, _ in views(work, work.case_states.gravest(wanted, limit), naming)
        )


def case_view(store: Store, key: str, naming: Naming) -> CaseView:
    """Return one case by its whole key.

    Raises:
        NotFoundError: There is none.
    """
    with store.reading() as work:
        found = views(work, [work.case_states.get(key)], naming)
    if not found:
        message = f"there is no case {key[:40]!r} here"
        raise NotFoundError(message)
    return found[0][0]


def views(
    work: Work, states: Sequence[CaseState], naming: Naming
) -> tuple[tuple[CaseView, Case], ...]:
    """Return cases as people see them, each with its events, in the order of `states`.

    A few questions are asked of the store, however many cases there are; a state that is of no
    case is left out.
    """
    keys = [state.case for state in states]
    known = cases_of(work, [*work.cases.with_keys(keys).values()])
    told: dict[str, list[Told]] = {}
    for each in (*work.outbox.heard(keys), *work.digests.heard(keys)):
        who = naming.person(each.person) if each.person else each.channel
        told.setdefault(each.case, []).append(Told(who=who, state=each.state, at=each.at))
    return tuple(
        (
            _view(state, known[state.case], naming, tuple(told.get(state.case, ()))),
            known[state.case],
        )
        for state in states
        if state.case in known
    )


def _rank(state: CaseState, case: Case) -> int:
    return state.severity or case.severity.rank


def _view(state: CaseState, case: Case, naming: Naming, told: tuple[Told, ...]) -> CaseView:
    event, facts = case.lead.event, case.facts
    rank = _rank(state, case)
    return CaseView(
        case=case.key,
        severity=next(str(each) for each in Severity if each.rank == rank),
        title=title(event.subject, facts, naming.sources),
        what=what_and_when(event, facts),
        confidence=case.confidence,
        sources=tuple(
            naming.sources[source].name if source in naming.sources else source
            for source in case.sources
        ),
        seen_at=case.lead.provenance.observed_at,
        state=state.state,
        by=state.by,
        at=state.at,
        why=state.why,
        assigned_to=naming.person(state.assigned_to),
        escalate_at=state.escalate_at,
        escalated_at=state.escalated_at,
        told=told,
        event=case.lead.position,
    )
