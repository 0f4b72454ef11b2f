"""The European Commission's Union Register of medicinal products: its lists and product pages.

Both hold their data as JSON inside a script. A list says which products are on it and nothing of
why or since when; its subjects are the Register's numbers: `euregister EU/1/04/273`. A product's
page states its status and every procedure; its subject is the medicine under EMA's number where the
initial authorisation names one, else the Register's number. The footer's date changes every day
and is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final
from urllib.parse import urljoin

from watcher.core.facts import Fact, Reading, Record, Subject, Value, in_order
from watcher.core.identity import is_atc_code
from watcher.core.status import AuthorisationStatus
from watcher.core.text import fold, shorten, tidy
from watcher.errors import ReadError
from watcher.readers.dates import edtf
from watcher.readers.reader import Payload, Reader
from watcher.readers.register_procedures import (
    decision_facts,
    plain,
    procedures,
    product_fact,
)
from watcher.readers.script_data import Json, has_variable, script_data

ID: Final = "union_register@1"
MAX_BYTES: Final = 30_000_000
"""The largest list has 1.2 MB."""
MAX_NOTES: Final = 50

_LIST: Final = "dataSet"
_INFORMATION: Final = "dataSet_product_information"
_NUMBER = re.compile(r"EU/\d/\d{2}/\d{3,5}")
_WHICH_LIST = re.compile(r"/reg_[a-z]+_(act|nact|refus)\.htm")
_LISTS: Final = {"act": "active", "nact": "no longer active", "refus": "refused"}
_CATEGORIES: Final = {"h": "Human", "v": "Veterinary"}
_ORPHANS: Final = frozenset({"o", "ho"})

S = AuthorisationStatus
_STATUSES: Final[Mapping[str, AuthorisationStatus | None]] = {
    "active": S.AUTHORISED,
    "suspended": S.SUSPENDED,
    "withdrawn": S.WITHDRAWN,
    "revoked": S.REVOKED,
    "refused": S.REFUSED,
    "not renewed": S.NOT_RENEWED,
    "expired": S.EXPIRED,
    "expired / sunset clause": S.EXPIRED,
    "sunset clause": S.LAPSED,
    # A court set the decision aside: the Register's own word, with no place on EMA's axis.
    "annulled": None,
}
"""The Register's words; it does not tell expiry from the sunset clause where it prints both."""


def _read(payload: Payload) -> Reading:
    """Return what a list or a product's page of the Register says.

    Raises:
        ReadError: It is neither, its data are cut or not JSON, or the status is in unknown words.
    """
    if len(payload.body) > MAX_BYTES:
        found = f"{len(payload.body)} bytes"
        raise ReadError(reader=ID, expected=f"at most {MAX_BYTES} bytes", found=found)
    text = payload.text()
    if has_variable(text, _INFORMATION):
        return _product_page(text)
    if has_variable(text, _LIST):
        return _list_page(text, payload.url)
    expected = f"a list (var {_LIST}) or a product (var {_INFORMATION}) of the Union Register"
    raise ReadError(reader=ID, expected=expected, found=shorten(text) or "nothing")


def _list_page(text: str, url: str) -> Reading:
    """Return the products of a list.

    A row that cannot be read is noted, and the list then no longer counts as complete: the product
    of that row is not missing.
    """
    rows = script_data(text, _LIST, reader=ID)
    records: dict[Subject, Record] = {}
    notes: list[str] = []
    for number, row in enumerate(rows):
        place = f"{_LIST}[{number}]"
        subject = _listed(row)
        if subject is None or not isinstance(row, Mapping) or subject in records:
            notes.append(f"{place}: expected one row a product with its number")
            continue
        records[subject] = Record(subject, _row_facts(row, subject, place, url))
        notes += (f"{_LIST}: {key}" for key in sorted(row.keys() - _ROW_KEYS))
    if rows and not records:
        raise ReadError(reader=ID, expected="products", found=notes[0])
    return Reading(
        reader=ID,
        records=tuple(records.values()),
        lists_all=len(records) == len(rows),
        published=_last_updated(text),
        unknown=_once(notes),
    )


_ROW_KEYS: Final = frozenset({"eu_num", "name", "inn", "indication", "company"})


