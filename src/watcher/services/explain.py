"""Who is told of one event, who is not and why, and what really became of it.

The decision is asked of the very function that alerts; what happened is read from the outbox, the
digests and the log. Where the two differ, the rules or the people were others then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.core.correction import CORRECTED
from watcher.core.events import Cause, Recorded
from watcher.core.facts import State, Subject
from watcher.core.recipients import Group, Person
from watcher.core.rules import Decision, Rule, explain
from watcher.core.telling import Telling, decide
from watcher.ports.cases import CaseRow, CaseState
from watcher.ports.store import EventFilter, Store, Work
from watcher.ports.telling import DigestItem, Waiting
from watcher.services.alert import CONSUMER
from watcher.services.correlate import RECONCILER, case_of
from watcher.services.own_events import own_stream

ANSWERS = ("alert.acknowledged", "alert.assigned", "alert.judged", "alert.escalated")
"""The types of events that tell what people did about a case."""

_CAUSES = {
    Cause.BASELINE: "it was known when we first looked: a first reading tells no one",
    Cause.REREAD: "a better reader found it in a page we had: what is read anew tells no one",
    Cause.CORRECTED: "it puts something right: those who had been told were told, and no one else",
    Cause.IMPORTED: "it was read from an archive: what is imported tells no one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who may be told, by which rules.

    Attributes:
        rules: All rules.
        people: All people by id.
        groups: All groups by id.
    """

    rules: tuple[Rule, ...]
    people: Mapping[str, Person]
    groups: Mapping[str, Group]

    @classmethod
    def of(
        cls, rules: Iterable[Rule], people: Iterable[Person], groups: Iterable[Group]
    ) -> Audience:
        """Return the audience that a configuration's rules, people and groups make."""
        return cls(
            rules=tuple(rules),
            people={each.id: each for each in people},
            groups={each.id: each for each in groups},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Who is told of one event, and what became of it.

    Attributes:
        event: The event.
        case: The key of the case it tells of; empty: it opened and joined none.
        told_with: Positions of all events of that case, its own among them.
        before_rules: What became of it before any rule was asked; empty: the rules decide.
        rules: What each rule says, the first test that fails in words.
        tellings: What each channel that any rule leads to hears, by today's rules and people, as
            of the moment at which the event was recorded.
        untold: Ids of people whom no rule leads to.
        messages: The messages that were put into the outbox for its case.
        digests: The lines of digests about its case.
        state: What people did about the case.
        answers: The events that say so, oldest first.
    """

    event: Recorded
    case: str
    told_with: tuple[int, ...]
    before_rules: tuple[str, ...]
    rules: tuple[Decision, ...]
    tellings: tuple[Telling, ...]
    untold: tuple[str, ...]
    messages: tuple[Waiting, ...]
    digests: tuple[DigestItem, ...]
    state: CaseState
    answers: tuple[Recorded, ...]


def explain_event(store: Store, event: str, audience: Audience) -> Explained:
    """Return who is told of an event, who is not, why, and what became of it.

    Args:
        store: Where; it is only read.
        event: The event's position, id or the beginning of its id.
        audience: Whose rules and people to ask.

    Raises:
        NotFoundError: There is no such event.
    """
    with store.reading() as work:
        told = work.log.find(event)
        row = work.cases.of_event(told.position)
        together, state = _together(work, told, row)
        at = datetime.fromisoformat(told.recorded_at)
        tellings = decide(audience.rules, audience.people, audience.groups, together, state, at)
        key = row.key if row else told.event.details.get("case", "")
        return Explained(
            event=told,
            case=key,
            told_with=work.cases.positions(key) if row else (),
            before_rules=tuple(_before_rules(work, told, row)),
            rules=explain(audience.rules, told, state),
            tellings=tellings,
            untold=_untold(audience, tellings),
            messages=work.outbox.of_case(key) if key else (),
            digests=work.digests.of_case(key) if key else (),
            state=work.case_states.get(key),
            answers=tuple(answers(work, key)) if key else (),
        )


def answers(work: Work, case: str = "") -> Iterator[Recorded]:
    """Yield what people did about a case, or about all, oldest first."""
    stream = own_stream(Subject("case", case)) if case else ""
    yield from work.log.read(EventFilter(types=ANSWERS, stream=stream))


def case_answered(told: Recorded) -> str:
    """Return the key of the case that such an event is about."""
    subject = told.event.subject
    return subject.id if subject.kind == "case" else told.event.details.get("case", "")


def _together(work: Work, told: Recorded, row: CaseRow | None) -> tuple[Sequence[Recorded], State]:
    """Return the events that are told in one message with this one, and what is known of them."""
    state = dict(work.streams.get(told.stream).state)
    if told.provenance.source == RECONCILER:
        for others in work.streams.of_subject(told.event.subject).values():
            state = {**others, **state}
    if row is None:
        return (told,), state
    case = case_of(work, row)
    events = case.events if told in case.events else (told,)
    return events, {**state, **case.facts}


def _untold(audience: Audience, tellings: Iterable[Telling]) -> tuple[str, ...]:
    reached = {each.person for each in tellings}
    return tuple(name for name in audience.people if name not in reached)


def _before_rules(work: Work, told: Recorded, row: CaseRow | None) -> Iterator[str]:
    """Yield what became of an event before, or in spite of, what the rules say."""
    if told.cause in _CAUSES:
        yield _CAUSES[told.cause]
    yield from _held(work, told.position)
    if told.position in work.log.set_aside():
        yield "it was set aside since: `watcher history --all` tells by what"
    for correction in work.log.read(EventFilter(types=(CORRECTED,))):
        if correction.event.details.get("corrects") == told.event_id:
            why = correction.event.details.get("why", "")
            yield f"it was corrected by event {correction.position}: {why}"
    if told.position > work.checkpoint(CONSUMER):
        yield "nobody was asked yet: the service does so within a second, or `watcher once`"
    if row is not None and row.lead != told.position:
        lead = work.log.find(str(row.lead))
        if lead.stream == told.stream:
            yield f"it is told with event {row.lead}, which is graver"
        else:
            source = lead.provenance.source
            yield f"it confirms what {source} told at {lead.recorded_at[:16]}, event {row.lead}"


def _held(work: Work, position: int) -> Iterator[str]:
    for batch in work.held.batches():
        if position not in work.held.positions(batch.batch):
            continue
        why = f": {batch.why}" if batch.why else ""
        match batch.state:
            case "held":
                yield f"it is held back in batch {batch.batch} until a person has looked"
            case "dismissed":
                yield f"batch {batch.batch} was dismissed by a person{why}"
            case _:
                yield f"it was held back in batch {batch.batch} and released by a person{why}"
