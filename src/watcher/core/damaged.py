"""A value that came damaged: characters lost on the way, each a mark U+FFFD in its place.

A server that states UTF-8 and sends another charset makes `Éléonore` into `�l�onore`. That is the
same name read badly, and no other name.
"""

from __future__ import annotations

import re

from watcher.core.facts import Value

_MARK = "\ufffd"
_MARKS = re.compile(f"{_MARK}+")
_LONGEST = 10_000
"""Characters beyond which a text is not compared so: it is not worth the time."""


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
    damaged = [is_damaged(one, other) for one, other in zip(values, known, strict=True)]
    same = [one == other for one, other in zip(values, known, strict=True)]
    return any(damaged) and all(map(max, damaged, same))


def _is_damaged_text(text: str, known: str) -> bool:
    if _MARK not in text or _MARK in known or max(len(text), len(known)) > _LONGEST:
        return False
    parts = [re.escape(part) for part in _MARKS.split(text)]
    lost = [f".{{0,{2 * len(marks)}}}" for marks in _MARKS.findall(text)]
    pattern = "".join(part + gap for part, gap in zip(parts, [*lost, ""], strict=True))
    return re.fullmatch(pattern, known, re.DOTALL) is not None
