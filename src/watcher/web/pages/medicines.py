"""MEDICINES: found by what a person remembers of them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from litestar import Controller, get
from litestar.params import QueryParameter
from litestar.response import Template

from watcher.core.access import Act
from watcher.core.text import tidy
from watcher.services.search import Results, search
from watcher.web.medicine_rows import address_of
from watcher.web.site import Here

LONGEST_QUERY = 200
_FURTHEST = 100_000


class MedicinesPage(Controller):
    """The search."""

    path = "/medicines"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(
        self,
        site: Here,
        q: Annotated[str, QueryParameter(max_length=4_000)] = "",
        page: Annotated[int, QueryParameter(ge=1, le=_FURTHEST)] = 1,
    ) -> Template:
        """List the medicines that answer, the best first; without a question, all by name."""
        watcher = site.watcher
        query = tidy(q)[:LONGEST_QUERY]
        results = search(watcher.store, query, watcher.naming.sources, page=page)
        context = {
            "results": results,
            "address_of": address_of,
            "earlier": _page(results, results.page - 1),
            "later": _page(results, results.page + 1),
        }
        return Template("medicines.html", context=context)


def _page(results: Results, number: int) -> str:
    """Return the address of another page of the same results; empty: there is none."""
    if not 1 <= number <= results.pages:
        return ""
    return f"/medicines?{urlencode({'q': results.query, 'page': number})}"
