"""Watch lists: which medicines somebody is responsible for, and why one is on the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.identity import alias_key, organisation_key, product_number, slug
from watcher.core.rows import MEDICINES_OF_ROWS, SUBSTANCES
from watcher.core.text import fold, without_accents

Stated: TypeAlias = Mapping[str, str]
"""What a source states of one subject: by the key it is compared by, as it is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchList:
    """A list of medicines, by what they have in common.

    A medicine is on it when each filter that is given finds one of its values; a list without
    filters holds everything. A further filter therefore never makes a list longer.

    Attributes:
        id: Its id in `sources.yaml`.
        title: Its name for people.
        products: Invented names of now or before, EMA product numbers or the last part of EMA's
            page address.
        substances: INNs and their aliases; CX-601 and Cx601 are one. A combination is found by
            each of its substances, and `a / b` in any order finds what has these two and no other.
        atc: ATC or ATCvet codes of any level: L04 holds L04AX08.
        holders: Marketing authorisation holders or applicants; legal forms do not count.
        areas: Words of a therapeutic area: Crohn finds Crohn Disease.
        jurisdictions: Where it has, or had, an authorisation or a market: EU, JP.
    """

    id: str
    title: str = ""
    products: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return its title, or its id where it has none."""
        return self.title or self.id


EVERYTHING = WatchList(id="everything")
"""The watch list of a rule that names none."""


@dataclass(frozen=True, slots=True)
class Match:
    """A medicine is on a watch list, and these are the reasons: `substance: darvadstrocel`."""

    watch_list: WatchList
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the reasons in words."""
        return "; ".join(self.reasons) or "everything is watched"


@dataclass(frozen=True, slots=True)
class NoMatch:
    """A medicine is not on a watch list: `filter` is the first that found none of its values."""

    watch_list: WatchList
    filter: str

    def __str__(self) -> str:
        """Return what was not found, in words."""
        return f"not on watch list {self.watch_list}: no {self.filter} of it is stated"


def matches(watch_list: WatchList, subject: Subject, state: State) -> Match | None:
    """Return why `subject` is on `watch_list`, or None where it is not."""
    judged = judge(watch_list, subject, state)
    return judged if isinstance(judged, Match) else None


def judge(watch_list: WatchList, subject: Subject, state: State) -> Match | NoMatch:
    """Return why `subject` is on `watch_list`, or which filter keeps it off.

    Args:
        watch_list: The list.
        subject: The medicine, substance, document … in question.
        state: What is known of it; a source that does not state an ATC code is not found by one.
    """
    reasons: list[str] = []
    for kind, (wanted, key, stated) in _FILTERS.items():
        values = wanted(watch_list)
        if not values:
            continue
        reason = _found(kind, _keyed(values, key), stated(subject, state))
        if not reason:
            return NoMatch(watch_list, kind)
        reasons.append(reason)
    return Match(watch_list, tuple(reasons))


def _found(kind: str, wanted: Mapping[str, str], stated: Stated) -> str:
    """Return the first value of the list that is stated, in words; empty: none is."""
    for key, text in wanted.items():
        if key in stated:
            printed = stated[key]
            return f"{kind}: {text}" + ("" if fold(printed) == fold(text) else f" ({printed})")
    return ""


@lru_cache(maxsize=512)
def _keyed(values: tuple[str, ...], key: Callable[[str], str]) -> Mapping[str, str]:
    return {key(value): value for value in values}


def _by_key(key: Callable[[str], str], texts: Iterable[str]) -> Stated:
    return {key(text): text for text in texts if text}


def _texts(value: Value) -> list[str]:
    """Return the texts in a fact's value: one, a list of them, or the name of an organisation."""
    if isinstance(value, Mapping):
        return _texts(value.get("name"))
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _stated(state: State, *paths: str) -> list[str]:
    return [text for path in paths for text in _texts(state.get(path))]


_OTHER_NAME = re.compile(
    r"(.+?)\s*\(\s*(?:(?:previously|formerly)(?: known as)?|in [^:()]{1,40}:)\s+(.+?)\s*\)\s*",
    re.IGNORECASE,
)
"""`Armisarte (previously Pemetrexed Actavis)`, `Briviact (in Italy: Nubriveo)`."""
_TOGETHER = re.compile(r"\s*[/;+]\s*")
"""What stands between the substances of a combination, and between the codes of a medicine."""
_LISTED = re.compile(r"\s*[,;]\s*")
"""What stands between the names of an article's infobox."""
_LEAST_PART = 3
_FOR_THE_REST = re.compile(r"\s+(?:\(|\d|supply shortage\b).*", re.IGNORECASE)
"""What stands after the name where the list of shortages is exact: `Example (an inn) 20 mg`."""


