"""What a person decides on events that were held back."""

from __future__ import annotations

from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject
from watcher.errors import OperationalError
from watcher.ports import Clock
from watcher.ports.held import HeldBatch
from watcher.ports.store import Store
from watcher.services.decisions import Decider, decided, details_of, reason, record
from watcher.services.own_events import own_stream


def held_batches(store: Store) -> tuple[HeldBatch, ...]:
    """Return all batches, the newest last."""
    with store.reading() as work:
        return work.held.batches()


def held_events(store: Store, batch: str) -> tuple[Recorded, ...]:
    """Return the events of a batch.

    Raises:
        NotFoundError: There is no such batch.
    """
    with store.reading() as work:
        return tuple(work.log.find(str(position)) for position in work.held.positions(batch))


def release(store: Store, batch: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let everyone be told of a batch after all, by their rules; return the decision.

    Raises:
        NotFoundError: There is no such batch.
        OperationalError: It was decided before.
    """
    return _decide(store, batch, "released", why.strip(), by, clock)


def dismiss(store: Store, batch: str, why: str, by: Decider, clock: Clock) -> Recorded:
    """Let a batch stand in the log and be told to no one; return the decision.

    Raises:
        NotFoundError: There is no such batch.
        OperationalError: It was decided before, or no reason was given.
    """
    return _decide(store, batch, "dismissed", reason(why, f"{batch} is dismissed"), by, clock)


def _decide(store: Store, batch: str, state: str, why: str, by: Decider, clock: Clock) -> Recorded:
    subject = Subject("batch", batch)
    now = instant(clock.now())
    with store.writing() as work:
        if done := decided(work, own_stream(subject), by):
            return done
        events = work.held.positions(batch)
        known = next(each for each in work.held.batches() if each.batch == batch)
        if known.state != "held":
            message = f"batch {batch} was {known.state} before"
            raise OperationalError(message)
        work.held.decide(batch, state, now, why)
        details = {
            **details_of(by, why),
            "before": known.state,
            "after": state,
            "source": known.source,
            "alike": known.alike,
            "events": str(len(events)),
        }
        return record(work, Event(type=f"batch.{state}", subject=subject, details=details), now)
