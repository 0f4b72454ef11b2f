"""What every request has to pass and every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from watcher.web.site import Site

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
            "img-src 'self'; form-action 'self'; frame-src 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""On every answer; no script runs but our own file, and nothing is loaded from elsewhere."""
FOR_EVERYBODY = ("/act/", "/static/")
"""What may be reached from other machines: one-time links, and how their pages look."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_STATIC = "/static/"
_OWN = frozenset({"Content-Security-Policy", "X-Frame-Options"})
"""What an answer may say of itself, if it does."""
_KEPT, _NEVER_KEPT = "public, max-age=300", "no-store"
_NOT_OURS, _NOT_FROM_HERE, _NOT_BY_THEM = 421, 404, 403
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def with_headers(message: Message, scope: Scope) -> None:
    """Put our headers on an answer as it begins: of a page, an error and a file alike.

    An answer's own policy stays, such as a captured page's that may do nothing at all; so does what
    it says of being kept.
    """
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        if name not in _OWN or name not in headers:
            headers[name] = value
    is_file = scope["path"].startswith(_STATIC) and message["status"] == 200
    headers.setdefault("Cache-Control", _KEPT if is_file else _NEVER_KEPT)


def guard(site: Site) -> Callable[[ASGIApp], ASGIApp]:
    """Return what lets a request through to the pages only where it may see them.

    A name we do not go by is one that somebody has pointed at this machine, to have a browser here
    read our pages to them. What comes through a proxy comes from people who have not signed in:
    they have their one-time links and no more. And what would change something comes from our own
    pages or from no page at all: a page elsewhere must not decide through its reader's browser. A
    one-time link needs no such proof, since nobody else knows it.
    """

    def guarded(app: ASGIApp) -> ASGIApp:
        async def pass_or_refuse(scope: Scope, receive: Receive, send: Send) -> None:
            headers = Headers.from_scope(scope)
            _refuse(site, headers, scope["path"])
            if scope.get("method") not in _SAFE:
                _refuse_other_pages(site, headers, scope["path"])
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


def _refuse_other_pages(site: Site, headers: Headers, path: str) -> None:
    """Raise where a page of somebody else sends what would change something.

    Raises:
        HTTPException: It does.
    """
    if path.startswith("/act/"):
        return
    said = headers.get("sec-fetch-site", "")
    # without a referrer our own forms have the origin "null", so the browser's word goes first
    origin = "" if said == "same-origin" else headers.get("origin", "")
    is_ours = not origin or urlsplit(origin).netloc.casefold() in site.own_hosts
    if said not in {"", "same-origin", "none"} or not is_ours:
        message = "another page sent this; nothing was done"
        raise HTTPException(message, status_code=_NOT_BY_THEM)
