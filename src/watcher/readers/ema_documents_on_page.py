"""The documents EMA's medicine pages list, each with its files in all languages.

A card is a run of lines: the title, perhaps `Adopted`, perhaps `Reference Number: …`, then a file
for each language: `English (EN) (164.68 KB - PDF)`, its dates and a link. A file line with no title
before it is a translation of the document above.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from watcher.core.facts import Fact, Value, in_order
from watcher.core.identity import (
    canonical_address,
    document_key,
    procedure_of,
    product_number,
    split_address,
)
from watcher.core.text import fold
from watcher.readers.blocks import Block
from watcher.readers.dates import remembered_edtf

_FILE = re.compile(
    r"(?:[^()]{1,60} )?\((?P<language>[A-Z]{2})\) "
    r"\((?:(?P<size>[\d.,]+ [KMG]?B) - (?P<format>[A-Z\d]+))?\)"
)
_EARLIER_FILE = re.compile(r"(?P<title>.+?) \((?P<format>[A-Z\d]{2,5})/(?P<size>[\d.,]+ [KMG]?B)\)")
_DATES = re.compile(r"(First published|Last updated):?\s*(\d\d/\d\d/\d{4})?")
_DATED = {"First published": "first_published", "Last updated": "last_updated"}
_DAY = re.compile(r"\d\d/\d\d/\d{4}")
_STATUS = re.compile(r"(Adopted|Draft(?:: consultation (?:open|closed))?)\b")
_REFERENCE = re.compile(r"(?:(Adopted|Draft) )?Reference [Nn]umber:?\s*(\S.*)")
_OTHER = re.compile(
    r"(?:Consultation dates|Legal effective date|Other languages|Available languages)\b"
)
_ADDRESS = re.compile(r"/(?P<language>[a-z]{2})/documents/(?P<type>[a-z\d-]+)/")
_LANGUAGE = re.compile(r"_([a-z]{2})\.[a-z]{3,4}(?:-\d+)?$")
_KEY = re.compile(r"(?:EM[AE]|CPMP|C[HV]MP)[A-Z]*[/-].*\d.*")
_REVISION = re.compile(r"(?<![\s,/-])[\s,/-]*\b(?:rev|corr)\.?\s*\d*$", re.IGNORECASE)

_CATEGORIES = {
    fold(name): name
    for name in (
        "Overview",
        "Key facts",
        "Product information",
        "Product details",
        "Application details",
        "Authorisation details",
        "Assessment history",
        "All documents",
        "Initial marketing authorisation documents",
        "Changes since initial authorisation of medicine",
        "Product information - with tracked changes",
        "Safety updates",
        "Related documents",
        "Topics",
    )
} | {"initial marketing-authorisation documents": "Initial marketing authorisation documents"}
_NAMED_CATEGORY = re.compile(r"(News|More information|Questions and answers) on .+")


@dataclass(slots=True)
class File:
    """One language's file of a document.

    Attributes:
        language: The code as printed, in lower case: `en`.
        dates: `first_published` and `last_updated`, EDTF.
    """

    language: str
    size: str
    format: str
    url: str = ""
    dates: dict[str, str] = field(default_factory=dict)

    def value(self) -> dict[str, Value]:
        """Return what is known of the file; it was updated only if that was on another day."""
        first = self.dates.get("first_published", "")
        last = self.dates.get("last_updated", "")
        pairs = {
            "url": self.url,
            "size": self.size,
            "format": self.format,
            "first_published": first,
            "last_updated": last if last != first else "",
        }
        return {key: value for key, value in pairs.items() if value}


@dataclass(slots=True)
class Card:
    """One listing of a document: a title and its files, the first in the page's own language."""

    title: str
    place: str
    category: str
    status: str = ""
    reference: str = ""
    files: list[File] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return the address of the first file."""
        return self.files[0].url

    def value(self, categories: Iterable[str]) -> dict[str, Value]:
        """Return the document as one value, absent things left out."""
        first, *others = self.files
        address = _ADDRESS.search(split_address(self.url).path)
        known: dict[str, Value] = {
            "title": self.title,
            "type": address["type"] if address else "",
            "reference_number": self.reference,
            "status": self.status,
            "language": first.language,
            "categories": in_order(filter(None, categories)),
            "procedure": procedure_of(self.title) or "",
            "translations": {file.language: file.value() for file in others},
        }
        return {key: value for key, value in known.items() if value} | first.value()


def document_facts(blocks: Iterable[Block]) -> tuple[list[Fact], list[str]]:
    """Return one `document[…]` fact a document, however often it is listed, and what was unclear.

    Args:
        blocks: The page, from its first section on.
    """
    walk = _Walk()
    for block in blocks:
        walk.over(block)
    listed: dict[str, list[Card]] = {}
    for card in walk.cards:
        same = canonical_address(card.url) if card.url else f"{card.reference}|{card.title}"
        listed.setdefault(same, []).append(card)
    references = [_reference_key(cards[0].reference) for cards in listed.values()]
    bearers = Counter(references)
    facts: dict[str, Fact] = {}
    for (first, *again), reference in zip(listed.values(), references, strict=True):
        key = document_key(
            reference=reference if bearers[reference] == 1 else "", url=first.url, title=first.title
        )
        value = first.value(card.category for card in (first, *again))
        facts.setdefault(key, Fact(f"document[{key}]", value, first.title, first.place))
    return list(facts.values()), walk.unknown


def _reference_key(printed: str) -> str:
    """Return the reference number as far as it identifies the document through its revisions.

    A product number printed there is no identity, and neither is a word that strayed in.
    """
    reference = _REVISION.sub("", printed)
    is_key = _KEY.fullmatch(reference) and product_number(reference) is None
    return reference if is_key else ""


class _Walk:
    """Goes over the lines of a page and gathers cards.

    `_before` holds the lines since the last file: a title and what may stand below it.
    """

    def __init__(self) -> None:
        self.cards: list[Card] = []
        self.unknown: list[str] = []
        self._category = ""
        self._before: list[Block] = []
        self._file: File | None = None
        self._pending = ""

    def over(self, block: Block) -> None:
        """Take the next line of the page."""
        text = block.text
        if text.endswith("B)") and block.links and "/documents/" in block.links[0].url:
            self._earlier(block)
        elif block.kind == "heading":
            self._enter(text)
        elif text.endswith(")") and (match := _FILE.fullmatch(text)):
            self._open(match, block)
        elif self._file is not None and self._describes(self._file, block):
            return
        elif not _OTHER.match(text):
            self._before.append(block)

    def _enter(self, heading: str) -> None:
        known = _CATEGORIES.get(fold(heading))
        if known is None and (match := _NAMED_CATEGORY.fullmatch(heading)):
            known = match[1]
        self._category = known or self._category
        self._before.clear()
        self._file = None

    def _open(self, match: re.Match[str], block: Block) -> None:
        """Begin a file: of a new document where a title stands before it, else a translation."""
        self._file = File(match["language"].lower(), match["size"] or "", match["format"] or "")
        self._pending = ""
        card = self._titled()
        if card is not None:
            self.cards.append(card)
        if self.cards:
            self.cards[-1].files.append(self._file)
        else:
            self.unknown.append(f"a file without a title: {block.text} at {block.place}")

    def _titled(self) -> Card | None:
        """Return the card that the lines before a file begin; None: there is no title."""
        status = reference = ""
        while self._before:
            block = self._before.pop()
            if match := _REFERENCE.fullmatch(block.text):
                status, reference = match[1] or status, match[2]
            elif match := _STATUS.fullmatch(block.text):
                status = match[1]
            else:
                self._before.clear()
                return Card(block.text, block.place, self._category, status, reference)
        return None

    def _describes(self, file: File, block: Block) -> bool:
        """Take what a line says of the open file; return whether it says anything of it."""
        text = block.text
        if self._pending and _DAY.fullmatch(text):
            self._date(file, self._pending, text, block)
            self._pending = ""
            return True
        if "published:" in text or "updated:" in text:
            for name, day in _DATES.findall(text):
                key = _DATED[name]
                self._pending = "" if day else key
                if day:
                    self._date(file, key, day, block)
            return True
        address = next((link.url for link in block.links if "/documents/" in link.url), "")
        if address:
            file.url = address
        if address or text == "View":
            self._file = None
            return True
        return self._describes_earlier(text)

    def _describes_earlier(self, text: str) -> bool:
        """Take what stands below the link of an earlier card: `Adopted`, a reference number."""
        if _KEY.fullmatch(text):
            self.cards[-1].reference = text
            return True
        if match := _STATUS.fullmatch(text):
            self.cards[-1].status = match[1]
        return match is not None

    def _date(self, file: File, key: str, words: str, block: Block) -> None:
        try:
            file.dates[key] = remembered_edtf(words, order="day_first")
        except ValueError as error:
            self.unknown.append(f"date of a document: {error} at {block.place}")

    def _earlier(self, block: Block) -> None:
        """Take a card of the design before December 2023: title, format and size in one link."""
        match = _EARLIER_FILE.fullmatch(block.text)
        if match is None:
            self._before.append(block)
            return
        url = block.links[0].url
        language = _LANGUAGE.search(split_address(url).path)
        self._file = File(language[1] if language else "en", match["size"], match["format"], url)
        card = Card(match["title"], block.place, self._category, files=[self._file])
        self.cards.append(card)
        self._before.clear()
