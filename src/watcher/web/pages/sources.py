"""SOURCES: one line each; and one of them with its addresses and every look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect, Template

from watcher.config.model import Host
from watcher.core import wording
from watcher.core.access import Act
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError, OperationalError
from watcher.ports.hosts import Standing
from watcher.services.sources_page import SourceLine, servers_of, source_lines, source_page
from watcher.web.acting import Asked, Filled, decider, new_form, reason, signed_in
from watcher.web.calendar_strip import calendar, keys, strip
from watcher.web.site import Here, Site

Decision = Literal["release", "dismiss"]
_SEE: Final = 303
_UNFILLED = 422
_FURTHEST = 2**53
_BAD = tuple(verdict for verdict in Verdict if not verdict.is_good)


@dataclass(frozen=True, slots=True)
class HostRow:
    """How one host is treated, and where we stand with it today.

    Attributes:
        name: The host.
        owed: Pace, budget and connections, as configured.
        standing: What was asked of it; its requests are of `standing.day`.
        requests: How often it was asked today.
    """

    name: str
    owed: Host
    standing: Standing
    requests: int


class SourcesPage(Controller):
    """The sources."""

    path = "/sources"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def listed(self, site: Here) -> Template:
        """List the sources: state, last good look, next one, the last 90 days, pace, held back."""
        watcher = site.watcher
        lines = source_lines(watcher.store, watcher.sources, site.now)
        context = {
            "lines": [(line, strip(line.days), list(_hosts(site, line))) for line in lines],
            "readers": {each.id: each.reader for each in watcher.config.sources},
        }
        return Template("sources.html", context=context)

    @get("/{source:str}", sync_to_thread=True)
    def one(
        self,
        request: Asked,
        site: Here,
        source: FromPath[str],
        before: Annotated[int, QueryParameter(ge=0, le=_FURTHEST)] = 0,
        failed: Annotated[bool, QueryParameter()] = False,  # noqa: FBT002  a parameter of a page
    ) -> Template:
        """Show one source; of its looks those before a number, or those that failed."""
        return _page(request, site, source, (before, failed))

    @post("/{source:str}/held/{batch:str}/{what:str}", sync_to_thread=True, opt={"act": Act.DECIDE})
    def decide(
        self,
        request: Asked,
        site: Here,
        source: FromPath[str],
        batch: FromPath[str],
        what: FromPath[Decision],
        data: URLEncodedBody[Filled],
    ) -> Template | Redirect:
        """Release a batch that is held back, or dismiss it."""
        try:
            told = {"batch": batch, "why": reason(data, is_needed=what == "dismiss")}
            site.carry_out(what, told, decider(request, data))
        except OperationalError as error:
            return _page(request, site, source, (0, False), data, str(error))
        return Redirect(f"/sources/{source}#held", status_code=_SEE)


def _page(
    request: Asked,
    site: Site,
    name: str,
    which: tuple[int, bool],
    filled: Filled | None = None,
    problem: str = "",
) -> Template:
    watcher = site.watcher
    if name not in watcher.sources:
        message = f"there is no source {name[:40]!r} in sources.yaml; what it told before is kept"
        raise NotFoundError(message)
    before, only_failed = which
    verdicts = _BAD if only_failed else ()
    found = source_page(
        watcher.store, watcher.sources[name], site.now, before=before, verdicts=verdicts
    )
    configured = next(each for each in watcher.config.sources if each.id == name)
    context = {
        "page": found,
        "line": found.line,
        "configured": configured,
        "tier": wording.TIERS.get(configured.tier, ""),
        "hosts": [_host(site, host, standing) for host, standing in found.hosts.items()],
        "calendar": calendar(found.line.days),
        "keys": keys(),
        "bad_days": [each for each in reversed(found.line.days) if each.bad],
        "only_failed": only_failed,
        "before": before,
        "filled": filled or Filled(),
        "form": new_form(),
        "problem": problem,
        "who": signed_in(request),
    }
    return Template("source.html", context=context, status_code=_UNFILLED if problem else 200)


def _hosts(site: Site, line: SourceLine) -> Iterator[HostRow]:
    with site.watcher.store.reading() as work:
        for name in servers_of(work, line.source):
            yield _host(site, name, work.hosts.standing(name))


def _host(site: Site, name: str, standing: Standing) -> HostRow:
    is_today = standing.day == site.now.date().isoformat()
    owed = site.watcher.config.host(name.partition(":")[0])
    return HostRow(name, owed, standing, standing.requests if is_today else 0)
