"""CASE: from what to what, who says so, since when, who knows, what proves it, and your answer."""

from __future__ import annotations

from typing import Final, Literal

from litestar import Controller, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from watcher.core import wording
from watcher.core.access import Act
from watcher.core.official import official_address
from watcher.core.phrases import capital, is_operational, topic, what
from watcher.core.sections import documents, short_id
from watcher.core.text import tidy
from watcher.errors import OperationalError
from watcher.services.case_page import CasePage as Found
from watcher.services.case_page import case_page
from watcher.services.case_pages import case_key
from watcher.services.orders import Arguments
from watcher.services.today_page import doubts, pair_of
from watcher.web.acting import Asked, Filled, decider, new_form, reason, signed_in
from watcher.web.case_rows import conflict_rows, date_cells, statements, told_rows, words_of
from watcher.web.medicine_rows import address_of
from watcher.web.site import Here, Site

Action = Literal["acknowledge", "assign", "irrelevant", "wrong"]
_SEE: Final = 303
_UNFILLED = 422


class CasePage(Controller):
    """One case."""

    path = "/cases"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/{key:str}", sync_to_thread=True)
    def show(self, request: Asked, site: Here, key: FromPath[str]) -> Template | Redirect:
        """Show a case; the beginning of its key leads to it."""
        whole = case_key(site.watcher.store, key)
        if whole != key:
            return Redirect(f"/cases/{whole}", status_code=_SEE)
        return _page(request, site, whole)

    @get("/{key:str}/evidence.zip", sync_to_thread=True)
    def evidence(self, site: Here, key: FromPath[str]) -> Response[bytes]:
        """Return all that proves the case in one file; see `watcher evidence`."""
        found = case_page(site.watcher.store, key, site.watcher.naming)
        made = site.watcher.evidence(str(found.lead.position))
        name = f"evidence-{found.view.short}.zip"
        return Response(
            made.packed(),
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @post("/{key:str}/{action:str}", sync_to_thread=True, opt={"act": Act.ANSWER})
    def act(
        self,
        request: Asked,
        site: Here,
        key: FromPath[str],
        action: FromPath[Action],
        data: URLEncodedBody[Filled],
    ) -> Template | Redirect:
        """Answer a case, once a form; what is missing in it is asked for again."""
        try:
            order, arguments = _order(key, action, data)
            site.carry_out(order, arguments, decider(request, data))
        except OperationalError as error:
            return _page(request, site, key, data, (action, str(error)))
        return Redirect(f"/cases/{key}#answers", status_code=_SEE)


def _order(key: str, action: Action, filled: Filled) -> tuple[str, Arguments]:
    """Return the order that a form gives.

    Raises:
        OperationalError: Something is missing.
    """
    match action:
        case "acknowledge":
            return "acknowledge", {"case": key, "why": reason(filled)}
        case "assign":
            to = tidy(filled.to)
            if not to:
                message = "say whose it is to be"
                raise OperationalError(message)
            return "assign", {"case": key, "to": to, "why": reason(filled)}
        case "irrelevant" | "wrong":
            why = reason(filled, is_needed=True)
            return "judge", {"case": key, "verdict": action, "why": why}


def _page(
    request: Asked,
    site: Site,
    key: str,
    filled: Filled | None = None,
    problem: tuple[str, str] = ("", ""),
) -> Template:
    naming = site.watcher.naming
    found = case_page(site.watcher.store, key, naming)
    context = {
        **_told(found),
        "page": found,
        "case": found.view,
        "cells": date_cells(found, naming.sources),
        "statements": statements(found, naming),
        "quotes": words_of(found, naming.sources),
        "told": list(told_rows(found, naming)),
        "conflicts": conflict_rows(found, naming.sources),
        "naming": naming,
        "medicine": address_of(found.medicine.id) if found.medicine else "",
        "filled": filled or Filled(),
        "form": new_form(),
        "failed": problem[0],
        "problem": problem[1],
        "who": signed_in(request),
    }
    return Template("case.html", context=context, status_code=_UNFILLED if problem[1] else 200)


def _told(found: Found) -> dict[str, object]:
    """Return what happened, in words."""
    event, facts = found.lead.event, found.case.facts
    return {
        "topic": capital(topic(event, facts)),
        "change": pair_of(event, facts),
        "happened": capital(what(event, facts)),
        "doubts": doubts(found.case, is_wrong=found.correction is not None),
        "why_confidence": wording.CONFIDENCE[found.case.confidence],
        "is_operational": is_operational(event),
        "documents": documents(found.case).lines,
        "together": [
            capital(what(each.event, facts))
            for each in found.case.together
            if not each.event.type.startswith("document.")
        ],
        "official": official_address(found.case),
        "short": short_id(found.lead),
    }
