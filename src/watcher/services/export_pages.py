"""The log taken out a page at a time, for receivers as slow as they like.

A transaction that stays open while somebody far away reads keeps the database from tidying up
behind it. So each page is read in one of its own; what stands in the log never changes, and what
is appended meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from watcher.core.chain import GENESIS, row_hash
from watcher.errors import BrokenLogError
from watcher.ports.store import Store, Stored
from watcher.services.export import (
    About,
    Selected,
    Selection,
    about,
    chain_columns,
    selected,
    standing_of,
)

PAGE = 500
"""How many events are in memory at once."""


def begun(store: Store, selection: Selection, *, program: str, at: str) -> About:
    """Return what an export that begins now says of itself; see `about`."""
    with store.reading() as work:
        return about(work, selection, program=program, at=at)


def in_pages(store: Store, told_of: About, *, page: int = PAGE) -> Iterator[Selected]:
    """Yield the events that an export has, up to the log's head when it began.

    Args:
        store: Where the log is.
        told_of: What the export says of itself; see `begun`.
        page: How many events are read in one transaction.

    Raises:
        NotFoundError: Nothing is known of the product that was asked for.
        BrokenLogError: The whole log was asked for, and a row does not fit its chain.
    """
    selection, after = told_of.selection, told_of.selection.which.after
    previous = GENESIS
    with store.reading() as work:
        standing = standing_of(work)
    while after < told_of.head:
        rest = replace(selection, which=replace(selection.which, after=after))
        with store.reading() as work:
            found = [*islice(selected(work, rest, standing), page)]
        for each in found:
            if each.stored.told.position > told_of.head:
                return
            if selection.is_whole:
                previous = _hash(each.stored, previous)
            yield each
        if len(found) < page:
            return
        after = found[-1].stored.told.position


def _hash(stored: Stored, previous: str) -> str:
    """Return the hash of a row that fits the one before it.

    Raises:
        BrokenLogError: It does not.
    """
    if row_hash(previous, chain_columns(stored), stored.payload) != stored.told.hash:
        raise BrokenLogError(stored.told.position, "the row does not fit its hash")
    return stored.told.hash
