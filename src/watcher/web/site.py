"""What every page needs: the program, who carries out orders, and how much is let through."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from urllib.parse import urlsplit

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from watcher.bootstrap import Watcher
from watcher.config.model import Web
from watcher.errors import IntegrityError
from watcher.ports import Clock
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, Result

CarryOut = Callable[[str, Arguments, Decider], Result]
"""Does what is asked for; see `services.orders.carry_out`."""


@dataclass(slots=True)
class Allowance:
    """So many requests in so many seconds, over all who ask: behind a proxy all look alike.

    Attributes:
        clock: Counts the seconds.
        most: How many requests.
        seconds: In how many seconds.
    """

    clock: Clock
    most: int = 120
    seconds: float = 60.0
    _taken: deque[float] = field(default_factory=deque)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Return whether one more is let through."""
        now = self.clock.monotonic()
        with self._turn:
            while self._taken and self._taken[0] <= now - self.seconds:
                self._taken.popleft()
            if len(self._taken) >= self.most:
                return False
            self._taken.append(now)
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages are made of.

    Attributes:
        watcher: The program.
        web: Where the pages are served.
        carry_out: Does what is asked for.
        is_alive: Whether everything that runs in this process still does.
        alarm: Told of a history that would become wrong: the service has to end.
        allowance: How many one-time links are looked at.
    """

    watcher: Watcher
    web: Web
    carry_out: CarryOut
    is_alive: Callable[[], bool]
    alarm: Callable[[IntegrityError], None]
    allowance: Allowance

    @property
    def now(self) -> datetime:
        """Return the present instant, UTC."""
        return self.watcher.tools.recorder.now()

    @property
    def own_hosts(self) -> frozenset[str]:
        """Return what this machine's own browser may call us; other names are a rebound one's."""
        named = {self.web.authority, f"localhost:{self.web.port}"}
        return frozenset(named | {each.removesuffix(":80") for each in named})

    @property
    def public_hosts(self) -> frozenset[str]:
        """Return what readers of messages call us, through a proxy."""
        parts = urlsplit(self.web.public_url)
        return frozenset({parts.netloc.casefold()} - {""})


Here: TypeAlias = NamedDependency[SkipValidation[Site]]
"""The site, as a page asks for it."""
