"""What fuzzing starts from: pages every reader reads, kept, generated or real.

The kept pages lie in `tests/golden/<reader>`, the generated ones come from `tests/kit`, and the
real ones are read where they lie beside the project; without them the corpus is only smaller.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kit import ema_tables, feeds, register
from kit.pdf import Stamp, pdf
from kit.smpc import annexes

TESTS = Path(__file__).resolve().parents[1]
SHARED = TESTS.parents[1] / "shared"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
}
URLS = {
    "ema_medicine_page": "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",
    "ema_feed": "https://www.ema.europa.eu/en/human-medicine-new.xml",
    "encyclopedia": "https://en.wikipedia.org/wiki/Darvadstrocel",
    "union_register": "https://ec.europa.eu/health/documents/community-register/html/h1261.htm",
}
SHARED_FILES = {
    "ema_medicine_page": ("data/ema_pages/versions/*/*.md", 9),
    "ema_medicines": ("data/ema_bulk_json/ema-sample.SUBSET.json", 1),
    "ema_documents": ("data/ema_bulk_json/epar-documents-sample.SUBSET.json", 1),
    "encyclopedia": ("seeds/000*.txt", 1),
    "medpath_approval": ("seeds/001*.txt", 1),
    "research_library": ("seeds/002*.txt", 1),
    "union_register": ("data/union_register/*.html", 1),
}
"""Where real pages of a reader lie, and that every so manieth is taken."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A page a reader reads, before anything is done to it."""

    body: bytes
    media_type: str
    url: str


def corpus(reader: str) -> list[Seed]:
    """Return the pages of a reader; every page of every reader for the one that reads any."""
    url = URLS.get(reader, "https://agency.example/page.htm")
    bodies = [*kept(reader), *_generated(reader), *_real(reader)]
    return [Seed(body, MEDIA_TYPES[suffix], url) for body, suffix in bodies]


def kept(reader: str) -> Iterator[tuple[bytes, str]]:
    """Yield the golden pages of a reader and their endings."""
    folders = "*" if reader in {"generic", "judge"} else reader
    for page in sorted((TESTS / "golden").glob(f"{folders}/*")):
        if page.suffix not in MEDIA_TYPES or page.name == "README.md" or _is_reading(page):
            continue
        if reader != "generic" or page.suffix in {".html", ".xml"}:
            yield page.read_bytes(), page.suffix


def _is_reading(page: Path) -> bool:
    beside = (page.with_suffix(suffix) for suffix in MEDIA_TYPES if suffix != ".json")
    named_so = page.name.endswith(".golden.json")
    return page.suffix == ".json" and (named_so or any(other.is_file() for other in beside))


def _generated(reader: str) -> Iterator[tuple[bytes, str]]:
    if reader.startswith("ema_") and reader not in {"ema_medicine_page", "ema_feed"}:
        yield from _workbooks(reader)
    elif reader == "pdf_text":
        for way in ("text", "letters", "matrix", "form", "turned_form"):
            yield pdf(annexes(), Stamp("Withdrawn", way=way), producer="Testol"), ".pdf"
        yield pdf([["A letter", "about a medicine."]]), ".pdf"
    elif reader == "ema_feed":
        titles = ("Testol, a,b, Date of authorisation: 08/02/2018, Revision: 2, Status: Lapsed",)
        items = [feeds.item(feeds.epar(title)) for title in titles]
        opinion = feeds.item("Summary of opinion: Testol, 21/05/2026 Positive")
        yield feeds.feed([*items, opinion]), ".xml"
    elif reader == "union_register":
        listed = [register.listed("EU/1/17/1261", "Testol"), register.listed("EU/1/04/273", "B")]
        yield register.a_list(listed), ".html"
        lines = [register.name_line("Testol"), register.line("eu_num", "EU/1/17/1261")]
        granted = register.authorisation("EMEA/H/C/4258", "2018-03-23")
        yield register.a_product(lines, [granted, register.procedure("2")]), ".html"


def _workbooks(reader: str) -> Iterator[tuple[bytes, str]]:
    """Yield workbooks with the rows of the kept JSON files: both forms must stand the same."""
    for body, _ in list(kept(reader)):
        found = json.loads(body)
        rows = found["data"] if isinstance(found, dict) else found
        fields = {field: field.replace("_", " ") for row in rows for field in row}
        texts = [{name: _cell(value) for name, value in row.items()} for row in rows]
        yield ema_tables.a_workbook(texts, fields), ".xlsx"
    if reader == "ema_medicines":
        rows = [ema_tables.a_medicine(number) for number in (4258, 4259)]
        old = (ema_tables.OLD_HEADINGS, ema_tables.OLD_PREAMBLE)
        yield ema_tables.a_workbook(rows, ema_tables.NEW_HEADINGS), ".xlsx"
        yield ema_tables.a_workbook(rows, *old), ".xlsx"
        yield ema_tables.a_list(rows), ".json"


def _cell(value: object) -> object:
    return value if isinstance(value, str | int | float) else json.dumps(value)


def _real(reader: str) -> Iterator[tuple[bytes, str]]:
    pattern, step = SHARED_FILES.get(reader, ("none", 1))
    for page in sorted(SHARED.glob(pattern))[::step] if SHARED.is_dir() else ():
        yield page.read_bytes(), page.suffix
    if reader == "ema_medicines":
        for packed in sorted((SHARED / "data/ema_bulk_json").glob("*.json.gz")):
            whole = json.loads(gzip.decompress(packed.read_bytes()))
            rows = whole["data"][:1000:50]
            yield ema_tables.a_list(rows), ".json"
        for book in sorted((SHARED / "data/ema_bulk_xlsx").glob("*.xlsx"))[:1]:
            yield book.read_bytes(), ".xlsx"
