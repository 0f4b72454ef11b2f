"""Into the outbox, into a digest, or into the summary of a flood; and who has heard of a case.

A message stands in the outbox once a channel, and so does a line among those that wait for a
digest. Both have the key of what happened, so that the same thing seen twice is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.core import throttle
from watcher.core.capture import instant
from watcher.core.recipients import Cadence, Person, Plan, plan
from watcher.core.rules import Rule
from watcher.core.taxonomy import Severity
from watcher.core.telling import Telling
from watcher.ports import Envelope
from watcher.ports.store import Work
from watcher.ports.telling import DigestItem, Waiting

SUMMARY = "summary"
"""The cadence of lines that would have been a flood of messages."""
_UNHEARD = frozenset({"cancelled", "given_up"})
_NO_TELLING = frozenset({"correction", "digest", SUMMARY, "heartbeat"})
"""Kinds of messages that are not the first to tell of one case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One channel through which somebody has heard of a case, or is about to.

    Attributes:
        channel: The channel's id.
        person: Id of the person who reads it; empty: whoever reads the channel.
        first: The message that told of it first; a digest may have told of much else.
    """

    channel: str
    person: str
    first: Waiting

    @property
    def may_have_it(self) -> bool:
        """Return whether its receiver has that message, or may have it."""
        return may_have_gone(self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing to tell.

    Attributes:
        key: Its key: what happened.
        case: Key of the case it is about.
        kind: `alert`, `follow_up` or `operator`.
        letter: Makes its message, given why its reader gets it and whom it is for.
        replies: By channel, the key of the message that it follows up.
    """

    key: str
    case: str
    kind: str
    letter: Callable[[str, str], Envelope]
    replies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queued:
    """How many messages, and how many lines of digests, were put in."""

    messages: int = 0
    lines: int = 0

    def __add__(self, other: Queued) -> Queued:
        """Return both together."""
        return Queued(self.messages + other.messages, self.lines + other.lines)


def may_have_gone(message: Waiting) -> bool:
    """Return whether its receiver has a message, or may have it.

    One that is being sent, and one whose answer never came, may have arrived: a correction too
    many is a smaller evil than a wrong alarm that stands.
    """
    if message.delivered_at or message.state in {"delivered", "sending"}:
        return True
    return message.state == "pending" and message.attempts > 0


def reached(work: Work, case: str) -> tuple[Reached, ...]:
    """Return every channel through which a case was told, alone or in a digest, once each.

    Also those whose message waits to be sent. A line that waits for its digest has reached no one.
    """
    found: dict[str, Reached] = {}
    for message in [*_of_their_own(work, case), *_digests(work, case)]:
        if message.state not in _UNHEARD or message.delivered_at:
            person = message.person
            one = Reached(channel=message.channel, person=person, first=message)
            found.setdefault(message.channel, one)
    return tuple(found.values())


def _of_their_own(work: Work, case: str) -> list[Waiting]:
    return [
        message
        for message in work.outbox.of_case(case)
        if message.kind not in _NO_TELLING and not message.key.startswith(f"{case}-corrected-")
    ]


def _digests(work: Work, case: str) -> list[Waiting]:
    told = ((item.told_in, item.channel) for item in work.digests.of_case(case) if item.told_in)
    return [
        message
        for key, channel in dict.fromkeys(told)
        for message in work.outbox.with_key(key)
        if message.channel == channel and message.kind in {"digest", SUMMARY}
    ]


def follows_up(
    heard: Reached, severity: Severity, people: Mapping[str, Person], now: datetime
) -> Telling:
    """Return how somebody hears of what follows on something they were told.

    Args:
        heard: What they were told.
        severity: How grave that is which follows.
        people: All people by id.
        now: The time.
    """
    person = people.get(heard.person)
    at_once = Plan(cadence=Cadence.NOW, at=now, reason="at once: the channel was told before")
    who = f"{person}: " if person else ""
    return Telling(
        channel=heard.channel,
        person=heard.person,
        plan=plan(person, severity, now) if person else at_once,
        why=f"{who}it follows on what you were told before",
        severity=severity,
    )


