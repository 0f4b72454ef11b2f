"""What a program needs of the world: the real clock and sleeper, or others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from watcher.ports import Answer, Clock, Fetcher, Request, Sleeper
from watcher.ports.access import Passwords


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  this is the one real clock

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


def wait(seconds: float) -> None:
    """Wait; the one real sleeper, for commands that need none that can be woken."""
    time.sleep(seconds)  # noqa: TID251


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a program needs of the world; tests and the demo bring their own.

    Attributes:
        fetcher: Asks servers; None: the real one, made of the configuration.
        ask: Makes one exchange for the real fetcher, with its manners; None: over HTTP.
        passwords: Keeps passwords; None: by Argon2.
    """

    clock: Clock
    sleep: Sleeper
    fetcher: Fetcher | None = None
    ask: Callable[[Request], Answer] | None = None
    passwords: Passwords | None = None
