"""A reader of the bench site's pages, an EMA-like design of its own; strict like the real ones."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.core.facts import Fact, Reading, Record, Subject, Value
from watcher.core.identity import document_key
from watcher.core.status import authorisation_status
from watcher.core.text import fold
from watcher.errors import ReadError
from watcher.readers.blocks import Block, Outline
from watcher.readers.dates import edtf
from watcher.readers.outline import outline
from watcher.readers.reader import Payload, Reader

_ID = "bench_page@1"
_PATHS = {
    "medicine": "product.brand_name",
    "active substance": "product.active_substance",
    "ema product number": "product.number",
    "atc code": "product.atc_code",
    "marketing authorisation holder": "authorisation[EU].holder",
    "medicine status": "authorisation[EU].status",
    "marketing authorisation issued": "authorisation[EU].granted",
    "date of withdrawal / expiry / revocation / lapse of marketing authorisation": (
        "authorisation[EU].withdrawn"
    ),
}
_COLUMNS = ("title", "category", "reference", "revision", "first published", "last updated")


def read(payload: Payload) -> Reading:
    """Return what a page of the bench says."""
    whole = outline(payload)
    if not whole.is_closed:
        raise _refusal(expected="a page that ends with </html>", found="a page cut short")
    facts = {fact.path: fact for fact in _details(whole)}
    for path in ("product.number", "product.brand_name", "authorisation[EU].status"):
        if path not in facts:
            raise _refusal(expected=path, found="none")
    documents = whole.find("Documents")
    if documents is None:
        raise _refusal(expected="a section of documents", found="none")
    listed = [_document(block) for block in documents.blocks if _is_document(block)]
    subject = Subject("medicine", str(facts["product.number"].value))
    return Reading(reader=_ID, records=(Record(subject, (*facts.values(), *listed)),))


def _details(whole: Outline) -> Iterator[Fact]:
    for label, values in whole.pairs():
        path = _PATHS.get(fold(label.text))
        if path is not None and values:
            value = values[0]
            yield Fact(path, _value(path, value.text), value.text, value.place)


def _value(path: str, text: str) -> Value:
    if path.endswith(".status"):
        status = authorisation_status(text)
        if status is None:
            raise _refusal(expected="a status", found=text)
        return status.value
    if path.endswith(".holder"):
        return {"name": text, "text": text}
    if path.endswith((".granted", ".withdrawn")):
        return edtf(text, order="day_first")
    return [text] if path == "product.active_substance" else text


def _is_document(block: Block) -> bool:
    return block.kind == "row" and bool(block.links) and len(block.cells) > len(_COLUMNS) - 1


def _document(block: Block) -> Fact:
    cells = dict(zip(_COLUMNS, block.cells, strict=False))
    link = block.links[0]
    value: dict[str, Value] = {
        "title": link.text,
        "url": link.url,
        "reference_number": cells["reference"],
        "version": cells["revision"],
        "categories": [cells["category"]],
        "first_published": edtf(cells["first published"].partition(": ")[2], order="day_first"),
        "last_updated": edtf(cells["last updated"].partition(": ")[2], order="day_first"),
    }
    key = document_key(reference=cells["reference"], url=link.url, title=link.text)
    return Fact(f"document[{key}]", value, link.text, block.place)


def _refusal(*, expected: str, found: str) -> ReadError:
    return ReadError(reader=_ID, expected=expected, found=found)


BENCH_PAGE = Reader(
    name="bench_page",
    version=1,
    about="pages of the bench site",
    read=read,
    markers=("EMA product number",),
    ends_with="</html>",
)
