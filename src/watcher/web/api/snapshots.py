"""Payloads, for machines: what is known of each, and its bytes as a download and nothing else."""

from __future__ import annotations

import logging
from typing import Annotated, Literal, NamedTuple, TypeAlias

from litestar import Controller, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from watcher.core.capture import Capture
from watcher.errors import (
    NotFoundError,
    SnapshotError,
    SnapshotGoneError,
    SnapshotRedactedError,
)
from watcher.ports.captures import WhichLooks
from watcher.web.api.answers import Asked, answered
from watcher.web.api.captures import numbered
from watcher.web.api.shapes import SnapshotTold
from watcher.web.site import Here, Site

_MOST = 100
_GONE, _UNREADABLE = 410, 503
_log = logging.getLogger(__name__)

Digest: TypeAlias = Annotated[
    str,
    PathParameter(
        pattern="^sha256:[0-9a-f]{64}$",
        description="The payload's digest, as captures and events name it.",
        examples=[Example(value=f"sha256:{'ab' * 32}")],
    ),
]


class _Held(NamedTuple):
    """What the store has of a payload."""

    state: Literal["kept", "redacted", "gone"]
    why: str
    body: bytes


class SnapshotsApi(Controller):
    """Payloads by their digest."""

    path = "/snapshots"
    tags = ("snapshots",)

    @get("/{digest:str}", operation_id="getSnapshot", sync_to_thread=True)
    def one(self, request: Asked, site: Here, digest: Digest) -> Response[SnapshotTold]:
        """Return what is known of one payload, and the first looks that met it."""
        met = _met(site, digest)
        held = _held(site, digest)
        first = met[0][1]
        told = SnapshotTold(
            digest=digest,
            size=first.size,
            media_type=first.headers.get("content-type", ""),
            state=held.state,
            why=held.why,
            captures=[numbered(number, each) for number, each in met],
        )
        return answered(request, told)

    @get(
        "/{digest:str}/bytes",
        operation_id="getSnapshotBytes",
        media_type="application/octet-stream",
        sync_to_thread=True,
    )
    def body(self, site: Here, digest: Digest) -> Response[bytes]:
        """Return the bytes of one payload as they were captured, to be saved, not to be shown."""
        _met(site, digest)
        held = _held(site, digest)
        if held.state != "kept":
            raise HTTPException(held.why, status_code=_GONE)
        name = digest.removeprefix("sha256:")
        return Response(
            held.body,
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{name}.bin"',
                "Cache-Control": "private, max-age=31536000, immutable",
                "ETag": f'"{name}"',
            },
        )


def _met(site: Site, digest: str) -> tuple[tuple[int, Capture], ...]:
    """Return the first looks that met a payload.

    Raises:
        NotFoundError: None ever did.
    """
    with site.watcher.store.reading() as work:
        found = work.captures.numbered(WhichLooks(digest=digest), limit=_MOST)
    if not found:
        message = f"no look ever met {digest}"
        raise NotFoundError(message)
    return found


def _held(site: Site, digest: str) -> _Held:
    """Return what the store has of a payload.

    Raises:
        HTTPException: It cannot be read. To end the service for it would help nobody: what is
            damaged was written long ago, and `watcher verify` tells of it.
    """
    try:
        return _Held("kept", "", site.watcher.snapshots.get(digest))
    except SnapshotGoneError as error:
        state: Literal["redacted", "gone"] = (
            "redacted" if isinstance(error, SnapshotRedactedError) else "gone"
        )
        return _Held(state, str(error), b"")
    except SnapshotError as error:
        _log.exception("%s cannot be read", digest)
        raise HTTPException(status_code=_UNREADABLE) from error
