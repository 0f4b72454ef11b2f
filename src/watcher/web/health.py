"""Is it alive, and is it ready? Two addresses for those who watch the watcher."""

from __future__ import annotations

from litestar import Controller, MediaType, Response, get

from watcher.core.access import Act
from watcher.services.overdue import overdue_now
from watcher.web.site import Here

_UNWELL = 503


class Health(Controller):
    """What supervisors and load balancers ask."""

    opt = {"act": Act.KNOCK}  # noqa: RUF012  Litestar's own form

    @get("/healthz")
    async def alive(self, site: Here) -> Response[str]:
        """Tell whether every thread of the service still does its work."""
        return _told("" if site.is_alive() else "a thread is stuck; the log says which")

    @get("/readyz", sync_to_thread=True)
    def ready(self, site: Here) -> Response[str]:
        """Tell whether the database can be read and no look is overdue."""
        store = site.watcher.store
        with store.reading() as work:
            work.log.head()
        late = overdue_now(store)
        # where others than this machine may ask, and need not say who they are, no source is named
        which = f": {', '.join(late)}" if site.callers is None else "; `watcher sources` names them"
        return _told(f"looks are overdue{which}" if late else "")


def _told(trouble: str) -> Response[str]:
    return Response(
        f"{trouble or 'ok'}\n",
        status_code=_UNWELL if trouble else 200,
        media_type=MediaType.TEXT,
    )
