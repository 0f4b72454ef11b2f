"""How an answer goes out: as JSON with a validator, and with the way to the next page."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Request, Response

from watcher.web.outside import outside

_encode = msgspec.json.Encoder(order="deterministic").encode
_UNCHANGED = 304
_REVALIDATED = "private, no-cache"

Asked = Request[Any, Any, Any]
"""A request, whoever makes it."""


def answered(request: Asked, content: object, *, status: int = 200) -> Response[Any]:
    """Return an answer, or 304 where the one who asks has these very bytes already.

    Args:
        request: What was asked.
        content: What JSON knows, or dataclasses of that. Where it is a page that has a `next`, the
            answer links to it too.
        status: The status of an answer that is not 304.
    """
    body = _encode(content)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _REVALIDATED}
    if following := getattr(content, "next", None):
        headers["Link"] = f'<{following}>; rel="next"'
    if request.method == "GET" and _has(request, tag):
        return Response(b"", status_code=_UNCHANGED, media_type=MediaType.JSON, headers=headers)
    return Response(body, status_code=status, media_type=MediaType.JSON, headers=headers)


def _has(request: Asked, tag: str) -> bool:
    """Return whether `If-None-Match` names this validator; RFC 9110 compares weakly there."""
    named = (each.strip() for each in request.headers.get("if-none-match", "").split(","))
    return any(each == "*" or each.removeprefix("W/") == tag for each in named)


def following(request: Asked, after: int | str) -> str:
    """Return the address of the page that goes on after `after`."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    base = outside(request.scope).base
    return f"{base}{request.scope['path']}?{urlencode([*kept, ('after', str(after))])}"
