"""The medicines that a table lists, and which a person means by a name, substance or number.

What is found here goes onto a watch list, so it is found by the rule that watch lists match by: a
person is never shown a medicine that the list would then not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from watcher.core.facts import Reading, State, Subject, Value
from watcher.core.identity import product_number
from watcher.core.phrases import date_on
from watcher.core.search_words import hit, squashed, tokens, words_of
from watcher.core.status import ENDED, AuthorisationStatus
from watcher.core.watch_list import WatchList, matches
from watcher.ports.store import Store

Kind = Literal["product", "substance"]
KINDS: tuple[Kind, ...] = ("product", "substance")
_NEAREST = 5
_NEAR = 0.75


@dataclass(frozen=True, slots=True)
class Listed:
    """A medicine as a table lists it.

    Attributes:
        subject: Its identity.
        state: All that is stated of it, by path.
    """

    subject: Subject
    state: State

    @property
    def name(self) -> str:
        """Return its invented name, or its number."""
        return _text(self.state.get("product.brand_name")) or self.subject.id

    @property
    def number(self) -> str:
        """Return EMA's number of it; empty where its identity is none."""
        return product_number(self.subject.id) or ""

    @property
    def substance(self) -> str:
        """Return its substances in a line, by their INNs where they are stated."""
        inn = _text(self.state.get("product.inn"))
        return inn or _text(self.state.get("product.active_substance"))

    @property
    def status(self) -> str:
        """Return where its EU authorisation stands: `authorised`; empty: not stated."""
        return _text(self.state.get("authorisation[EU].status"))

    @property
    def since(self) -> str:
        """Return since when, in words and as precisely as stated; empty: not stated."""
        leaf = "granted" if self.status == AuthorisationStatus.AUTHORISED else self.status
        day = self.state.get(f"authorisation[EU].{leaf}")
        return date_on(day) if isinstance(day, str) and day else ""

    @property
    def url(self) -> str:
        """Return the address of its page; empty: not stated."""
        return _text(self.state.get("product.url"))

    @property
    def has_ended(self) -> bool:
        """Return whether its authorisation was ended: withdrawn, expired, revoked or lapsed."""
        return self.status in ENDED

    def __str__(self) -> str:
        """Return it in a line for a person to tell it from others."""
        told = f"{self.name} ({self.substance})" if self.substance else self.name
        return f"{told}, {self.subject.id}, {self.status or 'no status stated'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """One thing that a person may mean.

    Attributes:
        kind: Whether it is a medicine or a substance.
        text: What to put onto a watch list for it.
        medicines: The medicines that it stands for today.
    """

    kind: Kind
    text: str
    medicines: tuple[Listed, ...]

    def __str__(self) -> str:
        """Return it in words."""
        if self.kind == "product":
            return str(self.medicines[0])
        many = len(self.medicines)
        return f"the substance {self.text}: {many} medicine{'s'[: many != 1]} today"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found for one request.

    Attributes:
        asked: What was asked for, as it was written.
        meant: What may be meant; exactly one: that is it.
        near: Names and substances that are spelled nearly so, where nothing was found.
    """

    asked: str
    meant: tuple[Meant, ...] = ()
    near: tuple[str, ...] = ()


def of_reading(reading: Reading) -> tuple[Listed, ...]:
    """Return the medicines of a table as it was read."""
    return tuple(Listed(each.subject, each.state()) for each in reading.records)


def of_store(store: Store, sources: Iterable[str]) -> tuple[Listed, ...]:
    """Return the medicines that are known of these sources; of several, the first that knows one.

    Args:
        store: Where.
        sources: Ids of sources, the best first.
    """
    found: dict[Subject, Listed] = {}
    with store.reading() as work:
        for source in sources:
            for name, stream in work.streams.of_source(source).items():
                subject = Subject.parse(name.partition("/")[2])
                if subject.kind == "medicine":
                    found.setdefault(subject, Listed(subject, stream.state))
    return tuple(found.values())


def look_up(catalogue: Sequence[Listed], asked: str) -> Answer:
    """Return what a person may mean by a name, a substance or a product number.

    `product:Imatinib` and `substance:imatinib` say which is meant where one word is both.
    """
    wanted, _, rest = asked.partition(":")
    kinds = [kind for kind in KINDS if kind == wanted.strip().casefold()] or [*KINDS]
    text = (rest if len(kinds) == 1 else asked).strip()
    if not squashed(text):
        return Answer(asked=asked)
    meant = [each for kind in kinds for each in _meant(catalogue, kind, text)]
    if not meant and "product" in kinds:
        meant = [_product(each) for each in _beginning(catalogue, text)]
    return Answer(asked=asked, meant=tuple(meant), near=() if meant else _near(catalogue, text))


def on_lists(catalogue: Iterable[Listed], lists: Sequence[WatchList]) -> tuple[Listed, ...]:
    """Return the medicines that are on one of these watch lists, those that ended first."""
    found = [
        each
        for each in catalogue
        if any(matches(listed, each.subject, each.state) for listed in lists)
    ]
    return tuple(sorted(found, key=lambda each: (not each.has_ended, squashed(each.name))))


def _meant(catalogue: Iterable[Listed], kind: Kind, text: str) -> Iterator[Meant]:
    is_product = kind == "product"
    listed = WatchList(
        id="asked",
        products=(text,) if is_product else (),
        substances=() if is_product else (text,),
    )
    found = [each for each in catalogue if matches(listed, each.subject, each.state)]
    if is_product:
        yield from map(_product, found)
    elif found:
        yield Meant(kind=kind, text=text, medicines=tuple(found))


def _product(each: Listed) -> Meant:
    return Meant(kind="product", text=each.number or each.name, medicines=(each,))


def _beginning(catalogue: Iterable[Listed], text: str) -> list[Listed]:
    """Return the medicines whose name is the beginning of a longer one: Advate of `Advate 250`."""
    asked = tokens(text)
    ranked = ((hit(words_of(each.subject, each.state), asked), each) for each in catalogue)
    found = [(rank, each) for rank, each in ranked if rank is not None and rank.kind == "name"]
    found.sort(key=lambda pair: (pair[0], squashed(pair[1].name)))
    return [each for _, each in found][:_NEAREST]


def _near(catalogue: Iterable[Listed], text: str) -> tuple[str, ...]:
    spelled = {
        squashed(name): name for each in catalogue for name in (each.substance, each.name) if name
    }
    return tuple(
        spelled[word] for word in get_close_matches(squashed(text), spelled, _NEAREST, _NEAR)
    )


def _text(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else ""
