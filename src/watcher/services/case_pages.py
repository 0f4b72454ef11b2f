"""Cases page by page, the newest first, for those who read them all."""

from __future__ import annotations

from watcher.errors import NotFoundError
from watcher.ports.cases import WhichCases
from watcher.ports.store import Store
from watcher.services.cases import CaseView, Naming, views


def case_page(store: Store, naming: Naming, which: WhichCases, limit: int) -> tuple[CaseView, ...]:
    """Return the cases that anybody was told of, the newest first.

    Args:
        store: Where.
        naming: What sources and people are called.
        which: Which of them.
        limit: How many at most.
    """
    with store.reading() as work:
        found = views(work, work.case_states.newest(which, limit), naming)
    return tuple(view for view, _ in found)


def case_key(store: Store, beginning: str) -> str:
    """Return the whole key of the case whose key begins so.

    Raises:
        NotFoundError: There is none, or more than one.
    """
    with store.reading() as work:
        found = work.cases.named(beginning)
    if len(found) != 1:
        count = "more than one case begins" if found else "no case begins"
        message = f"{count} with {beginning[:40]!r}"
        raise NotFoundError(message)
    return found[0].key
