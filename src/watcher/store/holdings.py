"""What this process holds among many: turns at servers and channels, and the servers' standing.

A turn is a row of the store; whoever's name stands in it is the one. A process that gave no sign of
life for a while is dead to all others, and what it held is taken over. So before a server with a
pace is asked, the reservation looks, in the same transaction, whether the turn is still ours: a
process that slept through its own death, as a machine that was suspended does, asks nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import Protocol

from watcher.core.capture import instant
from watcher.errors import StoppingError
from watcher.ports import Clock
from watcher.ports.hosts import Entry, RobotsCopy, Standing
from watcher.ports.store import Store, Work


class SharingStore(Store, Protocol):
    """A store that several processes write to."""

    def apart(self) -> AbstractContextManager[Work]:
        """Return a transaction that leaves the log alone, beside others that write to it."""
        ...


class Holdings:
    """The turns that this process holds, each as often as it entered."""

    def __init__(self, store: SharingStore, process: str, clock: Clock) -> None:
        self.process = process
        self._store = store
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._is_in_doubt = False
        self._lock = Lock()

    @contextmanager
    def holding(self, name: str) -> Iterator[bool]:
        """Hold a turn that is no server's within this block; tell whether it is ours."""
        is_ours = self.enter(name) is not None
        try:
            yield is_ours
        finally:
            if is_ours:
                self.leave(name)

    def enter(self, name: str) -> bool | None:
        """Take a turn; return whether it was taken anew, or None: another process has it."""
        with self._lock:
            # counted before it is asked for: what is not counted is given back by `tidy`
            self._held[name] += 1
            if self._held[name] > 1:
                return False
        is_ours = False
        try:
            with self._store.apart() as work:
                is_ours = work.claims.hold(name, self.process, instant(self._clock.now()))
        finally:
            if not is_ours:
                self._forget(name)
        return True if is_ours else None

    def leave(self, name: str, standing: Standing | None = None) -> None:
        """Give a turn back; a server's with where we stand with it."""
        if not self._forget(name):
            return
        with self._store.apart() as work:
            if standing is not None and work.claims.holds(name, self.process):
                work.hosts.put(standing)
            work.claims.let_go(name, self.process)

    def has(self, name: str) -> bool:
        """Return whether this process holds a turn."""
        with self._lock:
            return name in self._held

    def doubt(self) -> None:
        """Be told that the store failed: something may stand in our name that we do not hold."""
        self._is_in_doubt = True

    def tidy(self) -> None:
        """Give back what stands in our name and is not held: the store was away when it ended."""
        in_doubt, self._is_in_doubt = self._is_in_doubt, False
        with self._lock:
            held = frozenset(self._held)
        with self._store.apart() as work:
            now = instant(self._clock.now())
            work.claims.keep_only(self.process, held, now)
            if in_doubt:
                work.claims.free_others(self.process, held, now)

    def _forget(self, name: str) -> bool:
        """Count one entry less; return whether none is left."""
        with self._lock:
            self._held[name] -= 1
            if self._held[name] > 0:
                return False
            del self._held[name]
            return True


class SharedHostLedger:
    """Keeps the port `HostLedger` where several processes share it: one at a time asks a host."""

    def __init__(self, store: SharingStore, holdings: Holdings) -> None:
        self._store = store
        self._holdings = holdings

    def enter(self, host: str) -> Entry:
        """Take the host's turn, unless another process has it."""
        anew = self._holdings.enter(host)
        if anew is None:
            return Entry(is_ours=False)
        return Entry(standing=self.standing(host) if anew else None)

    def leave(self, standing: Standing) -> None:
        """Give the host's turn back, with where we stand with it now."""
        self._holdings.leave(standing.host, standing)

    def standing(self, host: str) -> Standing:
        """Return where we stand with a host; a blank one where it was never asked."""
        with self._store.reading() as work:
            return work.hosts.standing(host)

    def anew(self, host: str) -> Standing | None:
        """Return where we stand with a host that another process may have asked; None: none may."""
        return None if self._holdings.has(host) else self.standing(host)

    def keep(self, standing: Standing) -> None:
        """Keep a standing durably before returning.

        Raises:
            StoppingError: The host is another process's by now: this one was taken for dead.
        """
        with self._store.apart() as work:
            if not work.claims.holds(standing.host, self._holdings.process):
                message = f"{standing.host} is another process's turn by now; nothing is asked"
                raise StoppingError(message)
            work.hosts.put(standing)

    def note(self, standing: Standing) -> None:
        """Leave a standing to be kept when its host is left, or asked again.

        It does not ride along with other commits here: one of those could end after another process
        had taken the host over, and unsay what that has reserved. Lost in a crash is only that the
        last request ended: it then counts as under way.
        """

    def robots(self, host: str, root: str) -> RobotsCopy | None:
        """Return the robots.txt of a root, or None where it was never asked for."""
        with self._store.reading() as work:
            return work.hosts.robots(host).get(root)

    def keep_robots(self, host: str, root: str, copy: RobotsCopy) -> None:
        """Keep a robots.txt durably before returning."""
        with self._store.apart() as work:
            work.hosts.put_robots(host, root, copy)
