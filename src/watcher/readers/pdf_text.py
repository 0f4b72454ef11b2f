"""What a PDF says: product information section by section, any other document page by page.

The address is the document's identity. Its metadata (producer, dates) is no part of what it says,
and neither is a stamp across its pages: a stamped product information gives the sections it gave
before, and one fact more, `pdf.watermark`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.core.identity import canonical_address
from watcher.core.text import shorten, squash, tidy
from watcher.readers.pdf_pages import ID, Page, pages_of
from watcher.readers.pdf_sections import Section, lines, same_text, sections
from watcher.readers.reader import Payload, Reader

NO_LONGER_AUTHORISED: Final = "Medicinal product no longer authorised"
"""What EMA stamps across the product information when the authorisation has ended."""
_QUOTE: Final = 300


def _read(payload: Payload) -> Reading:
    """Return what a PDF says.

    Raises:
        ReadError: It is no PDF, cut, encrypted, too large, without text, or broke its reader.
    """
    printed = pages_of(payload.body)
    watermark, where = _watermark(printed)
    pages = [_clean(page, is_stamped=bool(watermark)) for page in printed]
    facts = [
        Fact("pdf.pages", len(pages)),
        Fact("pdf.content", _digest("\n".join(line.text for line in lines(pages)))),
    ]
    if watermark:
        facts.append(Fact("pdf.watermark", watermark, where.stamp or watermark, _place(where)))
    found = sections(pages)
    facts += _section_facts(found) if found else _page_facts(pages)
    subject = Subject("document", canonical_address(payload.url))
    return Reading(reader=ID, records=(Record(subject, tuple(facts)),))


def _watermark(pages: Sequence[Page]) -> tuple[str, Page]:
    """Return what is stamped across the pages and the first page that has it; empty: nothing.

    EMA's own words count wherever they stand, also as a line of their own; other diagonal text
    counts as a stamp where at least half of the pages have it.
    """
    wanted = squash(NO_LONGER_AUTHORISED)
    for page in pages:
        if wanted in squash(page.stamp) or any(_is_stamp(line) for line in page.text.split("\n")):
            return NO_LONGER_AUTHORISED, page
    stamps = Counter(page.stamp for page in pages if page.stamp)
    words, count = stamps.most_common(1)[0] if stamps else ("", 0)
    if not words or 2 * count < len(pages):
        return "", pages[0]
    return words, next(page for page in pages if page.stamp == words)


def _is_stamp(line: str) -> bool:
    return squash(line) == squash(NO_LONGER_AUTHORISED)


def _clean(page: Page, *, is_stamped: bool) -> Page:
    """Return the page without the stamp; diagonal text that is no stamp belongs to the page."""
    kept = [line for line in page.text.split("\n") if not _is_stamp(line)]
    if page.stamp and not is_stamped:
        kept.append(page.stamp)
    return Page(number=page.number, text="\n".join(kept))


def _section_facts(found: Sequence[Section]) -> Iterator[Fact]:
    for section in found:
        value: dict[str, Value] = {
            "title": section.title,
            "text": section.text,
            "digest": _digest(section.text),
        }
        quote = shorten(f"{section.title} {section.text}", _QUOTE)
        yield Fact(f"section[{section.key}]", value, quote, f"page {section.page}")


def _page_facts(pages: Sequence[Page]) -> Iterator[Fact]:
    for page in pages:
        text = "\n".join(line for raw in page.text.split("\n") if (line := tidy(raw)))
        value: dict[str, Value] = {"text": text, "digest": _digest(text)}
        yield Fact(f"page[{page.number}]", value, shorten(text, _QUOTE), _place(page))


def _place(page: Page) -> str:
    return f"page {page.number}"


def _digest(text: str) -> str:
    return f"sha256:{sha256(same_text(text).encode()).hexdigest()}"


READER: Final = Reader(
    name="pdf_text",
    version=1,
    about="PDF documents: product information by its sections, other documents by their pages.",
    read=_read,
    markers=("%PDF-",),
    ends_with="%%EOF",
)
