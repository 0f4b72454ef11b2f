"""Outbox → channel: until delivered or given up, one commit before and one after each attempt.

A receiver may have taken a message whose answer we never saw; such a message is sent again with the
same key, so that its double can be recognised. It is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from watcher.core.capture import instant
from watcher.core.events import Cause, Event, Provenance, Recorded
from watcher.core.facts import Subject
from watcher.errors import DeliveryError, OperationalError
from watcher.ports import Channel, Clock
from watcher.ports.store import Append, Store, Work
from watcher.ports.telling import Waiting
from watcher.services.correlate import RECONCILER
from watcher.services.decisions import Decider, decided, details_of, own_stream, record

_BACKOFF = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 60, 180, 360, 720, 1440))
"""How long to wait after each failed attempt; greylisting servers want minutes, outages hours."""
LONGEST_WAIT = _BACKOFF[-1]
_GIVE_UP_AFTER = 21
"""Attempts before a message is given up: a fortnight of daily ones after the first day."""
_BATCH = 50


def deliver(store: Store, channels: Mapping[str, Channel], clock: Clock) -> tuple[Waiting, ...]:
    """Try every message that is due, oldest first, and return what became of each.

    A channel that fails is left alone for the rest of the pass, so that it holds up no other.
    """
    now = clock.now()
    with store.reading() as work:
        due = work.outbox.due(instant(now), instant(now + LONGEST_WAIT), _BATCH)
    tried: list[Waiting] = []
    failing: set[str] = set()
    for waiting in due:
        if waiting.channel in failing:
            continue
        attempted = _attempt(store, waiting, channels, clock)
        if attempted is None:
            continue
        tried.append(attempted)
        if tried[-1].state != "delivered":
            failing.add(waiting.channel)
    return tuple(tried)


def resend(store: Store, number: int, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a message that was given up, or delivered, be sent again, with the same key.

    Returns:
        The decision.

    Raises:
        NotFoundError: There is no such message.
        OperationalError: What it says was found wrong before it went.
    """
    subject, now = Subject("message", str(number)), instant(clock.now())
    with store.writing() as work:
        if done := decided(work, own_stream(subject), by):
            return done
        waiting = work.outbox.find(number)
        if waiting.state == "cancelled":
            message = f"message {number} is not sent: what it says was corrected before it went"
            raise OperationalError(message)
        work.outbox.update(replace(waiting, state="pending", attempts=0, next_attempt=now))
        details = {
            **details_of(by, why.strip()),
            "before": waiting.state,
            "after": "pending",
            "channel": waiting.channel,
            "title": waiting.envelope.subject,
        }
        return record(work, Event(type="alert.resent", subject=subject, details=details), now)


def _attempt(
    store: Store, waiting: Waiting, channels: Mapping[str, Channel], clock: Clock
) -> Waiting | None:
    """Return what became of a message; None where it was cancelled since it was found due."""
    with store.writing() as work:
        if work.outbox.find(waiting.id).state == "cancelled":
            return None
        trying = replace(waiting, state="sending", attempts=waiting.attempts + 1)
        work.outbox.update(trying)
    tried = _send(trying, channels, clock)
    _keep(store, tried, clock)
    return tried


def _send(trying: Waiting, channels: Mapping[str, Channel], clock: Clock) -> Waiting:
    channel = channels.get(trying.channel)
    if channel is None:
        missing = DeliveryError(f"there is no channel {trying.channel} in sources.yaml")
        return _failed(trying, missing, clock)
    try:
        answer = channel.send(trying.envelope)
    except DeliveryError as error:
        return _failed(trying, error, clock)
    except (OSError, ValueError, LookupError) as error:
        # a library's own fault must not hold up other channels, nor be tried every second
        fault = DeliveryError(f"{type(error).__name__} while sending", kind="unknown")
        return _failed(trying, fault, clock)
    return replace(trying, state="delivered", delivered_at=instant(clock.now()), answer=answer)


def _failed(trying: Waiting, error: DeliveryError, clock: Clock) -> Waiting:
    if error.is_permanent or trying.attempts >= _GIVE_UP_AFTER:
        return replace(trying, state="given_up", answer=str(error))
    wait = _BACKOFF[min(trying.attempts, len(_BACKOFF)) - 1]
    return replace(
        trying,
        state="pending",
        next_attempt=instant(clock.now() + wait),
        answer=str(error),
    )


def _keep(store: Store, waiting: Waiting, clock: Clock) -> None:
    """Keep what became of a message; that one was given up is the operator's news."""
    with store.writing() as work:
        is_cancelled = work.outbox.find(waiting.id).state == "cancelled"
        if is_cancelled and waiting.state != "delivered":
            return  # it was corrected while it was on its way, and is not tried again
        work.outbox.update(waiting)
        if waiting.state == "given_up":
            append, provenance = _given_up(work, waiting, clock)
            work.log.append(append, provenance, Cause.OBSERVED, instant(clock.now()))


def _given_up(work: Work, waiting: Waiting, clock: Clock) -> tuple[Append, Provenance]:
    subject = Subject("channel", waiting.channel)
    stream = work.streams.get(f"{RECONCILER}/{subject}")
    event = Event(
        type="alert.given_up",
        subject=subject,
        details={
            "message": str(waiting.id),
            "title": waiting.envelope.subject,
            "reason": waiting.answer,
        },
    )
    append = Append(
        stream=stream.name,
        subject=subject,
        expected_version=stream.version,
        events=(event,),
        evidence=((),),
        state=stream.state,
    )
    at = instant(clock.now())
    provenance = Provenance(
        source=RECONCILER,
        tier=1,
        url="",
        capture=f"{waiting.id}-{waiting.attempts}",
        snapshot="",
        reader="",
        observed_at=at,
    )
    return append, provenance
