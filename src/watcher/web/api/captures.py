"""Looks, for machines: the ledger by number."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

from litestar import Controller, Response, get
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from watcher.core.capture import Capture
from watcher.core.verdict import Verdict
from watcher.ports.captures import WhichLooks
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.parameters import USUAL, After, Limit, SourceId
from watcher.web.api.shapes import CapturesPage, CaptureTold
from watcher.web.site import Here


class CapturesApi(Controller):
    """The ledger of looks."""

    path = "/captures"
    tags = ("captures",)

    @get("/", operation_id="listCaptures", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        source: SourceId = "",
        url: Annotated[
            str, QueryParameter(max_length=2_000, description="Only of this address.")
        ] = "",
        snapshot: Annotated[
            str, QueryParameter(max_length=71, description="Only with this payload, `sha256:…`.")
        ] = "",
        verdicts: Annotated[
            list[Verdict] | None,
            QueryParameter(
                name="verdict",
                max_items=20,
                description="Only those that turned out so; may be repeated.",
            ),
        ] = None,
        after: After = 0,
        limit: Limit = USUAL,
    ) -> Response[CapturesPage]:
        """List looks in the order of the ledger, the failed ones too, from a number on.

        `after` of one answer is the cursor of the next question.
        """
        which = WhichLooks(source=source, url=url, digest=snapshot, verdicts=verdicts or ())
        with site.watcher.store.reading() as work:
            found = work.captures.numbered(which, after=after, limit=limit + 1)
            count = work.captures.count()
        is_more = len(found) > limit
        last = found[limit - 1][0] if is_more else max(count, after)
        page = CapturesPage(
            items=[numbered(number, each) for number, each in found[:limit]],
            next=following(request, last) if is_more else None,
            after=last,
        )
        return answered(request, page)

    @get("/{capture:str}", operation_id="getCapture", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        capture: Annotated[
            str,
            PathParameter(
                pattern="^[0-9A-Za-z-]{1,40}$",
                description="Its id, or the beginning of it.",
                examples=[Example(value="20261122T120000000Z-1a2b3c4d")],
            ),
        ],
    ) -> Response[CaptureTold]:
        """Return one look with its headers and the signals its verdict was drawn from."""
        with site.watcher.store.reading() as work:
            found = work.captures.capture(capture)
            number = work.proof.ledger_number(found.id)
        return answered(request, numbered(number, found))


def numbered(number: int, capture: Capture) -> CaptureTold:
    """Return a capture with its number in the ledger."""
    known = {each.name: getattr(capture, each.name) for each in fields(Capture)}
    return CaptureTold(**known, number=number)
