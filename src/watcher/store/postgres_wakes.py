"""What wakes a consumer of a PostgreSQL store: LISTEN and NOTIFY, on a connection of its own."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import Event, Lock
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    import sqlalchemy as sa

TOPIC = "watcher"
"""The channel that the store notifies; what is new follows, as `log` or `log,outbox`."""

_SLICE = 0.5
"""Seconds after which one that waits looks whether it is to end."""
_log = logging.getLogger(__name__)


class PostgresWakes:
    """Keeps the port `Wakes`; after the server was away, it wakes once to be on the safe side."""

    def __init__(self, url: sa.URL, name: str) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._name = name
        self._connection: psycopg.Connection | None = None
        self._is_closed = Event()
        self._was_lost = False
        self._waiting = Lock()

    def wait(self, seconds: float) -> bool:
        """Return once there is news, at the latest after `seconds`; whether there is."""
        with self._waiting:
            return self._waited(seconds)

    def close(self) -> None:
        """Let go of the connection, and of whoever waits."""
        self._is_closed.set()
        with self._waiting:
            self._drop()

    def _waited(self, left: float) -> bool:
        while not self._is_closed.is_set():
            if self._connection is None:
                # what was told before we listened, and while we could not, is looked for at once
                if self._listens():
                    return True
                self._is_closed.wait(min(left, _SLICE))
            elif self._hears(min(left, _SLICE)):
                return True
            left -= _SLICE
            if left <= 0:
                break
        return False

    def _listens(self) -> bool:
        try:
            self._connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=10, application_name="watcher-wakes"
            )
            self._connection.execute(f"LISTEN {TOPIC}")
        except psycopg.Error as error:
            self._lost(error)
            return False
        if self._was_lost:
            _log.info("%s is back", self._name)
        self._was_lost = False
        return True

    def _hears(self, seconds: float) -> bool:
        assert self._connection is not None  # noqa: S101  for the type checker
        try:
            return any(self._connection.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error as error:
            self._lost(error)
            return False

    def _lost(self, error: psycopg.Error) -> None:
        self._drop()
        if not (self._was_lost or self._is_closed.is_set()):
            said = " ".join(str(error).split())
            _log.warning("%s does not tell what is new (%s): asking again", self._name, said)
        self._was_lost = True

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()
