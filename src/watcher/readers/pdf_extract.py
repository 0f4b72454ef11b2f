"""The process that reads a PDF: bytes from standard input, pages as JSON to standard output.

A withdrawn medicine's product information gets a diagonal stamp on every page, whose letters an
ordinary text extraction scatters over the lines. PDFium knows how each piece of text is turned, so
the diagonal ones are taken off the page before its text is read: what is left is what was there.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as native

from watcher.core.text import shorten, tidy
from watcher.errors import ReadError
from watcher.readers.pdf_pages import SECONDS, Page, pdf_error

MAX_PAGES: Final = 3_000
MAX_CHARACTERS: Final = 6_000_000
MAX_OBJECTS: Final = 200_000
"""Most pieces of content on one page."""
MAX_DEPTH: Final = 8
"""How deep forms may stand within forms."""
MEMORY: Final = 140_000_000
"""Bytes that reading may take beside the program and the file itself."""

_MAPPED: Final = Path("/proc/self/statm")
_UPRIGHT: Final = 5.0
"""How many degrees a text may be off a right angle and still belong to the page's own lines."""


def extract(body: bytes) -> tuple[Page, ...]:
    """Return the pages of a PDF.

    Raises:
        ReadError: PDFium cannot open it, it has no text, or more than any document we watch.
    """
    try:
        with pdfium.PdfDocument(body) as document:
            if len(document) > MAX_PAGES:
                raise pdf_error(expected=f"at most {MAX_PAGES} pages", found=str(len(document)))
            pages = tuple(_pages(document))
    except pdfium.PdfiumError as error:
        expected = "a PDF that opens without a password"
        raise pdf_error(expected=expected, found=shorten(str(error))) from error
    if not any(page.text.strip() for page in pages):
        raise pdf_error(expected="text", found=f"{len(pages)} pages without any (scanned?)")
    return pages


def _pages(document: pdfium.PdfDocument) -> Iterator[Page]:
    characters = 0
    for index in range(len(document)):
        page = document[index]
        stamp = _take_off_diagonals(page)
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        page.close()
        characters += len(text) + len(stamp)
        if characters > MAX_CHARACTERS:
            raise pdf_error(expected=f"at most {MAX_CHARACTERS} characters", found="more of them")
        # PDFium prints a hyphen at the end of a line, with that end, as U+FFFE
        lines = text.replace("\r\n", "\n").replace("\ufffe", "-\n")
        yield Page(number=index + 1, text=lines, stamp=stamp)


class _Piece(NamedTuple):
    """A piece of text, the form it stands in (none: the page itself), and how it is turned."""

    object: Any
    form: Any
    turned: pdfium.PdfMatrix

    @property
    def is_diagonal(self) -> bool:
        degrees = math.degrees(math.atan2(self.turned.b, self.turned.a)) % 90
        return min(degrees, 90 - degrees) > _UPRIGHT


def _take_off_diagonals(page: pdfium.PdfPage) -> str:
    """Remove every piece of diagonal text from the page in memory and return what it said."""
    pieces = [piece for piece in _pieces(page) if piece.is_diagonal]
    if not pieces:
        return ""
    textpage = page.get_textpage()
    said = [_said(piece, textpage) for piece in pieces]
    textpage.close()
    for piece in pieces:
        remove = native.FPDFFormObj_RemoveObject if piece.form else native.FPDFPage_RemoveObject
        is_removed = remove(piece.form or page, piece.object)
        if is_removed:  # pragma: no branch - PDFium has not been seen to refuse it
            native.FPDFPageObj_Destroy(piece.object)
    # a stamp set letter by letter has its own gaps; the words are put together again
    is_lettered = max(map(len, said)) <= 3
    return tidy("".join(said) if is_lettered else " ".join(said))


def _said(piece: _Piece, textpage: pdfium.PdfTextPage) -> str:
    size = native.FPDFTextObj_GetText(piece.object, textpage, None, 0)
    buffer = (native.FPDF_WCHAR * max(1, size // 2))()
    native.FPDFTextObj_GetText(piece.object, textpage, buffer, size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\x00")


def _pieces(page: pdfium.PdfPage) -> list[_Piece]:
    """Return every piece of text on the page, those in forms turned as their forms are."""
    found: list[_Piece] = []
    # what is still to be looked into: a form (none: the page), how it is turned, how deep it is
    waiting: deque[tuple[Any, pdfium.PdfMatrix, int]] = deque([(None, pdfium.PdfMatrix(), 0)])
    seen = 0
    while waiting:
        form, turned, depth = waiting.popleft()
        for held in _contents(page, form):
            seen += 1
            if seen > MAX_OBJECTS or depth > MAX_DEPTH:
                expected = f"at most {MAX_OBJECTS} pieces of content a page, {MAX_DEPTH} deep"
                raise pdf_error(expected=expected, found="more of them")
            kind = native.FPDFPageObj_GetType(held)
            if kind == native.FPDF_PAGEOBJ_TEXT:
                found.append(_Piece(held, form, _matrix(held).multiply(turned)))
            elif kind == native.FPDF_PAGEOBJ_FORM:
                waiting.append((held, _matrix(held).multiply(turned), depth + 1))
    return found


def _contents(page: pdfium.PdfPage, form: Any) -> list[Any]:
    """Return what stands in a form, or on the page itself."""
    if form:
        count = native.FPDFFormObj_CountObjects(form)
        return [native.FPDFFormObj_GetObject(form, index) for index in range(count)]
    count = native.FPDFPage_CountObjects(page)
    return [native.FPDFPage_GetObject(page, index) for index in range(count)]


def _matrix(held: Any) -> pdfium.PdfMatrix:
    matrix = native.FS_MATRIX()
    native.FPDFPageObj_GetMatrix(held, matrix)
    return pdfium.PdfMatrix.from_raw(matrix)


def main() -> None:  # pragma: no cover - a process of its own, which tests see from outside
    """Read one PDF within limits; what is wrong with it is an answer too."""
    import resource  # noqa: PLC0415 - there is none on Windows, and nothing else needs it

    body = sys.stdin.buffer.read()
    memory = _address_space() + MEMORY
    for what, ours in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, int(SECONDS))):
        _, most = resource.getrlimit(what)
        # a stricter limit that we were started under stands; it could not be raised anyway
        limit = ours if most == resource.RLIM_INFINITY else min(ours, most)
        resource.setrlimit(what, (limit, limit))
    sys.stdout.write(json.dumps(_answer(body)))


def _answer(body: bytes) -> dict[str, Any]:
    """Return the pages, or what was expected and what was found."""
    try:
        return {"pages": [asdict(page) for page in extract(body)]}
    except ReadError as error:
        return {"expected": error.expected, "found": error.found}
    except MemoryError:
        return {"expected": f"a PDF read in {MEMORY} bytes of memory", "found": "a larger one"}


def _address_space() -> int:
    """Return how many bytes this process has mapped by now: itself, its libraries, the file."""
    try:
        pages = int(_MAPPED.read_text(encoding="ascii").split()[0])
    except OSError:
        return 2_000_000_000  # no Linux: a bound all the same
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":  # pragma: no cover - see main
    main()
