"""What every page needs: the program, who carries out orders, and how much is let through."""

from __future__ import annotations

import ipaddress
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from watcher.bootstrap import Watcher
from watcher.config.web_model import Web
from watcher.errors import IntegrityError
from watcher.ports import Clock
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, Result
from watcher.web.callers import Callers
from watcher.web.oidc import Provider
from watcher.web.outside import public_host

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
        callers: Knows who asks; None: nobody has to say who they are here.
        provider: Somebody else who says who people are; None: nobody does.
    """

    watcher: Watcher
    web: Web
    carry_out: CarryOut
    is_alive: Callable[[], bool]
    alarm: Callable[[IntegrityError], None]
    allowance: Allowance
    callers: Callers | None = None
    provider: Provider | None = None

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
        return frozenset({public_host(self.web)} - {""})

    def goes_by(self, host: str) -> bool:
        """Return whether a request may call us so.

        A name can be made to lead here by whoever owns it, a number cannot: where others than this
        machine reach us, and have to say who they are, a number is as good as a name.
        """
        if host in self.own_hosts | self.public_hosts:
            return True
        return not self.web.is_loopback and _is_number(host)


def _is_number(host: str) -> bool:
    """Return whether a host is an IP address, with a port or without."""
    bare = host.partition("]")[0].removeprefix("[") if "[" in host else host.partition(":")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


Here: TypeAlias = NamedDependency[SkipValidation[Site]]
"""The site, as a page asks for it."""
