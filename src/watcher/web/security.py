"""What every request has to pass and every answer carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from anyio import to_thread
from litestar.datastructures import Headers
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from watcher.core.access import LEAST, Act, may
from watcher.web.callers import ANYBODY, BadTokenError, Caller
from watcher.web.outside import FORWARDED, Outside, outside
from watcher.web.problems import NotAllowedError, UnknownCallerError
from watcher.web.seal import unsealed
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
        "Permissions-Policy": (
            "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
            "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
"""On every answer; no script runs but our own file, and nothing is loaded from elsewhere."""
FOR_EVERYBODY = ("/act/", "/static/")
"""What may be reached from other machines where nobody signs in: one-time links, and their look."""
_ENCRYPTED_FROM_NOW_ON = "max-age=31536000"
_STATIC, _ACT = "/static/", "/act/"
_HEALTH = ("/healthz", "/readyz")
_OWN = frozenset({"Content-Security-Policy", "X-Frame-Options"})
"""What an answer may say of itself, if it does."""
_KEPT, _NEVER_KEPT = "public, max-age=300", "no-store"
_NOT_OURS, _NOT_FROM_HERE, _NOT_BY_THEM = 421, 404, 403
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def with_headers(message: Message, scope: Scope) -> None:
    """Put our headers on an answer as it begins: of a page, an error and a file alike.

    An answer's own policy stays, such as a captured page's that may do nothing at all; so does what
    it says of being kept. Where it leads on, it leads to where a browser sees us.
    """
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        if name not in _OWN or name not in headers:
            headers[name] = value
    is_file = scope["path"].startswith(_STATIC) and message["status"] == 200
    headers.setdefault("Cache-Control", _KEPT if is_file else _NEVER_KEPT)
    seen = outside(scope)
    if seen.is_secure:
        headers["Strict-Transport-Security"] = _ENCRYPTED_FROM_NOW_ON
    leads_to = headers.get("location", "")
    if leads_to.startswith("/") and not leads_to.startswith("//"):
        headers["Location"] = f"{seen.base}{leads_to}"


def guard(site: Site) -> Callable[[ASGIApp], ASGIApp]:
    """Return what lets a request through to the pages only where it may see them.

    A name we do not go by is one that somebody has pointed at this machine, to have a browser here
    read our pages to them. Where people sign in, each route says what it is, and who may is decided
    by one table; a route that does not say is nobody's. Where they do not, what comes through a
    proxy comes from people we know nothing of: they have their one-time links and no more. And what
    would change something comes from our own pages or from no page at all: a page elsewhere must
    not decide through its reader's browser. A one-time link needs no such proof, since nobody else
    knows it.
    """

    def guarded(app: ASGIApp) -> ASGIApp:
        async def pass_or_refuse(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                return  # nothing else is routed here
            headers, seen = Headers.from_scope(scope), outside(scope)
            _refuse(site, headers, seen, scope["path"])
            caller = await _caller(site, scope)
            scope["user"] = caller
            if scope["method"] not in _SAFE and not scope["path"].startswith(_ACT):
                _refuse_other_pages(site, headers, seen)
                if caller is not None and caller.anchor and site.callers is not None:
                    receive = await unsealed(site.callers, caller.anchor, headers, receive)
            await app(scope, receive, send)

        return pass_or_refuse

    return guarded


def act_of(scope: HTTPScope) -> Act | None:
    """Return what a request would do; None: its route does not say."""
    if scope["method"] == "OPTIONS":
        return Act.KNOCK  # which methods there are is no secret
    found = scope["route_handler"].opt.get("act")
    return found if isinstance(found, Act) else None


async def _caller(site: Site, scope: HTTPScope) -> Caller | None:
    """Return who asks, where they may do what they ask for.

    Raises:
        UnknownCallerError: Nobody knows who they are.
        NotAllowedError: They may not.
    """
    if site.callers is None:
        return ANYBODY
    act = act_of(scope)
    if act is Act.KNOCK:
        return None
    try:
        caller = await to_thread.run_sync(site.callers.of, scope)
    except BadTokenError as error:
        raise UnknownCallerError(is_bad_token=True) from error
    if caller is None:
        raise UnknownCallerError
    if act is None or not may(caller.role, act):
        raise NotAllowedError(caller.role, LEAST[act] if act else None)
    return caller


def _refuse(site: Site, headers: Headers, seen: Outside, path: str) -> None:
    """Raise where a request may not be answered.

    Raises:
        HTTPException: It was meant for somebody else, or comes from where it may not.
    """
    # whoever supervises us calls us what they like, and learns no more than that we live
    is_supervisor = site.callers is not None and path in _HEALTH
    if not site.goes_by(seen.host) and not is_supervisor:
        message = "this address is not one that we go by"
        raise HTTPException(message, status_code=_NOT_OURS)
    if site.callers is not None:
        return
    is_from_outside = seen.host not in site.own_hosts or any(name in headers for name in FORWARDED)
    if is_from_outside and not path.startswith(FOR_EVERYBODY):
        message = "there is nothing here"
        raise HTTPException(message, status_code=_NOT_FROM_HERE)


def _refuse_other_pages(site: Site, headers: Headers, seen: Outside) -> None:
    """Raise where a page of somebody else sends what would change something.

    Raises:
        HTTPException: It does.
    """
    said = headers.get("sec-fetch-site", "")
    # without a referrer our own forms have the origin "null", so the browser's word goes first
    origin = "" if said == "same-origin" else headers.get("origin", "")
    ours = site.own_hosts | ({seen.host} if site.callers else frozenset())
    is_ours = not origin or urlsplit(origin).netloc.casefold() in ours
    if said not in {"", "same-origin", "none"} or not is_ours:
        message = "another page sent this; nothing was done"
        raise HTTPException(message, status_code=_NOT_BY_THEM)