def _listed(row: Json) -> Subject | None:
    """Return the subject of a row: its EU number, or the name of its page where it has none."""
    number = row.get("eu_num") if isinstance(row, Mapping) else None
    if not isinstance(number, Mapping):
        return None
    display, page = plain(number.get("display")), _page(number)
    if _NUMBER.fullmatch(display):
        return Subject("euregister", display)
    return Subject("euregister", page) if page else None


def _page(number: Mapping[str, Json]) -> str:
    """Return the name of a product's page: `h273`."""
    pre, identity = plain(number.get("pre")), plain(number.get("id"))
    return f"{pre}{identity}" if re.fullmatch(r"[a-z]{1,3}\d+", f"{pre}{identity}") else ""


def _row_facts(row: Mapping[str, Json], subject: Subject, place: str, url: str) -> tuple[Fact, ...]:
    number = row["eu_num"]
    page = _page(number) if isinstance(number, Mapping) else ""
    facts = [*_named(subject, page, f"{place}.eu_num")]
    if page and url:
        facts.append(Fact("register.url", urljoin(url, f"{page}.htm"), page, f"{place}.eu_num"))
    if which := _WHICH_LIST.search(url):
        facts.append(Fact("register.list", _LISTS[which[1]], place=place))
    for kind, key in (("name", "name"), ("inn", "inn"), ("indication",) * 2, ("mah", "company")):
        facts += _entry_facts(kind, {"value": row.get(key)}, f"{place}.{key}")
    return _on_its_axis(page, facts)


def _named(subject: Subject, page: str, place: str) -> Iterator[Fact]:
    if _NUMBER.fullmatch(subject.id):
        yield Fact("product.eu_number", subject.id, subject.id, place)
    if category := _CATEGORIES.get(page.rstrip("0123456789")):
        yield Fact("product.category", category, page, place)


def _product_page(text: str) -> Reading:
    entries = _entries(script_data(text, _INFORMATION, reader=ID))
    listed, notes = procedures(script_data(text, "dataSet_proc", reader=ID))
    page = _page(_meta(entries["name"]))
    registered = Subject("euregister", _eu_number(entries))
    known = product_fact(listed)
    facts = chain(
        (known,) if known else (),
        _named(registered, page, f"{_INFORMATION}.eu_num"),
        _status_facts(entries["name"]),
        *(_entry_facts(kind, entry, f"{_INFORMATION}.{kind}") for kind, entry in entries.items()),
        decision_facts(listed),
        (Fact(f"procedure[{each.key}]", each.value, each.type, each.place) for each in listed),
    )
    notes += (f"{_INFORMATION}: {kind}" for kind in sorted(entries.keys() - _KNOWN))
    if has_variable(text, "dataSet_version") and script_data(text, "dataSet_version", reader=ID):
        notes.append("dataSet_version: entries")
    subject = Subject("medicine", str(known.value)) if known else registered
    return Reading(
        reader=ID,
        records=(Record(subject, _on_its_axis(page, facts)),),
        published=_last_updated(text),
        unknown=_once(notes),
    )


Entry = Mapping[str, Json]


def _entries(rows: Sequence[Json]) -> dict[str, Entry]:
    """Return the lines of the product information by their type; the first of a type counts."""
    entries: dict[str, Entry] = {}
    for row in rows:
        if isinstance(row, Mapping) and (kind := plain(row.get("type"))):
            entries.setdefault(kind, row)
    missing = [kind for kind in ("name", "eu_num") if kind not in entries]
    if missing:
        found = ", ".join(entries) or "none"
        raise ReadError(reader=ID, expected=f"lines {missing}", found=found, place=_INFORMATION)
    return entries


def _eu_number(entries: Mapping[str, Entry]) -> str:
    printed = plain(entries["eu_num"].get("value"))
    number = printed if _NUMBER.fullmatch(printed) else _page(_meta(entries["name"]))
    if not number:
        place = f"{_INFORMATION}.eu_num"
        raise ReadError(reader=ID, expected="an EU number", found=shorten(printed), place=place)
    return number


