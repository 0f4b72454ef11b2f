"""How grave an event is: by its type and, where types leave it open, by what was stated.

A letter to healthcare professionals is high; one that tells of a withdrawal is critical, whoever
wrote it and whatever its title.

Source: the event taxonomy (`docs/events.md`): letters, assessments and referrals by their outcome
and legal basis, sections of product information by their number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from watcher.core.facts import Value
from watcher.core.taxonomy import TYPES, Severity
from watcher.core.text import fold

_SECTIONS: Final = MappingProxyType(
    dict.fromkeys(("4.1", "4.3", "4.4", "4.6"), Severity.HIGH)
    | dict.fromkeys(("4.2", "4.5", "4.8"), Severity.NORMAL)
)
_ENDINGS: Final = MappingProxyType(
    dict.fromkeys(("suspension", "revocation", "withdrawal"), Severity.CRITICAL)
)
OUTCOMES: Final[Mapping[str, tuple[str, Mapping[str, Severity]]]] = {
    "dhpc.issued": ("dhpc.regulatory_outcome", _ENDINGS),
    "psusa.outcome_published": (
        "psusa.regulatory_outcome",
        {**_ENDINGS, "maintenance": Severity.LOW},
    ),
}
"""Types whose severity is that of an outcome: where it stands, and what each is."""
_URGENT: Final = "107i"
"""The article under which a referral is urgent: a suspension or revocation is being considered."""


def _nothing(_path: str) -> Value:
    return None


def severity(
    name: str, *, section: str = "", stated: Callable[[str], Value] = _nothing
) -> Severity:
    """Return how severe an event is before any watch list raises or lowers it.

    Args:
        name: The event type.
        section: For `product_information.section_changed`, the section; 4.1, 4.3, 4.4 and 4.6 are
            high, 4.2, 4.5 and 4.8 normal, the rest low.
        stated: Returns the new value of a fact by its path; None: the event did not change it.

    Raises:
        KeyError: There is no such type.
    """
    if name == "product_information.section_changed" and section:
        return _SECTIONS.get(section, Severity.LOW)
    ordinary = TYPES[name].severity
    if name in OUTCOMES:
        path, known = OUTCOMES[name]
        return known.get(fold(str(stated(path) or "")), ordinary)
    if name == "referral.started" and _URGENT in fold(str(stated("referral.type") or "")):
        return Severity.CRITICAL
    return ordinary
