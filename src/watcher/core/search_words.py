"""The words a medicine is found by, and how well one of them answers what a person asks for.

Only letters and digits are kept, folded and without accents: `CX-601` is found as `cx601`,
`darvadstrócel` as `darvadstrocel` and `H-C-4258` by its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.identity import product_number
from watcher.core.text import squash, tidy, without_accents

Kind = Literal["name", "number", "substance", "alias", "atc", "holder", "area"]
"""What a word is of the medicine."""

Words: TypeAlias = tuple[tuple[Kind, str], ...]
"""Each word by which a medicine is found, squashed, after what it is."""

_PATHS: Final[Mapping[str, Kind]] = {
    "product.brand_name": "name",
    "page.title": "name",
    "product.number": "number",
    "product.eu_number": "number",
    "product.inn": "substance",
    "product.active_substance": "substance",
    "product.synonym": "alias",
    "product.atc_code": "atc",
    "product.atcvet_code": "atc",
    "product.therapeutic_area": "area",
    "product.pharmacotherapeutic_group": "area",
}
_HOLDERS: Final = frozenset({"holder", "applicant"})
_SUBJECTS: Final[Mapping[str, Kind]] = {"medicine": "number", "substance": "substance"}
_LONGEST: Final = 200
MOST_TOKENS: Final = 8
_SHORT: Final = 3
"""A token shorter than this is looked for at the beginning of a word only."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """How well a medicine answers: the lower the rank the better, and what it was found by."""

    rank: int
    kind: Kind


EXACT, BEGINS, SUBSTANCE, OTHER = range(4)
"""Ranks: its whole name or number; what its name begins with; its substance or alias; the rest."""


def squashed(text: str) -> str:
    """Return the letters and digits of `text`, folded and without accents."""
    return squash(without_accents(text))


def is_searched(path: str) -> bool:
    """Return whether a medicine is found by the fact at `path`."""
    return path in _PATHS or _is_holder(path)


def is_findable(subject: Subject) -> bool:
    """Return whether a subject can be searched for: a medicine, or a substance written about."""
    return subject.kind in _SUBJECTS


def words_of(subject: Subject, state: State) -> Words:
    """Return the words by which a subject is found, from what one source says of it."""
    found: dict[tuple[Kind, str], None] = {}
    for kind, text in _texts(subject, state):
        if word := squashed(text[:_LONGEST]):
            found[kind, word] = None
    return tuple(sorted(found))


def as_text(words: Words) -> str:
    """Return words as one text to store: a line each."""
    return "\n".join(f"{kind}:{word}" for kind, word in words)


def of_text(text: str) -> Words:
    """Return the words that `as_text` wrote."""
    split = (line.partition(":") for line in text.split("\n") if line)
    return tuple((kind, word) for kind, _, word in split)  # type: ignore[misc]  # ours by as_text


def tokens(query: str) -> tuple[str, ...]:
    """Return what a person asks for as squashed words; a product number is one in any spelling."""
    number = product_number(query)
    if number:
        return (squashed(number),)
    asked = tidy(query)[:_LONGEST].split()
    return tuple(filter(None, map(squashed, asked)))[:MOST_TOKENS]


def hit(words: Words, asked: Sequence[str]) -> Hit | None:
    """Return how well `words` answer `asked`; None: they do not.

    The tokens run together are tried first ("crohn disease", "takeda pharma"), then each has to be
    found somewhere ("alofisel takeda").
    """
    whole = _best(words, "".join(asked))
    if whole is not None or len(asked) < 2:
        return whole
    found = [_best(words, token) for token in asked]
    known = [each for each in found if each is not None]
    return max(known) if len(known) == len(asked) else None


def _best(words: Words, token: str) -> Hit | None:
    ranked = ((_rank(kind, word, token), kind) for kind, word in words)
    return min((Hit(rank, kind) for rank, kind in ranked if rank is not None), default=None)


def _rank(kind: Kind, word: str, token: str) -> int | None:
    """Return how well one word answers a token."""
    begins = word.startswith(token)
    if not begins and (kind == "atc" or len(token) < _SHORT or token not in word):
        return None
    if kind in {"name", "number"}:
        return EXACT if word == token else BEGINS if begins else OTHER
    return SUBSTANCE if begins and kind in {"substance", "alias"} else OTHER


def _is_holder(path: str) -> bool:
    return path.startswith("authorisation[") and split_path(path).leaf in _HOLDERS


def _texts(subject: Subject, state: State) -> Iterator[tuple[Kind, str]]:
    yield _SUBJECTS[subject.kind], subject.id
    for path, value in state.items():
        kind = _PATHS.get(path) or ("holder" if _is_holder(path) else None)
        if kind is not None:
            for text in _parts(value):
                yield from ((kind, part) for part in _listed(kind, text))


def _listed(kind: Kind, text: str) -> list[str]:
    """Return the names in a text; an encyclopaedia gives several of one thing in a line."""
    if kind not in {"alias", "atc"}:
        return [text]
    return text.replace(";", ",").split(",")


def _parts(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield str(value.get("name") or "")
    elif isinstance(value, list):
        yield from (str(each) for each in value)
    elif isinstance(value, str):
        yield value
