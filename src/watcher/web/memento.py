"""Pages as they were, for whoever speaks Memento (RFC 7089): TimeMaps, a TimeGate, mementos.

A captured page is somebody else's: it is answered to be saved, and in a sandbox in which nothing is
sent and nothing is fetched.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from litestar import Controller, HttpMethod, MediaType, Response, route
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from watcher.core.access import Act
from watcher.core.capture import Capture
from watcher.errors import NotFoundError, SnapshotError, SnapshotGoneError
from watcher.services.timemap import LINK_FORMAT, Memento, TimeMap, time_map
from watcher.web.api.answers import Asked
from watcher.web.outside import outside
from watcher.web.site import Here, Site

_BASE = "/memento/"
_FOUND, _BAD, _GONE, _UNREADABLE = 302, 400, 410, 503
_BOTH = [HttpMethod.GET, HttpMethod.HEAD]
_STAMP = re.compile(r"[0-9]{14}")
_TYPE = re.compile(r"(text/html|text/plain|application/json)(; ?charset=[A-Za-z0-9_-]{1,20})?")
"""What a browser may show; all else is bytes to be saved."""
SANDBOX: Mapping[str, str] = {
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
    # saved, never shown: a browser connects to where a page's frames lead before it asks a policy,
    # and a client of web archives wants the very bytes; `/snapshots/…` shows them locked
    "Content-Disposition": "attachment",
}


class MementoPages(Controller):
    """What a client of web archives asks."""

    path = "/memento"
    include_in_schema = False
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @route("/timemap/{form:str}/{url:path}", http_method=_BOTH, sync_to_thread=True)
    def list_all(self, request: Asked, site: Here, form: FromPath[str]) -> Response[Any]:
        """List all mementos of an address: `link` or `json`."""
        found = _found(request, site, f"timemap/{form}/").map
        if form == "link":
            body = "".join(found.link_format()).encode()
            return Response(body, media_type=LINK_FORMAT)
        if form == "json":
            return Response(found.plain(), media_type="application/json")
        message = f"there is no form {form[:20]!r} of a TimeMap; there are: link, json"
        raise NotFoundError(message)

    @route("/timegate/{url:path}", http_method=_BOTH, sync_to_thread=True)
    def choose(self, request: Asked, site: Here) -> Response[bytes]:
        """Lead to what the address was at the instant asked for; else to the last there is."""
        found = _found(request, site, "timegate/").map
        chosen = _chosen(found, request.headers.get("accept-datetime", ""))
        headers = {
            "Location": chosen.uri,
            "Vary": "accept-datetime",
            "Link": _links(found, chosen, is_gate=True),
        }
        return Response(b"", status_code=_FOUND, media_type=MediaType.TEXT, headers=headers)

    @route("/{stamp:str}/{url:path}", http_method=_BOTH, sync_to_thread=True)
    def show(self, request: Asked, site: Here, stamp: FromPath[str]) -> Response[bytes]:
        """Show the address as it was at an instant, `20241213062107`."""
        if not _STAMP.fullmatch(stamp):
            message = f"{stamp[:20]!r} is no instant; write 20241213062107"
            raise NotFoundError(message)
        found = _found(request, site, f"{stamp}/")
        beginning = f"{found.map.base}{stamp}/"
        memento = next(
            (each for each in found.map.mementos if each.uri.startswith(beginning)), None
        )
        if memento is None:
            message = f"nothing was captured then; {found.map.timegate} leads to what was"
            raise NotFoundError(message)
        headers = {
            **SANDBOX,
            "Memento-Datetime": _http_date(memento.at),
            "Link": _links(found.map, memento, is_gate=False),
        }
        body = _payload(site, memento)
        return Response(body, media_type=found.types.get(memento.payload, _BYTES), headers=headers)


_BYTES = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class _Found:
    """The mementos of one address, and the media type each payload was sent with."""

    map: TimeMap
    types: Mapping[str, str]


def _found(request: Asked, site: Site, prefix: str) -> _Found:
    """Return the mementos of the address that a request names.

    Raises:
        NotFoundError: No look at it was good.
    """
    named = _named(request, prefix)
    base = f"{outside(request.scope).origin}{_BASE}"
    for url in dict.fromkeys((named, unquote(named))):
        with site.watcher.store.reading() as work:
            captures = [*work.captures.read(url=url)]
        found = time_map(url, captures, base)
        if found.mementos:
            return _Found(found, dict(_types(captures)))
    message = f"no look at {named[:200]} was good"
    raise NotFoundError(message)


def _named(request: Asked, prefix: str) -> str:
    """Return the address as it was written: with its query, and both of its slashes."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.decode("latin-1").partition("?")[0].removeprefix(f"{_BASE}{prefix}")
    query = request.scope["query_string"].decode("latin-1")
    path = re.sub(r"^(https?):/+", r"\1://", path)
    return f"{path}?{query}" if query else path


def _types(captures: list[Capture]) -> Iterator[tuple[str, str]]:
    for each in captures:
        stated = each.headers.get("content-type", "").strip()
        if each.digest and _TYPE.fullmatch(stated):
            yield each.digest, stated


def _chosen(found: TimeMap, wanted: str) -> Memento:
    """Return what showed the address at an instant: the last one captured by then, else the first.

    Raises:
        HTTPException: `Accept-Datetime` is no date of RFC 1123.
    """
    if not wanted:
        return found.mementos[-1]
    try:
        at = parsedate_to_datetime(wanted)
    except ValueError as error:
        message = "Accept-Datetime has to be like: Fri, 13 Dec 2024 06:21:07 GMT"
        raise HTTPException(message, status_code=_BAD) from error
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    seconds = [datetime.fromisoformat(each.at).replace(microsecond=0) for each in found.mementos]
    return found.mementos[max(bisect_right(seconds, moment) - 1, 0)]


def _links(found: TimeMap, memento: Memento, *, is_gate: bool) -> str:
    links = [
        f'<{found.original}>; rel="original"',
        f'<{found.uri("link")}>; rel="timemap"; type="{LINK_FORMAT}"',
        f'<{memento.uri}>; rel="memento"; datetime="{_http_date(memento.at)}"',
    ]
    if not is_gate:
        links.append(f'<{found.timegate}>; rel="timegate"')
    return ", ".join(links)


def _payload(site: Site, memento: Memento) -> bytes:
    """Return the bytes of a memento.

    Raises:
        HTTPException: They were taken away on purpose, or cannot be read.
    """
    try:
        return site.watcher.snapshots.get(memento.payload)
    except SnapshotGoneError as error:
        raise HTTPException(str(error), status_code=_GONE) from error
    except SnapshotError as error:
        raise HTTPException(status_code=_UNREADABLE) from error


def _http_date(at: str) -> str:
    return format_datetime(datetime.fromisoformat(at).astimezone(UTC), usegmt=True)
