"""Outbox → channel: until delivered or given up, one commit before and one after each attempt.

A receiver may have taken a message whose answer we never saw; such a message is sent again with the
same key, so that its double can be recognised. It is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from watcher.core.capture import instant
from watcher.errors import DeliveryError
from watcher.ports import Channel, Clock
from watcher.ports.store import Store
from watcher.ports.telling import Waiting

_BACKOFF = tuple(timedelta(minutes=wait) for wait in (1, 5, 15, 60, 180, 360, 720, 1440))
"""How long to wait after each failed attempt; greylisting servers want minutes, outages hours."""
_BATCH = 50


def deliver(store: Store, channels: Mapping[str, Channel], clock: Clock) -> tuple[Waiting, ...]:
    """Try every message that is due, oldest first, and return what became of each.

    One channel that fails does not hold up another: each message has its own next attempt.
    """
    with store.reading() as work:
        due = work.outbox.due(instant(clock.now()), _BATCH)
    return tuple(_attempt(store, waiting, channels, clock) for waiting in due)


def _attempt(
    store: Store, waiting: Waiting, channels: Mapping[str, Channel], clock: Clock
) -> Waiting:
    trying = replace(waiting, state="sending", attempts=waiting.attempts + 1)
    _keep(store, trying)
    tried = _send(trying, channels, clock)
    _keep(store, tried)
    return tried


def _send(trying: Waiting, channels: Mapping[str, Channel], clock: Clock) -> Waiting:
    channel = channels.get(trying.channel)
    if channel is None:
        return replace(trying, state="given_up", answer="the channel is no longer configured")
    try:
        answer = channel.send(trying.envelope)
    except DeliveryError as error:
        return _failed(trying, error, clock)
    return replace(trying, state="delivered", delivered_at=instant(clock.now()), answer=answer)


def _failed(trying: Waiting, error: DeliveryError, clock: Clock) -> Waiting:
    if error.is_permanent or trying.attempts > len(_BACKOFF):
        return replace(trying, state="given_up", answer=str(error))
    wait = _BACKOFF[trying.attempts - 1]
    return replace(
        trying,
        state="pending",
        next_attempt=instant(clock.now() + wait),
        answer=str(error),
    )


def _keep(store: Store, waiting: Waiting) -> None:
    with store.writing() as work:
        work.outbox.update(waiting)
