"""Messages, for machines: to whom, about what, and what became of each."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from watcher.core.access import Act
from watcher.ports.telling import Waiting
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.parameters import LARGEST, USUAL, After, Limit
from watcher.web.api.shapes import DeliveriesPage, DeliveryTold
from watcher.web.site import Here

_TOLD = [each.name for each in fields(DeliveryTold) if each.name != "subject"]


class DeliveriesApi(Controller):
    """The outbox."""

    path = "/deliveries"
    opt = {"act": Act.SEE_DELIVERIES}  # noqa: RUF012  Litestar's own form
    tags = ("deliveries",)

    @get("/", operation_id="listDeliveries", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        standing: Annotated[
            Literal["", "pending", "sending", "delivered", "given_up", "cancelled"],
            QueryParameter(name="state", description="Only in this state."),
        ] = "",
        channel: Annotated[
            str, QueryParameter(max_length=100, description="Only through this channel.")
        ] = "",
        after: After = 0,
        limit: Limit = USUAL,
    ) -> Response[DeliveriesPage]:
        """List messages in the order in which they were queued, from a number on.

        What a message says is not told: it carries one-time links that are its reader's alone.
        """
        with site.watcher.store.reading() as work:
            found = work.outbox.page(after=after, limit=limit + 1, state=standing, channel=channel)
        is_more = len(found) > limit
        last = found[:limit][-1].id if found else after
        page = DeliveriesPage(
            items=[_told(each) for each in found[:limit]],
            next=following(request, last) if is_more else None,
            after=last,
        )
        return answered(request, page)

    @get("/{number:int}", operation_id="getDelivery", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        number: Annotated[
            int,
            PathParameter(
                ge=1, le=LARGEST, description="The message's number.", examples=[Example(value=1)]
            ),
        ],
    ) -> Response[DeliveryTold]:
        """Return one message and what became of it."""
        with site.watcher.store.reading() as work:
            found = work.outbox.find(number)
        return answered(request, _told(found))


def _told(waiting: Waiting) -> DeliveryTold:
    known = {name: getattr(waiting, name) for name in _TOLD}
    return DeliveryTold(**known, subject=waiting.envelope.subject)
