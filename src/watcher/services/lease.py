"""A target being looked at is due no more, so that a program that dies of it does not ask at once.

A page that kills its reader would otherwise be asked for again by every process the supervisor
starts, as fast as the pace allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from watcher.core.capture import Target, instant
from watcher.errors import StoppingError
from watcher.ports import Clock
from watcher.ports.cluster import LEASE
from watcher.ports.store import Store

R = TypeVar("R")

_TOGETHER = 50
"""So many targets are put off in one transaction where no other process may look at them."""
_ANEW = LEASE / 3
"""After how long those that still wait for their look are put off anew."""


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


def leased_in_turn(
    store: Store, source: str, urls: Sequence[str], clock: Clock, look: Callable[[Target], R]
) -> Generator[R]:
    """Yield what looking at each target comes to, one after the other; see `leased`.

    Some are put off together, which saves a commit a look. Each look has a commit of its own all
    the same: one that kills the process takes none before it along, and those after it are due a
    quarter of an hour later at the latest. Those that were not begun when it ends are given back.

    It is for a store that no other process writes to: where we are with a target is read when it
    is put off.

    Args:
        store: The store.
        source: The source's id.
        urls: The addresses of its targets, each once.
        clock: Tells the time.
        look: Looks at one target.
    """
    for start in range(0, len(urls), _TOGETHER):
        rest, due = _put_off(store, source, urls[start : start + _TOGETHER], clock)
        anew_at = clock.now() + _ANEW
        try:
            while rest:
                if clock.now() >= anew_at:
                    rest, _ = _put_off(store, source, [each.url for each in rest], clock)
                    anew_at = clock.now() + _ANEW
                yield look(rest.popleft())
        finally:
            if rest:
                _give_back(store, rest, due)


def _put_off(
    store: Store, source: str, urls: Sequence[str], clock: Clock
) -> tuple[deque[Target], dict[str, str]]:
    """Put targets off; return where we are with each, and when each was due."""
    until = instant(clock.now() + LEASE)
    with store.writing() as work:
        known = work.captures.known(source, urls)
        before = [known.get(url) or Target(source=source, url=url) for url in urls]
        put_off = [replace(each, next_due=until) for each in before]
        work.captures.put_targets(put_off)
    return deque(put_off), {each.url: each.next_due for each in before}


def _give_back(store: Store, rest: Collection[Target], due: Mapping[str, str]) -> None:
    """Let targets be due as they were, but for those that were brought forward meanwhile."""
    with store.writing() as work:
        put_off = {each.url: each.next_due for each in rest}
        known = work.captures.known(next(iter(rest)).source, [*put_off])
        work.captures.put_targets([
            replace(each, next_due=due[url])
            for url, each in known.items()
            if each.next_due == put_off[url]
        ])  # fmt: skip


def give_back(store: Store, source: str, url: str, now: datetime) -> None:
    """Let a target be due whose look was given up in the middle: nothing came of it."""
    with store.writing() as work:
        target = work.captures.target(source, url)
        work.captures.put_target(replace(target, next_due=instant(now)))
