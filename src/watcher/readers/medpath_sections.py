"""The sections of MedPath's approval page, taken apart and counted.

The page states how many entries its lists have (`Documents (12)`). What was read must be as many:
a page cut off in the middle, or one whose layout changed, must never be read as fewer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.core.facts import Value, in_order
from watcher.core.identity import document_key, procedure_of
from watcher.core.text import fold, shorten
from watcher.errors import ReadError
from watcher.readers.blocks import Block
from watcher.readers.dates import edtf

READER = "medpath_approval@1"
SITE = "MedPath"

_COUNTED = re.compile(r"(?P<name>[A-Z][A-Za-z&' -]{2,40}?)\s*\((?P<count>\d{1,3})\)")
_UNCOUNTED = frozenset({"basic information", "overview summary"})
_CATEGORY = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|zip)(?:-\d+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        name: Its heading, folded and without the count: `documents`; empty: the page's head.
        heading: The block of its heading; None for the page's head.
        count: How many entries the heading says it has; None: it does not say.
        blocks: What stands below the heading.
    """

    name: str
    heading: Block | None
    count: int | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of the documents.

    Attributes:
        title: The block of its title.
        date: Its date in EDTF; empty: none.
        category: Such as `CHANGES_SINCE_INITIAL_AUTHORISATION`; empty: none.
    """

    title: Block
    date: str = ""
    category: str = ""

    @property
    def url(self) -> str:
        """Return the address of the file behind the title; empty: none."""
        urls = (link.url for link in self.title.links)
        return next((url for url in urls if _FILE.search(url.partition("?")[0])), "")

    @property
    def key(self) -> str:
        """Return the identity of the document listed, whatever category it is listed in."""
        return document_key(url=self.url, title=self.title.text, stated=self.date)


@dataclass(frozen=True, slots=True)
class Answer:
    """One question of the overview with the paragraphs that answer it."""

    question: Block
    paragraphs: tuple[Block, ...]

    @property
    def hash(self) -> str:
        """Return 16 hexadecimal digits that change when a word of the answer does."""
        text = "\n\n".join(paragraph.text for paragraph in self.paragraphs)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def sections(blocks: Sequence[Block]) -> dict[str, Section]:
    """Return the page's sections by name; the last is its `footer`.

    Raises:
        ReadError: A section stands there twice, or the page has no footer: it is cut off.
    """
    found: dict[str, Section] = {}
    starts = [(at, named) for at, block in enumerate(blocks) if (named := _named(block, at))]
    bounds = [*(at for at, _ in starts), len(blocks)]
    found[""] = Section("", None, None, tuple(blocks[: bounds[0]]))
    for (at, (name, count)), end in zip(starts, bounds[1:], strict=True):
        if name in found:
            raise _error(expected="each section once", found=blocks[at])
        found[name] = Section(name, blocks[at], count, tuple(blocks[at + 1 : end]))
        if name == "footer":
            break
    if "footer" not in found:
        last = blocks[-1] if blocks else None
        raise _error(expected="the page's footer, without which it is cut off", found=last)
    return found


def _named(block: Block, at: int) -> tuple[str, int | None] | None:
    """Return the name and count of the section that `block` is the heading of."""
    if fold(block.text) in _UNCOUNTED:
        return fold(block.text), None
    if at > 1 and (block.text == SITE or block.text.startswith("©")):
        return "footer", None
    match = _COUNTED.fullmatch(block.text)
    return (fold(match["name"]), int(match["count"])) if match else None


def required(found: dict[str, Section], name: str) -> Section:
    """Return the section called `name`.

    Raises:
        ReadError: It is missing. That says nothing on the medicine: the source's layout changed.
    """
    section = found.get(name)
    if section is None:
        headings = ", ".join(each for each in found if each)
        raise ReadError(
            reader=READER,
            expected=f"the section {name!r} in the source layout we know",
            found=f"sections {headings or 'none'}",
        )
    return section


def checked(section: Section, entries: int) -> None:
    """Raise ReadError unless the section holds as many entries as its heading says."""
    if section.count != entries:
        expected = f"{section.count} entries below it as it says, not {entries}"
        raise _error(expected=expected, found=section.heading)


def listings(section: Section) -> list[Listing]:
    """Return the rows of the documents.

    Raises:
        ReadError: They are not as many as the heading says.
    """
    rows: list[Listing] = []
    for block in section.blocks:
        last = rows[-1] if rows else None
        if last and not last.category and _CATEGORY.fullmatch(block.text):
            rows[-1] = Listing(last.title, last.date, block.text)
        elif last and not last.date and not last.category and (date := date_of(block.text)):
            rows[-1] = Listing(last.title, date)
        else:
            rows.append(Listing(block))
    checked(section, len(rows))
    return rows


def documents(rows: Sequence[Listing]) -> dict[str, tuple[Listing, dict[str, Value]]]:
    """Return each document once, by its key, with the categories it is listed in.

    The page lists some documents in two categories; those are two listings of one document.
    """
    by_key: dict[str, list[Listing]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    return {key: (same[0], _document(same)) for key, same in by_key.items()}


def _document(same: Sequence[Listing]) -> dict[str, Value]:
    first = same[0]
    stated: dict[str, Value] = {
        "title": first.title.text,
        "url": first.url,
        "first_published": first.date,
        "categories": in_order(row.category for row in same if row.category),
        "procedure": procedure_of(first.title.text),
    }
    return {name: value for name, value in stated.items() if value}


def answers(section: Section) -> list[Answer]:
    """Return the questions with their answers; the labels `Question` and `Answer` are no text.

    Raises:
        ReadError: They are not as many as the heading says, or one has no answer.
    """
    asked: list[tuple[Block, list[Block]]] = []
    expects_question = False
    for block in section.blocks:
        if block.text == "Question":
            expects_question = True
        elif expects_question or block.kind == "heading":
            asked.append((block, []))
            expects_question = False
        elif block.text != "Answer" and asked:
            asked[-1][1].append(block)
    checked(section, len(asked))
    if empty := next((question for question, paragraphs in asked if not paragraphs), None):
        raise _error(expected="an answer to this question", found=empty)
    return [Answer(question, tuple(paragraphs)) for question, paragraphs in asked]


def date_of(text: str) -> str:
    """Return the date that `text` is, `March 23, 2018`, as EDTF; empty: it is none."""
    try:
        return edtf(text)
    except ValueError:
        return ""


def _error(*, expected: str, found: Block | None) -> ReadError:
    return ReadError(
        reader=READER,
        expected=expected,
        found=shorten(found.text) if found else "nothing",
        place=found.place if found else "",
    )