def _meta(entry: Entry) -> Entry:
    meta = entry.get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _status_facts(entry: Entry) -> Iterator[Fact]:
    """Yield the Register's word and the status it means.

    Raises:
        ReadError: The Register has no such word.
    """
    words, place = plain(_meta(entry).get("status_name")), f"{_INFORMATION}.name.meta.status_name"
    if fold(words) not in _STATUSES:
        found = f"`{shorten(words)}`"
        raise ReadError(reader=ID, expected="a status of the Register", found=found, place=place)
    yield Fact("register.status", fold(words), words, place)
    if status := _STATUSES[fold(words)]:
        yield Fact("authorisation[EU].status", status.value, words, place)


_ORPHAN_PATHS: Final = {
    "authorisation[EU].status": "orphan_designation.status",
    "authorisation[EU].holder": "orphan_designation.sponsor",
    "authorisation[EU].decided": "orphan_designation.decided",
    "indication.text": "orphan_designation.intended_use",
}


def _on_its_axis(page: str, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts; those of an orphan designation do not speak of an authorisation.

    A designation is active or withdrawn, never authorised: its status is the Register's own word.
    """
    if page.rstrip("0123456789") not in _ORPHANS:
        return tuple(facts)
    moved = (replace(fact, path=_ORPHAN_PATHS.get(fact.path, fact.path)) for fact in facts)
    return tuple(
        replace(fact, value=fold(fact.quote)) if fact.path == "orphan_designation.status" else fact
        for fact in moved
    )


def _entry_facts(kind: str, entry: Entry, place: str) -> Iterator[Fact]:
    read = _READ.get(kind)
    if read is None:
        return
    path, words, value = read(entry)
    if value:
        yield Fact(path, value, words, place)


Found = tuple[str, str, Value]
"""A path, the words it was read from, the value; an empty value is no fact."""


def _name(entry: Entry) -> Found:
    words = plain(entry.get("value"))
    return "product.brand_name", words, words


def _inn(entry: Entry) -> Found:
    """Return the substances; only ` / ` parts them for sure, commas stand within names too."""
    words = plain(entry.get("value"))
    return "product.inn", words, in_order(part for part in words.split(" / ") if part)


def _indication(entry: Entry) -> Found:
    words = plain(entry.get("value"))
    return "indication.text", words, words


def _holder(entry: Entry) -> Found:
    name, address = plain(entry.get("value")), plain(_meta(entry).get("address"))
    text = ", ".join(part for part in (name, address) if part)
    return "authorisation[EU].holder", text, {"name": name, "text": text} if name else None


def _atc(entry: Entry) -> Found:
    """Return the finest code of each line of codes; several are joined by a comma."""
    meta = entry.get("meta")
    lines = meta if isinstance(meta, list) else []
    codes = [_finest(line) for line in lines if isinstance(line, list)]
    path = "product.atcvet_code" if any(code.startswith("Q") for code in codes) else ""
    text = ", ".join(sorted({code for code in codes if code}))
    return path or "product.atc_code", text, text


def _finest(line: Sequence[Json]) -> str:
    codes = [plain(level.get("code")) for level in line if isinstance(level, Mapping)]
    return max((code for code in codes if is_atc_code(code)), key=len, default="")


def _ema_page(entry: Entry) -> Found:
    meta = entry.get("meta")
    links = [link for link in meta if isinstance(link, Mapping)] if isinstance(meta, list) else []
    addresses = [address for link in links if (address := plain(link.get("url")))]
    return "product.url", addresses[0] if addresses else "", addresses[0] if addresses else None


_READ: Final = {
    "name": _name,
    "inn": _inn,
    "indication": _indication,
    "mah": _holder,
    "atc": _atc,
    "ema_links": _ema_page,
}
_KNOWN: Final = _READ.keys() | {"eu_num"}


def _last_updated(text: str) -> str:
    """Return the day in the footer, to say how fresh the page is; it is no fact."""
    _, found, rest = text.rpartition("Last updated on ")
    try:
        return edtf(tidy(rest[:10]), order="day_first") if found else ""
    except ValueError:
        return ""


def _once(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))[:MAX_NOTES]


READER: Final = Reader(
    name="union_register",
    version=1,
    about="The European Commission's Union Register: lists of products and their pages.",
    read=_read,
    markers=("Union Register of medicinal products",),
)
