"""Medicines that do not exist: their names, what is said of each, and what can happen to one.

`web_history.py` makes years of them. The same number always is the same medicine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from watcher.core.events import Change, Event, Nature
from watcher.core.facts import Subject, Value

MEDICINES = 5_200
RICH = Subject("medicine", "EMEA/H/C/004258")
RICH_NAME, RICH_SUBSTANCE = "Alofisel", "darvadstrocel"
_PAGE = "https://www.ema.example/en/medicines/human/EPAR/"
_SYLLABLES = [
    "al",
    "be",
    "cor",
    "da",
    "el",
    "fi",
    "gra",
    "ho",
    "in",
    "ju",
    "ka",
    "lu",
    "mo",
    "nex",
    "or",
    "pra",
    "qui",
    "ro",
    "sta",
    "tri",
    "ul",
    "vé",
    "xa",
    "yl",
    "zo",
]
_TOWNS = [
    "Zürich",
    "Bruxelles",
    "Málaga",
    "København",
    "Lyon",
    "Gdańsk",
    "Parma",
    "Utrecht",
    "Cork",
    "Uppsala",
]
_FORMS = [
    "Pharma A/S",
    "Laboratórios S.A.",
    "Biotech B.V.",
    "Thérapeutique SAS",
    "GmbH",
    "Medicines Ltd",
]
_DOCUMENTS = (
    "Product Information",
    "Public assessment report",
    "Risk-management plan",
    "Steps taken",
)
_AREAS = ("Crohn Disease", "Neoplasms", "Diabetes Mellitus", "Asthma", "Hypertension", "Migraine")


@dataclass(slots=True)
class Kept:
    """One stream as it is while the history is made."""

    source: str
    subject: Subject
    version: int = 0
    documents: int = 0
    state: dict[str, Value] = field(default_factory=dict)

    @property
    def stream(self) -> str:
        return f"{self.source}/{self.subject}"


def name_of(number: int) -> str:
    """Return a name that sounds like a medicine's, another one for each number."""
    parts = []
    rest = number + 400
    while rest:
        rest, at = divmod(rest, len(_SYLLABLES))
        parts.append(_SYLLABLES[at])
    return "".join(parts).capitalize()


def holder_of(number: int) -> str:
    return f"{_TOWNS[number % 10]} {name_of(number % 300)} {_FORMS[number % 6]}"


def medicine(number: int) -> Subject:
    return RICH if number == 0 else Subject("medicine", f"EMEA/H/C/{100_000 + number:06d}")


def first_state(number: int, source: str) -> dict[str, Value]:
    """Return what a source says of a medicine when it is first read."""
    if source == "medpath":
        return {"authorisation[EU].status": "authorised", "product.brand_name": _brand(number)}
    substance = RICH_SUBSTANCE if number == 0 else f"{name_of(number * 7 % 2_600).casefold()}mab"
    known: dict[str, Value] = {
        "product.brand_name": _brand(number), "product.number": medicine(number).id,
        "product.inn": [substance], "product.active_substance": [substance],
        "product.atc_code": f"L{number % 10:02d}A{'ABCDEFGX'[number % 8]}{number % 90 + 1:02d}",
        "product.therapeutic_area": [_AREAS[number % 6]],
        "authorisation[EU].status": "authorised",
        "authorisation[EU].holder": {"name": holder_of(number), "country": ""},
        "authorisation[EU].granted": f"20{number % 15:02d}-{number % 12 + 1:02d}-15",
    }  # fmt: skip
    if source == "ema-pages":
        return known | {_path(number, each): _document(number, each, 1) for each in range(8)}
    known["product.url"] = page_of(number)
    return known | {f"flag[{name}]": number % 9 == at for at, name in enumerate(
        ("orphan", "generic", "biosimilar", "conditional_approval", "prime"))}  # fmt: skip


def _brand(number: int) -> str:
    return RICH_NAME if number == 0 else name_of(number)


def _path(number: int, document: int) -> str:
    return f"document[EMA/{number * 50 + document}/2015]"


