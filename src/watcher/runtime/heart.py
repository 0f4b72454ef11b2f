"""The service's heart: it beats by a clock that no one sets, and tells who wants to know.

Every beat the supervisor gets its sign of life, once a minute a watchdog elsewhere gets one, and
the operator is told of looks that did not happen. A heart that beats says that all the rest does:
where it does not, the beat goes on and the signs of life stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Thread

from watcher.bootstrap import Watcher
from watcher.core.clockwork import Moment
from watcher.errors import FetchError
from watcher.fetch.guard import authority
from watcher.runtime.notify_systemd import Systemd
from watcher.runtime.watchdog import Watchdog
from watcher.services.overdue import Waiting, tell_overdue, tell_rests

MOST_BETWEEN_BEATS = 5.0
"""Seconds between two beats; half of what the supervisor waits, where that is less."""
_MINUTE = 60.0
_SET_BACK = timedelta(seconds=2)


@dataclass(slots=True)
class Heart:
    """Beats while the service runs.

    Attributes:
        watcher: Whose targets and store they are.
        watchdog: Knows whether all threads are well.
        supervisor: Gets a sign of life every beat.
        ping: Sends one elsewhere, every minute; None: nobody waits for it.
        wake: Called where the machine's clock was set back: timers that wait for it would sleep.
        log: Where what is wrong is told.
    """

    watcher: Watcher
    watchdog: Watchdog
    supervisor: Systemd
    ping: Callable[[], None] | None
    wake: Callable[[], None]
    log: logging.Logger
    _waiting: Waiting = field(init=False)
    _minute: float = field(init=False)
    _moment: Moment = field(init=False)
    _was_well: bool = True

    def __post_init__(self) -> None:
        clock = self.watcher.tools.clock
        self._waiting = Waiting(clock)
        self._minute = clock.monotonic()
        self._moment = Moment(clock.now(), clock.monotonic())

    @property
    def seconds(self) -> float:
        """Return how long to wait for the next beat."""
        wanted = self.supervisor.watchdog / 2 or MOST_BETWEEN_BEATS
        return min(wanted, MOST_BETWEEN_BEATS)

    def beat(self) -> None:
        """Beat once: see that the clock runs on, that all is well, and tell who wants to know."""
        clock = self.watcher.tools.clock
        now = Moment(clock.now(), clock.monotonic())
        ran = timedelta(seconds=now.steady - self._moment.steady)
        if now.wall - self._moment.wall < ran - _SET_BACK:
            self.wake()
        self._moment = now
        is_well = self._is_well()
        if is_well:
            self.supervisor.tell("WATCHDOG=1")
        if now.steady - self._minute >= _MINUTE:
            self._minute = now.steady
            self.look_round()
            if is_well and self.ping is not None:
                Thread(target=self._ping, args=(self.ping,), name="ping", daemon=True).start()

    def look_round(self) -> None:
        """Tell the operator of looks that did not happen, and of hosts that are left alone."""
        due = self.watcher.late()
        stuck = {each.url: str(each) for each in self.watchdog.stuck()}
        overdue = [each for each in self._waiting.overdue(due) if each.url not in stuck]
        overdue += [replace(each, why=stuck[each.url]) for each in due if each.url in stuck]
        now = self.watcher.tools.clock.now()
        tell_overdue(self.watcher.store, due, overdue, now)
        rests = {authority(each.url): each.why for each in due if each.why}
        tell_rests(self.watcher.store, rests, now)

    def _is_well(self) -> bool:
        is_well = self.watchdog.is_well
        if is_well != self._was_well:
            self._was_well = is_well
            for stuck in self.watchdog.stuck():
                self.log.error("%s: %s; no more signs of life", stuck.url, stuck)
            for name in self.watchdog.silent():
                self.log.error("nothing heard of `%s` for long; no more signs of life", name)
        return is_well

    def _ping(self, ping: Callable[[], None]) -> None:
        try:
            ping()
        except FetchError as error:
            self.log.warning("%s", error)
