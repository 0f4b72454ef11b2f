"""The drug box of an encyclopaedia's article: what its parameters say.

The same box arrives as a table, as template parameters or as a list of "Key: value". A parameter
that stands there empty is a fact too ("stated, and empty"); in a list an empty one can be swallowed
by the one before it (`Tradename: Alofisel | Drugs.com =`) and is taken out of it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from watcher.core.facts import Fact, Value
from watcher.core.identity import is_atc_code
from watcher.core.text import tidy
from watcher.readers.blocks import Block, Outline

_SWALLOWED = re.compile(r"\|\s*([^|=]{1,60}?)\s*=\s*([^|]*)")
_PAIR = re.compile(r"([^:|=]{1,60}?):\s*(.*)")
_NOTE_MARK = re.compile(r"\s*\[(?:\d{1,3}|[a-z])\]")
_STATED_PLACE = re.compile(r"([A-Z]{2}):\s*(.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the box.

    Attributes:
        name: Letters and digits only, lower case: `legaleu`, `drugscom`.
        value: Its words; empty where it stands there without any.
        quote: The words it was read from.
        place: Where they stand.
    """

    name: str
    value: str
    quote: str
    place: str


def parameters(article: Outline) -> tuple[Parameter, ...]:
    """Return the parameters of the article's box, in order; empty where it has none."""
    return tuple(_from_list(article.blocks)) or tuple(_from_table(article))


def _from_list(blocks: tuple[Block, ...]) -> Iterator[Parameter]:
    """Yield the parameters of a box printed as a list below the word `Infobox`."""
    is_inside = False
    for block in blocks:
        if block.kind == "text" and block.text.casefold() == "infobox":
            is_inside = True
        elif is_inside and block.kind == "item":
            yield from _of_item(block)
        elif is_inside:
            return


def _of_item(block: Block) -> Iterator[Parameter]:
    pair = _PAIR.fullmatch(block.text)
    if pair is None:
        return
    value, _, _ = pair[2].partition("|")
    yield Parameter(_normal(pair[1]), tidy(value), block.text, block.place)
    for name, swallowed in _SWALLOWED.findall(pair[2]):
        yield Parameter(_normal(name), tidy(swallowed), block.text, block.place)


def _from_table(article: Outline) -> Iterator[Parameter]:
    for label, values in article.pairs():
        for value in values or (replace(label, text=""),):
            text = tidy(_NOTE_MARK.sub("", value.text))
            quote = tidy(f"{label.text} {value.text}")
            yield Parameter(_normal(label.text), text, quote, value.place)


def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


_PATHS = {
    "tradename": "product.brand_name",
    "tradenames": "product.brand_name",
    "synonyms": "product.synonym",
    "othernames": "product.synonym",
    "routesofadministration": "product.route_of_administration",
    "drugscom": "ext.drugs_com",
    "ahfsdrugscom": "ext.drugs_com",
    "onset": "pharmacology.onset",
    "onsetofaction": "pharmacology.onset",
    "eliminationhalflife": "pharmacology.elimination_half_life",
    "drugbank": "ids.drugbank",
    "unii": "ids.unii",
    "kegg": "ids.kegg",
    "casnumber": "ids.cas",
    "chembl": "ids.chembl",
    "atcprefix": "atc.prefix",
    "atcsuffix": "atc.suffix",
}
_LEGAL = re.compile(r"legal(?:status)?(us|uk|eu|ca|au|nz|br|de|jp)?")
_KEEP_EMPTY = frozenset(
    {"ext.drugs_com", "pharmacology.onset", "pharmacology.elimination_half_life"}
)
"""Parameters that articles leave empty on purpose; another empty one merely was not filled in."""


def box_facts(stated: tuple[Parameter, ...]) -> list[Fact]:
    """Return what the parameters say; who may be given a medicine is no authorisation status."""
    facts = [fact for parameter in stated for fact in _of_parameter(parameter)]
    by_path = {fact.path: fact for fact in facts}
    prefix, suffix = by_path.get("atc.prefix"), by_path.get("atc.suffix")
    if prefix and suffix and is_atc_code(code := f"{prefix.value}{suffix.value}"):
        quote = f"{prefix.quote} … {suffix.quote}"
        facts.append(Fact("product.atc_code", code, quote, suffix.place))
    return facts


def _of_parameter(parameter: Parameter) -> Iterator[Fact]:
    if legal := _LEGAL.fullmatch(parameter.name):
        yield from _supply(parameter, (legal[1] or "").upper())
    elif parameter.name == "atccode":
        code = parameter.value.split(" ")[0]
        if is_atc_code(code):
            yield _fact(parameter, "product.atc_code", code)
    elif path := _PATHS.get(parameter.name):
        value = _unexplained(parameter.value)
        if value or path in _KEEP_EMPTY:
            yield _fact(parameter, path, value or None)


def _supply(parameter: Parameter, jurisdiction: str) -> Iterator[Fact]:
    """Yield the legal status of supply; a general one names its jurisdiction itself."""
    value = parameter.value
    if not jurisdiction:
        stated = _STATED_PLACE.fullmatch(value)
        if stated is None:
            return
        jurisdiction, value = stated[1], stated[2]
    if value := _unexplained(value):
        yield _fact(parameter, f"supply_status[{jurisdiction}]", value)


def _unexplained(value: str) -> str:
    """Return a value without what is explained in brackets at its end."""
    return value.partition("(")[0].rstrip() if value.endswith(")") else value


def _fact(parameter: Parameter, path: str, value: Value) -> Fact:
    return Fact(path, value, parameter.quote, parameter.place)
