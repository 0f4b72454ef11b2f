"""The log, for machines: events by position, filtered, and as of a moment."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter, SkipValidation

from watcher.core.events import Cause, Recorded
from watcher.core.past import Bounds
from watcher.core.taxonomy import Severity
from watcher.ports.store import EventFilter, Work
from watcher.services.past import bounds_of
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.moments import LogAxis, moment_of
from watcher.web.api.parameters import (
    USUAL,
    After,
    AsOf,
    BadParameterError,
    Limit,
    Since,
    Until,
    instant_of,
)
from watcher.web.api.shapes import EventsPage, EventTold
from watcher.web.site import Here

_PATTERN = re.compile(r"[a-z_*]{1,40}(\.[a-z_*]{1,40})?")
_MOST = 20


def wanted(
    types: Annotated[
        list[str] | None,
        QueryParameter(
            name="type",
            max_items=_MOST,
            description="A type or a pattern of types: `authorisation.*`; may be repeated.",
            examples=[Example(value=["authorisation.*"])],
        ),
    ] = None,
    sources: Annotated[
        list[str] | None,
        QueryParameter(
            name="source", max_items=_MOST, description="Only of this source; may be repeated."
        ),
    ] = None,
    subject: Annotated[
        str,
        QueryParameter(
            max_length=200,
            description="Only of this subject, `kind:id`.",
            examples=[Example(value="medicine:EMEA/H/C/004258")],
        ),
    ] = "",
    severity: Annotated[Severity, QueryParameter(description="The least severity.")] = Severity.LOW,
    causes: Annotated[
        list[Cause] | None,
        QueryParameter(
            name="cause",
            max_items=_MOST,
            description="Only for this cause; may be repeated. `observed`: what is news.",
        ),
    ] = None,
    since: Since = "",
    until: Until = "",
) -> EventFilter:
    """Return which events are asked for.

    Raises:
        BadParameterError: A parameter is not of its kind.
    """
    for each in types or ():
        if not _PATTERN.fullmatch(each):
            raise BadParameterError(
                name="type", message=f"{each[:40]!r} is no type and no pattern of types"
            )
    return EventFilter(
        types=tuple(types or ()),
        sources=tuple(sources or ()),
        subject=subject,
        least=None if severity is Severity.LOW else severity,
        causes=tuple(causes or ()),
        since=instant_of("since", since),
        until=instant_of("until", until, is_end=True),
    )


Wanted = NamedDependency[SkipValidation[EventFilter]]
EVENT = Provide(wanted, sync_to_thread=False)


class EventsApi(Controller):
    """The log."""

    path = "/events"
    tags = ("events",)
    dependencies = {"wanted": EVENT}  # noqa: RUF012  Litestar's own form

    @get("/", operation_id="listEvents", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        wanted: Wanted,
        after: After = 0,
        limit: Limit = USUAL,
        as_of: AsOf = "",
        axis: LogAxis = "recorded",
    ) -> Response[EventsPage]:
        """List events in the order of the log, from a position on.

        `after` of one answer is the cursor of the next question, also when there are no more for
        now: whoever keeps it misses nothing and gets nothing twice. With `as_of` only what counted
        then is listed.
        """
        moment = moment_of(as_of, axis, "", site.now) if as_of else None
        with site.watcher.store.reading() as work:
            head = work.log.head()
            bounds = bounds_of(work, moment) if moment else None
            aside = bounds.aside if bounds else work.log.set_aside()
            found = _found(work, replace(wanted, after=after), bounds, limit + 1)
        items = [told_of(each, counts=each.position not in aside) for each in found[:limit]]
        is_more = len(found) > limit
        last = items[-1]["position"] if is_more else max(head, after)
        page = EventsPage(
            items=cast("list[EventTold]", items),  # described by its shape, sent as it is stored
            next=following(request, last) if is_more else None,
            after=last,
            head=head,
        )
        return answered(request, page)

    @get("/{event:str}", operation_id="getEvent", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        event: Annotated[
            str,
            PathParameter(
                pattern="^[0-9a-f]{1,64}$",
                description="Its position, its id or the beginning of its id.",
                examples=[Example(value="2")],
            ),
        ],
    ) -> Response[EventTold]:
        """Return one event with the words it was read from."""
        with site.watcher.store.reading() as work:
            found = work.log.find(event)
            counts = found.position not in work.log.set_aside()
        return answered(request, told_of(found, counts=counts))


def _found(work: Work, which: EventFilter, bounds: Bounds | None, most: int) -> list[Recorded]:
    read = work.log.read(which)
    if bounds is None:
        return [*islice(read, most)]
    held: list[Recorded] = []
    for each in read:
        if each.position > bounds.position or len(held) == most:
            break
        if bounds.hold(each):
            held.append(each)
    return held


def told_of(told: Recorded, *, counts: bool) -> dict[str, Any]:
    """Return an event as what JSON knows, with its severity and whether it counts."""
    plain: dict[str, Any] = msgspec.to_builtins(told)
    return {**plain, "severity": str(told.event.severity), "counts": counts}
