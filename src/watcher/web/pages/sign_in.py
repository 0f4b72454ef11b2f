"""SIGN IN and out: with a name and a password, or by the word of somebody who knows people."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Annotated, Final

from litestar import Controller, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Template

from watcher.core.access import Act
from watcher.errors import NotFoundError, SignInError
from watcher.services.sign_in import Opened
from watcher.web.acting import Asked
from watcher.web.callers import Callers, caller_of, knock_of
from watcher.web.cookies import form_of, no_session, session_cookie, session_of
from watcher.web.entrance import Told, entrance, guest_of, within
from watcher.web.outside import outside
from watcher.web.site import Here, Site

_SEE: Final = 303
_REFUSED, _TOO_OFTEN, _NOT_SEALED = 401, 429, 403
_OUT = "You have signed out."
_STALE = "this page was open for too long, or your browser takes no cookies; try once more"
_log = logging.getLogger(__name__)
Where = Annotated[str, QueryParameter(max_length=500)]


@dataclass(frozen=True, slots=True)
class Filled:
    """The form, as a browser sends it."""

    name: str = ""
    password: str = ""
    to: str = "/"
    seal: str = ""


def callers_of(site: Site) -> Callers:
    """Return who knows people here.

    Raises:
        NotFoundError: Nobody has to sign in.
    """
    if site.callers is None:
        message = "nobody has to sign in here: only this machine reaches these pages"
        raise NotFoundError(message)
    return site.callers


class SignInPage(Controller):
    """Signing in and out."""

    path = "/"
    opt = {"act": Act.KNOCK}  # noqa: RUF012  Litestar's own form

    @get("/sign-in", sync_to_thread=True)
    def show(self, request: Asked, site: Here, to: Where = "/", out: Where = "") -> Template:
        """Show the form."""
        callers_of(site)
        return entrance(site, request, to=to, told=Told(done=_OUT if out else ""), status=200)

    @post("/sign-in", sync_to_thread=True, status_code=_SEE)
    def enter(
        self, request: Asked, site: Here, data: URLEncodedBody[Filled]
    ) -> Template | Response[bytes]:
        """Let somebody in who has a password of ours; a session they had before ends."""
        callers, seen = callers_of(site), outside(request.scope)
        if site.web.sign_in is None or not site.web.sign_in.users:
            message = "nobody signs in with a password here"
            raise NotFoundError(message)
        value = form_of(request.headers, seen)
        told = Told(problem=_STALE, name=data.name)
        if not value or not callers.is_sealed(guest_of(value), data.seal):
            return entrance(site, request, to=data.to, told=told, status=_NOT_SEALED)
        try:
            knock = knock_of(request.headers, seen)
            opened = callers.door.sign_in(data.name, data.password, knock)
        except SignInError as error:
            return _refused(site, request, data, error)
        return entered(site, request, opened, data.to)

    @post("/sign-out", sync_to_thread=True, status_code=_SEE, opt={"act": Act.OWN})
    def leave(self, request: Asked, site: Here) -> Response[bytes]:
        """End the session; the browser forgets what it kept of our pages."""
        callers, seen = callers_of(site), outside(request.scope)
        callers.door.sign_out(session_of(request.headers, seen))
        caller = caller_of(request)
        _log.info("%s signed out", caller.name if caller else "somebody")
        return Response(
            b"",
            status_code=_SEE,
            headers={"Location": "/sign-in?out=yes", "Clear-Site-Data": '"cache", "storage"'},
            cookies=[no_session(seen)],
        )


def _refused(site: Site, request: Asked, filled: Filled, error: SignInError) -> Template:
    """Return the form once more, with why nobody was let in."""
    seen = outside(request.scope)
    _log.warning("nobody let in from %s as %s: %s", seen.address, _quoted(filled.name), error)
    wait = math.ceil(error.wait)
    headers = {"Retry-After": str(wait)} if wait else {}
    more = f"; in {wait} second{'s'[: wait != 1]}" if wait else ""
    told = Told(problem=f"{error}{more}", name=filled.name)
    status = _TOO_OFTEN if wait else _REFUSED
    return entrance(site, request, to=filled.to, told=told, status=status, headers=headers)


def _quoted(name: str) -> str:
    """Return how long a name was: people type passwords where it belongs, and logs are read."""
    return f"a name of {len(name)} characters"


def entered(site: Site, request: Asked, opened: Opened, to: str) -> Response[bytes]:
    """Return the answer by which a browser is given its new session and led on."""
    callers, seen = callers_of(site), outside(request.scope)
    if before := session_of(request.headers, seen):
        callers.door.sign_out(before)
    _log.info("%s signed in from %s", opened.user, seen.address)
    seconds = callers.door.limits.absolute
    return Response(
        b"",
        status_code=_SEE,
        headers={"Location": within(to)},
        cookies=[session_cookie(opened.secret, seen, seconds=seconds)],
    )
