"""Archives of the past, read as history: observed at their own time, in whatever order they come.

Files newer than all that is known go through the ordinary line, one by one. Where one is older,
the source's past is run again with it in its place, so that the history is the one that it would be
had all been read in the order in which it was fetched. What comes of it has the cause `imported`,
or is a baseline; either tells no one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from watcher.core.capture import ARCHIVED, Capture, Target, capture_id, instant
from watcher.core.correction import CORRECTED
from watcher.core.events import Cause, Recorded
from watcher.errors import FetchError, OperationalError
from watcher.ports import Answer
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.amending import Amended, Task, amend
from watcher.services.archive import Page
from watcher.services.check import Tools
from watcher.services.groups import group_of, groups
from watcher.services.rerun import Scratch, Sighting, run
from watcher.services.source import Source

_GOOD, _NOT_MODIFIED = 200, 304
_AHEAD = timedelta(days=1)
"""So far ahead of us a file's name may be: people name files by the clock on their wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one file or record of an archive came to.

    Attributes:
        name: How the archive calls it.
        capture: The capture it was kept as; None: the ledger had it, and nothing was done.
        events: What was appended because of it, first readings left out.
        baseline: How many subjects were read for the first time.
    """

    name: str
    capture: Capture | None
    events: tuple[Recorded, ...] = ()
    baseline: int = 0


def import_pages(
    source: Source, pages: Sequence[Page], tools: Tools, scratch: Scratch
) -> Iterator[Imported | Capture | Amended]:
    """Yield what each page came to; where the past is run again, also each look of it.

    Args:
        source: The source.
        pages: What the archive holds of it, oldest first, each at a target's address.
        tools: The real store and snapshots.
        scratch: Opens the store to run the past in.

    Raises:
        OperationalError: Two pages of one instant differ; one is no page of the past, or has news
            that no one would be told; or the past cannot be run again.
    """
    imported = replace(tools, cause=Cause.IMPORTED)
    ids = {_id(page): page for page in pages}
    new = _new(source, pages, tools.store)
    _refuse_what_would_be_missed(source, new, tools)
    for name, page in ids.items():
        if name not in new:
            yield Imported(name=page.name, capture=None)
    if not new:
        return
    looks = [_sighting(source, page, _repeated(page, pages), tools) for page in new.values()]
    if _are_newer(source, looks, tools.store):
        for name, outcome in zip(new, run(source, looks, (), imported), strict=True):
            yield Imported(
                name=new[name].name,
                capture=outcome.capture,
                events=outcome.events,
                baseline=outcome.baseline,
            )
        return
    yield from _amended(source, new, looks, imported, scratch)


def _id(page: Page) -> str:
    return capture_id(page.url, instant(page.at))


def _new(source: Source, pages: Sequence[Page], store: Store) -> Mapping[str, Page]:
    """Return by its capture's id each page that the ledger does not have, oldest first.

    Raises:
        OperationalError: Two of one target and instant are not the same bytes, or another source
            has that look already.
    """
    ids = [_id(page) for page in pages]
    with store.reading() as work:
        known = dict(work.captures.digests(ids, source.id))
        elsewhere = work.captures.digests(ids).keys() - known.keys()
        if elsewhere:
            other = work.captures.capture(min(elsewhere))
            message = (
                f"the look at {other.url} at {other.at} is that of the source {other.source}, and "
                f"one look is of one source: import it there, not into {source.id}. Nothing was "
                "changed"
            )
            raise OperationalError(message)
    found: dict[str, Page] = {}
    first: dict[str, str] = {}
    for page in pages:
        name, digest = _id(page), _digest(page)
        before = known.get(name, first.get(name, digest))
        if digest and before and before != digest:
            message = (
                f"{page.name} is not what is known of {page.url} at {instant(page.at)}: which of "
                "the two came first is not told; put seconds or a number after the date of its "
                "name, like 2024-08-22_150623_1.html. Nothing was changed"
            )
            raise OperationalError(message)
        first.setdefault(name, digest)
        if name not in known:
            found.setdefault(name, page)
    return found


def _refuse_what_would_be_missed(source: Source, new: Mapping[str, Page], tools: Tools) -> None:
    """Refuse a page from the future, and one that is newer than our last good look at its target.

    What is imported is told to no one. What happened since our own last look is news, and only the
    next look of ours tells it; after that the page is as good as ever.

    Raises:
        OperationalError: There is such a page.
    """
    latest = tools.recorder.now() + _AHEAD
    with tools.store.reading() as work:
        targets = {page.url: work.captures.target(source.id, page.url) for page in new.values()}
        lasts = {url: each.last_good_at for url, each in targets.items() if _is_ours(work, each)}
    for page in new.values():
        if page.at > latest:
            message = f"{page.name} is of {instant(page.at)}, which is to come. Nothing was changed"
            raise OperationalError(message)
        if page.url in lasts and instant(page.at) > lasts[page.url]:
            message = (
                f"{page.name} is newer than the last good look at {page.url}, "
                f"{lasts[page.url][:16]}: what has happened since would be told to no one. Run "
                "`watcher once` first, then import it. Nothing was changed"
            )
            raise OperationalError(message)


def _is_ours(work: Work, target: Target) -> bool:
    """Return whether we have looked at a target ourselves, and not only read archives of it."""
    if target.is_new:
        return False
    return ARCHIVED not in work.captures.capture(target.last_good).signals


def _digest(page: Page) -> str:
    """Return the digest its payload will have; empty where it has none of its own."""
    if page.path is None or page.is_cut:
        return ""
    with page.path.open("rb") as body:
        return f"sha256:{hashlib.file_digest(body, 'sha256').hexdigest()}"


def _repeated(page: Page, pages: Sequence[Page]) -> Page | None:
    """Return the page whose payload `page` has: itself, or the one that was not modified."""
    if page.status != _NOT_MODIFIED:
        return page
    of_url = [each for each in pages if each.url == page.url and each.status == _GOOD and each.path]
    if page.repeats is not None:
        return next((each for each in of_url if each.path == page.repeats), None)
    return next((each for each in reversed(of_url) if each.at < page.at), None)


def _sighting(source: Source, page: Page, said: Page | None, tools: Tools) -> Sighting:
    def answer() -> Answer:
        return said.answer() if said else _kept(source, page, tools)

    return Sighting(
        id=_id(page), at=instant(page.at), url=page.url, answer=answer, judged_as=page.judged_as
    )


def _kept(source: Source, page: Page, tools: Tools) -> Answer:
    """Return what our own last good look before `page` was answered.

    Raises:
        FetchError: There was none: neither the archive nor we have what was not modified.
    """
    with tools.store.reading() as work:
        before = work.captures.read(source=source.id, url=page.url, until=instant(page.at))
        good = [each for each in before if each.digest and each.verdict.is_good]
    if not good:
        message = f"{page.name}: neither the archive nor we have the page that was not modified"
        raise FetchError(message, kind="not_held", is_transient=False)
    said = good[-1]
    body = tools.snapshots.get(said.digest)
    return Answer(url=said.final_url, status=said.status, headers=said.headers, body=body)


def _are_newer(source: Source, looks: Sequence[Sighting], store: Store) -> bool:
    """Return whether each look is newer than all before it, and can be taken by itself.

    What a person put right after the page was fetched comes after it, though it is known already.
    """
    put_right = EventFilter(types=(CORRECTED,), sources=(source.id,), limit=1)
    with store.reading() as work:
        last = [capture.at for capture in work.captures.latest(source=source.id, limit=1)]
        last += [told.provenance.observed_at for told in work.log.latest(put_right)]
    times = [*([max(last)] if last else []), *(look.at for look in looks)]
    return all(one < other for one, other in pairwise(times))


def _amended(
    source: Source,
    new: Mapping[str, Page],
    looks: Sequence[Sighting],
    tools: Tools,
    scratch: Scratch,
) -> Iterator[Imported | Capture | Amended]:
    """Run the past again with the new looks in their places; yield it, and what came of each."""
    with tools.store.reading() as work:
        group = group_of(groups(work, source.id), {look.url for look in looks})
    why = f"imported captures of {looks[0].at[:16]} to {looks[-1].at[:16]}"
    task = Task(source=source, group=group, new=looks, why=why)
    amended = yield from amend(task, tools, scratch)
    yield from _by_page(new, amended, tools.store)
    yield amended


def _by_page(new: Mapping[str, Page], amended: Amended, store: Store) -> Iterator[Imported]:
    events: dict[str, list[Recorded]] = {name: [] for name in new}
    first = dict.fromkeys(new, 0)
    with store.reading() as work:
        for told in work.log.read(EventFilter(after=amended.first)):
            name = told.provenance.capture
            if name in new and told.cause is Cause.BASELINE:
                first[name] += 1
            elif name in new:
                events[name].append(told)
        for name, page in new.items():
            yield Imported(
                name=page.name,
                capture=work.captures.capture(name),
                events=tuple(events[name]),
                baseline=first[name],
            )
