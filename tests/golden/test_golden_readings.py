"""Every kept page is read as it was: one page, one golden reading, one test.

A page lies in the folder named for its reader, its reading beside it under the same name with
`.json`. All pages are written by us: reconstructions of the real structure with short texts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.core.facts import Reading, Record
from watcher.readers.reader import Payload
from watcher.readers.registry import READERS, reader

FOLDER = Path(__file__).parent
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
}


def is_golden(path: Path) -> bool:
    """Whether a file is a reading, not a page: it is named so, or lies beside the page it is of."""
    pages = (path.with_suffix(suffix) for suffix in MEDIA_TYPES if suffix != ".json")
    named_so = path.name.endswith(".golden.json")
    return path.suffix == ".json" and (named_so or any(page.is_file() for page in pages))


PAGES = sorted(
    path
    for path in FOLDER.glob("*/*")
    if path.parent.name in READERS and path.suffix in MEDIA_TYPES
    if path.name != "README.md" and not is_golden(path)
)


def golden_of(page: Path) -> Path:
    """The reading lies beside its page; a page that is JSON itself has it in `.golden.json`."""
    return page.with_suffix(".golden.json" if page.suffix == ".json" else ".json")


def facts_by_path(record: Record) -> dict[str, object]:
    """Each path with its value and words; where it is said again, the other words too."""
    facts: dict[str, dict[str, object]] = {}
    for fact in record.facts:
        said = {"value": fact.value, "quote": fact.quote, "place": fact.place}
        if fact.path not in facts:
            facts[fact.path] = said
        else:
            facts[fact.path].setdefault("also", []).append(said)
    return facts


def as_json(reading: Reading) -> str:
    records = [
        {"subject": str(record.subject), "facts": facts_by_path(record)}
        for record in reading.records
    ]
    whole = {
        "reader": reading.reader,
        "published": reading.published,
        "lists_all": reading.lists_all,
        "unknown": list(reading.unknown),
        "records": records,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_kept_page_is_read_as_it_was(page: Path, *, accepts: bool) -> None:
    payload = Payload(body=page.read_bytes(), media_type=MEDIA_TYPES[page.suffix])
    golden = golden_of(page)

    read = as_json(reader(page.parent.name).read(payload))

    if accepts:
        golden.write_text(read, encoding="utf-8")
    assert golden.is_file(), f"{golden.name} is missing; look at the reading, then use --accept"
    assert json.loads(read) == json.loads(golden.read_text(encoding="utf-8"))
