"""How far those who tell are behind, and the operator's news of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from watcher.core.capture import instant
from watcher.core.events import Change, Event
from watcher.core.facts import Subject, Value
from watcher.core.pressure import Lag, Pressure, pressure
from watcher.ports.store import Store, Work
from watcher.services.alert import CONSUMER
from watcher.services.decisions import record
from watcher.services.own_events import own_stream

SLOWED, RECOVERED = "watch.slowed", "source.recovered"
_SUBJECT = Subject("work", "fetching")
_NOW = "pressure.now"
_OVERDUE = timedelta(minutes=5)
"""A message that should have gone so long ago counts as waiting; a batch just queued does not."""


def lag(work: Work, now: datetime) -> Lag:
    """Return how far those who tell are behind."""
    return Lag(
        events=work.log.head() - work.checkpoint(CONSUMER),
        messages=work.outbox.count_due(instant(now - _OVERDUE)),
    )


def settle_pressure(store: Store, before: Pressure, now: datetime) -> Pressure:
    """Return how much may be fetched now; tell the operator where that changes.

    Args:
        store: Where.
        before: What this process took it for until now.
        now: The present instant.
    """
    with store.reading() as work:
        wanted = pressure(lag(work, now), before)
        if _told(work) == wanted:
            return wanted
    with store.writing() as work:
        found = lag(work, now)
        wanted = pressure(found, before)
        if _told(work) != wanted:
            _tell(work, wanted, found, instant(now))
    return wanted


def told_pressure(work: Work) -> Pressure:
    """Return how much may be fetched, as it was last told to all processes."""
    return _told(work)


def _told(work: Work) -> Pressure:
    state = work.streams.get(own_stream(_SUBJECT)).state.get(_NOW)
    return Pressure(str(state["level"])) if isinstance(state, dict) else Pressure.NONE


def _tell(work: Work, level: Pressure, found: Lag, now: str) -> None:
    before = work.streams.get(own_stream(_SUBJECT)).state.get(_NOW)
    is_over = level is Pressure.NONE
    after: Value = None if is_over else {"level": str(level), "since": now}
    action: Literal["added", "changed", "removed"] = "changed" if before else "added"
    change = Change(path=_NOW, action="removed" if is_over else action, before=before, after=after)
    details = {"reason": str(found), "level": str(level)}
    if is_over and isinstance(before, dict):
        details["since"] = str(before["since"])
    name = RECOVERED if is_over else SLOWED
    record(work, Event(type=name, subject=_SUBJECT, changes=(change,), details=details), now)
