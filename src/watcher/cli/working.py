"""What commands share that work until they are told to end: log, secrets, clock, pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from watcher.bootstrap import SystemClock, Watcher, World, opened
from watcher.cli.common import configuration
from watcher.config.model import Config, Web
from watcher.errors import IntegrityError
from watcher.runtime.desk import hands
from watcher.runtime.log import hide_secrets, to_stderr
from watcher.runtime.opening import when_there
from watcher.runtime.shared_clock import SharedClock
from watcher.runtime.stopping import Stop

WebAddress = Annotated[
    str, typer.Option(help="Serve pages at this address, whatever the configuration says.")
]
WebPort = Annotated[
    int, typer.Option(min=0, max=65_535, help="Serve pages at this port; 0: as configured.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A program wired to work until it is told to end.

    Attributes:
        config: Its configuration.
        world: What it needs of the world.
        clock: The world's clock: the one that all processes of its store share.
        watcher: The program.
        stop: Ends it.
        log: Where it tells what it does.
    """

    config: Config
    world: World
    clock: SharedClock
    watcher: Watcher
    stop: Stop
    log: logging.Logger


def as_configured(web: Web | None) -> Web | None:
    """Return where pages are served: where the configuration says."""
    return web


@contextmanager
def working(
    path: Path, pages: Callable[[Web | None], Web | None] = as_configured
) -> Iterator[Working]:
    """Yield the program wired by the configuration at `path`, its log told to stderr.

    Args:
        path: The configuration.
        pages: Where pages are served, given where the configuration says.

    Raises:
        StoreError: A database that is away was waited for, in vain.
    """
    log = to_stderr()
    config = configuration(path)
    config = replace(config, web=pages(config.web))
    hide_secrets(log, (secret.reveal() for secret in config.secrets))
    stop, clock = Stop(), SharedClock(SystemClock())
    world = World(clock=clock, sleep=stop)
    with ExitStack() as open_:

        def opening() -> Watcher:
            return open_.enter_context(opened(config, world, writable=True))

        watcher = when_there(opening, stop, clock, log)
        yield Working(config=config, world=world, clock=clock, watcher=watcher, stop=stop, log=log)


@contextmanager
def pages_served(work: Working, web: Web | None, *, is_alive: Callable[[], bool]) -> Iterator[None]:
    """Serve pages within this block, where they are wanted.

    Raises:
        ConfigError: Something else listens at their address; nothing was begun.
    """
    if web is None:
        yield
        return
    from watcher.web.app import application  # noqa: PLC0415  half a second for those who serve
    from watcher.web.server import listening, serving  # noqa: PLC0415

    def alarm(error: IntegrityError) -> None:
        work.stop.set(error)

    pages = application(
        work.watcher, hands=hands(work.watcher), web=web, is_alive=is_alive, alarm=alarm
    )
    with serving(pages, listening(web)):
        work.log.info("pages at http://%s/", web.authority)
        _note_that_nobody_can_sign_in(work)
        yield


def _note_that_nobody_can_sign_in(work: Working) -> None:
    web = work.config.web
    if web is None or web.sign_in is None or web.sign_in.oidc or web.sign_in.header:
        return
    with work.watcher.store.reading() as reading:
        users = reading.access.users()
    if not users:
        work.log.warning(
            "nobody can sign in yet: `watcher users add NAME --role admin` adds the first"
        )
