"""A value that came damaged: characters lost on the way, each a mark U+FFFD in its place.

A server that states UTF-8 and sends another charset makes `Éléonore` into `�l�onore`. That is the
same name read badly, and no other name.
"""

from __future__ import annotations

import re
from operator import eq

from watcher.core.facts import Value

_MARK = "\ufffd"
_MARKS = re.compile(f"{_MARK}+")
_EACH = 2
"""How many characters a mark may stand for at most."""


def is_damaged(value: Value | None, known: Value | None) -> bool:
    """Return whether `value` is `known` but for characters that were lost.

    Each run of marks may stand for as many characters or none, and for what those were made of.

    Args:
        value: What was read now.
        known: What was known before; something that has marks itself is not held against anything.
    """
    match value, known:
        case str(), str():
            return _is_damaged_text(value, known)
        case list(), list():
            return _all_alike(value, known)
        case dict(), dict() if value.keys() == known.keys():
            return _all_alike([*value.values()], [known[key] for key in value])
        case _:
            return False


def _all_alike(values: list[Value], known: list[Value]) -> bool:
    """Return whether one at least is damaged, and all others are what they were."""
    if len(values) != len(known):
        return False
    damaged = list(map(is_damaged, values, known))
    same = list(map(eq, values, known))
    return any(damaged) and all(map(max, damaged, same))


def _is_damaged_text(text: str, known: str) -> bool:
    """Return it by one walk through `known`: what stands between the marks follows in its order."""
    if _MARK not in text or _MARK in known:
        return False
    first, *parts = _MARKS.split(text)
    if not known.startswith(first):
        return False
    place = len(first)
    for part, marks in zip(parts, _MARKS.findall(text), strict=True):
        most = place + _EACH * len(marks)
        is_last = part is parts[-1]
        found = len(known) - len(part) if is_last else known.find(part, place, most + len(part))
        if not place <= found <= most or not known.startswith(part, found):
            return False
        place = found + len(part)
    return place == len(known)
