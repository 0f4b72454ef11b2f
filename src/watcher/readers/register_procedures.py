"""The procedures on a product's page in the Union Register: what the Commission decided, and when.

Each row of `dataSet_proc` is one fact, `procedure[2830]`, keyed by the Register's own id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from watcher.core.edtf import Edtf
from watcher.core.facts import Fact, Value, in_order
from watcher.core.identity import product_number
from watcher.core.text import fold, shorten, tidy
from watcher.readers.characters import unescape
from watcher.readers.script_data import Json

_AUTHORISATION: Final = "centralised - authorisation"
_PRODUCT = re.compile(r"EMEA/([HV])/([A-Z])/(\d{1,6})(?:/0000)?")
_TAG = re.compile(r"<(/?)(br|p|li|ul|ol|div|u|i|b|em|strong|sub|sup|span)\b[^<>]*>", re.IGNORECASE)
_INLINE: Final = frozenset({"u", "i", "b", "em", "strong", "sub", "sup", "span"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure of a product.

    Attributes:
        key: The Register's id.
        place: `dataSet_proc[0]`.
        type: `Centralised - Variation`.
        ema_number: EMA's number of the procedure as printed; empty where none is.
        decided: The date of the Commission's decision, EDTF; empty where it took none.
        value: All that is stated, absent keys left out.
    """

    key: str
    place: str
    type: str
    ema_number: str
    decided: str
    value: dict[str, Value]


def plain(value: Json) -> str:
    """Return a text of the Register in one line, its mark-up and entities undone; else empty.

    `Lutetium (<sup>177</sup>Lu)` is `Lutetium (177Lu)`; `<br/>` parts words. What only looks like
    mark-up, such as `<new indication>` or `< 18 years`, stays.
    """
    if not isinstance(value, str):
        return ""
    return tidy(unescape(_TAG.sub(lambda m: "" if m[2].lower() in _INLINE else " ", value)))


def procedures(rows: Sequence[Json]) -> tuple[list[Procedure], list[str]]:
    """Return the procedures of `dataSet_proc`, and a note on each row that could not be read."""
    found: dict[str, Procedure] = {}
    notes: list[str] = []
    for number, row in enumerate(rows):
        place = f"dataSet_proc[{number}]"
        try:
            procedure = _procedure(row, place)
        except ValueError as error:
            notes.append(f"{place}: {error}")
            continue
        if found.setdefault(procedure.key, procedure) is not procedure:
            notes.append(f"{place}: the id {procedure.key} stands there twice")
    return list(found.values()), notes


def product_fact(listed: Sequence[Procedure]) -> Fact | None:
    """Return the product number that the initial authorisation was applied for under, or None.

    Later procedures may carry another product's number (work sharing, misprints such as
    `EMEA/H/V/71`); the first authorisation's does not change any more.
    """
    found = {number: each for each in _authorisations(listed) if (number := _number(each))}
    if len(found) != 1:
        return None
    [(number, procedure)] = found.items()
    return Fact("product.number", number, procedure.ema_number, procedure.place)


def decision_facts(listed: Sequence[Procedure]) -> Iterator[Fact]:
    """Yield when the authorisation was granted and when the Commission last decided anything."""
    granted = [each for each in _authorisations(listed) if each.decided and _number(each)]
    if granted:
        first = min(granted, key=lambda each: each.decided)
        yield Fact("authorisation[EU].granted", first.decided, first.decided, first.place)
    decided = [each for each in listed if each.decided]
    if decided:
        last = max(decided, key=lambda each: each.decided)
        yield Fact("authorisation[EU].decided", last.decided, last.decided, last.place)


def _authorisations(listed: Sequence[Procedure]) -> list[Procedure]:
    return [each for each in listed if fold(each.type) == _AUTHORISATION]


def _number(procedure: Procedure) -> str | None:
    """Return the product number that the initial authorisation's own number is, in its one form.

    The Register prints old numbers without leading zeros: `EMEA/H/C/71`.
    """
    match = _PRODUCT.fullmatch(procedure.ema_number)
    return product_number(f"EMEA/{match[1]}/{match[2]}/{int(match[3]):06d}") if match else None


def _procedure(row: Json, place: str) -> Procedure:
    """Return one procedure.

    Raises:
        ValueError: It has no id or type, or a date in it is none.
    """
    if not isinstance(row, Mapping):
        message = "expected an object"
        raise ValueError(message)  # noqa: TRY004 - a fault of the page, not of the caller
    key, kind, ema_number = (plain(row.get(name)) for name in ("id", "type", "ema_number"))
    if not key or not kind:
        message = "expected an id and a type"
        raise ValueError(message)
    decision = _dated(row.get("decision"))
    value: dict[str, Value] = {
        "type": kind,
        "closed": _date(row.get("closed")),
        "ema_number": ema_number,
        "decision_date": decision.get("date"),
        "decision_number": decision.get("number"),
        "official_journal": _journal(row.get("oj")),
        "updated_by": _dated(row.get("updated_by")),
        "files": _files(row),
        "remark": plain(row.get("remark")),
    }
    stated: dict[str, Value] = {name: each for name, each in value.items() if each}
    return Procedure(
        key=key,
        place=place,
        type=kind,
        ema_number=ema_number,
        decided=str(stated.get("decision_date", "")),
        value=stated,
    )


def _dated(source: Json) -> dict[str, Value]:
    """Return the number and the date of a decision, those that are stated."""
    if not isinstance(source, Mapping):
        return {}
    read = {"number": plain(source.get("number")), "date": _date(source.get("date"))}
    return {name: text for name, text in read.items() if text}


def _journal(source: Json) -> dict[str, Value]:
    """Return the place in the Official Journal; the series alone, always printed, is none."""
    if not isinstance(source, Mapping) or not (date := _date(source.get("date"))):
        return {}
    read = {name: plain(source.get(name)) for name in ("series", "number", "page")}
    return {"date": date, **{name: text for name, text in read.items() if text}}


def _files(row: Mapping[str, Json]) -> dict[str, Value]:
    """Return the languages that the decision and its annexes are there in."""
    read = {"decision": row.get("files_dec"), "annex": row.get("files_anx")}
    return {name: codes for name, listed in read.items() if (codes := _languages(listed))}


def _languages(listed: Json) -> list[Value]:
    if not isinstance(listed, list):
        return []
    codes = (plain(file.get("code")) for file in listed if isinstance(file, Mapping))
    return in_order(code for code in codes if code)


def _date(value: Json) -> str:
    """Return a date as EDTF; empty where none is stated.

    Raises:
        ValueError: Something else stands there.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        message = f"expected a date, found {shorten(repr(value))}"
        raise ValueError(message)  # noqa: TRY004 - a fault of the page, not of the caller
    return str(Edtf.parse(tidy(value)))
