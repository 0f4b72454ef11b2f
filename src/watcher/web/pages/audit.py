"""AUDIT: the log page by page, what persons decided, what was signed, and a check on demand."""

from __future__ import annotations

import threading
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import QueryParameter
from litestar.response import Template

from watcher.core.access import Act
from watcher.core.events import Recorded
from watcher.core.facts import State
from watcher.core.phrases import capital, title, what_and_when
from watcher.ports.store import Work
from watcher.services.audit_page import (
    Checked,
    last_decisions,
    last_signed,
    log_page,
    quick_check,
)
from watcher.web.problems import TooManyError
from watcher.web.site import Here, Site

SHOWN_SIGNED = 10
_FURTHEST = 2**53
_ONE_AT_A_TIME = threading.Lock()


class AuditPage(Controller):
    """The log, for people who audit."""

    path = "/audit"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(
        self, site: Here, before: Annotated[int, QueryParameter(ge=0, le=_FURTHEST)] = 0
    ) -> Template:
        """Show the log's end, or the events before a position."""
        return _page(site, before)

    @post("/verify", sync_to_thread=True, status_code=200, opt={"act": Act.CHECK})
    def verify(self, site: Here) -> Template:
        """Check the end of the log now, while the reader waits; one check at a time."""
        if not site.allowance.take() or not _ONE_AT_A_TIME.acquire(blocking=False):
            message = "a check is under way; try again when it has ended"
            raise TooManyError(message)
        try:
            checked = quick_check(site.watcher.store, site.watcher.signing)
        finally:
            _ONE_AT_A_TIME.release()
        return _page(site, 0, checked)


def _facts(work: Work, told: Recorded, facts: State) -> State:
    """Return the facts of a stream; where they do not tell a name, those of its whole subject."""
    if told.event.subject.kind == "medicine" and "product.brand_name" not in facts:
        for each in work.streams.of_subject(told.event.subject).values():
            facts = {**each, **facts}
    return facts


def _page(site: Site, before: int, checked: Checked | None = None) -> Template:
    watcher = site.watcher
    log = log_page(watcher.store, before=before)
    sources = watcher.naming.sources
    with watcher.store.reading() as work:
        states = work.streams.states(told.stream for told in log.events)
        facts = {
            told.stream: _facts(work, told, states.get(told.stream, {})) for told in log.events
        }
    rows = [
        (
            told,
            title(told.event.subject, facts[told.stream], sources),
            capital(what_and_when(told.event, facts[told.stream])),
        )
        for told in log.events
    ]
    context = {
        "log": log,
        "rows": rows,
        "decisions": last_decisions(watcher.store),
        "signed": last_signed(watcher.store, SHOWN_SIGNED),
        "checked": checked,
        "at": site.now,
        "sources": sources,
        "keys": watcher.signing.keys(),
    }
    return Template("audit.html", context=context)
