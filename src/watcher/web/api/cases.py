"""Cases, for machines."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, Response, get
from litestar.params import QueryParameter

from watcher.core.taxonomy import Severity
from watcher.ports.cases import WhichCases
from watcher.services.case_pages import case_key, case_page
from watcher.services.cases import CaseView, case_view
from watcher.web.api.answers import Asked, answered, following
from watcher.web.api.parameters import USUAL, After, CaseKey, Limit, Since, instant_of
from watcher.web.api.shapes import CasesPage
from watcher.web.site import Here

_State = Literal["open", "acknowledged", "assigned", "irrelevant", "wrong"]


class CasesApi(Controller):
    """Cases that anybody was told of."""

    path = "/cases"
    tags = ("cases",)

    @get("/", operation_id="listCases", sync_to_thread=True)
    def listed(
        self,
        request: Asked,
        site: Here,
        states: Annotated[
            list[_State] | None,
            QueryParameter(
                name="state", max_items=5, description="Only those that stand so; may be repeated."
            ),
        ] = None,
        severity: Annotated[
            Severity, QueryParameter(description="The least severity.")
        ] = Severity.LOW,
        since: Since = "",
        after: After = 0,
        limit: Limit = USUAL,
    ) -> Response[CasesPage]:
        """List cases, the newest first: what happened, how they stand, whose, who was told.

        `after` is where the page before ended: what follows is older.
        """
        which = WhichCases(
            states=states or (),
            least=severity.rank,
            since=instant_of("since", since),
            before=after,
        )
        watcher = site.watcher
        found = case_page(watcher.store, watcher.naming, which, limit + 1)
        last = found[:limit][-1].event if found else after
        page = CasesPage(
            items=[*found[:limit]],
            next=following(request, last) if len(found) > limit else None,
            after=last,
        )
        return answered(request, page)

    @get("/{case:str}", operation_id="getCase", sync_to_thread=True)
    def one(self, request: Asked, site: Here, case: CaseKey) -> Response[CaseView]:
        """Return one case."""
        store = site.watcher.store
        return answered(request, case_view(store, case_key(store, case), site.watcher.naming))
