"""The log taken out a page at a time, for receivers as slow as they like.

A transaction that stays open while somebody far away reads keeps the database from tidying up
behind it. So each page is read in one of its own; what stands in the log never changes, and what
is appended meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from watcher.ports.store import Store
from watcher.services.export import About, Selected, Selection, about, selected

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
    """
    selection, after = told_of.selection, told_of.selection.which.after
    while after < told_of.head:
        rest = replace(selection, which=replace(selection.which, after=after))
        with store.reading() as work:
            found = [*islice(selected(work, rest), page)]
        yield from (each for each in found if each.stored.told.position <= told_of.head)
        if len(found) < page:
            return
        after = found[-1].stored.told.position
