"""How two values of one fact relate: the same, the same said better, or something else.

"Change that is not change" is the commonest false alarm in this field; each kind of fact has its
own idea of sameness, and this is where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.events import Nature
from watcher.core.facts import Value, split_path
from watcher.core.identity import is_atc_code, same_holder
from watcher.core.text import fold, squash


def nature(path: str, before: Value, after: Value) -> Nature:
    """Return how `after` relates to `before`: `respelled`, `refined` or `changed`.

    Args:
        path: The path both stand at.
        before: The value known so far.
        after: The value now stated, not equal to it.
    """
    if _is_respelled(path, before, after):
        return "respelled"
    if isinstance(before, str) and isinstance(after, str) and _is_refined(before, after):
        return "refined"
    return "changed"


def _is_respelled(path: str, before: Value, after: Value) -> bool:
    if split_path(path).leaf == "holder":
        return same_holder(before, after)
    if isinstance(before, str) and isinstance(after, str):
        if path.startswith(("indication.", "document[")):
            return squash(before) == squash(after)
        return fold(before) == fold(after)
    if isinstance(before, list) and isinstance(after, list):
        return _words(before) == _words(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = before.keys() | after.keys()
        return all(
            one == other or _is_respelled(path, one, other)
            for one, other in ((before.get(key), after.get(key)) for key in keys)
        )
    return False


def _words(values: list[Value]) -> list[str]:
    """Return the words of a list: how it is cut (by comma, by semicolon) and ordered is no news."""
    return sorted(re.findall(r"\w+", fold(" ".join(map(str, values)))))


def _is_refined(before: str, after: str) -> bool:
    """Return whether `after` says the same more precisely: 2024-12 → 2024-12-13, L04 → L04AX08."""
    if is_edtf(before) and is_edtf(after):
        return Edtf.parse(after).refines(Edtf.parse(before))
    return is_atc_code(before) and is_atc_code(after) and after.startswith(before)
