"""What is held back until a person has looked, as a protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBatch:
    """Changes alike in so many subjects at once that no one is told before a person looks.

    Attributes:
        batch: Its id.
        source: The source's id.
        alike: What changed: the event type, and the path where it was one.
        since: When it was observed.
        state: `held`, `released`, `told` or `dismissed`.
        events: How many events it has.
        why: What the person who decided wrote.
        decided_at: When; empty while no one has.
    """

    batch: str
    source: str
    alike: str
    since: str
    state: str
    events: int
    why: str = ""
    decided_at: str = ""


class Held(Protocol):
    """Events that stand in the log and are told to no one until a person has looked."""

    def hold(
        self, batch: str, source: str, alike: str, since: str, positions: Sequence[int]
    ) -> None:
        """Hold events back."""
        ...

    def batches(self) -> tuple[HeldBatch, ...]:
        """Return all batches, the newest last."""
        ...

    def positions(self, batch: str) -> tuple[int, ...]:
        """Return the positions of a batch's events.

        Raises:
            NotFoundError: There is no such batch.
        """
        ...

    def of_state(self, state: str) -> tuple[int, ...]:
        """Return the positions of all events whose batch is in a state, in order."""
        ...

    def decide(self, batch: str, state: str, at: str, why: str) -> None:
        """Release or dismiss a batch."""
        ...
