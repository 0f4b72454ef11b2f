"""Patience with a database that is away: it is waited for, and not for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from procrastinate import exceptions as queue_errors

from watcher.errors import StoreError
from watcher.ports import Clock
from watcher.runtime.opening import GIVE_UP_SECONDS, again_in
from watcher.runtime.stopping import Stop

FAILED = (queue_errors.ConnectorException, queue_errors.AppNotOpen, psycopg.Error, StoreError)
"""What the queue and the store raise where the database is away, and where a statement is wrong."""
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, StoreError, OSError)


@dataclass(slots=True)
class Patience:
    """Waits for the database, from the first try that failed to the next that does not.

    Attributes:
        stop: Ends the waiting.
        clock: Counts it.
        log: Where it is told once.
        is_there: Whether the database answered a moment ago.
    """

    stop: Stop
    clock: Clock
    log: logging.Logger
    is_there: Callable[[], bool]
    _since: float | None = None

    def until_there(self, step: Callable[[], object]) -> None:
        """Do what a start needs; where the database is away, wait for it.

        Raises:
            StoreError: It stayed away.
        """
        while not self.stop.is_set():
            try:
                step()
            except StoreError as error:
                self.wait(error)
            else:
                self._since = None
                return

    def wait(self, error: Exception) -> None:
        """Wait before the next try.

        Raises:
            StoreError: It was away for too long.
            Exception: `error`, where it is something else: waiting would not mend it.
        """
        if not any(isinstance(each, _AWAY) for each in _chain(error)):
            raise error
        now = self.clock.monotonic()
        if self._since is None or self.is_there():
            self._since = now
            self.log.warning("the database is away: %s", _said(error))
        away = now - self._since
        if away > GIVE_UP_SECONDS:
            message = f"the database was away for {away:.0f} seconds: {_said(error)}"
            raise StoreError(message, kind="unreachable") from error
        self.stop.wait(again_in(away))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what caused it, the first cause last."""
    yield error
    if error.__cause__ is not None:
        yield from _chain(error.__cause__)


def _said(error: BaseException) -> str:
    """Return what the driver said, which the queue's own error keeps to itself."""
    first = [*_chain(error)][-1]
    return " ".join(str(first).split()) or type(first).__name__
