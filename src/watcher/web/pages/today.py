"""TODAY: what needs somebody, and whether all is well."""

from __future__ import annotations

from litestar import Controller, get
from litestar.response import Template

from watcher.core.links import Action, action_links
from watcher.services.cases import CaseView, cases
from watcher.services.overdue import overdue_now
from watcher.web.site import Here, Site

_SENT_TO = "page:today"


class TodayPage(Controller):
    """The first page."""

    path = "/"

    @get("/", sync_to_thread=True)
    def show(self, site: Here) -> Template:
        """List the cases that nobody has acknowledged."""
        watcher = site.watcher
        found = cases(watcher.store, watcher.naming, only_open=True)
        context = {
            "cases": [(case, _links(site, case)) for case in found],
            "sources": len(watcher.sources),
            "overdue": overdue_now(watcher.store),
            "is_alive": site.is_alive(),
            "now": site.now,
        }
        return Template("today.html", context=context)


def _links(site: Site, case: CaseView) -> dict[Action, str]:
    """Return links to what can be done about a case; who follows them says who they are."""
    return dict(action_links(case.case, _SENT_TO, site.watcher.link_key, "", site.now))
