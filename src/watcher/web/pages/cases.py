"""CASES: all that need somebody, and all that somebody has answered, page by page."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get
from litestar.params import QueryParameter
from litestar.response import Template

from watcher.core import wording
from watcher.core.access import Act
from watcher.services.today_page import CaseList, answered_list, open_list
from watcher.web.site import Here

_FURTHEST = 2**53


class CasesPage(Controller):
    """The lists that TODAY shows the beginning of."""

    path = "/cases"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def needs(
        self,
        site: Here,
        after: Annotated[str, QueryParameter(pattern=r"^([0-9]-[0-9]{1,15})?$")] = "",
    ) -> Template:
        """List the cases that nobody has acknowledged, the gravest first."""
        found = open_list(site.watcher.store, site.watcher.naming, after)
        following = f"/cases?after={found.following}" if found.following else ""
        return _listed(found, following, is_open=True, is_first=not after)

    @get("/answered", sync_to_thread=True)
    def answered(
        self, site: Here, before: Annotated[int, QueryParameter(ge=0, le=_FURTHEST)] = 0
    ) -> Template:
        """List the cases that somebody has answered, the newest first."""
        found = answered_list(site.watcher.store, site.watcher.naming, before)
        following = f"/cases/answered?before={found.following}" if found.following else ""
        return _listed(found, following, is_open=False, is_first=not before)


def _listed(found: CaseList, following: str, *, is_open: bool, is_first: bool) -> Template:
    context = {
        "cases": found,
        "is_open": is_open,
        "is_first": is_first,
        "following": following,
        "confidences": wording.CONFIDENCE,
    }
    return Template("cases.html", context=context)
