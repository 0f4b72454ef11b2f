"""Somebody else's page, locked: shown as they wrote it, and nothing in it does anything.

No script runs, nothing is sent, loaded or looked up, and no link leads away: the frame it is shown
in may only hold pages of ours (`frame-src` of `security.HEADERS`), and it may be shown nowhere but
in a frame of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from litestar import Response

LOCKED_PAGES = "/snapshots/locked/"
"""Below it stand the kept pages, for frames alone."""
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
            "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        ),
        "X-Frame-Options": "SAMEORIGIN",
        "X-DNS-Prefetch-Control": "off",
    }
)
"""The policy that locks it; links in it are not even looked up."""
_REACHING = re.compile(
    r"<(?:(?P<empty>link|embed|frame)|(?P<full>iframe|object|portal|fencedframe))(?=[\s/>])",
    re.IGNORECASE,
)
"""Elements for whose sake a browser connects elsewhere before it asks any policy."""
_LEADING = re.compile(r"href(?=\s*=)", re.IGNORECASE)
"""What makes a link of an element: a browser connects to where it leads as it is pressed."""
_IN_A_FRAME = frozenset({"iframe", "frame"})


def is_for_a_frame(headers: Mapping[str, str]) -> bool:
    """Return whether a request is a frame's; browsers that do not say are believed."""
    return headers.get("sec-fetch-dest", "iframe") in _IN_A_FRAME


def locked(page: str) -> Response[bytes]:
    """Return the answer that shows a page locked, in UTF-8 whatever the page says of itself.

    Elements and links that have a browser look an address up, or connect to it, before any policy
    is asked stand there as ones that mean nothing; words of the page stay as they are.
    """
    quiet = _LEADING.sub("data-href", _REACHING.sub(_meaningless, page))
    return Response(
        quiet.encode("utf-8", "replace"),
        media_type="text/html",
        headers=dict(HEADERS),
    )


def _meaningless(found: re.Match[str]) -> str:
    return f"<meta data-{found['empty']}" if found["empty"] else f"<span data-{found['full']}"


def locked_address(digest: str) -> str:
    """Return the address of a kept page for a frame."""
    return f"{LOCKED_PAGES}{digest.removeprefix('sha256:')}"
