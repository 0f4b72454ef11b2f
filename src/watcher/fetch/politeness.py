"""A guest's manners: one request at a time to a host, at its pace, when it is well, if welcome.

What we owe a host is written down before it is asked, so that a process killed in the middle of a
request, and started again fifty times, never asks sooner than the pace.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.guard import authority
from watcher.fetch.pauses import Manners, fault, is_fault, pause
from watcher.fetch.redirects import Ask, follow
from watcher.fetch.robots import RobotsBook
from watcher.fetch.tally import Tally, Unwritten, of_standing
from watcher.ports import Answer, Clock, Request, Sleeper
from watcher.ports.hosts import ASKING, HostLedger

_ANOTHER_IS_IN = 1.0
"""Seconds until we look again whether another process has left a host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Where we stand with one host.

    Attributes:
        host: Its name, with a port where that is not the usual one.
        next_allowed: When it may be asked again, in UTC; the present instant if it may be now.
        is_paused: Whether that is because it asked for a pause or failed too often.
        failures: How many faults in a row.
        gap: Seconds between two requests, its own wish included.
        requests: How often it was asked today.
        budget: How often it may be asked a day.
        rest: Why it is left alone for longer than a caller should wait; empty: it is not.
    """

    host: str
    next_allowed: datetime
    is_paused: bool
    failures: int
    gap: float
    requests: int
    budget: int
    rest: str


@dataclass(slots=True)
class _Door:
    """A host's door: as many guests inside as there are seats, and who holds the lock enters."""

    tally: Tally
    seats: BoundedSemaphore
    crawl_delay: float = 0.0
    lock: Lock = field(default_factory=Lock)


