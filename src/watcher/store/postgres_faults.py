"""What PostgreSQL says when it fails, as errors of ours: with what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from watcher.errors import DamagedStoreError, StoreError, WatcherError

_KINDS = {
    "53100": "full",
    "53200": "locked",
    "53300": "locked",
    "40001": "locked",
    "40P01": "locked",
    "55P03": "locked",
    "57014": "locked",
    "25P03": "locked",
    "58030": "io",
    "42501": "denied",
    "25006": "denied",
    "28000": "denied",
    "28P01": "denied",
    "3D000": "unreachable",
}
"""By SQLSTATE, from PostgreSQL's appendix of error codes."""
_GONE = ("08", "57P")
"""How the SQLSTATE of a lost connection or of a server that stops or starts begins."""
_DAMAGED = frozenset({"XX001", "XX002"})
_ADVICE = {
    "full": "no room is left on the server's disk, and nothing was kept: make room",
    "locked": "others held it for too long, and nothing was kept: it is tried again",
    "io": "the server's disk could not be read or written: see the server's log",
    "denied": "this role may not do that: see `watcher store grants`",
    "unreachable": "see whether the server runs and the address is right; it is tried again",
}


@contextmanager
def told_plainly(place: str) -> Iterator[None]:
    """Raise the faults of the database `place` within this block as errors of ours.

    A statement that is itself wrong stays the error that it is: that is a fault of the program.

    Raises:
        StoreError: It cannot be reached, has no room, is held by others or refuses this role. Where
            the connection went in the middle of a commit, that may have been done: whatever is
            tried again is recognised by its id or key.
        DamagedStoreError: A file of the server is not as it wrote it.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        fault = fault_of(place, error.orig, is_lost=error.connection_invalidated)
        if fault is None:
            raise
        raise fault from error
    except sa.exc.TimeoutError as error:
        message = f"{place}: no connection became free in time; {_ADVICE['locked']}"
        raise StoreError(message, kind="locked") from error


def fault_of(place: str, error: BaseException | None, *, is_lost: bool) -> WatcherError | None:
    """Return what an error of the driver means to us; None: the statement itself is wrong."""
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    said = " ".join(str(error).split())
    if state in _DAMAGED:
        message = f"{place} is damaged ({said}): run `watcher verify`, and put a backup back"
        return DamagedStoreError(message)
    kind = _KINDS.get(state)
    if kind is None and (is_lost or state.startswith(_GONE) or _has_no_state(error, state)):
        kind = "unreachable"
    return StoreError(f"{place}: {said}; {_ADVICE[kind]}", kind=kind) if kind else None


def _has_no_state(error: psycopg.Error, state: str) -> bool:
    """Return whether it is a failure of the connection: the server gives all others a SQLSTATE."""
    return isinstance(error, psycopg.OperationalError) and not state
