"""Whether two sources speak of one product, and which studies speak of it.

Sources know a product by different things: EMA by its number, an encyclopaedia by its substance, a
study by a code name from before it had any other. A number decides; names link only where nothing
speaks against it, since a generic has the substance of the original and is another product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from watcher.core.facts import Record, Value
from watcher.core.identity import alias_key, product_number
from watcher.core.text import fold

_SUBSTANCES: Final = ("product.inn", "product.active_substance")
_BRANDS: Final = ("product.brand_name",)
_ALIASES: Final = ("product.synonym",)
_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class Names:
    """What a product is called: every name as printed, by the key its spellings share."""

    numbers: dict[str, str]
    substances: dict[str, str]
    brands: dict[str, str]
    aliases: dict[str, str]

    def all(self) -> dict[str, str]:
        """Return every name a text may call it by; numbers are not among them."""
        return self.aliases | self.brands | self.substances


def names_of(*records: Record) -> Names:
    """Return what the product of these records is called in any of them."""
    numbers = {
        number: number
        for record in records
        for printed in (record.subject.id, *_values(record, ("product.number",)))
        if (number := product_number(printed))
    }
    substances = _keyed(records, _SUBSTANCES)
    substances |= {
        alias_key(record.subject.id): record.subject.id
        for record in records
        if record.subject.kind == "substance"
    }
    return Names(numbers, substances, _keyed(records, _BRANDS), _keyed(records, _ALIASES))


def same_product(one: Record, other: Record) -> str | None:
    """Return why two records speak of one product, such as `INN darvadstrocel`; None: not known.

    Two product numbers are two products, whatever they contain; so are two brands.
    """
    ours, theirs = names_of(one), names_of(other)
    if ours.numbers and theirs.numbers:
        return _shared("number", ours.numbers, theirs.numbers)
    if ours.brands and theirs.brands and not ours.brands.keys() & theirs.brands.keys():
        return None
    if ours.substances and theirs.substances:
        # a combination is not the product of one of its substances
        is_one = ours.substances.keys() == theirs.substances.keys()
        return _shared("INN", ours.substances, theirs.substances) if is_one else None
    named = _shared("brand name", ours.brands, theirs.brands)
    return named or _shared("alias", ours.all(), theirs.all())


def related_studies(product: Names, library: Record) -> dict[str, str]:
    """Return why studies of a library relate to a product, by the path of each that does.

    Args:
        product: What the product is called, in all the sources known to speak of it.
        library: A record with `study[…]` facts.
    """
    names = product.all()
    found = {
        fact.path: _named_in(fact.value, names)
        for fact in library.facts
        if fact.path.startswith("study[") and isinstance(fact.value, dict)
    }
    return {path: reason for path, reason in found.items() if reason}


def _named_in(study: Mapping[str, Value], names: dict[str, str]) -> str:
    """Return which name of the product a study's title, abstract or own keys have; empty: none."""
    text = " ".join(
        str(study.get(key) or "") for key in ("alias", "substance", "title", "abstract")
    )
    words = {alias_key(word) for word in _WORD.findall(text)}
    folded = f" {' '.join(_WORD.findall(fold(text)))} "
    for key, name in names.items():
        if key in words or f" {' '.join(_WORD.findall(fold(name)))} " in folded:
            return f"names {name}"
    return ""


def _values(record: Record, paths: Iterable[str]) -> list[str]:
    """Return the texts at these paths, lists taken apart, names in one text parted by commas."""
    wanted = set(paths)
    found: list[str] = []
    for fact in record.facts:
        if fact.path in wanted:
            listed = fact.value if isinstance(fact.value, list) else [fact.value]
            found += (part.strip() for text in listed if text for part in str(text).split(","))
    return [name for name in found if name]


def _keyed(records: Iterable[Record], paths: Iterable[str]) -> dict[str, str]:
    wanted = tuple(paths)
    return {alias_key(name): name for record in records for name in _values(record, wanted)}


def _shared(what: str, ours: dict[str, str], theirs: dict[str, str]) -> str | None:
    names = sorted(ours[key] for key in ours.keys() & theirs.keys())
    return f"{what} {', '.join(names)}" if names else None
