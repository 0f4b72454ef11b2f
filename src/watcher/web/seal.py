"""The seal of a form: it was made for whoever sends it, by us, and no page elsewhere has it.

A browser sends its session along with whatever another page makes it send; what it cannot send is
what only our own page has. Programs that send JSON with a session say it in a header.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from litestar.datastructures import Headers
from litestar.exceptions import HTTPException
from litestar.types import Receive
from markupsafe import Markup

from watcher.web.callers import Callers, Connection, caller_of

FIELD, HEADER = "seal", "x-watcher-seal"
LARGEST_BODY = 16_384
"""Bytes of the largest form that is read."""
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_NOT_SEALED, _TOO_LARGE = 403, 413


def sealing(callers: Callers | None, asked: Connection) -> Markup:
    """Return the field that seals a form for whoever asks for its page; empty: it needs none."""
    caller = caller_of(asked)
    if callers is None or caller is None or not caller.anchor:
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(
        FIELD, callers.seal(caller.anchor)
    )


async def unsealed(callers: Callers, anchor: str, headers: Headers, receive: Receive) -> Receive:
    """Return what a sealed request is read from; of a form the body, which was read for the seal.

    Raises:
        HTTPException: It is not sealed, or not for whoever sends it.
    """
    told = headers.get(HEADER, "")
    if not told and headers.get("content-type", "").partition(";")[0].strip() == _FORM:
        body = await _body(receive)
        told = _field(body)
        receive = _again(body, receive)
    if not callers.is_sealed(anchor, told):
        message = "this form was not made for you, or before you signed in; nothing was done"
        raise HTTPException(message, status_code=_NOT_SEALED)
    return receive


async def _body(receive: Receive) -> bytes:
    """Return a whole body.

    Raises:
        HTTPException: It is larger than any form of ours.
    """
    body, is_more = b"", True
    while is_more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message["body"]
        is_more = message["more_body"]
        if len(body) > LARGEST_BODY:
            raise HTTPException(status_code=_TOO_LARGE)
    return body


def _field(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ""
    told = fields.get(FIELD, [])
    return told[0] if len(told) == 1 else ""


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body once more, then what comes after it."""
    left = [body]

    async def again() -> Any:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again
