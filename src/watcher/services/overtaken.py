"""A step taken anew because somebody else told of the same subject meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from watcher.errors import VersionConflictError

R = TypeVar("R")

_OVERTAKEN = 10
"""How often in a row a step may find that another was appended first."""


def tried_again(step: Callable[[], R]) -> R:
    """Return what a step comes to, taken anew where another was appended first.

    Another target of the same source may tell of the same subject, in this process or on another
    machine: the step then reads where the stream stands now, and compares with that.

    Args:
        step: Reads where the stream stands and appends to it.

    Raises:
        VersionConflictError: It was overtaken too often for that to come about by chance.
    """
    for _ in range(_OVERTAKEN):
        with suppress(VersionConflictError):
            return step()
    return step()
