"""One trial told under two names: an authority's "one main study" is a trial others call by name.

EMA's overviews for the public never name a trial; they say how many patients it had and how many of
each group got better. Where another source names a trial with the same number of patients in all
and in each group, it is that one, and both are laid side by side: figures at two times of one trial
(24 weeks, one year) are two questions and no conflict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from watcher.core.facts import Fact, Value, split_path

_UNNAMED: Final = "main"
_OUT_OF = re.compile(r"\d+/(?P<all>\d+)\b")

Figures = Mapping[str, Value]
"""What one source says of one trial, by the leaf of the path."""


def told_alike(tellings: Sequence[Sequence[Fact]]) -> list[tuple[Fact, ...]]:
    """Return the tellings with an unnamed main study under the name that another gives it.

    Where none or several fit, it stays unnamed.
    """
    named = {
        name: figures
        for facts in tellings
        for name, figures in _trials(facts).items()
        if name != _UNNAMED
    }
    return [_renamed(facts, named) for facts in tellings]


def same_trial(one: Figures, other: Figures) -> bool:
    """Return whether two tellings are of one trial: as many patients in all and in each group."""
    total, other_total = _total(one), _total(other)
    groups, other_groups = _groups(one), _groups(other)
    return bool(total and groups) and (total, groups) == (other_total, other_groups)


def _trials(facts: Sequence[Fact]) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, Value]] = {}
    for fact in facts:
        part = split_path(fact.path)
        if part.family == "study" and part.leaf:
            found.setdefault(part.key, {}).setdefault(part.leaf, fact.value)
    return found


def _total(figures: Figures) -> int:
    total = figures.get("n_randomised", figures.get("n"))
    return total if isinstance(total, int) else 0


def _groups(figures: Figures) -> list[int]:
    """Return how many patients each group had, stated so or as `53/107`, the smallest first."""
    arms = figures.get("n_arm")
    if isinstance(arms, dict):
        return sorted(size for size in arms.values() if isinstance(size, int))
    for measured in figures.values():
        if isinstance(measured, dict):
            rates = (_OUT_OF.match(str(rate)) for rate in measured.values())
            if sizes := [int(rate["all"]) for rate in rates if rate]:
                return sorted(sizes)
    return []


def _renamed(facts: Sequence[Fact], named: Mapping[str, Figures]) -> tuple[Fact, ...]:
    main = _trials(facts).get(_UNNAMED)
    fitting = [name for name, figures in named.items() if main and same_trial(main, figures)]
    if main is None or len(fitting) != 1:
        return tuple(facts)
    weeks = main.get("timepoint_weeks")
    at = f"_{weeks}w" if isinstance(weeks, int) else ""
    return tuple(_as_named(fact, fitting[0], at) for fact in facts)


def _as_named(fact: Fact, name: str, at: str) -> Fact:
    part = split_path(fact.path)
    if part.family != "study" or part.key != _UNNAMED:
        return fact
    leaf = "n_randomised" if part.leaf == "n" else part.leaf
    if isinstance(fact.value, dict):
        leaf = f"{leaf}{at}"
    return replace(fact, path=f"study[{name}].{leaf}")
