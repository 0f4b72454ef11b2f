"""Places and agencies as texts name them, and the jurisdiction they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACES = {
    "EU": "European Union|EU|E.U.",
    "US": "United States|United States of America|US|U.S.|USA",
    "UK": "United Kingdom|UK|U.K.|Great Britain",
    "JP": "Japan",
    "CH": "Switzerland",
    "IL": "Israel",
    "RS": "Serbia",
    "CA": "Canada",
    "AU": "Australia",
    "NZ": "New Zealand",
    "CN": "China",
    "KR": "South Korea|Republic of Korea",
    "TW": "Taiwan",
    "SG": "Singapore",
    "IN": "India",
    "BR": "Brazil",
    "MX": "Mexico",
    "AR": "Argentina",
    "ZA": "South Africa",
    "RU": "Russia",
    "TR": "Turkey|Türkiye",
    "NO": "Norway",
    "IS": "Iceland",
    "DE": "Germany",
    "FR": "France",
    "IT": "Italy",
    "ES": "Spain",
}
_AGENCIES = {
    "EU": "European Medicines Agency|EMA|European Commission|EC|European Union|CHMP",
    "US": "Food and Drug Administration|FDA|US FDA|U.S. FDA|US Food and Drug Administration"
    "|U.S. Food and Drug Administration",
    "UK": "Medicines and Healthcare products Regulatory Agency|MHRA",
    "JP": "Ministry of Health, Labour and Welfare|MHLW|PMDA"
    "|Pharmaceuticals and Medical Devices Agency",
    "CH": "Swissmedic",
    "CA": "Health Canada",
    "AU": "Therapeutic Goods Administration|TGA",
    "CN": "National Medical Products Administration|NMPA",
}


def _codes(table: dict[str, str]) -> dict[str, str]:
    return {name: code for code, names in table.items() for name in names.split("|")}


_PLACE_CODES = _codes(_PLACES)
_AGENCY_CODES = _codes(_AGENCIES)


def _any(names: dict[str, str]) -> str:
    """Return a pattern of all names, the longest first, so that none hides in another."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_ONE = rf"(?<!\w)(?:the )?(?:{_any(_PLACE_CODES)})(?!\w)"
PLACES = rf"{_ONE}(?:(?:, and |, | and ){_ONE})*"
"""A pattern of one place or of a list of places."""
AGENCY = rf"(?<!\w)(?:{_any(_AGENCY_CODES)})(?!\w)"
"""A pattern of one agency."""
_NAME = re.compile(rf"(?<!\w)(?:{_any(_PLACE_CODES)})(?!\w)")


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction and the words that name it."""

    code: str
    name: str


def places(words: str) -> list[Place]:
    """Return the jurisdictions that a list of places names, in its order."""
    return [Place(_PLACE_CODES[match[0]], match[0]) for match in _NAME.finditer(words)]


def jurisdiction_of(agency: str) -> str:
    """Return the jurisdiction of an agency or a place; empty: we do not know it."""
    name = agency.removeprefix("the ").removeprefix("The ").strip()
    return _AGENCY_CODES.get(name) or _PLACE_CODES.get(name, "")
