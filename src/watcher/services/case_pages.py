"""Cases page by page, the newest first, for those who read them all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from watcher.core.taxonomy import Severity
from watcher.errors import NotFoundError
from watcher.ports.store import Store
from watcher.services.cases import CaseView, Naming, case_view

_FIRST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichCases:
    """Which cases are meant; empty means all.

    Attributes:
        states: How they stand: `open`, `acknowledged`, `assigned`, `irrelevant`, `wrong`.
        least: The least severity they were told with.
        since: Opened since this instant, RFC 3339 UTC.
        before: Their lead stands before this position of the log; 0: anywhere.
    """

    states: Collection[str] = ()
    least: Severity = Severity.LOW
    since: str = ""
    before: int = 0


def case_pages(store: Store, naming: Naming, which: WhichCases) -> Iterator[CaseView]:
    """Yield the cases that anybody was told of, the newest first; each is read when it is taken.

    Args:
        store: Where.
        naming: What sources and people are called.
        which: Which of them.
    """
    with store.reading() as work:
        states = {each.case: each.state for each in work.case_states.all()}
        rows = [(row.lead, row.key) for row in work.cases.recent(which.since)]
    for lead, key in sorted(rows, reverse=True):
        is_meant = lead < (which.before or _FIRST) and key in states
        if not is_meant or (which.states and states[key] not in which.states):
            continue
        view = case_view(store, key, naming)
        if Severity(view.severity).rank >= which.least.rank:
            yield view


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
