"""A critical claim seen only far from the authority: the authority is asked at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from watcher.core.capture import URGENT
from watcher.core.case import Case
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.correlate import AUTHORITY, medicine
from watcher.services.source import Source


def ask_the_authority(
    store: Store, cases: Iterable[Case], sources: Sequence[Source], now: str
) -> tuple[str, ...]:
    """Make the authority's targets on the cases' subjects due now; return their addresses."""
    with store.writing() as work:
        urls = {url for case in cases for url in _bring_forward(work, case, sources, now)}
    return tuple(sorted(urls))


def _bring_forward(work: Work, case: Case, sources: Sequence[Source], now: str) -> list[str]:
    subject = str(medicine(work, case.lead.event.subject))
    brought: list[str] = []
    for source in sources:
        if source.tier != AUTHORITY:
            continue
        last = work.log.latest(EventFilter(subject=subject, sources=(source.id,), limit=1))
        for told in last:
            url = work.captures.capture(told.provenance.capture).url
            target = work.captures.target(source.id, url)
            work.captures.put_target(replace(target, next_due=now, priority=URGENT))
            brought.append(url)
    return brought
