"""A server's turn: one process looks at what is due there, for twenty seconds at the most."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from watcher.bootstrap import Watcher
from watcher.core.pressure import Pressure
from watcher.errors import StoppingError
from watcher.ports.cluster import Claimed
from watcher.ports.hosts import Rests
from watcher.runtime.lanes import Lanes
from watcher.runtime.log import of_outcome
from watcher.runtime.pulse import Pulse
from watcher.runtime.stopping import Guarded, Stop
from watcher.runtime.watchdog import Watchdog
from watcher.services.check import note_failure
from watcher.store.holdings import SharingStore

TURN_SECONDS = 20.0
"""With the time until a dead process is known for one, and a second or two to be woken: what it was
at is resumed within a minute, also where every other worker has just begun a turn."""
_MOST_AT_ONCE = 50
_LONGEST_LOOK = 20 * 60.0
_BURIED = 2
"""Deaths over one target after which it is not looked at, but noted as a look that failed."""


@dataclass(slots=True)
class Fetching:
    """Looks at what is due, a server at a time.

    Attributes:
        watcher: The program.
        store: Its store, as several processes share it.
        rests: Which servers are left alone.
        pulse: Whether others take this process for alive: one taken for dead asks nobody.
        stop: Ends it.
        guarded: Runs a step and keeps its failure from ending all others.
        watchdog: Knows since when each thread is at its work.
        log: Where it tells what it does.
        pressure: How much may be fetched now.
        on_news: Called after a look that found something.
    """

    watcher: Watcher
    store: SharingStore
    rests: Rests
    pulse: Pulse
    stop: Stop
    guarded: Guarded
    watchdog: Watchdog
    log: logging.Logger
    pressure: Callable[[], Pressure]
    on_news: Callable[[], None]
    looks: int = 0
    _counting: Lock = field(default_factory=Lock)

    def turn(self, host: str) -> int:
        """Look at what is due at a server, unless another process does; return how many looks."""
        with self.rests.holding(host) as is_ours:
            return self._turn(host) if is_ours else 0

    def _turn(self, host: str) -> int:
        clock = self.watcher.tools.clock
        until = clock.monotonic() + TURN_SECONDS
        looked = 0
        while not self._is_over(until):
            claimed = self._take(host)
            if not claimed:
                break
            rest = deque(claimed)
            begun = _Begun()
            try:
                self._look_at(host, rest, begun, until)
            finally:
                self._give_back([*begun.unfinished(), *rest])
            looked += len(claimed) - len(rest)
            if rest or self._was_all(host, claimed):
                break
        return looked

    def _was_all(self, host: str, claimed: tuple[Claimed, ...]) -> bool:
        """Return whether nothing else was due: what has become so wakes a worker of its own."""
        return len(claimed) < self._limit(host) and not any(each.deaths for each in claimed)

    def _take(self, host: str) -> tuple[Claimed, ...]:
        limit = self._limit(host)
        least = self.pressure().least
        with self.store.apart() as work:
            now = self.watcher.tools.clock.now()
            process = self.pulse.process.id
            return work.claims.take(host, process, now, limit, least)

    def _limit(self, host: str) -> int:
        """Return how many targets can be looked at within a turn at this server's pace."""
        pace = self.watcher.config.host(_name(host)).pace
        return min(_MOST_AT_ONCE, max(1, int(TURN_SECONDS / pace))) if pace else _MOST_AT_ONCE

    def _is_over(self, until: float) -> bool:
        now = self.watcher.tools.clock.monotonic()
        return self.stop.is_set() or now > until or not self.pulse.is_alive

    def _look_at(self, host: str, rest: deque[Claimed], begun: _Begun, until: float) -> None:
        """Work off what was claimed, by as many lanes as the server allows connections."""
        connections = self.watcher.config.host(_name(host)).connections
        work = partial(self._lane, rest, begun, until)
        if connections == 1 or len(rest) == 1:
            work()
            return
        lanes = Lanes(connections)
        for seat in range(connections):
            lanes.start(f"{host} {seat}", work)
        lanes.finish(_LONGEST_LOOK)

    def _lane(self, rest: deque[Claimed], begun: _Begun, until: float) -> None:
        while not self._is_over(until) and not begun.was_given_up():
            try:
                claimed = rest.popleft()
            except IndexError:
                return
            if not self.watcher.may_ask(claimed.url):
                rest.append(claimed)
                return
            begun.add(claimed)
            with self.watchdog.looking(claimed.url):
                self._look_at_one(claimed, begun)
            if begun.was_given_up():
                return  # it is due as it was
            begun.done(claimed)

    def _look_at_one(self, claimed: Claimed, begun: _Begun) -> None:
        if claimed.deaths >= _BURIED:
            self._note(claimed, f"{claimed.deaths} processes died while they looked at it")
        elif not self.guarded(partial(self._check, claimed, begun))() and not begun.was_given_up():
            self._note(claimed, "see the service's log")

    def _check(self, claimed: Claimed, begun: _Begun) -> None:
        source = self.watcher.source(claimed.source)
        try:
            outcome = self.watcher.look(source, claimed.url)
        except StoppingError:
            begun.give_up()
            raise
        with self._counting:
            self.looks += 1
        with self.store.reading() as work:
            next_due = work.captures.target(source.id, claimed.url).next_due
        self.log.info("capture", extra={"fields": of_outcome(outcome, next_due)})
        if outcome.events:
            self.on_news()

    def _note(self, claimed: Claimed, why: str) -> None:
        source = self.watcher.source(claimed.source)
        note = partial(note_failure, source, claimed.url, why, self.watcher.tools)
        self.guarded(lambda: self.log.info("capture", extra={"fields": of_outcome(note(), "")}))()

    def _give_back(self, rest: list[Claimed]) -> None:
        if not rest:
            return

        def give_back() -> None:
            with self.store.apart() as work:
                work.claims.give_back(self.pulse.process.id, rest)

        self.guarded(give_back)()


class _Begun:
    """The looks of a turn that have begun and not come to their end."""

    def __init__(self) -> None:
        self._is_given_up = False
        self._of: dict[tuple[str, str], Claimed] = {}
        self._lock = Lock()

    def add(self, claimed: Claimed) -> None:
        with self._lock:
            self._of[claimed.source, claimed.url] = claimed

    def give_up(self) -> None:
        """Be told that the process ends, or lost its turn, amid a look: none begins any more."""
        self._is_given_up = True

    def was_given_up(self) -> bool:
        return self._is_given_up

    def done(self, claimed: Claimed) -> None:
        with self._lock:
            del self._of[claimed.source, claimed.url]

    def unfinished(self) -> list[Claimed]:
        with self._lock:
            return [*self._of.values()]


def _name(host: str) -> str:
    """Return a server's name without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host
