"""The past read anew by today's readers, target by target; killed in between, it goes on there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.core.capture import Capture
from watcher.core.diff import DERIVATION
from watcher.core.events import Cause
from watcher.ports.store import Work
from watcher.services.amending import Amended, Task, amend
from watcher.services.check import Tools
from watcher.services.groups import Group, groups
from watcher.services.rerun import Scratch
from watcher.services.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which snapshots are to be read anew.

    A target's history is read anew as a whole or not at all, since each event hangs on the state
    before it; so a time chooses the targets that were looked at in it.

    Attributes:
        since: Targets looked at since this instant; empty: ever.
        until: Targets looked at until this instant; empty: ever.
        is_all: Also what this reader has read anew before.
    """

    since: str = ""
    until: str = ""
    is_all: bool = False


def reread(
    sources: Sequence[Source], chosen: Chosen, tools: Tools, scratch: Scratch, *, is_trial: bool
) -> Iterator[Capture | Amended]:
    """Yield each look as it is read anew and, after the last of a target, what that came to.

    Args:
        sources: Whose snapshots, with today's readers.
        chosen: Which of them.
        tools: The real store and snapshots.
        scratch: Opens the store to run the past in.
        is_trial: Whether to say what would change, and write nothing.
    """
    for source in sources:
        with tools.store.reading() as work:
            found = groups(work, source.id)
            waiting = [group for group in found if _is_chosen(work, source, group, chosen)]
        for group in waiting:
            task = Task(
                source=source,
                group=group,
                why=f"read anew by {source.reader.id}",
                checkpoint=consumer(source, group),
                is_trial=is_trial,
            )
            looks = amend(task, replace(tools, cause=Cause.REREAD), scratch)
            yield (yield from looks)


def consumer(source: Source, group: Group) -> str:
    """Return the name of the checkpoint that says a reader has read these targets anew.

    Both what reads and what makes events of two readings are in it: either may see more one day.
    """
    of = hashlib.sha256("\n".join(sorted(group.urls)).encode()).hexdigest()[:16]
    return f"reread {source.id} {source.reader.id} {DERIVATION} {of}"


def _is_chosen(work: Work, source: Source, group: Group, chosen: Chosen) -> bool:
    if work.checkpoint(consumer(source, group)) and not chosen.is_all:
        return False
    if not (chosen.since or chosen.until):
        return True
    looks = (
        work.captures.read(source=source.id, url=url, since=chosen.since, until=chosen.until)
        for url in group.urls
    )
    return any(next(each, None) for each in looks)
