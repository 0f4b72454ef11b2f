"""So many subjects changed alike at once that it is the source that changed, not the world.

A relaunch relabels forty authorisations, a clean-up fills in two hundred dates, a new template
gives every page another field. Such events stand in the log like any other; they are told as one
notice to the operator, and to no one else until a person has looked and released or dismissed them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from watcher.core.capture import instant
from watcher.core.events import Event, Recorded
from watcher.core.facts import Subject, split_path
from watcher.core.phrases import path_in_words
from watcher.ports.store import Append, Work
from watcher.services.own_events import appended

LEAST_SUBJECTS = 20
"""Fewer than so many subjects are never a mass, whatever share of a source they are."""
SHARE = 0.05
"""The share of a source's subjects that may change alike in one pass."""
WINDOW = timedelta(hours=24)
"""How long a pass over the pages of one source may take."""


def alike(event: Event) -> str:
    """Return what makes changes alike: the type, and the fact where it is one of many."""
    if event.type == "fact.changed" and event.changes:
        part = split_path(event.changes[0].path)
        key = f"[{part.key}]" if part.family in {"flag", "authorisation", "market"} else ""
        return f"{event.type} {part.family}{key}{'.' * bool(part.leaf)}{part.leaf}"
    return event.type


def in_words(name: str) -> str:
    """Return what changes have in common in words: `product pharmacotherapeutic group changed`."""
    kind, _, path = name.partition(" ")
    return f"{path_in_words(path)} changed" if path else kind.replace(".", " ").replace("_", " ")


def masses(
    work: Work, told: Sequence[Recorded], subjects: int, *, is_list: bool
) -> Mapping[str, list[Recorded]]:
    """Return the new events that are part of a mass, by what they have in common.

    Args:
        work: The transaction the events were appended in.
        told: The new events of one capture.
        subjects: How many subjects the source has.
        is_list: Whether one capture shows all of them; else they are looked at page by page.
    """
    groups: dict[str, list[Recorded]] = defaultdict(list)
    for each in told:
        groups[alike(each.event)].append(each)
    limit = max(LEAST_SUBJECTS, SHARE * subjects)
    return {
        name: group
        for name, group in groups.items()
        if _subjects(work, name, group, is_list=is_list) > limit
    }


def _subjects(work: Work, name: str, group: Sequence[Recorded], *, is_list: bool) -> int:
    """Return how many subjects changed alike: in this capture, or page by page in a day.

    What a person has decided on is over: it is not counted against what happens afterwards.
    """
    first = group[0]
    if is_list or first.event.type == "fact.changed":
        return len({each.event.subject for each in group})
    source = first.provenance.source
    seen = datetime.fromisoformat(first.provenance.observed_at)
    decided = (
        batch.decided_at
        for batch in work.held.batches()
        if batch.source == source and batch.alike == name
    )
    since = max(instant(seen - WINDOW), *decided, "")
    return work.log.subjects_alike(source, first.event.type, since)


def hold(work: Work, name: str, group: Sequence[Recorded]) -> tuple[str, bool]:
    """Hold a mass back; return the batch's id and whether it was opened by it.

    It joins a batch no one has decided on yet; one that was decided is never added to.
    """
    first = group[0].provenance
    positions = [each.position for each in group]
    for known in work.held.batches():
        if (known.source, known.alike, known.state) == (first.source, name, "held"):
            work.held.hold(known.batch, first.source, name, first.observed_at, positions)
            return known.batch, False
    opened = f"{first.source} {name} {positions[0]}"
    batch = hashlib.sha256(opened.encode()).hexdigest()[:12]
    work.held.hold(batch, first.source, name, first.observed_at, positions)
    return batch, True


def notice(work: Work, source: str, batch: str, name: str, count: int) -> Append:
    """Return the operator's event that tells of a mass held back."""
    subject = Subject("source", source)
    stream = work.streams.get(f"{source}/{subject}")
    event = Event(
        type="source.changed_in_bulk",
        subject=subject,
        details={
            "batch": batch,
            "alike": name,
            "events": str(count),
            "reason": f"{count} × {in_words(name)}, see `watcher held {batch}`",
        },
    )
    return appended(stream, event)
