"""Who was told what and when, through which channel, what the receiver said, and who answered.

Read from the outbox, the digests and the log; nothing is worked out from what rules say today. A
line of a digest counts for itself: somebody was told of that case, by that digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles

from watcher.core.case import Case
from watcher.core.events import Recorded
from watcher.core.phrases import Sources, title, what_and_when
from watcher.core.taxonomy import Severity
from watcher.errors import NotFoundError
from watcher.ports.store import Store, Work
from watcher.ports.telling import Waiting
from watcher.services.correlate import case_of
from watcher.services.explain import answers, case_answered

ESCALATED = "alert.escalated"
_DIGESTS = frozenset({"digest", "summary"})
_ASKING = frozenset({"alert", "follow_up", "escalation", "summary"})
"""Kinds of messages that somebody is to answer; a digest, a correction, a heartbeat ask nothing."""
_RANKED = sorted(Severity, key=lambda each: each.rank)
_CLOSING = frozenset({"acknowledged", "judged"})
"""Answers after which nobody else is asked; who was only given a case has not answered yet."""
_NINE_TENTHS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That somebody was told of one thing, or was to be.

    Attributes:
        case: The case's key; empty: it is about no case.
        position: Position of the event that leads it; 0: there is none.
        what: What it tells of, in words.
        product: What people call the medicine.
        event: The type of that event.
        severity: How grave it was taken for.
        kind: `alert`, `follow_up`, `correction`, `digest`, `summary`, `heartbeat` …
        channel: The channel's id.
        person: Id of who reads it; empty: whoever does.
        seen_at: When we saw it, RFC 3339 UTC; empty: it is about no case.
        queued_at: When the message was put into the outbox.
        taken_at: When the receiver took it; empty: not yet, or never.
        state: `pending`, `sending`, `delivered`, `given_up` or `cancelled`.
        said: What the receiver said last.
        answer: `acknowledged` or `judged`; `assigned` where it was only given to somebody; empty:
            nobody has answered.
        answered_by: Who.
        answered_at: When.
        why: The remark or reason they gave.
        escalated_at: When somebody else was told since nobody had answered.
    """

    case: str
    position: int
    what: str
    product: str
    event: str
    severity: Severity
    kind: str
    channel: str
    person: str
    seen_at: str
    queued_at: str
    taken_at: str
    state: str
    said: str
    answer: str = ""
    answered_by: str = ""
    answered_at: str = ""
    why: str = ""
    escalated_at: str = ""

    @property
    def asks(self) -> bool:
        """Return whether somebody is to answer it, and could."""
        return bool(self.case) and self.kind in _ASKING and self.state != "cancelled"

    @property
    def is_open(self) -> bool:
        """Return whether it asks for an answer that nobody has given."""
        return self.asks and self.answer not in _CLOSING

    @property
    def seconds_to_take(self) -> float | None:
        """Return how long it was from our look to the receiver's yes; None where one is missing."""
        return _between(self.seen_at, self.taken_at)

    @property
    def seconds_to_answer(self) -> float | None:
        """Return how long the answer took from then; at least 0, as another channel was sooner."""
        span = _between(self.taken_at or self.queued_at, self.answered_at)
        return None if span is None else max(span, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a report comes to.

    Attributes:
        receipts: How many messages and lines of digests.
        cases: How many cases they tell of that ask for an answer.
        answered: How many of those somebody answered.
        escalated: How many of those were escalated.
        critical_open: How many critical ones nobody answered.
        undelivered: How many messages no receiver took.
        taken_median: Seconds from our look to the receiver's yes, of what goes at once.
        taken_most: The same for nine of ten.
        answered_median: Seconds from there to the answer.
    """

    receipts: int
    cases: int
    answered: int
    escalated: int
    critical_open: int
    undelivered: int
    taken_median: float | None
    taken_most: float | None
    answered_median: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Who was told what.

    Attributes:
        since: Since when messages were queued; empty: ever.
        until: Until when; empty: now.
        made_at: When it was made, RFC 3339 UTC.
        receipts: What nobody answered first, the gravest and the oldest of it first.
        figures: What it comes to.
    """

    since: str
    until: str
    made_at: str
    receipts: tuple[Receipt, ...]
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is about; empty means all.

    Attributes:
        since: Since when messages were queued: a day or an instant.
        until: Until when: an instant.
        product: A name, product number or substance.
        person: Id of a person, or of a channel.
    """

    since: str = ""
    until: str = ""
    product: str = ""
    person: str = ""


def report(store: Store, asked: Asked, sources: Sources, now: str) -> Report:
    """Return who was told what and when, and who answered.

    Args:
        store: Where; it is only read.
        asked: What it is about.
        sources: Names and tiers of all sources, by id.
        now: When it is made.

    Raises:
        NotFoundError: Nothing is known by the name of the product.
    """
    with store.reading() as work:
        known = _Known(work, sources)
        wanted = _wanted(work, asked)
        receipts = [
            receipt
            for message in work.outbox.read(asked.since, asked.until)
            if asked.person in {"", message.person, message.channel}
            for receipt in known.receipts(message)
            if wanted(receipt)
        ]
    ordered = sorted(receipts, key=_first_what_is_open)
    return Report(
        since=asked.since,
        until=asked.until,
        made_at=now,
        receipts=tuple(ordered),
        figures=figures(ordered),
    )


def _first_what_is_open(each: Receipt) -> tuple[bool, int, str]:
    return not each.is_open, -each.severity.rank if each.is_open else 0, each.queued_at


def _wanted(work: Work, asked: Asked) -> Callable[[Receipt], bool]:
    """Return whether a receipt is about the product that is asked for."""
    if not asked.product:
        return lambda _each: True
    subjects = {stream.name.partition("/")[2] for stream in work.streams.named(asked.product)}
    if not subjects:
        message = f"nothing is known by the name {asked.product!r}"
        raise NotFoundError(message)
    return lambda each: (
        bool(each.position) and (str(work.log.find(str(each.position)).event.subject) in subjects)
    )


@dataclass(slots=True)
class _Known:
    """Cases and their answers, each looked up once."""

    work: Work
    sources: Sources
    _cases: dict[str, Case | None] = field(default_factory=dict)
    _answers: dict[str, list[Recorded]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for told in answers(self.work):
            self._answers.setdefault(case_answered(told), []).append(told)

    def receipts(self, message: Waiting) -> Iterator[Receipt]:
        """Yield what a message told: its case, or each line of a digest."""
        if message.kind not in _DIGESTS:
            yield self._receipt(message, message.case, message.severity)
            return
        for item in self.work.digests.told_in(message.key):
            if item.channel == message.channel:
                yield self._receipt(message, item.case, item.severity)

    def _receipt(self, message: Waiting, key: str, severity: int) -> Receipt:
        case = self._case(key)
        lead = case.lead if case else None
        return Receipt(
            case=key if case else "",
            position=lead.position if lead else 0,
            what=what_and_when(lead.event, case.facts) if case and lead else _subject(message),
            product=title(lead.event.subject, case.facts, self.sources) if case and lead else "",
            event=lead.event.type if lead else "",
            severity=_RANKED[severity],
            kind=message.kind,
            channel=message.channel,
            person=message.person,
            seen_at=lead.provenance.observed_at if lead else "",
            queued_at=message.created_at,
            taken_at=message.delivered_at,
            state=message.state,
            said=message.answer,
            **self._answered(key),
        )

    def _case(self, key: str) -> Case | None:
        if key not in self._cases:
            positions = self.work.cases.positions(key) if key else ()
            row = self.work.cases.of_event(positions[0]) if positions else None
            self._cases[key] = case_of(self.work, row) if row else None
        return self._cases[key]

    def _answered(self, key: str) -> Mapping[str, str]:
        """Return the answer of a person to a case, and when it was escalated."""
        found: dict[str, str] = {}
        for told in self._answers.get(key, ()) if key else ():
            if told.event.type == ESCALATED:
                found.setdefault("escalated_at", told.recorded_at)
            elif found.get("answer") not in _CLOSING:
                details = told.event.details
                found["answer"] = told.event.type.partition(".")[2]
                found["answered_by"] = details.get("who", "")
                found["answered_at"] = told.recorded_at
                found["why"] = details.get("why", "")
        return found


def _subject(message: Waiting) -> str:
    return message.envelope.subject


def figures(receipts: Iterable[Receipt]) -> Figures:
    """Return what receipts come to."""
    listed = list(receipts)
    asking = [each for each in listed if each.asks]
    taken = [
        span
        for each in listed
        if each.kind == "alert" and (span := each.seconds_to_take) is not None
    ]
    closed = [each for each in asking if not each.is_open]
    answered = [span for each in closed if (span := each.seconds_to_answer) is not None]
    return Figures(
        receipts=len(listed),
        cases=len({each.case for each in asking}),
        answered=len({each.case for each in closed}),
        escalated=len({each.case for each in asking if each.escalated_at}),
        critical_open=len(
            {each.case for each in asking if each.is_open and each.severity is Severity.CRITICAL}
        ),
        undelivered=sum(not each.taken_at and each.state != "cancelled" for each in listed),
        taken_median=median(taken) if taken else None,
        taken_most=quantiles(taken, n=10)[_NINE_TENTHS] if len(taken) > 1 else None,
        answered_median=median(answered) if answered else None,
    )


def _between(first: str, second: str) -> float | None:
    if not first or not second:
        return None
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()
