"""What follows on something told before: in its thread, and to whom that reached.

A conflict goes to everyone who had the claim that is disputed, whatever their rules say of
conflicts; that a source is well again to everyone who heard that it was not. That one more source
says the same goes only to those whose rules ask for it, as an answer to what they had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from watcher.core.case import Case
from watcher.core.events import Recorded
from watcher.core.recipients import Person
from watcher.core.taxonomy import Severity
from watcher.core.telling import Telling
from watcher.ports.store import EventFilter, Work
from watcher.services.correlate import Opened, case_of
from watcher.services.telling_people import Reached, follows_up, reached

CONFIRMING_TIER = 2
"""Authorities and holders; what only others say is unconfirmed."""
_TROUBLE = ("source.unreachable", "source.blocked", "source.truncated", "source.schema_drifted")


@dataclass(frozen=True, slots=True)
class Thread:
    """What a case follows on.

    Attributes:
        heard: Who has heard of that, or is about to.
        is_for_all: Whether they all hear of what follows, whatever rules say.
        told: Channels that know already what it tells.
    """

    heard: tuple[Reached, ...] = ()
    is_for_all: bool = False
    told: frozenset[str] = frozenset()

    @property
    def replies(self) -> Mapping[str, str]:
        """Return by channel the key of the message that is answered."""
        return {each.channel: each.first.key for each in self.heard}


def thread(work: Work, case: Case) -> Thread:
    """Return what a new case follows on; nothing where it stands for itself."""
    lead = case.lead
    match lead.event.type:
        case "conflict.detected":
            return Thread(reached(work, lead.event.details.get("case", "")), is_for_all=True)
        case "corroboration.added":
            origin = lead.event.details.get("case", "")
            return Thread(reached(work, origin), told=_confirmed(work, origin, lead))
        case "source.recovered":
            return Thread(_of_trouble(work, lead), is_for_all=True)
        case _:
            return Thread()


def confirms(opened: Opened) -> bool:
    """Return whether this telling is the first by an authority or the holder."""
    second = opened.second
    if second is None or second.provenance.tier > CONFIRMING_TIER:
        return False
    tellers = [opened.case.lead, *opened.case.corroborations]
    earlier = [each for each in tellers if each.position != second.position]
    return all(each.provenance.tier > CONFIRMING_TIER for each in earlier)


def confirmed_key(case: str) -> str:
    """Return the key of the message that tells that an authority says so too."""
    return f"{case}-confirmed"


def also(
    heard: Iterable[Reached],
    decided: Iterable[Telling],
    severity: Severity,
    people: Mapping[str, Person],
    now: datetime,
) -> Iterator[Telling]:
    """Yield a telling for each who has heard and whom no rule tells; not for who is here no more.

    Args:
        heard: Who has heard of what it follows on.
        decided: What the rules say.
        severity: How grave that is which follows.
        people: All people by id.
        now: The time.
    """
    by_rules = {each.channel for each in decided if each.is_told}
    for each in heard:
        is_here = not each.person or each.person in people
        if is_here and each.channel not in by_rules:
            yield follows_up(each, severity, people, now)


def _confirmed(work: Work, origin: str, told: Recorded) -> frozenset[str]:
    """Return the channels that had an authority's word, where this tells of that word."""
    row = next(iter(work.cases.named(origin)), None) if origin else None
    if row is None:
        return frozenset()
    case = case_of(work, row)
    tellers = (case.lead, *case.corroborations)
    first = next((each for each in tellers if each.provenance.tier <= CONFIRMING_TIER), None)
    if first is None or first.provenance.source != told.event.details.get("by"):
        return frozenset()
    key = confirmed_key(origin)
    lines = (item.channel for item in work.digests.of_case(origin) if item.key == key)
    messages = (message.channel for message in work.outbox.with_key(key))
    return frozenset((*lines, *messages))


def _of_trouble(work: Work, told: Recorded) -> tuple[Reached, ...]:
    """Return whom the last word of this source's trouble reached."""
    trouble = [
        each
        for each in work.log.read(EventFilter(stream=told.stream, types=_TROUBLE))
        if each.position < told.position
    ]
    row = work.cases.of_event(trouble[-1].position) if trouble else None
    return reached(work, row.key) if row else ()
