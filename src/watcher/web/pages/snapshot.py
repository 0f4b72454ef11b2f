"""A KEPT PAGE: locked in a frame, its words with a quote marked, or its bytes to take away.

What others wrote never runs here. Their page is served from an address of its own with a policy
that allows nothing but its own style, to be shown in a frame; its bytes leave as a file only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Controller, Request, Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Template

from watcher.core.access import Act
from watcher.core.capture import Capture
from watcher.core.quoted import Quoted, find_quote
from watcher.errors import NotFoundError, ReadError
from watcher.services.kept_page import Line, Side, lines_of, side_of
from watcher.web.locked import is_for_a_frame, locked, locked_address
from watcher.web.medicine_rows import web_address
from watcher.web.site import Here, Site

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_LARGEST_FRAMED = 20_000_000
_MOST_SHOWN, _AROUND = 3_000, 120
_Words = Annotated[str, QueryParameter(max_length=4_000)]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in pieces, each marked or not; `id` is where a link to the quote leads."""

    kind: str
    place: str
    pieces: tuple[tuple[bool, str], ...]
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a kept page.

    Attributes:
        lines: Those shown.
        first: The number of the first line shown, from 1.
        total: How many there are.
        found: How often the quote stands there.
        is_whole: Whether all of it does.
        problem: Why there are none; empty: there are.
    """

    lines: tuple[ShownLine, ...] = ()
    first: int = 1
    total: int = 0
    found: int = 0
    is_whole: bool = True
    problem: str = ""


class SnapshotPage(Controller):
    """One kept page."""

    path = "/snapshots"
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/{digest:str}", sync_to_thread=True)
    def show(
        self,
        site: Here,
        digest: FromPath[str],
        quote: _Words = "",
        place: _Words = "",
        view: _Words = "",
    ) -> Template:
        """Show the page in its frame, or its words with a quote marked where it stands."""
        side, captures = _kept(site, digest)
        is_framed = side.body is not None and side.is_html and len(side.body) <= _LARGEST_FRAMED
        as_words = bool(quote) or view == "words" or not is_framed
        context = {
            "side": side,
            "captures": [(each, _source(site, each)) for each in captures],
            "original": web_address(side.capture.url),
            "hex": side.capture.digest.removeprefix("sha256:"),
            "quote": quote,
            "framed": locked_address(side.capture.digest) if is_framed else "",
            "words": _words(side, quote, place) if as_words and side.body is not None else None,
            "other_view": urlencode({"view": "page" if as_words else "words"}),
        }
        return Template("snapshot.html", context=context)

    @get("/locked/{digest:str}", sync_to_thread=True)
    def locked(
        self, site: Here, request: Request[Any, Any, Any], digest: FromPath[str]
    ) -> Response[bytes] | Redirect:
        """Return somebody else's page as they wrote it, for the frame of ours alone.

        On its own a browser would let its reader be led away from it; so one that says that it
        opens it elsewhere than in a frame is led to our page about it.
        """
        side, _ = _kept(site, digest)
        if not is_for_a_frame(request.headers):
            return Redirect(f"/snapshots/{side.capture.digest.removeprefix('sha256:')}")
        if side.body is None or not side.is_html or len(side.body) > _LARGEST_FRAMED:
            message = "this is no page that can be shown in a frame"
            raise NotFoundError(message)
        return locked(side.payload.text())

    @get("/raw/{digest:str}", sync_to_thread=True)
    def raw(self, site: Here, digest: FromPath[str]) -> Response[bytes]:
        """Return the very bytes, as a file that no browser opens by itself."""
        side, _ = _kept(site, digest)
        if side.body is None:
            raise NotFoundError(side.gone)
        name = side.capture.digest.removeprefix("sha256:")[:16]
        return Response(
            side.body,
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="{name}.bin"'},
        )


def _kept(site: Site, digest: str) -> tuple[Side, tuple[Capture, ...]]:
    """Return a payload with the captures that had it.

    Raises:
        NotFoundError: No capture had it; nothing else in the folder of snapshots is shown.
    """
    named = _DIGEST.fullmatch(digest)
    with site.watcher.store.reading() as work:
        captures = work.captures.of_digest(f"sha256:{named[1]}") if named else ()
    if not captures:
        message = "no look had a page of this digest"
        raise NotFoundError(message)
    return side_of(captures[0], site.watcher.snapshots), captures


def _source(site: Site, capture: Capture) -> str:
    named = site.watcher.naming.sources.get(capture.source)
    return named.name if named else capture.source


def _words(side: Side, quote: str, place: str) -> Words:
    try:
        found = lines_of(side.payload, place)
    except ReadError as error:
        return Words(problem=str(error))
    if not found:
        return Words(problem="this is a file for programs: it has no words to show here")
    quoted = find_quote([each.text for each in found], quote) if quote else Quoted()
    marks = _marks(quoted)
    first = _first(found, quoted, place)
    start, end = 0, len(found)
    if end > _MOST_SHOWN:
        start = max(0, first - _AROUND)
        end = start + (2 * _AROUND if first else _MOST_SHOWN)
    shown = tuple(
        _shown(each, marks.get(at, ()), is_first=at == first and bool(marks))
        for at, each in enumerate(found[start:end], start)
    )
    return Words(
        lines=shown,
        first=start + 1,
        total=len(found),
        found=len(quoted.places),
        is_whole=quoted.is_whole,
    )


def _marks(quoted: Quoted) -> dict[int, list[tuple[int, int]]]:
    marks: dict[int, list[tuple[int, int]]] = {}
    for each in (mark for place in quoted.places for mark in place):
        marks.setdefault(each.line, []).append((each.start, each.end))
    return marks


def _first(found: list[Line], quoted: Quoted, place: str) -> int:
    """Return the line on which the quote begins: of several, the one at the place noted."""
    starts = [place_[0].line for place_ in quoted.places]
    return next((at for at in starts if place and found[at].place == place), next(iter(starts), 0))


def _shown(line: Line, marks: list[tuple[int, int]] | tuple[()], *, is_first: bool) -> ShownLine:
    pieces: list[tuple[bool, str]] = []
    at = 0
    for start, end in marks:
        pieces += [(False, line.text[at:start]), (True, line.text[start:end])]
        at = end
    pieces.append((False, line.text[at:]))
    kept = tuple(each for each in pieces if each[1])
    return ShownLine(line.kind, line.place, kept, "quote" if is_first else "")
