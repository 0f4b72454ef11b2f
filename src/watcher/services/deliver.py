"""Outbox → channel: until delivered or given up, one commit before and one after each attempt.

A receiver may have taken a message whose answer we never saw; such a message is sent again with the
same key, so that its double can be recognised. It is never lost. Each channel has a lane of its
own: one that hangs or is dead holds up no other, and one that fails again and again is left alone
for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from watcher.core import backoff, breaker
from watcher.core.capture import instant
from watcher.core.events import Cause, Event
from watcher.core.facts import Subject
from watcher.errors import DeliveryError
from watcher.ports import Channel, Clock
from watcher.ports.store import Store, Work
from watcher.ports.telling import Health, Waiting
from watcher.services.instants import not_before
from watcher.services.own_events import appended, ours, own_stream
from watcher.services.standing import is_taken_back

LONGEST_WAIT = timedelta(hours=26)
"""No message is put off for longer: neither by a failure nor by the longest night of the year."""
MOST_LANES = 32
_BATCH = 50
_WAITING = frozenset({"pending", "sending"})
_FIRST = frozenset({"alert", "follow_up"})


def deliver(store: Store, channels: Mapping[str, Channel], clock: Clock) -> tuple[Waiting, ...]:
    """Try every message that is due, each channel in a thread of its own; wait for all of them.

    Returns:
        What became of each message, by channel.
    """
    names = channels_due(store, clock)
    if len(names) < 2:
        lanes = [deliver_through(store, name, channels, clock) for name in names]
        return tuple(tried for lane in lanes for tried in lane)
    with ThreadPoolExecutor(min(len(names), MOST_LANES), thread_name_prefix="channel") as threads:
        begun = [threads.submit(deliver_through, store, name, channels, clock) for name in names]
        return tuple(tried for lane in begun for tried in lane.result())


def channels_due(store: Store, clock: Clock) -> tuple[str, ...]:
    """Return the ids of the channels through which something can be sent now."""
    now = clock.now()
    with store.reading() as work:
        names = work.outbox.channels_due(instant(now), instant(now + LONGEST_WAIT))
        return tuple(name for name in names if _way(work, name, now) is not breaker.Way.SHUT)


def _go_on() -> bool:
    return False


def deliver_through(
    store: Store,
    name: str,
    channels: Mapping[str, Channel],
    clock: Clock,
    is_over: Callable[[], bool] = _go_on,
) -> tuple[Waiting, ...]:
    """Try what is due through one channel, the gravest first, until one is not taken.

    Only one lane of a channel may run at a time.

    Args:
        store: Where the messages are.
        name: The channel's id.
        channels: All channels; a message through one that is not there is given up.
        clock: Tells the time.
        is_over: Whether the service ends; asked before each message.
    """
    now = clock.now()
    with store.reading() as work:
        horizon = instant(now + LONGEST_WAIT)
        due = work.outbox.due(instant(now), horizon, _BATCH, name)
    tried: list[Waiting] = []
    for waiting in due:
        if is_over():
            break
        attempted = _attempt(store, waiting.id, channels.get(name), clock)
        if attempted is None:
            continue
        tried.append(attempted)
        if attempted.state == "pending" or _is_shut(store, name, clock):
            break
    return tuple(tried)


def _is_shut(store: Store, name: str, clock: Clock) -> bool:
    with store.reading() as work:
        return _way(work, name, clock.now()) is breaker.Way.SHUT


def _way(work: Work, name: str, now: datetime) -> breaker.Way:
    health = work.channel_health.get(name)
    until = datetime.fromisoformat(health.closed_until) if health.closed_until else None
    return breaker.way(health.failures, until, now)


def _attempt(store: Store, number: int, channel: Channel | None, clock: Clock) -> Waiting | None:
    """Return what became of a message; None where it is not to be sent any more."""
    with store.writing() as work:
        waiting = work.outbox.find(number)
        if waiting.state not in _WAITING:
            return None  # corrected since it was found due
        if _was_judged_wrong(work, waiting):
            stopped = replace(waiting, state="cancelled", answer="judged wrong before it went")
            work.outbox.update(stopped)
            return None
        if _was_taken_back(work, waiting):
            answer = "a better reading took it back before it went"
            work.outbox.update(replace(waiting, state="cancelled", answer=answer))
            return None
        trying = replace(waiting, state="sending", attempts=waiting.attempts + 1)
        work.outbox.update(trying)
    try:
        answer = _sent(trying, channel)
    except DeliveryError as error:
        tried = _failed(trying, error, clock)
        _keep(store, tried, clock, is_dead=error.kind != "configuration")
    else:
        at = instant(clock.now())
        tried = replace(trying, state="delivered", delivered_at=at, answer=answer)
        _keep(store, tried, clock)
    return tried


def _was_judged_wrong(work: Work, waiting: Waiting) -> bool:
    if not waiting.case or waiting.kind not in _FIRST or waiting.attempts:
        return False
    return work.case_states.get(waiting.case).state == "wrong"


def _was_taken_back(work: Work, waiting: Waiting) -> bool:
    """Return whether nothing stands any more of all that a message not yet tried is about."""
    if not waiting.case or waiting.kind not in _FIRST or waiting.attempts:
        return False
    aside = work.log.set_aside()
    positions = work.cases.positions(waiting.case) if aside else ()
    told = [work.log.find(str(position)) for position in positions]
    return bool(told) and all(is_taken_back(work, each, aside) for each in told)


def _sent(trying: Waiting, channel: Channel | None) -> str:
    if channel is None:
        message = f"there is no channel {trying.channel} in sources.yaml"
        raise DeliveryError(message, kind="configuration")
    try:
        return channel.send(trying.envelope)
    except (OSError, ValueError, LookupError) as error:
        # a library's own fault must not hold up other channels, nor be tried every second
        message = f"{type(error).__name__} while sending"
        raise DeliveryError(message, kind="unknown") from error


def _failed(trying: Waiting, error: DeliveryError, clock: Clock) -> Waiting:
    if error.is_permanent or trying.attempts >= backoff.GIVE_UP_AFTER:
        return replace(trying, state="given_up", answer=str(error))
    wait = backoff.wait(f"{trying.key} {trying.channel}", trying.attempts)
    asked_for = timedelta(seconds=error.retry_after or 0)
    at = instant(clock.now() + max(wait, min(asked_for, backoff.STEPS[-1])))
    return replace(trying, state="pending", next_attempt=at, answer=str(error))


def _keep(store: Store, tried: Waiting, clock: Clock, *, is_dead: bool = False) -> None:
    """Keep what became of a message, how its channel does, and the event of it, in one commit.

    Every delivery is an event; that one was given up is the operator's news.
    """
    with store.writing() as work:
        now = clock.now()
        if tried.state == "delivered" or is_dead:
            work.channel_health.put(_health(work.channel_health.get(tried.channel), tried, now))
        is_cancelled = work.outbox.find(tried.id).state == "cancelled"
        if is_cancelled and tried.state != "delivered":
            return  # it was corrected while it was on its way, and is not tried again
        work.outbox.update(tried)
        if tried.state in {"delivered", "given_up"}:
            _append(work, tried, now)


def _health(before: Health, tried: Waiting, now: datetime) -> Health:
    at = instant(now)
    if tried.state == "delivered":
        return replace(before, failures=0, closed_until="", last_taken=at, answer=tried.answer)
    failures = before.failures + 1
    rest = breaker.rest(before.channel, failures)
    return replace(
        before,
        failures=failures,
        closed_until=instant(now + rest) if rest else "",
        last_refused=at,
        answer=tried.answer,
    )


def _append(work: Work, tried: Waiting, now: datetime) -> None:
    """Append `alert.sent`, or `alert.given_up`, to the stream of the channel."""
    subject = Subject("channel", tried.channel)
    stream = work.streams.get(own_stream(subject))
    at = instant(now)
    append = appended(stream, _event(work, tried, subject))
    # sent again after a resend, it is another event
    provenance = ours(f"{tried.id}-{tried.attempts}-{at}", at)
    work.log.append(append, not_before(work, stream.name, provenance), Cause.OBSERVED, at)


def _event(work: Work, tried: Waiting, subject: Subject) -> Event:
    details = {
        "message": str(tried.id),
        "key": tried.key,
        "attempts": str(tried.attempts),
        "person": tried.person,
        "kind": tried.kind,
    }
    if tried.state == "delivered":
        return Event(type="alert.sent", subject=subject, details=_said(details))
    row = next(iter(work.cases.named(tried.case)), None) if tried.case else None
    details |= {
        "title": tried.envelope.subject,
        "reason": tried.answer,
        "of": work.log.find(str(row.lead)).event.type if row else "",
    }
    return Event(type="alert.given_up", subject=subject, details=_said(details))


def _said(details: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in details.items() if text}
