"""What goes wrong, told: to people as a page, to machines as RFC 9457 has it."""

from __future__ import annotations

import http
import json
import logging
from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.response import Template

from watcher.core.access import Role
from watcher.errors import (
    IntegrityError,
    LinkError,
    NotFoundError,
    ObjectStoreError,
    OperationalError,
)
from watcher.web.api.parameters import called
from watcher.web.entrance import entrance, wanted
from watcher.web.site import Site

FOR_MACHINES = ("/api/", "/metrics", "/live")
"""Where problems are told as programs want them."""
_PROBLEM = "application/problem+json"
_GONE = 410
_OURS = frozenset({401, 403, 404, 410, 415, 421, 422, 429})
"""Statuses whose words are our own; others may quote what was sent."""
_UNUSABLE = 422
_UNSAID = "something went wrong here; the service's log says what"
_REALM = 'Bearer realm="watcher"'
_AN = {Role.EDITOR: "an", Role.OPERATOR: "an", Role.ADMIN: "an"}
_log = logging.getLogger(__name__)


class TooManyError(HTTPException):
    """More was asked for than is let through."""

    status_code = 429


class UnknownCallerError(HTTPException):
    """Nobody knows who asks, and one has to be known for this.

    Attributes:
        headers: How to say who one is, for programs.
    """

    status_code = 401

    def __init__(self, *, is_bad_token: bool = False) -> None:
        why = "the token is none that can be used" if is_bad_token else "sign in, or send a token"
        told = f'{_REALM}, error="invalid_token"' if is_bad_token else _REALM
        super().__init__(detail=why, headers={"WWW-Authenticate": told})


class NotAllowedError(HTTPException):
    """Whoever asks may not do this.

    Attributes:
        role: What they are.
        least: What they would have to be; None: nobody may.
    """

    status_code = 403

    def __init__(self, role: Role, least: Role | None) -> None:
        needed = f"this is for {least}s and up" if least else "this is for nobody"
        super().__init__(detail=f"{needed}, and you are {_AN.get(role, 'a')} {role}")
        self.role = role
        self.least = least


def status_of(error: Exception) -> int:
    """Return the HTTP status that tells of an error."""
    match error:
        case HTTPException():
            return error.status_code
        case LinkError():
            return _GONE if error.kind == "expired" else 404
        case NotFoundError():
            return 404
        case ObjectStoreError():
            return 503
        case OperationalError():
            return 409
        case _:
            return 500


def in_words(error: Exception) -> str:
    """Return what to tell of an error; what is not meant for readers is not told."""
    status = status_of(error)
    if status >= 500:
        return _UNSAID
    if isinstance(error, HTTPException):
        return error.detail if status in _OURS else http.HTTPStatus(status).phrase
    return str(error)


def told(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer that tells of an error."""
    status = status_of(error)
    if status >= 500:
        _log.error("%s %s", request.method, request.scope["path"][:40], exc_info=error)
    site: Site = request.app.state.site
    if isinstance(error, IntegrityError):
        site.alarm(error)
    is_for_machines = request.scope["path"].startswith(FOR_MACHINES)
    if is_for_machines and isinstance(error, ValidationException):
        status = _UNUSABLE
    title = http.HTTPStatus(status).phrase
    headers = dict(getattr(error, "headers", None) or {})
    if status == 429:
        headers["Retry-After"] = "60"
    if isinstance(error, UnknownCallerError) and not is_for_machines:
        return entrance(site, request, to=wanted(request), headers=headers)
    if is_for_machines:
        return Response(
            json.dumps(_problem(request, error, status)).encode(),
            status_code=status,
            media_type=_PROBLEM,
            headers=headers,
        )
    return Template(
        "problem.html",
        context={"title": title, "detail": in_words(error), "status": status},
        status_code=status,
        media_type=MediaType.HTML,
        headers=headers,
    )


def _problem(request: Request[Any, Any, Any], error: Exception, status: int) -> dict[str, object]:
    """Return what a machine is told, with each parameter that cannot be used by its name."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": in_words(error),
    }
    extra = error.extra if isinstance(error, HTTPException) and status == _UNUSABLE else None
    if isinstance(extra, list):
        wrong = [_wrong(each, request.scope.get("route_handler")) for each in extra]
        told["parameters"] = wrong
        told["detail"] = "; ".join(f"{each['parameter']}: {each['message']}" for each in wrong)
    return told


def _wrong(told: Mapping[str, object], handler: BaseRouteHandler | None) -> dict[str, str]:
    """Return the parameter or field that is wrong, and what is wrong with it."""
    name = str(told.get("parameter") or told.get("key") or "body")
    named = called(handler, name) if handler else name
    return {"parameter": named, "message": str(told.get("message", ""))[:500]}
