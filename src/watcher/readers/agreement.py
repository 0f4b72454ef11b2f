"""What a page says more than once of one thing, brought to one value.

Saying the same twice is no news and neither is saying it less precisely; saying something else is a
conflict within the page, which is noted and never settled by taking the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.facts import Fact, Value
from watcher.core.text import shorten


@dataclass(frozen=True, slots=True)
class Agreement:
    """Facts of which no two contradict each other, and notes on those that did.

    Attributes:
        facts: In the order given; the same value may stand there once for each place it was
            read from.
        conflicts: `authorisation[EU].granted: "2018-03-23" at line 31, but "2017" at line 40`.
    """

    facts: tuple[Fact, ...]
    conflicts: tuple[str, ...]


def agree(facts: Iterable[Fact]) -> Agreement:
    """Return `facts` with one value a path: the most precise of those that can both be meant.

    Null, something stated without its date, is the least precise.

    Where two cannot both be meant the first stands, so readers give the better place first.
    """
    by_path: dict[str, list[Fact]] = {}
    for fact in facts:
        by_path.setdefault(fact.path, []).append(fact)
    kept: list[Fact] = []
    conflicts: list[str] = []
    for path, told in by_path.items():
        best = told[0]
        for fact in told[1:]:
            if _refines(fact.value, best.value):
                best = fact
        kept += (fact for fact in told if _same(fact.value, best.value))
        conflicts += (
            f"{path}: {_short(best)}, but {_short(fact)}"
            for fact in told
            if not _same(fact.value, best.value) and not _refines(best.value, fact.value)
        )
    return Agreement(tuple(kept), tuple(conflicts))


def _same(one: Value, other: Value) -> bool:
    return one == other and type(one) is type(other)


def _refines(value: Value, coarser: Value) -> bool:
    if coarser is None:
        return value is not None
    if not (isinstance(value, str) and isinstance(coarser, str)):
        return False
    if not (is_edtf(value) and is_edtf(coarser)):
        return False
    return Edtf.parse(value).refines(Edtf.parse(coarser))


def _short(fact: Fact) -> str:
    return f"{shorten(repr(fact.value))} at {fact.place}"
