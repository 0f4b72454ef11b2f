"""A kept page: its bytes, or why they are gone, what kind of thing it is, and its words."""

from __future__ import annotations

import json
from dataclasses import dataclass

from watcher.core.capture import Capture
from watcher.errors import SnapshotError
from watcher.ports.snapshots import SnapshotStore
from watcher.readers.outline import outline
from watcher.readers.page_look import looks_like_html
from watcher.readers.pdf_pages import pages_of
from watcher.readers.pdf_sections import lines
from watcher.readers.reader import Payload

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = ("text/", "application/xhtml", "application/xml", "application/rss", "application/atom")
_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One capture, with what it holds.

    Attributes:
        capture: The capture; of a "not modified", the one whose payload it repeats.
        body: Its payload; None: it is gone.
        gone: Why it is gone; empty: it is there.
    """

    capture: Capture
    body: bytes | None
    gone: str = ""

    @property
    def payload(self) -> Payload:
        """Return the payload as readers want it."""
        media_type = media_type_of(self.capture)
        return Payload(body=self.body or b"", media_type=media_type, url=self.capture.url)

    @property
    def is_html(self) -> bool:
        """Return whether it is a page that a browser can show."""
        return is_html(self.payload)


def side_of(capture: Capture, snapshots: SnapshotStore) -> Side:
    """Return a capture with its payload, or why that is gone."""
    try:
        return Side(capture=capture, body=snapshots.get(capture.digest))
    except SnapshotError as error:
        return Side(capture=capture, body=None, gone=str(error))


def media_type_of(capture: Capture) -> str:
    """Return the Content-Type a capture came with, or nothing."""
    headers = {name.casefold(): value for name, value in capture.headers.items()}
    return headers.get("content-type", "")


def is_html(payload: Payload) -> bool:
    """Return whether a payload is a page that a browser can show."""
    kind = payload.media_type.partition(";")[0].strip().casefold()
    return kind in _HTML or (not kind and _begins_as_page(payload))


def is_pdf(payload: Payload) -> bool:
    """Return whether a payload is a PDF."""
    return payload.body.startswith(b"%PDF-")


def is_text(payload: Payload) -> bool:
    """Return whether a payload is words for people, and no data file."""
    kind = payload.media_type.partition(";")[0].strip().casefold()
    return kind.startswith(_TEXT) or _begins_as_page(payload)


def _begins_as_page(payload: Payload) -> bool:
    start = payload.body[:_LOOKED_AT].decode("utf-8", "replace")
    return looks_like_html(start.removeprefix("\ufeff"))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what a page says: its words, what it is on the page, where it stands in it."""

    text: str
    kind: str = "text"
    place: str = ""


def lines_of(payload: Payload, place: str = "") -> list[Line]:
    """Return the words of a payload, a line each; none where it has no words for people.

    Args:
        payload: What was kept.
        place: Of a data file, the JSON pointer of a value: only the record it belongs to.

    Raises:
        ReadError: It is too large or too tangled to be a page, or a PDF that cannot be read.
    """
    if is_pdf(payload):
        pages = lines(pages_of(payload.body))
        return [Line(each.text, "text", f"page {each.page}") for each in pages]
    if is_json(payload):
        return [Line(each, "data") for each in _json_lines(payload, place)]
    if is_text(payload):
        blocks = outline(payload).blocks
        return [Line(block.text, str(block.kind), block.place) for block in blocks]
    return []


def text_lines(payload: Payload) -> list[str]:
    """Return the words of a page or a PDF, a line each; none where it is a data file.

    Raises:
        ReadError: See `lines_of`.
    """
    return [] if is_json(payload) else [each.text for each in lines_of(payload)]


def is_json(payload: Payload) -> bool:
    """Return whether a payload is a data file in JSON."""
    kind = payload.media_type.partition(";")[0].strip().casefold()
    return kind.endswith("json") or payload.url.partition("?")[0].endswith(".json")


def _json_lines(payload: Payload, place: str) -> list[str]:
    """Return a data file, or the record that a value stands in, with a value a line."""
    try:
        told = json.loads(payload.text())
        for part in place.split("/")[1:-1] if place.startswith("/") else ():
            told = told[int(part)] if isinstance(told, list) else told[part]
    except (ValueError, LookupError, TypeError, RecursionError):
        return payload.text().splitlines()
    return json.dumps(told, indent=2, ensure_ascii=False).splitlines()
