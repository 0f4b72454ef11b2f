"""A guest's manners: one request at a time to a host, at its pace, when it is well, if welcome."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.guard import authority
from watcher.fetch.pauses import Manners, is_fault, pause
from watcher.fetch.redirects import Ask, follow
from watcher.fetch.robots import RobotsBook
from watcher.ports import Answer, Clock, Request, Sleeper


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Where we stand with one host.

    Attributes:
        host: Its name, with a port where that is not the usual one.
        next_allowed: When it may be asked again, in UTC; the present instant if it may be now.
        is_paused: Whether that is because it asked for a pause or failed too often.
        failures: How many faults in a row.
        gap: Seconds between two requests, its own wish included.
    """

    host: str
    next_allowed: datetime
    is_paused: bool
    failures: int
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    """What we remember of a host; instants are the clock's monotonic seconds."""

    gap: float
    last_asked: float = float("-inf")
    paused_until: float = float("-inf")
    failures: int = 0

    @property
    def next_allowed(self) -> float:
        return max(self.last_asked + self.gap, self.paused_until)


@dataclass(slots=True)
class _Door:
    """A host's door: whoever holds the lock is the one guest inside."""

    tally: _Tally
    lock: Lock = field(default_factory=Lock)


class Turns:
    """Lets callers ask a host one after the other, never sooner than its pace and pauses allow."""

    def __init__(self, ask: Ask, *, clock: Clock, sleep: Sleeper, manners: Manners) -> None:
        self._ask = ask
        self._clock = clock
        self._sleep = sleep
        self._manners = manners
        self._doors: dict[str, _Door] = {}
        self._lock = Lock()

    def ask(self, request: Request, crawl_delay: float = 0.0) -> Answer:
        """Return the answer to one exchange, after waiting for our turn at its host.

        Args:
            request: What to ask.
            crawl_delay: The least gap the host asks for in robots.txt, in seconds.

        Raises:
            FetchError: Kind `paused`: the host is being left alone for longer than a caller
                should wait; or whatever the exchange raises.
        """
        host = authority(request.url)
        door = self._door(host)
        with door.lock:
            door.tally = replace(door.tally, gap=max(self._manners.gap_for(host), crawl_delay))
            self._wait(host, door.tally)
            return self._note(door, self._outcome(request))

    def states(self) -> tuple[HostState, ...]:
        """Return where we stand with every host asked so far, by name."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._lock:
            tallies = {host: door.tally for host, door in sorted(self._doors.items())}
        return tuple(
            HostState(
                host=host,
                next_allowed=now + timedelta(seconds=max(tally.next_allowed - monotonic, 0.0)),
                is_paused=tally.paused_until > monotonic,
                failures=tally.failures,
                gap=tally.gap,
            )
            for host, tally in tallies.items()
        )

    def _door(self, host: str) -> _Door:
        with self._lock:
            return self._doors.setdefault(host, _Door(_Tally(gap=self._manners.gap_for(host))))

    def _wait(self, host: str, tally: _Tally) -> None:
        seconds = tally.next_allowed - self._clock.monotonic()
        if seconds > self._manners.patience:
            until = self._clock.now() + timedelta(seconds=seconds)
            message = f"{host} is left alone until {until:%Y-%m-%dT%H:%M:%SZ}"
            raise FetchError(message, kind="paused")
        if seconds > 0:
            self._sleep(seconds)

    def _outcome(self, request: Request) -> Answer | FetchError:
        try:
            return self._ask(request)
        except FetchRefusedError:
            raise  # nothing was asked: it says nothing about the host
        except FetchError as error:
            return error

    def _note(self, door: _Door, outcome: Answer | FetchError) -> Answer:
        failures = door.tally.failures + 1 if is_fault(outcome) else 0
        now = self._clock.monotonic()
        rest = pause(outcome, failures, self._manners, self._clock.now())
        door.tally = replace(door.tally, last_asked=now, failures=failures, paused_until=now + rest)
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome


class PoliteFetcher:
    """Keeps the port `Fetcher`: robots.txt, then our turn, then the exchange, hop by hop."""

    def __init__(self, turns: Turns, robots: RobotsBook) -> None:
        self._turns = turns
        self._robots = robots

    def fetch(self, request: Request) -> Answer:
        """Return the answer at the end of at most five redirects, each of them asked politely.

        Raises:
            FetchError: There was none that can be used; kind `paused` or `robots`: not now.
            FetchRefusedError: We would not ask.
        """
        return follow(self._ask, request)

    def hosts(self) -> tuple[HostState, ...]:
        """Return where we stand with every host asked so far, by name."""
        return self._turns.states()

    def _ask(self, request: Request) -> Answer:
        return self._turns.ask(request, crawl_delay=self._robots.admit(request))


def polite(
    ask: Ask, *, clock: Clock, sleep: Sleeper, manners: Manners | None = None
) -> PoliteFetcher:
    """Return a fetcher that asks through `ask`, one exchange at a time, with manners."""
    manners = manners or Manners()
    turns = Turns(ask, clock=clock, sleep=sleep, manners=manners)
    robots = RobotsBook(lambda request: follow(turns.ask, request), clock, manners.robots_again)
    return PoliteFetcher(turns, robots)
