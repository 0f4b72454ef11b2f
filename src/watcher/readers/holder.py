"""A holder's name and address printed in one line, taken apart as far as it can be known."""

from __future__ import annotations

import re

from watcher.core.facts import Value
from watcher.core.text import fold, tidy

_COUNTRIES = frozenset(
    """austria|belgium|bulgaria|croatia|cyprus|czech republic|czechia|denmark|estonia|finland|france
germany|greece|hungary|iceland|ireland|italy|latvia|liechtenstein|lithuania|luxembourg|malta
netherlands|the netherlands|norway|poland|portugal|romania|slovakia|slovak republic|slovenia|spain
sweden|switzerland|united kingdom|united states|japan|israel|india|canada|australia|china|singapore
south korea|türkiye|turkey|serbia""".replace("\n", "|").split("|")
)
_LEGAL_FORM = re.compile(
    r"(?:inc|llc|ltd|limited|corp|co|gmbh|plc|s\.?a|b\.?v|n\.?v)\.?", re.IGNORECASE
)
_POSTAL = re.compile(
    r"(?P<code>(?:[A-Z]{1,3}-\s?)?(?:\d{4}\s?[A-Z]{2}|\d{3}\s\d{2}|\d{2}-\d{3}|\d{4,6})"
    r"|[A-Z]\d{2}\s?[A-Z0-9]{4})\s+(?P<city>\D[^\d]*)"
)
"""`2665 Vallensbaek Strand`, `2031 BN Haarlem`, `112 51 Stockholm`, `00-510 Warszawa`."""


def holder(printed: str) -> dict[str, Value]:
    """Return `{"name", "text"}` of a printed holder, with street, postal_code, city and country.

    The parts of the address are given only where they are certain; a postal code stays text.

    Args:
        printed: Name and address with commas between them, such as
            `Takeda Pharma A/S,Delta Park 45,2665 Vallensbaek Strand,Denmark`.
    """
    parts = [part for part in (tidy(piece) for piece in printed.split(",")) if part]
    if not parts:
        return {"name": "", "text": ""}
    name, rest = parts[0], parts[1:]
    while rest and _LEGAL_FORM.fullmatch(rest[0]):
        name, rest = f"{name}, {rest[0]}", rest[1:]
    found: dict[str, Value] = {"name": name, "text": ", ".join([name, *rest])}
    country = rest.pop() if rest and fold(rest[-1]) in _COUNTRIES else ""
    for at, part in enumerate(rest):
        if match := _POSTAL.fullmatch(part):
            found |= {"street": ", ".join(rest[:at])} if at else {}
            found |= {"postal_code": match["code"], "city": match["city"]}
            break
    return {**found, "country": country} if country else found
