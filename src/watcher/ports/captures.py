"""The ledger of looks, as a protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from watcher.core.capture import Capture, Target
from watcher.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichLooks:
    """Which captures of the ledger are meant; empty means all.

    Attributes:
        source: The source's id.
        url: The target's address.
        digest: The payload's digest, `sha256:…`.
        verdicts: What the look turned out to be.
    """

    source: str = ""
    url: str = ""
    digest: str = ""
    verdicts: Sequence[Verdict] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksCounted:
    """How many looks at one source turned out to be one thing.

    Attributes:
        source: The source's id.
        verdict: What they turned out to be.
        looks: How many.
        new_bytes: Bytes of the payloads among them that were met for the first time.
    """

    source: str
    verdict: Verdict
    looks: int
    new_bytes: int


@dataclass(frozen=True, slots=True)
class LookAt:
    """What is asked of one look among the many at each target.

    Attributes:
        url: The target's address.
        at: When it was, RFC 3339 UTC.
        is_good: Whether the page was seen.
    """

    url: str
    at: str
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksOnDay:
    """How many looks at one source on one day turned out to be one thing.

    Attributes:
        source: The source's id.
        day: The UTC day: `2026-11-22`.
        verdict: What they turned out to be.
        looks: How many.
    """

    source: str
    day: str
    verdict: Verdict
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsCounted:
    """How the addresses of one source do, those that are looked at.

    Attributes:
        targets: How many there are.
        last_good_at: When one of them was last seen well; empty: never.
        next_due: When the first of them is looked at next; empty: at once.
        records: How many subjects they told of when last seen well.
        failing: How many fail.
        failures: How many looks in a row failed at the worst of them.
        failing_since: Since when the first of them fails; empty: none does.
        overdue: How many should have been looked at before an instant.
    """

    targets: int = 0
    last_good_at: str = ""
    next_due: str = ""
    records: int = 0
    failing: int = 0
    failures: int = 0
    failing_since: str = ""
    overdue: int = 0


class Captures(Protocol):
    """The ledger of looks, and where we are with each target."""

    def add(self, capture: Capture, target: Target) -> None:
        """Add a capture and move its target on."""
        ...

    def count(self) -> int:
        """Return how many captures the ledger has: the number of the last one."""
        ...

    def capture(self, capture_id: str) -> Capture:
        """Return one capture by id or unambiguous beginning of it.

        Raises:
            NotFoundError: There is none, or more than one.
        """
        ...

    def latest(
        self, *, source: str = "", verdicts: Sequence[Verdict] = (), limit: int = 50
    ) -> tuple[Capture, ...]:
        """Return the last captures, oldest first."""
        ...

    def read(
        self, *, source: str = "", url: str = "", since: str = "", until: str = ""
    ) -> Iterator[Capture]:
        """Return captures in the order in which they were made; empty means all."""
        ...

    def numbered(
        self, which: WhichLooks, *, after: int = 0, limit: int = 50
    ) -> tuple[tuple[int, Capture], ...]:
        """Return the captures that follow the number `after` in the ledger, with their numbers."""
        ...

    def newest(
        self, which: WhichLooks, *, before: int = 0, limit: int = 50
    ) -> tuple[tuple[int, Capture], ...]:
        """Return the captures with their numbers, the last first.

        Args:
            which: Which of them.
            before: Only those whose number is smaller; 0: all.
            limit: How many at most.
        """
        ...

    def at_each(self, source: str, since: str, until: str) -> Iterator[LookAt]:
        """Return the looks at each target of a source, target by target in their order.

        A few hundred are in memory at a time.
        """
        ...

    def by_day(self, since: str) -> tuple[LooksOnDay, ...]:
        """Return how many captures were made since an instant, by source, day and verdict."""
        ...

    def counted(self, *, after: int = 0) -> tuple[LooksCounted, ...]:
        """Return how many captures follow the number `after`, by source and verdict."""
        ...

    def known_digest(self, digest: str) -> bool:
        """Return whether an earlier capture had this payload."""
        ...

    def of_digest(self, digest: str, limit: int = 50) -> tuple[Capture, ...]:
        """Return the captures that had this payload, oldest first; of many, the first ones."""
        ...

    def digests(self, ids: Sequence[str], source: str = "") -> Mapping[str, str]:
        """Return the payload digest of those of these captures that the ledger has, by id.

        Args:
            ids: The captures.
            source: Only those of this source; empty: of any.
        """
        ...

    def behind(self, source: str, url: str) -> Mapping[str, str]:
        """Return by the id of each look that the clock puts too early after what it came.

        That is the instant of the latest look of ours that was made before it, and its own number:
        the machine's clock had been set back meanwhile.
        """
        ...

    def unchanged(self, source: str, url: str) -> Mapping[str, str]:
        """Return by the id of each "not modified" the id of the capture that it says was repeated.

        That is the last good one as the ledger stood then, whatever was imported since.
        """
        ...

    def target(self, source: str, url: str) -> Target:
        """Return where we are with a target; a new one where we never looked."""
        ...

    def targets(self, source: str = "") -> tuple[Target, ...]:
        """Return every target that was ever looked at; of one source, or of all."""
        ...

    def targets_like(self, words: str, limit: int, source: str = "") -> tuple[Target, ...]:
        """Return targets once seen well whose address has these words, whatever their case.

        So many at most, by source and address; of one source, or of all.
        """
        ...

    def targets_counted(
        self,
        source: str,
        *,
        only: Collection[str] | None = None,
        late: str = "",
        with_retired: bool = False,
    ) -> TargetsCounted:
        """Return how the targets of a source do, but for those that are `NEVER_DUE`.

        Args:
            source: The source's id.
            only: Only these addresses; None: all that are known here.
            late: The instant before which a target should have been looked at.
            with_retired: Count all that were ever known, those that are `NEVER_DUE` as well.
        """
        ...

    def failing_first(
        self, source: str, limit: int, *, only: Collection[str] | None = None
    ) -> tuple[Target, ...]:
        """Return targets that are looked at, those that fail first, then by address."""
        ...

    def seen_last(
        self, source: str, limit: int = 1, *, with_retired: bool = True
    ) -> tuple[Target, ...]:
        """Return the source's targets, those seen well most recently first, then by address."""
        ...

    def servers(self, source: str) -> tuple[str, ...]:
        """Return the servers that the source's targets are on, each once, by name."""
        ...

    def due(self, source: str, now: str, horizon: str) -> tuple[Target, ...]:
        """Return the source's targets to look at, those due longest first.

        Those due only after `horizon` are among them, since no schedule asks for that, but for
        those that are `NEVER_DUE`.
        """
        ...

    def known(self, source: str, urls: Sequence[str]) -> Mapping[str, Target]:
        """Return those of the source's targets at these addresses that are known, by address."""
        ...

    def of_source(self, source: str) -> Iterator[Target]:
        """Return the source's targets by address, a few hundred in memory at a time."""
        ...

    def count_targets(self, source: str) -> int:
        """Return how many targets of the source are known here."""
        ...

    def retire_others(self, sources: Sequence[str]) -> int:
        """Let no target of any other source be due any more; return how many were."""
        ...

    def draw_in(self, source: str, beyond: str, now: str) -> int:
        """Let targets be due now whose turn is further away than `beyond`; return how many.

        Those that are `NEVER_DUE` stay so, and so do those that somebody is at.
        """
        ...

    def put_target(self, target: Target) -> None:
        """Keep where we are with a target."""
        ...

    def put_targets(self, many: Sequence[Target]) -> None:
        """Keep where we are with many targets, each once among them."""
        ...
