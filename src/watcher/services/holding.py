"""What a person decides on events that were held back."""

from __future__ import annotations

from watcher.core.capture import instant
from watcher.core.events import Recorded
from watcher.errors import OperationalError
from watcher.ports import Clock
from watcher.ports.store import Store
from watcher.ports.telling import HeldBatch


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


def release(store: Store, batch: str, why: str, clock: Clock) -> None:
    """Let everyone be told of a batch after all, by their rules.

    Raises:
        NotFoundError: There is no such batch.
        OperationalError: It was decided before.
    """
    _decide(store, batch, "released", why, clock)


def dismiss(store: Store, batch: str, why: str, clock: Clock) -> None:
    """Let a batch stand in the log and be told to no one.

    Raises:
        NotFoundError: There is no such batch.
        OperationalError: It was decided before, or no reason was given.
    """
    if not why.strip():
        message = f"say why {batch} is dismissed: --why '…'"
        raise OperationalError(message)
    _decide(store, batch, "dismissed", why, clock)


def _decide(store: Store, batch: str, state: str, why: str, clock: Clock) -> None:
    with store.writing() as work:
        work.held.positions(batch)
        known = next(each for each in work.held.batches() if each.batch == batch)
        if known.state != "held":
            message = f"batch {batch} was {known.state} before"
            raise OperationalError(message)
        work.held.decide(batch, state, instant(clock.now()), why)
