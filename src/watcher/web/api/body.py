"""A request whose body has to be JSON: what is not is refused before anything reads it."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, HTTPException
from litestar.handlers import BaseRouteHandler

JSON = "application/json"
_NOT_JSON = 415
_SENT = frozenset({"POST", "PUT", "PATCH"})


class JsonRequest(Request[Any, Any, Any]):
    """A request to the API."""

    async def json(self) -> Any:
        """Return the body, decoded.

        Raises:
            ClientException: It is no JSON; text that is no UTF-8 is none either.
        """
        try:
            return await super().json()
        except UnicodeDecodeError as error:
            raise ClientException from error


def only_json(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse a body of any other type: a form of another site can send it without asking first.

    Raises:
        HTTPException: It says that it is something else, or does not say what it is.
    """
    said = connection.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if dict(connection.scope).get("method") in _SENT and said != JSON:
        message = f"send the body as {JSON}"
        raise HTTPException(message, status_code=_NOT_JSON)
