"""A first entry of `sources.yaml` for a page: what its address and a first reading suggest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from watcher.core.facts import Reading
from watcher.core.text import shorten, without_accents
from watcher.readers.generic import generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.generic_proposal import propose
from watcher.readers.judge_files import kind_of
from watcher.readers.page_look import look
from watcher.readers.reader import Payload, Reader

GENERIC = "generic"
_FEED = "ema_feed"
SOMEWHERE = "https://www.example.org/the-address-of-this-page"
"""Stands where nobody knows a page's address."""

_ENCYCLOPAEDIA = "encyclopedia"
_AUTHORITIES = (".europa.eu",)
_LONGEST_TITLE = 100
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry for a person to look through.

    Attributes:
        entry: Plain values by key, in the order to be written.
        head: What to know of it, one comment a line.
        notes: Comments beside keys.
    """

    entry: Mapping[str, object]
    head: tuple[str, ...]
    notes: Mapping[str, str]


def proposal(
    payload: Payload, reader: Reader, *, url: str, id_: str, why: str, allow_private: bool = False
) -> Proposal:
    """Return an entry for the page that `payload` is, which `reader` is to read.

    Args:
        payload: The page, believed.
        reader: A reader of the registry; for `generic`, options are proposed, too.
        url: The address to look at; empty: nobody knows.
        id_: The entry's id.
        why: Why this reader, as a comment.
        allow_private: Whether the page is in a private network.

    Raises:
        ReadError: The reader does not understand the page.
    """
    options: dict[str, Any] = propose(payload) if reader.name == GENERIC else {}
    made = generic_reader(GenericOptions.decode(options)) if options else reader
    reading = made.read(payload)
    tier = _tier(reader, url)
    entry: dict[str, object] = {
        "id": id_,
        **_titled(payload),
        "reader": reader.name,
        "url": url or SOMEWHERE,
        "every": "12h" if tier == 1 else "1d",
        "tier": tier,
        **_expected(reading),
        **({"absent_after": "never"} if reader.name == _FEED else {}),
        **({"allow_private": True} if allow_private else {}),
        **({"options": options} if reader.name == GENERIC else {}),
    }
    notes = _notes(reading, has_address=bool(url))
    return Proposal(entry=entry, head=tuple(_head(reader, why, options)), notes=notes)


def suggested_id(url: str, taken: Collection[str]) -> str:
    """Return an id made of an address's host and last part, another one than those `taken`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").rpartition(".")[0]
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    words = without_accents(f"{host} {re.sub(r'[.][a-z]{2,5}$', '', unquote(last))}")
    name = re.sub(r"[^a-z0-9]+", "-", words)[:_LONGEST_ID].strip("-") or "page"
    others = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(each for each in others if each not in taken)


def _head(reader: Reader, why: str, options: Mapping[str, Any]) -> Iterator[str]:
    yield "Proposed from the page as it is today: look it through before you rely on it."
    yield why
    if reader.name == GENERIC and not options:
        yield "It shows no labels and no lists; whatever label it may get will be read."
    if options:
        yield "Drop what you do not need. A path such as authorisation[EU].status, with the kind"
        yield "status, tells alerts what the words mean: see docs/sources.md."
    if "lists" in options:
        yield "Where a list drops its oldest items, add: absent_after: never"


def _notes(reading: Reading, *, has_address: bool) -> dict[str, str]:
    notes = {
        "tier": "1 an authority, 2 the holder, 3 an aggregator, 4 an encyclopaedia",
        "absent_after": "old items roll off, and that means nothing",
    }
    if not has_address:
        notes["url"] = "put the page's own address here"
    if len(reading.records) > 1:
        notes["expect"] = f"{len(reading.records)} today"
    return notes


def _titled(payload: Payload) -> dict[str, object]:
    """Return the page's title, if it states one that may stand in the file."""
    seen = look("" if kind_of(payload.body) else payload.text())
    words = "".join(filter(str.isprintable, seen.title or seen.headline))
    title = shorten(words, _LONGEST_TITLE)
    return {"title": title} if title and "${" not in title else {}


def _tier(reader: Reader, url: str) -> int:
    """Return 4 for an encyclopaedia, 1 for an authority's own host, else 3 until told better."""
    if reader.name == _ENCYCLOPAEDIA:
        return 4
    return 1 if (urlsplit(url).hostname or "").endswith(_AUTHORITIES) else 3


def _expected(reading: Reading) -> dict[str, object]:
    """Return how many records to expect: of a list a quarter fewer, or half as many more."""
    size = len(reading.records)
    if size == 0:
        return {}
    return {"expect": {"records": [1, 1] if size == 1 else [size * 3 // 4, size * 3 // 2]}}
