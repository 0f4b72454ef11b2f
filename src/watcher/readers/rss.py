"""RSS 2.0 as XML: the items of a channel, read within limits and without trusting a byte of it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from watcher.core.text import shorten, tidy
from watcher.errors import ReadError
from watcher.readers.reader import Payload

MAX_BYTES: Final = 10_000_000
MAX_ITEMS: Final = 5_000
MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 200_000
MAX_MARKS: Final = 250_000
"""Comments and elements together; a parser's work can grow with the square of the comments."""
MAX_TEXT: Final = 600
"""Longest text of one element that is kept; EMA's longest titles are below 300 characters."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ENCODING = re.compile(rb"<\?xml[^>]{0,100}\sencoding\s*=\s*[\"']([\w.-]{1,40})", re.IGNORECASE)
_ENCODINGS = frozenset({b"utf-8", b"utf-16", b"iso-8859-1", b"us-ascii", b"windows-1252"})
"""Those in which a mark of XML is the byte `<`, so that it can be counted."""
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) "
    r"(\d{2}):(\d{2})(?::(\d{2}))? ?(?:([+-])(\d{2})(\d{2})|GMT|UTC?|Z)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a feed, its texts in one line each and shortened where they are endless.

    Attributes:
        place: Where it stands: `/rss/channel/item[3]`.
        title: Its title; empty where it has none.
        link: Its address as printed.
        published: The words of its `pubDate`.
    """

    place: str
    title: str
    link: str
    published: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A feed: what it calls itself, when it says it was made, and its items in their order.

    Attributes:
        title: Its title.
        link: The address it gives as its own.
        built: The words of its `lastBuildDate`, or of its `pubDate`.
        items: In the order of the feed.
    """

    title: str
    link: str
    built: str
    items: tuple[Item, ...]


def rfc822(text: str) -> datetime | None:
    """Return the instant that `Fri, 13 Mar 2026 16:35:00 +0100` writes, with its offset, or None.

    Only four-digit years and numeric offsets (or GMT): names of zones are ambiguous (RFC 5322).
    """
    match = _RFC822.fullmatch(tidy(text))
    if match is None or match[2].capitalize() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[part] or 0) for part in (1, 3, 4, 5, 6))
    offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
    month = _MONTHS.index(match[2].capitalize()) + 1
    try:
        zone = timezone(-offset if match[7] == "-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def read_channel(payload: Payload, *, reader: str) -> Channel:
    """Return the channel that `payload` holds.

    Args:
        payload: The feed's bytes.
        reader: Name and version of the reader, for its errors.

    Raises:
        ReadError: It is no well-formed RSS 2.0, declares a document type or entities, or is larger
            or deeper than any feed has a reason to be.
    """
    _refuse_at_sight(payload.body, reader)
    try:
        return _Channels(reader).of(payload.body)
    except DefusedXmlException as error:
        raise ReadError(
            reader=reader, expected="a feed without a document type", found=type(error).__name__
        ) from error
    except ParseError as error:
        line, column = error.position
        raise ReadError(
            reader=reader,
            expected="a whole, well-formed RSS 2.0 feed",
            found=str(error),
            place=f"line {line}, column {column}",
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        raise ReadError(
            reader=reader, expected="a feed in a known encoding", found=shorten(str(error))
        ) from error


def _refuse_at_sight(body: bytes, reader: str) -> None:
    if len(body) > MAX_BYTES:
        raise ReadError(
            reader=reader, expected=f"at most {MAX_BYTES} bytes", found=f"{len(body)} bytes"
        )
    if body.count(b"<") > MAX_MARKS:
        expected = f"at most {MAX_ELEMENTS} elements, {MAX_MARKS} with comments and ends"
        raise ReadError(reader=reader, expected=expected, found="more of them")
    stated = _ENCODING.search(body[:256])
    if stated and stated[1].lower() not in _ENCODINGS:
        found = repr(stated[1].decode("ascii", "replace"))
        raise ReadError(reader=reader, expected="a feed in a known encoding", found=found)
    start = body[:1024].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise ReadError(reader=reader, expected="an RSS 2.0 feed", found="an HTML page")


class _Channels:
    """Reads one channel as the XML streams by, so that no tree larger than an item is held."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._path: list[str] = []
        self._elements = 0
        self._about: dict[str, str] = {}
        self._items: list[Item] = []

    def of(self, body: bytes) -> Channel:
        for event, element in iterparse(io.BytesIO(body), ("start", "end"), forbid_dtd=True):
            if event == "start":
                self._enter(str(element.tag))
            else:
                self._leave(element)
        built = self._about.get("lastBuildDate") or self._about.get("pubDate", "")
        return Channel(
            title=self._about.get("title", ""),
            link=self._about.get("link", ""),
            built=built,
            items=tuple(self._items),
        )

    def _enter(self, tag: str) -> None:
        self._path.append(tag)
        if self._path[:2] not in (["rss"], ["rss", "channel"]):
            raise self._error(expected="RSS 2.0: <rss><channel>", found="/".join(self._path))
        self._elements += 1
        if len(self._path) > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            expected = f"at most {MAX_ELEMENTS} elements, {MAX_DEPTH} deep"
            raise self._error(expected=expected, found="more of them")

    def _leave(self, element: Element) -> None:
        depth = len(self._path)
        self._path.pop()
        if depth != 3:
            return
        if element.tag == "item":
            self._items.append(_item(element, len(self._items) + 1))
            if len(self._items) > MAX_ITEMS:
                raise self._error(expected=f"at most {MAX_ITEMS} items", found="more of them")
        else:
            self._about.setdefault(str(element.tag), _text(element))
        element.clear()

    def _error(self, *, expected: str, found: str) -> ReadError:
        return ReadError(reader=self._reader, expected=expected, found=shorten(found))


def _item(element: Element, number: int) -> Item:
    return Item(
        place=f"/rss/channel/item[{number}]",
        title=_text(element.find("title")),
        link=_text(element.find("link")),
        published=_text(element.find("pubDate")),
    )


def _text(element: Element | None) -> str:
    """Return the text below an element in one line; mark-up in it does not count."""
    if element is None:
        return ""
    return shorten("".join(element.itertext())[: MAX_TEXT * 2], MAX_TEXT)