def _name_key(text: str) -> str:
    """Return what the spellings of a name share; accents do not count."""
    return alias_key(without_accents(text))


def _product_key(text: str) -> str:
    return product_number(text) or _name_key(text)


def _parts(text: str, between: re.Pattern[str]) -> list[str]:
    """Return a text and, where it has several, its parts; a strain's `A` of `A/H1N1` is none."""
    parts = [part for part in between.split(text) if len(part) >= _LEAST_PART]
    return [text, *parts] if len(parts) > 1 else [text]


def _products(subject: Subject, state: State) -> Stated:
    """A medicine is known by number, by its names of now and before, and by its page's address."""
    stated = _stated(state, "product.brand_name", "product.number", "product.synonym")
    stated += _stated(state, *MEDICINES_OF_ROWS)
    names = [part for name in stated for part in _parts(name, _LISTED)]
    names += [_FOR_THE_REST.sub("", text) for text in _stated(state, "shortage.medicine")]
    names += [
        part for name in stated if (other := _OTHER_NAME.fullmatch(name)) for part in other.groups()
    ]
    names += [slug(url) for url in _stated(state, "product.url")]
    if subject.kind == "medicine":
        names.append(subject.id.removeprefix("slug:"))
    return _by_key(_product_key, names)


def _combination_key(text: str) -> str:
    """Return the key of a substance, or of a combination in whatever order it is written."""
    parts = _parts(text, _TOGETHER)[1:]
    return " / ".join(sorted(map(_name_key, parts))) if parts else _name_key(text)


def _substances(subject: Subject, state: State) -> Stated:
    """A combination is known by each of its substances and by all of them together."""
    stated = [_stated(state, path) for path in SUBSTANCES]
    aliases = [one for text in _stated(state, "product.synonym") for one in _parts(text, _LISTED)]
    lists = [*stated, aliases]
    if subject.kind == "substance":
        lists.append([subject.id])
    found: dict[str, str] = {}
    for names in stated:
        if len(names) > 1:
            found[_combination_key(" / ".join(names))] = " / ".join(names)
    for name in (each for names in lists for each in names):
        for part in _parts(name, _TOGETHER):
            found.setdefault(_combination_key(part), part)
    return found


def _atc(_subject: Subject, state: State) -> Stated:
    """A code is found by each of its beginnings; a medicine may have several codes."""
    stated = _stated(state, "product.atc_code", "product.atcvet_code")
    codes = [code for text in stated for code in re.split(r"[\s,;/]+", text)]
    return {code[:length].casefold(): code for code in codes for length in range(1, len(code) + 1)}


def _authorised_paths(state: State, leaves: frozenset[str]) -> Iterator[str]:
    for path in state:
        part = split_path(path)
        if part.family == "authorisation" and part.leaf in leaves:
            yield path


def _holders(_subject: Subject, state: State) -> Stated:
    paths = _authorised_paths(state, frozenset({"holder", "applicant"}))
    return _by_key(organisation_key, _stated(state, *paths))


def _area_key(text: str) -> str:
    return " ".join(re.findall(r"\w+", without_accents(text)))


def _areas(_subject: Subject, state: State) -> Stated:
    """An area is found by any run of its words."""
    found: dict[str, str] = {}
    for area in _stated(state, "product.therapeutic_area", "pip.therapeutic_area"):
        words = _area_key(area).split()
        for first in range(len(words)):
            for last in range(first + 1, len(words) + 1):
                found[" ".join(words[first:last])] = area
    return found


_TERRITORIAL = frozenset({"authorisation", "market", "supply_status"})


def _jurisdictions(_subject: Subject, state: State) -> Stated:
    parts = map(split_path, state)
    return _by_key(str.casefold, (part.key for part in parts if part.family in _TERRITORIAL))


_FILTERS: Mapping[
    str,
    tuple[
        Callable[[WatchList], tuple[str, ...]],
        Callable[[str], str],
        Callable[[Subject, State], Stated],
    ],
] = {
    "product": (lambda listed: listed.products, _product_key, _products),
    "substance": (lambda listed: listed.substances, _combination_key, _substances),
    "ATC": (lambda listed: listed.atc, str.casefold, _atc),
    "holder": (lambda listed: listed.holders, organisation_key, _holders),
    "area": (lambda listed: listed.areas, _area_key, _areas),
    "jurisdiction": (lambda listed: listed.jurisdictions, str.casefold, _jurisdictions),
}
"""Each filter: the list's values, the key both sides are compared by, what a source states."""
