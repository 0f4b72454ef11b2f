"""Seals: the ledger of captures, put into the log by its root, range after range without a gap.

"We looked, and nothing had changed" makes no event. Its proof is the capture; a seal is the event
that binds a range of captures, so that none of them can be altered, added or left out later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.core import merkle
from watcher.core.events import Event
from watcher.core.facts import Subject
from watcher.core.verdict import Verdict
from watcher.errors import ProofError

SEALED = "captures.sealed"
"""The type of the event."""
LEDGER = Subject("captures", "ledger")
"""What it is about: there is one ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A sealed range of the ledger.

    Attributes:
        first: The number of its first capture.
        last: That of its last one.
        root: The root over the canonical bytes of the captures, 32 bytes.
        verdicts: How many captures had each verdict.
    """

    first: int
    last: int
    root: bytes
    verdicts: Mapping[str, int]

    @classmethod
    def of(cls, event: Event) -> Seal:
        """Return the seal that an event tells of.

        Raises:
            ProofError: Its details are not those of a seal.
        """
        told = event.details
        try:
            seal = cls(
                first=int(told["first"]),
                last=int(told["last"]),
                root=bytes.fromhex(told["root"]),
                verdicts=_counts(told["verdicts"]),
            )
            count = int(told["captures"])
        except (KeyError, ValueError) as error:
            message = f"an event {SEALED} that is no seal: {error}"
            raise ProofError(message) from error
        if count != seal.count or count != sum(seal.verdicts.values()):
            message = f"a seal of captures {seal.first}-{seal.last} that counts {count} of them"
            raise ProofError(message)
        return seal

    @property
    def count(self) -> int:
        """Return how many captures it seals."""
        return self.last - self.first + 1

    def event(self) -> Event:
        """Return the event that puts it into the log."""
        counts = (f"{verdict} {count}" for verdict, count in sorted(self.verdicts.items()))
        return Event(
            type=SEALED,
            subject=LEDGER,
            details={
                "first": str(self.first),
                "last": str(self.last),
                "captures": str(self.count),
                "root": self.root.hex(),
                "verdicts": ", ".join(counts),
            },
        )


@dataclass(slots=True)
class Sealing:
    """A seal in the making: captures are counted in, one after another."""

    first: int
    count: int = 0
    _tree: merkle.Frontier = field(default_factory=merkle.Frontier)
    _verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, verdict: Verdict, canonical: bytes) -> None:
        """Count a capture in.

        Raises:
            ProofError: Its number is not the next one: a capture is missing.
        """
        if number != self.first + self.count:
            message = f"capture {self.first + self.count} is missing in the ledger"
            raise ProofError(message)
        self.count += 1
        self._tree.add(merkle.leaf_hash(canonical))
        self._verdicts[str(verdict)] += 1

    def seal(self) -> Seal:
        """Return the seal over what was counted in.

        Raises:
            ProofError: Nothing was.
        """
        if not self.count:
            message = f"capture {self.first} is missing in the ledger"
            raise ProofError(message)
        return Seal(
            first=self.first,
            last=self.first + self.count - 1,
            root=self._tree.root(),
            verdicts=dict(self._verdicts),
        )


def _counts(text: str) -> dict[str, int]:
    """Return the counts that `ok 27, blocked 1` tells."""
    pairs = (part.rpartition(" ") for part in text.split(", "))
    return {verdict: int(count) for verdict, _, count in pairs}
