"""Memos: every stream's standing as of a position, so that the past is reached from near by.

A memo is derived from the log and never true against it. What stood at a position never changes;
what a later amendment or a late event changes is folded anew, stream by stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from watcher.core.past import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """Where every stream stood once the log had come to a position.

    Attributes:
        position: Up to here, inclusive.
        hash: The hash of the event at that position: whose log this is a memo of.
        recorded_until: When that event was recorded.
        standings: By stream; streams that are about a source itself are left out.
    """

    position: int
    hash: str = ""
    recorded_until: str = ""
    standings: Mapping[str, Standing]

    @property
    def observed_until(self) -> str:
        """Return when the last event in it was observed; empty where it holds none."""
        return max((each.observed_until for each in self.standings.values()), default="")


class Memos(Protocol):
    """Kept memos; each can be dropped at any time and nothing is lost but time."""

    def nearest(self, position: int, observed: str = "") -> Memo | None:
        """Return the last usable memo at or before `position`; None: there is none.

        Args:
            position: The end of the log that is asked for.
            observed: All its events are to have been observed by this instant; empty: any.
        """
        ...

    def positions(self) -> tuple[int, ...]:
        """Return the positions of all memos, ascending."""
        ...

    def put(self, memo: Memo) -> None:
        """Keep a memo, in place of one at the same position."""
        ...

    def drop(self, positions: Iterable[int] = ()) -> None:
        """Drop the memos at `positions`; at none: all of them."""
        ...