class Turns:
    """Lets callers ask a host one after the other, never sooner than its pace and pauses allow."""

    def __init__(
        self,
        ask: Ask,
        *,
        clock: Clock,
        sleep: Sleeper,
        manners: Manners,
        ledger: HostLedger | None = None,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._sleep = sleep
        self._manners = manners
        self._ledger = ledger or Unwritten()
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
            FetchRefusedError: Kind `budget`: it was asked as often as it may be today.
        """
        host = authority(request.url)
        door = self._door(host)
        with door.seats, self._inside(door):
            with door.lock:
                door.crawl_delay = max(crawl_delay, 0.0)
                self._wait(door)
                before = door.tally
                self._reserve(door)
            try:
                outcome = self._outcome(request)
            except FetchRefusedError:
                with door.lock:
                    door.tally = before  # nothing was asked: it says nothing about the host
                    self._ledger.note(before.standing(self._clock))
                raise
            with door.lock:
                return self._note(door, outcome)

    @contextmanager
    def holding(self, host: str) -> Iterator[bool]:
        """Be the one process that asks a host within this block; tell whether we are."""
        door = self._door(host)
        with door.lock:
            is_ours = self._enters(door)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._leave(door)

    @contextmanager
    def _inside(self, door: _Door) -> Iterator[None]:
        """Wait until no other process asks the host, and let none in meanwhile.

        Raises:
            FetchError: Kind `paused`: another process has been at it for longer than a caller
                should wait.
        """
        with door.lock:
            until = self._clock.monotonic() + self._manners.patience
            while not self._enters(door):
                if self._clock.monotonic() >= until:
                    message = f"{door.tally.host} is being asked by another process of ours"
                    raise FetchError(message, kind="paused")
                self._sleep(_ANOTHER_IS_IN)
        try:
            yield
        finally:
            self._leave(door)

    def _enters(self, door: _Door) -> bool:
        entry = self._ledger.enter(door.tally.host)
        if entry.standing is not None:
            door.tally = of_standing(entry.standing, self._clock)
        return entry.is_ours

    def _leave(self, door: _Door) -> None:
        with door.lock:
            self._ledger.leave(door.tally.standing(self._clock))

    def states(self) -> tuple[HostState, ...]:
        """Return where we stand with every host asked so far, by name."""
        with self._lock:
            doors = sorted(self._doors.items())
        return tuple(self._state(door) for _, door in doors)

    def state(self, host: str) -> HostState:
        """Return where we stand with one host, as it was left by an earlier process if need be."""
        return self._state(self._seen_anew(host))

    def seconds(self, host: str) -> float:
        """Return in how many seconds a host may be asked; 0: now."""
        return max(self._seconds(self._seen_anew(host)), 0.0)

    def _seen_anew(self, host: str) -> _Door:
        """Return a host's door, with what other processes have made of it."""
        door = self._door(host)
        standing = self._ledger.anew(host)
        if standing is not None:
            with door.lock:
                door.tally = of_standing(standing, self._clock)
        return door

    def _state(self, door: _Door) -> HostState:
        tally, now = door.tally.today(self._clock), self._clock.monotonic()
        seconds = max(self._seconds(door), 0.0)
        return HostState(
            host=tally.host,
            next_allowed=self._clock.now() + timedelta(seconds=seconds),
            is_paused=tally.paused_until > now,
            failures=tally.failures,
            gap=self._gap(door),
            requests=tally.requests,
            budget=self._manners.owed_to(tally.host).budget,
            rest=self._rest(door, seconds),
        )

    def _door(self, host: str) -> _Door:
        with self._lock:
            if host not in self._doors:
                tally = of_standing(self._ledger.standing(host), self._clock)
                seats = self._manners.owed_to(host).connections
                self._doors[host] = _Door(tally, BoundedSemaphore(seats))
            return self._doors[host]

    def _gap(self, door: _Door) -> float:
        return max(self._manners.owed_to(door.tally.host).gap, door.crawl_delay)

    def _seconds(self, door: _Door) -> float:
        """Return in how many seconds the host may be asked."""
        tally = door.tally
        allowed = max(tally.last_asked + self._gap(door), tally.paused_until)
        return allowed - self._clock.monotonic()

    def _rest(self, door: _Door, seconds: float) -> str:
        """Return why the host is left alone for longer than a caller should wait, in words."""
        tally = door.tally.today(self._clock)
        budget = self._manners.owed_to(tally.host).budget
        if tally.requests >= budget:
            tomorrow = self._clock.now().date() + timedelta(days=1)
            until, why = f"{tomorrow}T00:00:00Z", f"its {budget} requests of the day are spent"
        elif seconds > self._manners.patience:
            until = f"{self._clock.now() + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
            why = tally.why or "its own wish in robots.txt"
        else:
            return ""
        return f"{tally.host} is left alone until {until}: {why}"

    def _wait(self, door: _Door) -> None:
        seconds = self._seconds(door)
        if rest := self._rest(door, seconds):
            if seconds > self._manners.patience:
                raise FetchError(rest, kind="paused")
            raise FetchRefusedError(rest, kind="budget")
        if seconds > 0:
            self._sleep(seconds)

    def _reserve(self, door: _Door) -> None:
        """Write down that the host is being asked, before it is: a kill must not unsay it."""
        asked = door.tally.today(self._clock)
        door.tally = replace(
            asked, last_asked=self._clock.monotonic(), requests=asked.requests + 1, why=ASKING
        )
        if self._gap(door) > 0:
            self._ledger.keep(door.tally.standing(self._clock))

    def _outcome(self, request: Request) -> Answer | FetchError:
        try:
            return self._ask(request)
        except FetchRefusedError:
            raise
        except FetchError as error:
            return error

    def _note(self, door: _Door, outcome: Answer | FetchError) -> Answer:
        before, now = door.tally, self._clock.monotonic()
        failures = before.failures + 1 if is_fault(outcome) else 0
        rest = pause(outcome, failures, self._manners, self._clock.now(), before.host)
        size = 0 if isinstance(outcome, FetchError) else len(outcome.body)
        door.tally = replace(
            before,
            last_asked=now,
            failures=failures,
            paused_until=now + rest if rest else float("-inf"),
            why=fault(outcome, failures) if failures else "",
            bytes=before.bytes + size,
        )
        standing = door.tally.standing(self._clock)
        # a pause has to outlive us at once; all else may ride along with the capture
        (self._ledger.keep if failures else self._ledger.note)(standing)
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome


class PoliteFetcher:
    """Keeps the ports `Fetcher` and `Rests`: robots.txt, our turn, the exchange, hop by hop."""

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

    @contextmanager
    def holding(self, host: str) -> Iterator[bool]:
        """Be the one process that asks a host within this block; tell whether we are."""
        with self._turns.holding(host) as is_ours:
            yield is_ours

    def resting(self, url: str) -> str:
        """Return why the host of `url` is left alone for now, in words; empty: it may be asked."""
        try:
            return self._turns.state(authority(url)).rest
        except FetchRefusedError:
            return ""  # no address at all: asking for it will tell

    def ready_in(self, url: str) -> float:
        """Return in how many seconds the pace lets us ask the host of `url`; 0: now."""
        try:
            return self._turns.seconds(authority(url))
        except FetchRefusedError:
            return 0.0

    def _ask(self, request: Request) -> Answer:
        return self._turns.ask(request, crawl_delay=self._robots.admit(request))


def polite(
    ask: Ask,
    *,
    clock: Clock,
    sleep: Sleeper,
    manners: Manners | None = None,
    ledger: HostLedger | None = None,
) -> PoliteFetcher:
    """Return a fetcher that asks through `ask`, one exchange at a time, with manners.

    Args:
        ask: Makes one exchange.
        clock: Tells the time.
        sleep: Waits for our turn.
        manners: How to behave.
        ledger: Remembers hosts across restarts; without it they are forgotten with the fetcher.
    """
    manners, ledger = manners or Manners(), ledger or Unwritten()
    turns = Turns(ask, clock=clock, sleep=sleep, manners=manners, ledger=ledger)
    robots = RobotsBook(
        lambda request: follow(turns.ask, request), clock, ledger, manners.robots_again
    )
    return PoliteFetcher(turns, robots)
