"""What goes wrong, told: to people as a page, to machines as RFC 9457 has it."""

from __future__ import annotations

import http
import json
import logging
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template

from watcher.errors import IntegrityError, LinkError, NotFoundError, OperationalError
from watcher.web.site import Site

API = "/api/"
_PROBLEM = "application/problem+json"
_GONE = 410
_UNSAID = "something went wrong here; the service's log says what"
_log = logging.getLogger(__name__)


class TooManyError(HTTPException):
    """More was asked for than is let through."""

    status_code = 429


def status_of(error: Exception) -> int:
    """Return the HTTP status that tells of an error."""
    match error:
        case HTTPException():
            return error.status_code
        case LinkError():
            return _GONE if error.kind == "expired" else 404
        case NotFoundError():
            return 404
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
        return error.detail if status in {404, 421, 429} else http.HTTPStatus(status).phrase
    return str(error)


def told(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Return the answer that tells of an error."""
    status = status_of(error)
    if status >= 500:
        _log.error("%s %s", request.method, request.url.path[:40], exc_info=error)
    site: Site = request.app.state.site
    if isinstance(error, IntegrityError):
        site.alarm(error)
    title = http.HTTPStatus(status).phrase
    headers = {"Retry-After": "60"} if status == 429 else {}
    if request.url.path.startswith(API):
        return Response(
            json.dumps(
                {"type": "about:blank", "title": title, "status": status, "detail": in_words(error)}
            ).encode(),
            status_code=status,
            media_type=_PROBLEM,
            headers=headers,
        )
    return Template(
        "problem.html",
        context={"title": title, "detail": in_words(error)},
        status_code=status,
        media_type=MediaType.HTML,
        headers=headers,
    )
