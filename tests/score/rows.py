"""One row of the score: how many events there were to find, were found, and were invented."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108  a score need not survive a power cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one family of events, or one trap, came to.

    Attributes:
        name: `pages: status changes`, `bench: waf`.
        expected: How many events there are to find; 0 for a trap.
        hits: How many of them were found.
        false: How many others were told.
        note: The first of what was missed or invented, and figures beside.
    """

    name: str
    expected: int
    hits: int
    false: int
    note: str = ""

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        told = self.hits + self.false
        return self.hits / told if told else 1.0


def row(name: str, wanted: Iterable[Hashable], found: Iterable[Hashable], note: str = "") -> Row:
    """Compare two sets; what is found twice is found once and invented once."""
    told = list(found)
    truth, kinds = set(wanted), set(told)
    missed = sorted(map(str, truth - kinds))
    invented = sorted(map(str, kinds - truth))
    told_twice = len(told) - len(kinds)
    notes = [note] if note else []
    if missed:
        notes.append(f"missed {'; '.join(missed[:4])}")
    if invented:
        notes.append(f"invented {'; '.join(invented[:4])}")
    if told_twice:
        notes.append(f"{told_twice} told twice")
    return Row(
        name=name,
        expected=len(truth),
        hits=len(truth & kinds),
        false=len(invented) + told_twice,
        note=" | ".join(notes),
    )


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder that is gone afterwards, in memory where the machine has such a place."""
    place = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="watcher-score-", dir=place) as folder:
        yield Path(folder)
