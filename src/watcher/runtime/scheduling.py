"""What the scheduler does each second: it sees what is due and wakes whoever looks or sends.

Any number of schedulers may run. What they do has one effect: a server's turn is held by one
process, a job waits once, and everything else is decided within one transaction.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from watcher.bootstrap import Watcher
from watcher.core.capture import instant
from watcher.core.pressure import Pressure
from watcher.ports.cluster import HostDue
from watcher.runtime.queue import Wakes
from watcher.services.overdue import tell_late, tell_rests
from watcher.services.pressure import lag, settle_pressure
from watcher.store.holdings import SharingStore

_MOST_HOSTS = 200


@dataclass(slots=True)
class Scheduling:
    """Wakes those who look and those who send.

    Attributes:
        watcher: The program.
        store: Its store, as several processes share it.
        wakes: The queue.
        log: Where it tells what it does.
    """

    watcher: Watcher
    store: SharingStore
    wakes: Wakes
    log: logging.Logger
    _pressure: Pressure = Pressure.NONE
    _lock: Lock = field(default_factory=Lock)

    def tick(self) -> None:
        """Wake a worker for each server at which something is due, and for each channel."""
        now = self.watcher.tools.clock.now()
        self._press(now)
        with self.store.reading() as work:
            waiting = work.claims.waiting(instant(now), _MOST_HOSTS, self._pressure.least)
        if waiting:
            queued = self.wakes.queued()
            for each in waiting:
                if each.host not in queued and not self._is_spent(each):
                    self.wakes.fetch(each.host, each.priority)
        for channel in self.watcher.channels_due():
            self.wakes.deliver(channel)

    def bury(self) -> None:
        """Free what dead processes held, and say so."""
        now = self.watcher.tools.clock.now()
        with self.store.apart() as work:
            buried = work.claims.bury(instant(now))
        for each in buried:
            self.log.warning("%s: who looked at it died; it is due again", each.url)

    def look_round(self) -> None:
        """Tell the operator of looks that did not happen, and of servers that are left alone."""
        now = self.watcher.tools.clock.now()
        tell_late(self.watcher.store, self.watcher.promises(), now)
        with self.store.reading() as work:
            waiting = [each.host for each in work.claims.waiting(instant(now), _MOST_HOSTS)]
            asleep = {
                each.host for each in work.hosts.standings() if each.paused_until > instant(now)
            }
        rests = {host: self.watcher.resting(host) for host in sorted({*waiting, *asleep})}
        tell_rests(self.watcher.store, {host: why for host, why in rests.items() if why}, now)

    def draw_in(self) -> None:
        """Let what was kept further away than its schedule asks for be due now."""
        self.watcher.enrol()

    def _press(self, now: datetime) -> None:
        """See whether those who tell keep up; slow those who look where they do not."""
        with self._lock:
            before = self._pressure
            self._pressure = settle_pressure(self.watcher.store, before, now)
            if self._pressure is not before:
                with self.store.reading() as work:
                    self.log.warning("pressure %s: %s", self._pressure, lag(work, now))

    def _is_spent(self, due: HostDue) -> bool:
        """Return whether a server is left alone for a reason that no row of the store tells."""
        return bool(self.watcher.resting(due.host))
