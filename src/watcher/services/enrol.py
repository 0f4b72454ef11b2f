"""What the configuration names becomes targets in the store, from where any process claims them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from watcher.core.capture import LISTS, NEVER_DUE, Target, instant
from watcher.core.schedule import horizon
from watcher.ports.store import Store
from watcher.services.due import Plan

_BATCH = 500


def enrol(store: Store, plans: Sequence[Plan], now: datetime) -> int:
    """See to it that every address of the configuration has its turn, and no other has.

    What is no longer named keeps its history and is due no more; what is named again is due. Killed
    in the middle it is done again from the start, and comes to the same.

    Args:
        store: Where the targets are.
        plans: All sources; one whose pages another names is left to `follow.settle`.
        now: The present instant.

    Returns:
        How many targets were added, or changed because they are no longer or again to be looked at.
    """
    changed = sum(_enrol(store, plan, plan.urls) for plan in plans if plan.urls is not None)
    with store.writing() as work:
        changed += work.captures.retire_others([plan.source for plan in plans])
        for plan in plans:
            # kept further away than the schedule asks for: it was changed, or the clock set back
            beyond = instant(horizon(plan.schedule, now))
            changed += work.captures.draw_in(plan.source, beyond, instant(now))
    return changed


def _enrol(store: Store, plan: Plan, urls: Sequence[str]) -> int:
    wanted, changed = iter(urls), 0
    while some := list(islice(wanted, _BATCH)):
        with store.reading() as work:
            known = work.captures.known(plan.source, some)
        changed += _put(store, (_named(plan.source, url, known.get(url)) for url in some))
    named = frozenset(urls)
    with store.reading() as work:
        gone = (each for each in work.captures.of_source(plan.source) if each.url not in named)
        retired = [_no_longer(each) for each in gone if each.next_due != NEVER_DUE]
    return changed + _put(store, retired)


def _named(source: str, url: str, known: Target | None) -> Target | None:
    if known is None:
        return Target(source=source, url=url, priority=LISTS)
    return known.moved_to("", LISTS) if known.next_due == NEVER_DUE else None


def _no_longer(target: Target) -> Target:
    return target.moved_to(NEVER_DUE, 0)


def _put(store: Store, targets: Iterable[Target | None]) -> int:
    found = [each for each in targets if each is not None]
    for start in range(0, len(found), _BATCH):
        with store.writing() as work:
            work.captures.put_targets(found[start : start + _BATCH])
    return len(found)