def tell(work: Work, news: News, tellings: Iterable[Telling], now: datetime) -> Queued:
    """Put one thing where each telling says: the outbox, a digest, or the summary of a flood.

    Args:
        work: The transaction; the caller moves its checkpoint in the same one.
        news: What is told.
        tellings: To whom and when; those who are not told are passed over.
        now: The time.
    """
    done = Queued()
    for telling in tellings:
        if telling.is_told and not _stands(work, news.key, telling.channel):
            done += _put(work, news, telling, now)
    return done


def _stands(work: Work, key: str, channel: str) -> bool:
    return any(message.channel == channel for message in work.outbox.with_key(key))


def _put(work: Work, news: News, telling: Telling, now: datetime) -> Queued:
    if not telling.is_at_once:
        line = _line(news, telling, str(telling.plan.cadence), telling.plan.at)
        return Queued(lines=int(work.digests.add(line)))
    since = instant(telling.plan.at - throttle.WINDOW)
    already = work.outbox.count(telling.person, telling.channel, since)
    due = throttle.summary_due(telling.severity, telling.plan.at, already)
    waiting = [
        item
        for item in work.digests.of_case(news.case)
        if (item.key, item.channel, item.told_in) == (news.key, telling.channel, "")
    ]
    if due is not None:
        return _put_in_summary(work, _line(news, telling, SUMMARY, due), waiting)
    work.outbox.add(_message(news, telling, now))
    work.digests.tell(waiting, news.key)
    return Queued(messages=1)


def _put_in_summary(work: Work, line: DigestItem, waiting: Sequence[DigestItem]) -> Queued:
    """Put a line into the summary; one that waits for a later digest is told there instead."""
    later = [item for item in waiting if item.cadence != SUMMARY]
    if later:
        line = replace(line, key=f"{line.key}-soon")
        work.digests.tell(later, line.key)
    return Queued(lines=int(work.digests.add(line)))


def _line(news: News, telling: Telling, cadence: str, due: datetime) -> DigestItem:
    return DigestItem(
        person=telling.person,
        channel=telling.channel,
        cadence=cadence,
        due=instant(due),
        case=news.case,
        key=news.key,
        why=telling.why,
        severity=telling.severity.rank,
    )


def _message(news: News, telling: Telling, now: datetime) -> Waiting:
    reply = news.replies.get(telling.channel, "")
    letter = news.letter(telling.why, recipient(telling))
    letter = replace(letter, key=news.key, in_reply_to=reply)
    return Waiting(
        id=0,
        key=news.key,
        case=news.case,
        channel=telling.channel,
        envelope=letter,
        state="pending",
        next_attempt=instant(telling.plan.at),
        created_at=instant(now),
        person=telling.person,
        kind=news.kind,
        severity=telling.severity.rank,
    )


def recipient(telling: Telling) -> str:
    """Return whom a message is for: `person:anna`, or `channel:pv-team`."""
    return f"person:{telling.person}" if telling.person else f"channel:{telling.channel}"


def note_told(work: Work, case: str, tellings: Sequence[Telling], rules: Sequence[Rule]) -> None:
    """Keep how gravely a case was told, and when it goes on to whom unless acknowledged.

    The time until then begins when the first is told: nobody can acknowledge in the night what
    they are told in the morning.
    """
    heard = [telling for telling in tellings if telling.is_told]
    if not heard:
        return
    state = work.case_states.get(case)
    wanted = {
        rule.id: min(each.plan.at for each in heard if rule.id in each.rules)
        + timedelta(seconds=rule.escalate_after)
        for rule in rules
        if rule.escalate_to and any(rule.id in each.rules for each in heard)
    }
    if wanted and not state.escalate_at:
        names = (name for rule in rules if rule.id in wanted for name in rule.escalate_to)
        state = replace(
            state,
            escalate_at=instant(min(wanted.values())),
            escalate_to=",".join(dict.fromkeys(names)),
        )
    gravest = max(each.severity.rank for each in heard)
    work.case_states.put(replace(state, severity=max(state.severity, gravest)))
