"""EMA's page of one medicine: https://www.ema.europa.eu/en/medicines/human/EPAR/….

Reads the current design, the one before December 2023 and Markdown copies of the current one, all
through the outline. A page says its status twice, in a word and in a sentence; only where both are
known and agree is there a reading at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.facts import Fact, Reading, Record, Subject
from watcher.core.identity import canonical_address, slug
from watcher.core.status import EMA_SENTENCES, authorisation_status
from watcher.core.text import fold, shorten
from watcher.errors import ReadError
from watcher.readers.agreement import agree
from watcher.readers.blocks import Block, Outline
from watcher.readers.dates import edtf, source_day
from watcher.readers.ema_details_on_page import fact_of, fields, value_of
from watcher.readers.ema_documents_on_page import document_facts
from watcher.readers.ema_page_labels import ALWAYS_STATED
from watcher.readers.outline import outline
from watcher.readers.reader import Payload, Reader
from watcher.readers.statements import authorisation_statements

_NAME = "ema_medicine_page"
_VERSION = 1
_ID = f"{_NAME}@{_VERSION}"

_SECTIONS = frozenset(
    {
        "overview",
        "key facts",
        "product information",
        "product details",
        "authorisation details",
        "application details",
        "pharmacotherapeutic group",
        "therapeutic indication",
        "assessment history",
        "all documents",
    }
)
_DETAILS = ("product details", "application details", "authorisation details", "key facts")
_TEXTS = {
    "pharmacotherapeutic group": "product.pharmacotherapeutic_group",
    "therapeutic indication": "indication.text",
}
_NODE = re.compile(r"/individual-(?:human|veterinary)-medicine\.xml/(\d+)")
_LATEST_PROCEDURE = "Latest procedure affecting product information"
_LAST_UPDATED = "This page was last updated on"
_DAY = re.compile(r"\d\d/\d\d/\d{4}")
_CATEGORY = re.compile(r"(?:.* )?(?:Medicine )(Human|Veterinary)(?: .*)?|(Human|Veterinary)")
_KINDS = {"EMEA/H/": "Human", "EMEA/V/": "Veterinary"}
_LENGTH_OF_QUOTES = 300
_DAYS_TO_NOTIFY = timedelta(days=3)

_SENTENCES = {fold(sentence): status for status, sentence in EMA_SENTENCES.items()}


@dataclass(frozen=True, slots=True)
class _Page:
    """A page taken apart.

    Attributes:
        head: The lines before the first section.
        body: The lines from there on.
        sections: The lines of each known section, the first of its name.
        places: Where the heading of each known section stands.
        meta: What the page states about itself.
        address: Where the page lies, as far as that is known.
    """

    head: tuple[Block, ...]
    body: tuple[Block, ...]
    sections: Mapping[str, list[Block]]
    places: Mapping[str, str]
    meta: Mapping[str, str]
    address: str


def read(payload: Payload) -> Reading:
    """Return what the page says of its medicine.

    Raises:
        ReadError: The page has no end, no name, no product number or a status that is unknown or
            says two things; or a date or a number among its details is none.
    """
    page = _taken_apart(outline(payload), payload.url)
    title, status = _title(page), _status(page)
    details, unknown = _details(page)
    facts = [
        *details.values(),
        *([] if "product.brand_name" in details else [_fact("product.brand_name", title)]),
        status,
        *_flags_not_printed(page, details),
        *_section_texts(page),
        *_page_facts(page, title),
        *_category(page, details),
        *_statements(page, details),
    ]
    agreed = agree(facts)
    documents, unclear = document_facts(page.body)
    published = next((fact.value for fact in facts if fact.path == "page.last_updated"), "")
    return Reading(
        reader=_ID,
        records=(Record(_subject(page, details), (*agreed.facts, *documents)),),
        published=str(published),
        unknown=tuple(dict.fromkeys((*unknown, *agreed.conflicts, *unclear))),
    )


def _refusal(*, expected: str, found: str, place: str = "") -> ReadError:
    return ReadError(reader=_ID, expected=expected, found=found, place=place)


def _fact(path: str, block: Block) -> Fact:
    return Fact(path, block.text, shorten(block.text, _LENGTH_OF_QUOTES), block.place)


def _taken_apart(whole: Outline, url: str) -> _Page:
    if not whole.is_closed:
        raise _refusal(expected="a page that ends with </html>", found="a page cut short")
    blocks = whole.blocks
    sections: dict[str, list[Block]] = {}
    places: dict[str, str] = {}
    current: list[Block] | None = None
    start = len(blocks)
    for at, block in enumerate(blocks):
        if block.kind == "heading":
            name = fold(block.text)
            if name in _SECTIONS and name not in sections:
                current = sections[name] = []
                places[name] = block.place
                start = min(start, at)
            elif current is not sections.get("overview"):
                # Only the overview holds headings of its own: its questions.
                current = None
        elif block.text.startswith(_LAST_UPDATED):
            current = None
        elif current is not None:
            current.append(block)
    address = canonical_address(url or whole.meta.get("canonical", ""))
    return _Page(blocks[:start], blocks[start:], sections, places, whole.meta, address)


def _title(page: _Page) -> Block:
    """Return the heading that names the medicine: the last of level 1 before the sections.

    Some copies have the site's own heading, "Search", before it.
    """
    names = [block for block in page.head if block.kind == "heading" and block.level == 1]
    if not names or fold(names[-1].text) == "search":
        found = names[-1].text if names else "none"
        raise _refusal(expected="a heading that names the medicine", found=found)
    return names[-1]


def _status(page: _Page) -> Fact:
    """Return the status, which a word and the sentence below it have to agree on."""
    for word, sentence in zip(page.head, page.head[1:], strict=False):
        by_word = authorisation_status(word.text)
        by_sentence = _SENTENCES.get(fold(sentence.text).replace("’", "'").rstrip("."))
        if by_sentence is None and by_word is None:
            continue
        if by_word is None or by_word is not by_sentence:
            found = f"{shorten(word.text)!r} above {shorten(sentence.text)!r}"
            expected = "one of EMA's status words above the sentence that belongs to it"
            raise _refusal(expected=expected, found=found, place=word.place)
        quote = f"{word.text} {sentence.text}"
        return Fact("authorisation[EU].status", by_word.value, quote, word.place)
    found = shorten("; ".join(block.text for block in page.head[:6])) or "nothing"
    raise _refusal(expected="a status word and its sentence", found=found)


def _details(page: _Page) -> tuple[dict[str, Fact], list[str]]:
    """Return the labelled facts by path, and the labels and codes we did not know.

    Raises:
        ReadError: A date or a number is none: better no reading than one without it.
    """
    facts: dict[str, Fact] = {}
    unknown: list[str] = []
    for name in _DETAILS:
        for found in fields(page.sections.get(name, ())):
            if found.label is None:
                unknown.append(f"{name}: {shorten(found.words)!r} at {found.place}")
                continue
            try:
                fact = fact_of(found, value_of(found))
            except ValueError as error:
                if found.label.form not in ("number", "atc"):
                    raise _refusal(
                        expected=str(error), found=found.words, place=found.place
                    ) from error
                unknown.append(f"{name}: {error} at {found.place}")
                if found.label.form == "atc":
                    continue
                fact = Fact("product.number_as_printed", found.text, found.words, found.place)
            facts.setdefault(fact.path, fact)
    return facts, unknown


def _subject(page: _Page, details: Mapping[str, Fact]) -> Subject:
    """Return the medicine by its product number, or by its address where that is damaged."""
    number = details.get("product.number")
    if number is not None and number.value:
        return Subject("medicine", str(number.value))
    name = slug(page.address)
    if "product.number_as_printed" in details and name:
        return Subject("medicine", f"slug:{name}")
    raise _refusal(expected="an EMA product number", found="none")


def _statements(page: _Page, details: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield what the overview states, but for dates that the details state a day or two apart.

    One of the two is the day of the decision and the other that of its notification.
    """
    for fact in authorisation_statements(page.sections.get("overview", ())):
        known = details.get(fact.path)
        if known is None or not _is_notification(str(known.value), str(fact.value)):
            yield fact


