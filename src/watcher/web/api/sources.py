"""Sources, for machines: how each does, and when it is looked at next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from watcher.core.capture import Target
from watcher.ports.store import Work
from watcher.services.overdue import overdue_now
from watcher.services.source import Source
from watcher.web.api.answers import Asked, answered
from watcher.web.api.shapes import SourceInFull, SourceTold
from watcher.web.site import Here

_Verdicts = Mapping[str, dict[str, int]]


class SourcesApi(Controller):
    """The sources that are watched."""

    path = "/sources"
    tags = ("sources",)

    @get("/", operation_id="listSources", sync_to_thread=True)
    def listed(self, request: Asked, site: Here) -> Response[list[SourceTold]]:
        """List the sources in the order of the configuration: how each does."""
        watcher = site.watcher
        late = overdue_now(watcher.store)
        with watcher.store.reading() as work:
            verdicts = _verdicts(work)
            told = [
                _told(each, work, verdicts, is_late=each.id in late)
                for each in watcher.sources.values()
            ]
        return answered(request, told)

    @get("/{source:str}", operation_id="getSource", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        source: Annotated[
            str,
            PathParameter(
                max_length=100, description="The source's id.", examples=[Example(value="ema")]
            ),
        ],
    ) -> Response[SourceInFull]:
        """Return one source with each of its addresses: last good look, next due, failures."""
        found = site.watcher.source(source)
        is_late = found.id in overdue_now(site.watcher.store)
        with site.watcher.store.reading() as work:
            told = _told(found, work, _verdicts(work), is_late=is_late)
            targets = _of(found, work.captures.targets(found.id))
        return answered(request, SourceInFull(**asdict(told), urls=targets))


def _verdicts(work: Work) -> _Verdicts:
    found: dict[str, dict[str, int]] = {}
    for each in work.captures.counted():
        found.setdefault(each.source, {})[str(each.verdict)] = each.looks
    return found


def _of(source: Source, known: Iterable[Target]) -> list[Target]:
    """Return the source's targets; those in the configuration that were never looked at too."""
    known = list(known)
    named = {each.url for each in known}
    new = [Target(source=source.id, url=url) for url in source.urls if url not in named]
    return [*known, *new]


def _told(source: Source, work: Work, verdicts: _Verdicts, *, is_late: bool) -> SourceTold:
    known = work.captures.targets_counted(source.id)
    named = work.captures.known(source.id, source.urls)
    new = sum(url not in named for url in source.urls)
    state: Literal["well", "failing", "overdue", "new"] = "well" if known.last_good_at else "new"
    if known.failing:
        state = "failing"
    if is_late:
        state = "overdue"
    return SourceTold(
        source=source.id,
        title=source.title,
        tier=source.tier,
        reader=source.reader.id,
        state=state,
        last_good_at=known.last_good_at,
        next_due="" if new else known.next_due,
        records=known.records,
        failures=known.failures,
        failing_since=known.failing_since,
        targets=known.targets + new,
        verdicts=verdicts.get(source.id, {}),
    )
