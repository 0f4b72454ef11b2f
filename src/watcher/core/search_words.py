"""The words a medicine is found by, and how well one of them answers what a person asks for.

Only letters and digits are kept, folded and without accents: `CX-601` is found as `cx601`,
`darvadstrócel` as `darvadstrocel` and `H-C-4258` by its number. Titles of documents are found word
by word, and what happened by the words of its type: `holder transferred`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from watcher.core.events import Change
from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.identity import product_number
from watcher.core.taxonomy import TYPES
from watcher.core.text import squash, tidy, without_accents

Kind = Literal["name", "number", "substance", "alias", "atc", "holder", "area", "document", "event"]
"""What a word is of the medicine; the words of `event` are names of event types."""

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
_DOCUMENT: Final = "document["
_SUBJECTS: Final[Mapping[str, Kind]] = {"medicine": "number", "substance": "substance"}
_LONGEST: Final = 200
MOST_TOKENS: Final = 8
SHORT: Final = 3
"""A token shorter than this is looked for at the beginning of a word only, and in few kinds."""
IN_PART: Final = frozenset[Kind]({"name", "number", "substance", "alias", "holder", "area"})
"""The kinds whose words are found by any part of them; others by their beginning."""
MANY: Final = frozenset[Kind]({"document", "event"})
"""The kinds that short tokens are not looked for in: nearly every medicine would answer."""


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """How well a medicine answers: the lower the rank the better, and what it was found by."""

    rank: int
    kind: Kind


NUMBER, EXACT, BEGINS, SUBSTANCE, OTHER, TITLE, HAPPENED = range(7)
"""Ranks: its whole number; its whole name; what one of these begins with; its substance or alias;
holder, area, code or a part of a name; a title of its documents; what happened to it."""


@lru_cache(maxsize=4096)
def squashed(text: str) -> str:
    """Return the letters and digits of `text`, folded and without accents."""
    return squash(without_accents(text))


def is_searched(change: Change) -> bool:
    """Return whether a medicine is found otherwise after a change than before it."""
    if change.path.startswith(_DOCUMENT):
        return _title(change.before) != _title(change.after)
    return change.path in _PATHS or _is_holder(change.path)


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


def tokens(query: str) -> tuple[str, ...]:
    """Return what a person asks for as squashed words; a product number is one in any spelling."""
    number = product_number(query)
    if number:
        return (squashed(number),)
    asked = tidy(query)[:_LONGEST].split()
    return tuple(filter(None, map(squashed, asked)))[:MOST_TOKENS]


def types_told(token: str) -> tuple[str, ...]:
    """Return the event types that a token is a word of, or begins one."""
    if len(token) < SHORT:
        return ()
    return tuple(name for name, words in _type_words() if any(map(_begins(token), words)))


@lru_cache(maxsize=1)
def _type_words() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(_parts_of(name))) for name in TYPES)


def _parts_of(name: str) -> list[str]:
    return [squashed(part) for part in name.replace("_", ".").split(".")]


def _begins(token: str) -> Callable[[str], bool]:
    return lambda word: word.startswith(token)


def best(words: Iterable[tuple[Kind, str]], token: str) -> Hit | None:
    """Return how well the best of these words answers a token; None: none does."""
    ranked = ((_rank(kind, word, token), kind) for kind, word in words)
    return min((Hit(rank, kind) for rank, kind in ranked if rank is not None), default=None)


def worst(found: Sequence[Hit | None]) -> Hit | None:
    """Return how well several tokens are answered together: each has to be, the worst ranks."""
    known = [each for each in found if each is not None]
    return max(known) if known and len(known) == len(found) else None


def hit(words: Words, asked: Sequence[str]) -> Hit | None:
    """Return how well `words` answer `asked`; None: they do not.

    The tokens run together are tried first ("crohn disease", "takeda pharma"), then each has to be
    found somewhere ("alofisel takeda").
    """
    whole = best(words, "".join(asked))
    if whole is not None or len(asked) < 2:
        return whole
    return worst([best(words, token) for token in asked])


def _rank(kind: Kind, word: str, token: str) -> int | None:
    """Return how well one word answers a token."""
    if kind == "event":
        return HAPPENED if word in types_told(token) else None
    begins = word.startswith(token)
    if not begins and (kind not in IN_PART or len(token) < SHORT or token not in word):
        return None
    if kind in MANY:
        return TITLE if len(token) >= SHORT else None
    if kind in {"name", "number"} and word == token:
        return NUMBER if kind == "number" else EXACT
    if kind in {"name", "number"}:
        return BEGINS if begins else OTHER
    return SUBSTANCE if begins and kind in {"substance", "alias"} else OTHER


def _is_holder(path: str) -> bool:
    return path.startswith("authorisation[") and split_path(path).leaf in _HOLDERS


def _texts(subject: Subject, state: State) -> Iterator[tuple[Kind, str]]:
    yield _SUBJECTS[subject.kind], subject.id
    titles: list[str] = []
    for path, value in state.items():
        if path.startswith(_DOCUMENT):
            titles.append(_title(value))
            continue
        kind = _PATHS.get(path) or ("holder" if _is_holder(path) else None)
        if kind is not None:
            for text in _parts(value):
                yield from ((kind, part) for part in _listed(kind, text))
    # forty titles of one medicine share most of their words
    yield from (("document", word) for word in {*" ".join(titles).split()} if len(word) >= SHORT)


def _title(document: Value) -> str:
    stated = document.get("title") if isinstance(document, Mapping) else ""
    return stated if isinstance(stated, str) else ""


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
