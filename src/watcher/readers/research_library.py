"""A research library's page: cards of published studies under the condition they are about.

It speaks of research only. Nothing on it is a fact about an authorisation, and a study that names a
medicine says nothing on whether it may be sold.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.core.identity import split_address
from watcher.core.text import fold, shorten, squash, without_accents
from watcher.errors import ReadError
from watcher.readers.blocks import Block
from watcher.readers.outline import outline
from watcher.readers.reader import Payload, Reader

_READER = "research_library@1"
_LINK = "Read study"
_EXPANDERS = frozenset({"More", "Less", "Show more", "Read more"})
_ET_AL = re.compile(r"(?P<name>[^\d]{2,80}?),? et al\.?")
_REGISTRY = re.compile(r"\bNCT\d{8}\b")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>?#]+")
_PUBMED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{4,9})")
_CODE_NAME = re.compile(r"\(([A-Z]{1,4}[a-z]?-?\d{2,5})\)")
_INN = re.compile(
    r"\b[A-Za-z]{4,20}(?:strocel|leucel|temcel|lucel|mab|tinib|parvovec|cept)\b", re.ASCII
)
"""Names of biological medicines, known by the stems of their international names."""


@dataclass(frozen=True, slots=True)
class _Card:
    """One study as printed."""

    title: Block
    author: Block
    abstract: tuple[Block, ...]
    link: Block

    @property
    def lead_author(self) -> str:
        """Return the first author's name, initials and accents kept."""
        match = _ET_AL.fullmatch(self.author.text)
        return match["name"] if match else self.author.text.split(",")[0].strip()

    @property
    def url(self) -> str:
        """Return where the card's link leads; empty where the text has no links."""
        urls = (link.url for link in (*self.link.links, *self.title.links))
        return next((url for url in urls if split_address(url).netloc), "")

    @property
    def text(self) -> str:
        return "\n\n".join(block.text for block in self.abstract)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Return what identifies the study: DOI and PubMed number of its link, its registration."""
        doi, pubmed = _DOI.search(self.url), _PUBMED.search(self.url)
        named = _REGISTRY.search(f"{self.title.text} {self.text}")
        return tuple(
            identifier
            for identifier in (
                f"doi:{doi[0].casefold()}" if doi else "",
                f"pmid:{pubmed[1]}" if pubmed else "",
                named[0] if named else "",
            )
            if identifier
        )


def read(payload: Payload) -> Reading:
    """Return one record for each topic, with its studies.

    Raises:
        ReadError: There is no study, one is not printed as we know it, or the page ends within one.
    """
    blocks = outline(payload).blocks
    ends = [at for at, block in enumerate(blocks) if block.text == _LINK]
    if not ends:
        found = shorten(blocks[0].text) if blocks else "nothing"
        raise ReadError(reader=_READER, expected=f"studies with {_LINK!r}", found=found)
    groups: list[tuple[list[Block], list[_Card]]] = []
    for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False):
        before, card = _card(blocks[start : end + 1])
        if before or not groups:
            groups.append((before, []))
        groups[-1][1].append(card)
    _check_end(blocks[ends[-1] + 1 :])
    shared = _clashing([card for _, cards in groups for card in cards])
    records: dict[Subject, Record] = {}
    for before, cards in groups:
        record = _record(before, cards, shared)
        if records.setdefault(record.subject, record) is not record:
            place = cards[0].title.place
            found = shorten(record.subject.id)
            raise ReadError(reader=_READER, expected="each topic once", found=found, place=place)
    return Reading(reader=_READER, records=tuple(records.values()))


def _card(blocks: Sequence[Block]) -> tuple[list[Block], _Card]:
    """Return what stands before a study's card, and the card that ends with its link."""
    lines = [block for block in blocks[:-1] if block.text not in _EXPANDERS]
    authors = [at for at, block in enumerate(lines) if _ET_AL.fullmatch(block.text)]
    # Without "et al." the author is the line between the title and an abstract of one paragraph.
    at = authors[0] if authors else len(lines) - 2
    if len(authors) > 1 or at < 1 or at + 1 >= len(lines):
        block = blocks[-1]
        raise ReadError(
            reader=_READER,
            expected="a title, an author and an abstract above this link",
            found=shorten(" / ".join(line.text for line in lines)) or "nothing",
            place=block.place,
        )
    card = _Card(lines[at - 1], lines[at], tuple(lines[at + 1 :]), blocks[-1])
    return lines[: at - 1], card


