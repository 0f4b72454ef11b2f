"""TODAY: what needs somebody, what there was this week, and whether all is well."""

from __future__ import annotations

from litestar import Controller, get
from litestar.response import Template

from watcher.core import wording
from watcher.core.access import Act
from watcher.services.holding import held_batches
from watcher.services.overdue import overdue_now
from watcher.services.search import known_medicines
from watcher.services.sources_page import last_look, source_lines
from watcher.services.today_page import today
from watcher.web.acting import Asked
from watcher.web.site import Here


class TodayPage(Controller):
    """The first page."""

    path = "/"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(self, request: Asked, site: Here) -> Template:
        """Show the cases that nobody has acknowledged, then what there was, then our own health."""
        watcher, live = site.watcher, request.app.state.live
        # read first: what comes meanwhile is told once more, and never missed
        position = live.position()
        look = last_look(watcher.store)
        lines = source_lines(watcher.store, watcher.sources, site.now, with_days=False)
        context = {
            "position": position,
            "today": today(watcher.store, watcher.naming, site.now),
            "held": [each for each in held_batches(watcher.store) if each.state == "held"],
            "attention": [each for each in lines if not each.is_well],
            "names": watcher.naming.sources,
            "medicines": known_medicines(watcher.store),
            "sources": lines,
            "last_look": look,
            "overdue": overdue_now(watcher.store),
            "is_alive": site.is_alive(),
            "now": site.now,
            "confidences": wording.CONFIDENCE,
        }
        return Template("today.html", context=context)
