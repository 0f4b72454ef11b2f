"""A target being looked at is due no more, so that a program that dies of it does not ask at once.

A page that kills its reader would otherwise be asked for again by every process the supervisor
starts, as fast as the pace allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from watcher.core.capture import Target, instant
from watcher.errors import StoppingError
from watcher.ports import Clock
from watcher.ports.cluster import LEASE
from watcher.ports.store import Store


@contextmanager
def leased(store: Store, source: str, url: str, clock: Clock) -> Iterator[Target]:
    """Put a target off while it is looked at, and yield where we are with it.

    The look itself then says when the next one is.

    A service that was asked to end before it had asked gives the lease back: the target stays due.
    """
    until = instant(clock.now() + LEASE)
    with store.writing() as work:
        before = work.captures.target(source, url)
        put_off = replace(before, next_due=until)
        work.captures.put_target(put_off)
    try:
        yield put_off
    except StoppingError:
        with store.writing() as work:
            now = work.captures.target(source, url)
            if now.next_due == until:
                work.captures.put_target(replace(now, next_due=before.next_due))
        raise


def give_back(store: Store, source: str, url: str, now: datetime) -> None:
    """Let a target be due whose look was given up in the middle: nothing came of it."""
    with store.writing() as work:
        target = work.captures.target(source, url)
        work.captures.put_target(replace(target, next_due=instant(now)))
