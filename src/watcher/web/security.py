"""What every request has to pass and every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from litestar.datastructures import Headers
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from watcher.web.site import Site

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""On every answer; no script runs on a page, and nothing is loaded from elsewhere."""
FOR_EVERYBODY = ("/act/", "/static/")
"""What may be reached from other machines: one-time links, and how their pages look."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_STATIC = "/static/"
_KEPT, _NEVER_KEPT = "public, max-age=300", "no-store"
_NOT_OURS, _NOT_FROM_HERE = 421, 404


async def with_headers(message: Message, scope: Scope) -> None:
    """Put our headers on an answer as it begins: of a page, an error and a file alike."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers[name] = value
    is_file = scope["path"].startswith(_STATIC) and message["status"] == 200
    headers["Cache-Control"] = _KEPT if is_file else _NEVER_KEPT


def guard(site: Site) -> Callable[[ASGIApp], ASGIApp]:
    """Return what lets a request through to the pages only where it may see them.

    A name we do not go by is one that somebody has pointed at this machine, to have a browser here
    read our pages to them. What comes through a proxy comes from people who have not signed in:
    they have their one-time links and no more.
    """

    def guarded(app: ASGIApp) -> ASGIApp:
        async def pass_or_refuse(scope: Scope, receive: Receive, send: Send) -> None:
            _refuse(site, Headers.from_scope(scope), scope["path"])
            await app(scope, receive, send)

        return pass_or_refuse

    return guarded


def _refuse(site: Site, headers: Headers, path: str) -> None:
    """Raise where a request may not be answered.

    Raises:
        HTTPException: It was meant for somebody else, or comes from where it may not.
    """
    host = headers.get("host", "").casefold()
    if host not in site.own_hosts | site.public_hosts:
        message = "this address is not one that we go by"
        raise HTTPException(message, status_code=_NOT_OURS)
    is_from_outside = host not in site.own_hosts or any(name in headers for name in _FORWARDED)
    if is_from_outside and not path.startswith(FOR_EVERYBODY):
        message = "there is nothing here"
        raise HTTPException(message, status_code=_NOT_FROM_HERE)