def _is_notification(one: str, other: str) -> bool:
    if one == other or not (is_edtf(one) and is_edtf(other)):
        return False
    return abs(Edtf.parse(one).first - Edtf.parse(other).first) <= _DAYS_TO_NOTIFY


def _flags_not_printed(page: _Page, details: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield false for the flags that a page with authorisation details would print if they held."""
    place = page.places.get("authorisation details")
    if place is not None:
        for path in ALWAYS_STATED:
            if path not in details:
                yield Fact(path, value=False, place=place)


def _section_texts(page: _Page) -> Iterator[Fact]:
    for name, path in _TEXTS.items():
        if blocks := page.sections.get(name):
            text = " ".join(block.text for block in blocks)
            yield Fact(path, text, shorten(text, _LENGTH_OF_QUOTES), blocks[0].place)


def _page_facts(page: _Page, title: Block) -> Iterator[Fact]:
    """Yield what the page says of itself and of its product information."""
    yield _fact("page.title", title)
    if page.address:
        yield Fact("product.url", page.address)
    if first := page.meta.get("article:published_time"):
        yield Fact("page.first_published", _day(first, "page"), first)
    for block in page.head:
        if block.links and (match := _NODE.search(block.links[0].url)):
            yield Fact("product.node_id", match[1], block.links[0].url, block.place)
    for at, block in enumerate(page.body):
        if block.text.startswith(_LATEST_PROCEDURE):
            yield from _latest_procedure(page.body[at : at + 2])
        elif block.text.startswith(_LAST_UPDATED):
            words, day, _ = _day_behind(page.body[at : at + 2], _LAST_UPDATED)
            yield Fact("page.last_updated", day, words, block.place)


def _category(page: _Page, details: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield whether the medicine is for people: from the page's badges, else from its number."""
    for block in page.head:
        if match := _CATEGORY.fullmatch(block.text):
            yield Fact("product.category", match[1] or match[2], block.text, block.place)
            return
    number = details.get("product.number")
    if number is not None and (kind := _KINDS.get(str(number.value)[:7])):
        yield Fact("product.category", kind, number.quote, number.place)


def _latest_procedure(lines: Sequence[Block]) -> Iterator[Fact]:
    words, day, before = _day_behind(lines, _LATEST_PROCEDURE)
    family = "product_information"
    yield Fact(f"{family}.latest_procedure", before, words, lines[0].place)
    yield Fact(f"{family}.latest_procedure_date", day, words, lines[0].place)


def _day_behind(lines: Sequence[Block], label: str) -> tuple[str, str, str]:
    """Return the words, the date behind a label and what stands between them.

    The date ends the label's line or is the line after it.

    Raises:
        ReadError: There is no date.
    """
    words = lines[0].text
    if not _DAY.search(words) and len(lines) > 1 and _DAY.fullmatch(lines[1].text):
        words = f"{words} {lines[1].text}"
    between, _, day = words[len(label) :].strip(" :").rpartition(" ")
    return words, _day(day, lines[0].place), between


def _day(words: str, place: str) -> str:
    try:
        return source_day(words) if "T" in words else edtf(words, order="day_first")
    except ValueError as error:
        raise _refusal(expected="a date", found=shorten(words), place=place) from error


READER = Reader(
    name=_NAME,
    version=_VERSION,
    about="EMA's page of one medicine, in its designs since 2018 and in Markdown copies",
    read=read,
    markers=("EMA product number", "Agency product number", "Name of medicine"),
    ends_with="</html>",
)