def _document(number: int, document: int, revision: int) -> dict[str, Value]:
    return {
        "title": f"{_brand(number)} : EPAR – {_DOCUMENTS[document % 4]}",
        "kind": "variation-report", "url": f"{_PAGE}{number}/{document}.pdf",
        "last_updated": f"20{10 + revision % 16:02d}-{revision % 12 + 1:02d}-0{revision % 9 + 1}",
    }  # fmt: skip


def happening(kept: Kept, number: int, kind: str, turn: int, day: datetime) -> Event:
    """Return an event of a type that can happen to a stream as it stands."""
    on = day.date().isoformat()
    if kind.startswith("document."):
        return _document_event(kept, number, kind, turn)
    if kind.startswith("authorisation.") and kind.rpartition(".")[2] in {
        "withdrawn", "suspended", "lapsed"}:  # fmt: skip
        after = kind.rpartition(".")[2]
        if kept.state["authorisation[EU].status"] == after:
            kind, after = "authorisation.reinstated", "authorised"
        status = Change(path="authorisation[EU].status", action="changed",
                        before=kept.state["authorisation[EU].status"], after=after)  # fmt: skip
        details = {"before": str(status.before), "after": after, "reason_category": "not_stated"}
        return Event(type=kind, subject=kept.subject, changes=(status,), jurisdiction="EU",
                     effective=on, details=details)  # fmt: skip
    if kind.startswith("authorisation.holder") and "authorisation[EU].holder" in kept.state:
        holder = Change(path="authorisation[EU].holder", action="changed",
                        before=kept.state["authorisation[EU].holder"],
                        after={"name": holder_of(turn), "country": ""})  # fmt: skip
        return Event(type=kind, subject=kept.subject, changes=(holder,), jurisdiction="EU")
    details = {"section": f"4.{turn % 9 + 1}"} if kind.endswith("section_changed") else {}
    path = f"note[{kind}]" if kind != "fact.changed" else f"product.note_{turn % 12}"
    told = f"{kind} number {turn} of {_brand(number)}, as stated"
    fact, nature = _set(kept, path, told)
    return Event(type=kind, subject=kept.subject, changes=(fact,), effective=on,
                 jurisdiction="EU", details=details, nature=nature)  # fmt: skip


def _set(kept: Kept, path: str, value: Value) -> tuple[Change, Nature]:
    if path in kept.state:
        return Change(path=path, action="changed", before=kept.state[path], after=value), "changed"
    return Change(path=path, action="added", after=value), "added"


def _document_event(kept: Kept, number: int, kind: str, turn: int) -> Event:
    have = [path for path in kept.state if path.startswith("document[")]
    if not have or (kind == "document.added" and len(have) < 40):
        kept.documents += 1
        path = _path(number, 100 + kept.documents)
        change = Change(path=path, action="added", after=_document(number, kept.documents, turn))
        return Event(type="document.added", subject=kept.subject, changes=(change,))
    path = have[turn % len(have)]
    if kind == "document.removed" and len(have) > 8:
        change = Change(path=path, action="removed", before=kept.state[path])
        return Event(type=kind, subject=kept.subject, changes=(change,))
    kind = "document.revised" if kind == "document.removed" else kind
    after = {**kept.state[path], "last_updated": f"2024-0{turn % 9 + 1}-1{turn % 10}"}  # type: ignore[dict-item]
    change = Change(path=path, action="changed", before=kept.state[path], after=after)
    return Event(type=kind, subject=kept.subject, changes=(change,))


def page(number: int, revision: int) -> bytes:
    """Return a page of a medicine: enough of one to be kept, compressed and shown."""
    lines = "".join(
        f"<p>{name_of(number + each)} {hashlib.sha256(f'{number} {revision} {each}'.encode()).hexdigest()}</p>"
        for each in range(12))  # fmt: skip
    return (
        f"<!doctype html><title>{_brand(number)}</title><h1>{_brand(number)}</h1>{lines}".encode()
    )


def page_of(number: int) -> str:
    """Return the address of a medicine's page."""
    return f"{_PAGE}{number}"
