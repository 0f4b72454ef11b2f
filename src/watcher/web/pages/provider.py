"""SIGN IN by the word of an OpenID Connect provider: there, and back again.

What ties both ways together is carried by the browser in a cookie that only we can have made, and
that is good for ten minutes and one answer.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
from dataclasses import asdict, replace
from typing import Annotated, Any, Final

from litestar import Controller, Response, get
from litestar.params import QueryParameter
from litestar.response import Template

from watcher.core.access import Act, Role
from watcher.core.capture import instant
from watcher.core.sign_in import NAME
from watcher.core.text import shorten, tidy, visible
from watcher.errors import NotFoundError, SignInError
from watcher.ports.access import User
from watcher.ports.store import Work
from watcher.services.sign_in import Opened
from watcher.web.acting import Asked
from watcher.web.callers import Callers, knock_of
from watcher.web.cookies import no_way, way_cookie, way_of
from watcher.web.entrance import Told, entrance, within
from watcher.web.oidc import Identity, Provider, ProviderError, Way, new_way
from watcher.web.outside import outside
from watcher.web.pages.sign_in import callers_of, entered
from watcher.web.site import Here, Site

_SEE: Final = 303
_REFUSED, _UNAVAILABLE = 403, 503
_SECONDS = 600
_SEAL = 64
_STALE = "that took too long, or began in another browser; try once more"
_log = logging.getLogger(__name__)
_Word = Annotated[str, QueryParameter(max_length=4_000)]


class ProviderPage(Controller):
    """The way to the provider and back."""

    path = "/sign-in/provider"
    opt = {"act": Act.KNOCK}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def go(self, request: Asked, site: Here, to: _Word = "/") -> Response[bytes] | Template:
        """Send a browser to the provider, with what will tie the answer to it."""
        provider, way = _provider(site), new_way()
        try:
            address = provider.address(way)
        except ProviderError as error:
            return _refused(site, request, to, error)
        expires = int(site.now.timestamp()) + _SECONDS
        told = _packed({**asdict(way), "to": within(to), "until": expires}, site)
        cookie = way_cookie(told, outside(request.scope))
        return Response(b"", status_code=_SEE, headers={"Location": address}, cookies=[cookie])

    @get("/callback", sync_to_thread=True)
    def come_back(
        self,
        request: Asked,
        site: Here,
        code: _Word = "",
        returned: Annotated[str, QueryParameter(name="state", max_length=200)] = "",
        error: _Word = "",
    ) -> Response[bytes] | Template:
        """Let in whom the provider knows, and who is something here."""
        callers, provider, seen = callers_of(site), _provider(site), outside(request.scope)
        carried = _unpacked(way_of(request.headers, seen), site)
        to = str(carried.get("to", "/"))
        try:
            way = _way(carried, returned, site)
            if error or not code:
                reason = f"it said {visible(error)[:100] or 'nothing'}"
                raise ProviderError(reason)
            opened = _opened(site, callers, request, provider.identity(way, code))
        except SignInError as refusal:
            answer: Response[Any] = _refused(site, request, to, refusal)
        else:
            answer = entered(site, request, opened, to)
        answer.cookies.append(no_way(seen))
        return answer


def _provider(site: Site) -> Provider:
    if site.provider is None:
        message = "nobody else says who people are here"
        raise NotFoundError(message)
    return site.provider


def _way(carried: dict[str, Any], state: str, site: Site) -> Way:
    """Return the attempt that an answer belongs to.

    Raises:
        SignInError: It belongs to none of this browser's, or to one of long ago.
    """
    is_ours = hmac.compare_digest(str(carried.get("state", "")).encode(), state.encode())
    if not carried or not is_ours or carried["until"] < site.now.timestamp():
        raise SignInError(_STALE)
    return Way(state=state, nonce=carried["nonce"], verifier=carried["verifier"])


def _opened(site: Site, callers: Callers, request: Asked, who: Identity) -> Opened:
    """Return a session of whoever the provider names.

    Raises:
        SignInError: They are nothing here, or somebody else has their name.
    """
    ways = site.web.sign_in
    role = ways.oidc.roles.role_of(who.groups) if ways and ways.oidc else None
    if role is None:
        message = "we know who you are, and none of your groups is let in here"
        raise SignInError(message)
    if not NAME.fullmatch(who.name):
        message = "the name by which you are known cannot be used here"
        raise SignInError(message)
    with site.watcher.store.writing() as work:
        user = _user(work, who, role, instant(site.now))
    return callers.door.open(user, knock_of(request.headers, outside(request.scope)))


def _user(work: Work, who: Identity, role: Role, now: str) -> User:
    """Return the user that somebody is; a new one where they were never here.

    Raises:
        SignInError: A user of that name is somebody else, or they are disabled.
    """
    title = shorten(tidy(who.title), 80)
    known = work.access.user_of(who.subject)
    if known is not None and known.disabled_at:
        message = "you may not sign in here any more: ask whoever manages users"
        raise SignInError(message)
    if known is None and work.access.user(who.name) is not None:
        message = f"{who.name} is somebody else here: ask whoever manages users"
        raise SignInError(message)
    user = known or User(name=who.name, role=role, kind="oidc", subject=who.subject, created_at=now)
    kept = replace(user, role=role, title=title)
    work.access.put_user(kept)
    return kept


def _refused(site: Site, request: Asked, to: str, error: SignInError) -> Template:
    reason = error.reason if isinstance(error, ProviderError) else str(error)
    _log.warning("nobody let in by the provider's word: %s", reason)
    status = _UNAVAILABLE if isinstance(error, ProviderError) else _REFUSED
    return entrance(site, request, to=to, told=Told(problem=str(error)), status=status)


def _packed(told: dict[str, Any], site: Site) -> str:
    """Return what a browser is to carry, sealed."""
    body = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
    return f"{body}.{_sealed(body, site)}"


def _unpacked(text: str, site: Site) -> dict[str, Any]:
    """Return what a browser carries; nothing where we did not make it so."""
    body, _, seal = text.partition(".")
    if not hmac.compare_digest(_sealed(body, site).encode(), seal.encode()):
        return {}
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
    return found


def _sealed(body: str, site: Site) -> str:
    key = site.watcher.form_key
    return hmac.new(key, f"way {body}".encode(), "sha256").hexdigest()[:_SEAL]
