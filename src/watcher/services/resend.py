"""A person lets messages be sent again: one, or all of a time, with the keys they had.

What was given up and was corrected meanwhile is not sent any more: nobody had it, and it is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject
from watcher.errors import OperationalError
from watcher.ports import Clock
from watcher.ports.store import Store, Work
from watcher.ports.telling import Health, Waiting
from watcher.services.correlate import corrected
from watcher.services.decisions import Decider, decided, details_of, record
from watcher.services.own_events import own_stream

_DONE = frozenset({"delivered", "given_up"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which messages are sent again, and through what.

    Attributes:
        channel: The channel for which they were queued.
        since: From when on they were queued, RFC 3339 UTC.
        until: Until when, that moment not included; empty: until now.
        to: Another channel that takes them instead; empty: the same.
    """

    channel: str
    since: str
    until: str = ""
    to: str = ""


def resend(store: Store, number: int, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a message that was given up, or delivered, be sent again, with the same key.

    Returns:
        The decision.

    Raises:
        NotFoundError: There is no such message.
        OperationalError: What it says was found wrong before anyone had it.
    """
    subject, now = Subject("message", str(number)), instant(clock.now())
    with store.writing() as work:
        if done := decided(work, own_stream(subject), by):
            return done
        waiting = work.outbox.find(number)
        if waiting.state == "cancelled" or _is_wrong(work, waiting):
            message = f"message {number} is not sent: what it says was corrected before it went"
            raise OperationalError(message)
        _again(work, waiting, now)
        details = {
            **details_of(by, why.strip()),
            "before": waiting.state,
            "after": "pending",
            "channel": waiting.channel,
            "title": waiting.envelope.subject,
        }
        return record(work, Event(type="alert.resent", subject=subject, details=details), now)


def resend_period(store: Store, period: Period, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let all messages of a time be sent again, through the same channel or another one.

    What still waits for the same channel goes anyway; another channel gets that too. A message
    that stands for the other channel already is not put there twice.

    Returns:
        The decision; its detail `messages` says how many are sent.

    Raises:
        OperationalError: There are none.
    """
    now = instant(clock.now())
    subject = Subject("channel", period.channel)
    with store.writing() as work:
        if done := decided(work, own_stream(subject), by):
            return done
        queued = work.outbox.of_channel(period.channel, period.since, period.until or now)
        fit = [each for each in queued if each.state != "cancelled" and not _is_wrong(work, each)]
        if period.to:
            sent = sum(_copy(work, each, period.to, now) for each in fit)
        else:
            sent = sum(_again(work, each, now) for each in fit if each.state in _DONE)
        if not sent:
            message = f"no message to send again was queued for {period.channel} in that time"
            raise OperationalError(message)
        details = {
            **details_of(by, why.strip()),
            "since": period.since,
            "until": period.until or now,
            "to": period.to or period.channel,
            "messages": str(sent),
            "left_out": str(len(queued) - len(fit)),
        }
        return record(work, Event(type="alert.resent", subject=subject, details=details), now)


def _again(work: Work, waiting: Waiting, now: str) -> bool:
    """Let a message wait anew, and its channel be tried at once: a person says it is well."""
    work.outbox.update(replace(waiting, state="pending", attempts=0, next_attempt=now))
    work.channel_health.put(Health(channel=waiting.channel))
    return True


def _copy(work: Work, waiting: Waiting, to: str, now: str) -> bool:
    copy = replace(
        waiting,
        channel=to,
        state="pending",
        attempts=0,
        next_attempt=now,
        created_at=now,
        delivered_at="",
        answer="",
    )
    return work.outbox.add(copy)


def _is_wrong(work: Work, waiting: Waiting) -> bool:
    """Return whether nobody has a message and what it says was taken back since."""
    if waiting.delivered_at or not waiting.case or waiting.kind == "correction":
        return False
    row = next(iter(work.cases.named(waiting.case)), None)
    return row is not None and row.lead in corrected(work)
