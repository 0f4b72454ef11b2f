"""A database that is not there yet as a process starts: it is waited for, and not for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from watcher.errors import StoreError
from watcher.ports import Clock, Sleeper

GIVE_UP_SECONDS = 300.0
"""How long a process waits for a database that is away before it ends with an error."""
AGAIN = (0.5, 1.0, 2.0, 5.0)
"""Seconds between two tries: the longer it is away, the more."""
R = TypeVar("R")


def again_in(away: float) -> float:
    """Return how many seconds to wait for a database that has been away for so many."""
    return next((wait for wait in AGAIN if away < 10 * wait), AGAIN[-1])


def when_there(opening: Callable[[], R], wait: Sleeper, clock: Clock, log: logging.Logger) -> R:
    """Return what `opening` opens; where its database cannot be reached, as soon as it can.

    Args:
        opening: Opens it.
        wait: Waits so many seconds.
        clock: Counts how long.
        log: Where it is told, once, that it is waited for.

    Raises:
        StoreError: It could not be reached for five minutes, or cannot be used for another reason.
    """
    since: float | None = None
    while True:
        try:
            return opening()
        except StoreError as error:
            now = clock.monotonic()
            is_first, since = since is None, now if since is None else since
            if error.kind != "unreachable" or now - since > GIVE_UP_SECONDS:
                raise
            if is_first:
                log.warning("%s", error)
        wait(again_in(now - since))
