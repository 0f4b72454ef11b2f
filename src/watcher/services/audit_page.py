"""The log for people who audit: page by page, what was signed, and a check of its end on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from watcher.core.chain import row_hash
from watcher.core.events import Recorded
from watcher.errors import BrokenLogError, IntegrityError
from watcher.ports.proof import SignedCheckpoint, Signing
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.audit import Against
from watcher.services.decisions import Decision, latest_decisions
from watcher.services.prove import event_proof

TAIL = 1_000
"""How many of the last events a quick check hashes again."""
SIGNED = 50
"""How many of the last signed checkpoints it holds against the tree."""


class LogPage(NamedTuple):
    """A page of the log, the newest first.

    Attributes:
        events: The events.
        head: The last position of the whole log.
        older: The position before which the next page begins; 0: there is none.
        newer: Likewise of the page before; 0: this is the first.
    """

    events: tuple[Recorded, ...]
    head: int
    older: int
    newer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a quick check came to.

    Attributes:
        first: The first position that was hashed again; 0: the log is empty.
        last: The last.
        signed: How many signed checkpoints were held against the tree.
        problem: What does not fit; empty: everything does.
        head: The last position of the log.
    """

    first: int
    last: int
    signed: int
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Return whether that was all there is."""
        return self.first <= 1


def log_page(store: Store, *, before: int = 0, limit: int = 25) -> LogPage:
    """Return a page of the log; positions are gapless, so a page is a range of them.

    Args:
        store: Where.
        before: The events before this position; 0: the last.
        limit: How many.
    """
    with store.reading() as work:
        head = work.log.head()
        end = min(before or head + 1, head + 1)
        after = max(end - 1 - limit, 0)
        found = [*work.log.read(EventFilter(after=after, limit=end - 1 - after))] if end > 1 else []
    newer = min(end + limit, head + 1) if end <= head else 0
    return LogPage(tuple(reversed(found)), head, after + 1 if after else 0, newer)


def last_signed(store: Store, limit: int = SIGNED) -> tuple[SignedCheckpoint, ...]:
    """Return the last signed checkpoints, the newest first."""
    with store.reading() as work:
        return tuple(reversed(_last_signed(work, limit)))


def last_decisions(store: Store, limit: int = 50) -> tuple[Decision, ...]:
    """Return what persons decided last, the newest first."""
    return tuple(reversed(latest_decisions(store, limit)))


def quick_check(store: Store, signing: Signing) -> Checked:
    """Check the end of the log: its rows, their places in the tree, and what was signed.

    Bounded by `TAIL` events and `SIGNED` checkpoints, so that it ends while a person waits. What
    lies before rests on the signed roots: a row altered there shows in `watcher verify`.

    Args:
        store: Where the log is.
        signing: Checks signatures.
    """
    with store.reading() as work:
        head = work.log.head()
        first = max(head - TAIL + 1, 1) if head else 0
        signed = _last_signed(work, SIGNED)
        try:
            _check_rows(work, first, head)
            _check_signed(work, signed, Against(signing=signing, keys=signing.keys()))
        except IntegrityError as error:
            return Checked(first=first, last=head, signed=len(signed), problem=str(error))
    return Checked(first=first, last=head, signed=len(signed))


def _last_signed(work: Work, limit: int) -> tuple[SignedCheckpoint, ...]:
    return work.proof.last_checkpoints(limit)


def _check_rows(work: Work, first: int, head: int) -> None:
    """Hash each row again, with the hash before it, and lead the ends of the range to the root."""
    if not head:
        return
    previous = work.proof.row(first).previous
    for position in range(first, head + 1):
        row = work.proof.row(position)
        columns = tuple(value for _, value in row.columns)
        is_whole = isinstance(row.payload, bytes)  # SQLite keeps any kind in any column
        if not is_whole or row_hash(previous, columns, row.payload) != row.hash:
            raise BrokenLogError(position, "does not fit its hash, or the row before it")
        previous = row.hash
    for position in {first, head}:
        event_proof(work, work.log.find(str(position)), None)


def _check_signed(work: Work, signed: tuple[SignedCheckpoint, ...], against: Against) -> None:
    for each in signed:
        said = against.checkpoint(each.note)
        if work.proof.root(said.size) != said.root:
            why = f"the first {said.size} events are not those whose root was signed at {each.at}"
            raise BrokenLogError(said.size, why)