def _check_end(rest: Sequence[Block]) -> None:
    """Raise ReadError where the page ends within a study: an author without a link."""
    for block in rest:
        if _ET_AL.fullmatch(block.text):
            raise ReadError(
                reader=_READER,
                expected=f"{_LINK!r} after this author",
                found="the end of the page",
                place=block.place,
            )


def _clashing(cards: Sequence[_Card]) -> frozenset[str]:
    """Return the identifiers that several cards share, such as two papers on one trial."""
    counted = Counter(identifier for card in cards for identifier in card.identifiers)
    return frozenset(identifier for identifier, count in counted.items() if count > 1)


def _record(before: Sequence[Block], cards: Sequence[_Card], shared: frozenset[str]) -> Record:
    topic, facts = _topic(before, cards[0])
    studies: dict[str, Fact] = {}
    for card in cards:
        key = _key(card, shared)
        studies.setdefault(key, _fact(f"study[{key}]", _study(card), card.title))
    return Record(Subject("topic", topic), (*facts, *studies.values()))


def _topic(before: Sequence[Block], first: _Card) -> tuple[str, list[Fact]]:
    """Return a topic's name and what stands above its first study.

    The topic is the last heading there with the text below it; bare text has no headings, so there
    the last two lines are its name and its overview. Above the first topic stand the page's own
    title, its section and its introduction, as far as it has them.
    """
    headings = [at for at, block in enumerate(before[:-1]) if block.kind == "heading"]
    at = headings[-1] if headings else len(before) - 2
    if at < 0:
        raise ReadError(
            reader=_READER,
            expected="a topic's name and overview above its first study",
            found=shorten(" / ".join(block.text for block in before)) or "nothing",
            place=first.title.place,
        )
    head = before[headings[0] if headings else 0 : at]
    facts = [
        _fact(path, block.text, block)
        for path, block in zip(("page.title", "page.section"), head, strict=False)
    ]
    facts += [_text("page.intro", head[2:])] if head[2:] else []
    facts += [_fact("topic.name", before[at].text, before[at])]
    return fold(before[at].text), [*facts, _text("topic.overview", before[at + 1 :])]


def _study(card: _Card) -> dict[str, Value]:
    """Return a study's card; keys it has no value for are left out."""
    names = f"{card.title.text} {card.text}"
    registered, code, substance = (
        _REGISTRY.search(names),
        _CODE_NAME.search(names),
        _INN.search(names),
    )
    stated: dict[str, Value] = {
        "title": card.title.text,
        "lead_author": card.lead_author,
        "et_al": _ET_AL.fullmatch(card.author.text) is not None,
        "abstract": card.text,
        "abstract_hash": _hash(card.text),
        "link_text": card.link.text,
        "url": card.url,
        "registry_id": registered[0] if registered else "",
        "alias": code[1] if code else "",
        "substance": substance[0] if substance else "",
    }
    return {key: value for key, value in stated.items() if value or value is False}


def _key(card: _Card, shared: frozenset[str]) -> str:
    """Return a study's identity: a number of its own, else a hash of title and first author."""
    own = (identifier for identifier in card.identifiers if identifier not in shared)
    named = "|".join(squash(without_accents(each)) for each in (card.title.text, card.lead_author))
    return next(own, f"sha256:{_hash(named)}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _text(path: str, blocks: Sequence[Block]) -> Fact:
    """Return paragraphs as a fact, with a hash to compare them by."""
    text = "\n\n".join(block.text for block in blocks)
    value: dict[str, Value] = {"text": text, "hash": f"sha256:{_hash(text)}"}
    return Fact(path, value, blocks[0].text, blocks[0].place)


def _fact(path: str, value: Value, block: Block) -> Fact:
    return Fact(path, value, block.text, block.place)


RESEARCH_LIBRARY = Reader(
    name="research_library",
    version=1,
    about="A library of published studies by condition (Cellcolabs).",
    read=read,
    markers=(_LINK,),
    ends_with="</html>",
)
