"""What asks servers, with manners; and the sign of life to a watchdog elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from watcher.bootstrap.world import World
from watcher.config.model import DEFAULT_BUDGET, DEFAULT_PACE, WELL_KNOWN, Config
from watcher.errors import FetchRefusedError
from watcher.ports import Answer, Request
from watcher.ports.hosts import HostLedger

if TYPE_CHECKING:
    from watcher.fetch.politeness import PoliteFetcher


def polite_fetcher(config: Config, world: World, ledger: HostLedger | None = None) -> PoliteFetcher:
    """Return what asks servers for this configuration: robots.txt, pace, limits, guard.

    Args:
        config: The configuration.
        world: Clock, sleeper and, for tests, what makes one exchange.
        ledger: Remembers hosts across restarts; without it they are forgotten.
    """
    # httpx takes a fifth of a second to import; commands that only read do without
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415
    from watcher.fetch.pauses import Manners, Owed  # noqa: PLC0415
    from watcher.fetch.politeness import polite  # noqa: PLC0415

    http = HttpFetcher(contact=config.contact, clock=world.clock)
    owed = {
        name: Owed(gap=float(host.pace), budget=host.budget, connections=host.connections)
        for name, host in {**WELL_KNOWN, **config.hosts}.items()
    }
    manners = Manners(owed=Owed(gap=float(DEFAULT_PACE), budget=DEFAULT_BUDGET), hosts=owed)
    ask = world.ask or http.ask
    return polite(ask, clock=world.clock, sleep=world.sleep, manners=manners, ledger=ledger)


def sign_of_life(config: Config, world: World) -> Callable[[], None] | None:
    """Return what sends a sign of life to where the configuration says, or None: nowhere."""
    if config.ping is None:
        return None
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415
    from watcher.fetch.ping import pinger  # noqa: PLC0415

    ask = world.ask or HttpFetcher(contact=config.contact, clock=world.clock).ask
    return pinger(ask, config.ping.reveal(), shown=str(config.ping))


class NoFetcher:
    """Stands where nothing is to be fetched: in commands that only read."""

    def fetch(self, request: Request) -> Answer:
        """Refuse."""
        message = f"{request.url} was not asked: this command only reads"
        raise FetchRefusedError(message, kind="read_only")
