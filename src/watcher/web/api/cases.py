"""Cases, for machines."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.params import Parameter

from watcher.services.cases import MOST, CaseView, cases
from watcher.web.site import Site


class CasesApi(Controller):
    """Cases that anybody was told of."""

    path = "/api/cases"

    @get("/", sync_to_thread=True)
    def listed(
        self,
        site: Site,
        only_open: Annotated[bool, Parameter(query="open")] = False,
        limit: Annotated[int, Parameter(ge=1, le=MOST)] = MOST,
    ) -> list[CaseView]:
        """Return cases, the gravest first, then the newest."""
        watcher = site.watcher
        return list(cases(watcher.store, watcher.naming, only_open=only_open, limit=limit))
