"""Commands for many machines: `worker`, `scheduler`, `serve`."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from watcher.bootstrap import database_of
from watcher.cli.common import DEFAULT_CONFIG, ConfigPath, told_errors
from watcher.cli.person import person
from watcher.cli.working import WebAddress, WebPort, Working, pages_served, working
from watcher.config.model import Config
from watcher.config.web_model import Web, served
from watcher.errors import OperationalError
from watcher.runtime.health import telling_health
from watcher.runtime.membership import present, pulse_of, shared
from watcher.runtime.notify_systemd import systemd

LANES = 16
"""How many servers a worker asks at the same time, unless told otherwise."""
HealthPort = Annotated[
    int,
    typer.Option(
        "--health-port",
        min=0,
        max=65535,
        envvar="WATCHER_HEALTH_PORT",
        help="Answer /healthz and /readyz at this port; 0: nowhere.",
    ),
]
HealthAddress = Annotated[
    str,
    typer.Option(
        "--health-address",
        envvar="WATCHER_HEALTH_ADDRESS",
        help="The address for it: 0.0.0.0 where a probe comes from outside.",
    ),
]
Lanes = Annotated[
    int, typer.Option(min=1, max=200, help="How many servers are asked at the same time.")
]
Only = Annotated[
    str,
    typer.Option(help="fetch: look, and leave telling to others; consume: the other way round."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command()(worker)
    app.command()(scheduler)
    app.command()(serve)


@told_errors
def worker(
    config: ConfigPath = DEFAULT_CONFIG,
    lanes: Lanes = LANES,
    only: Only = "",
    health_port: HealthPort = 0,
    health_address: HealthAddress = "127.0.0.1",
) -> None:
    """Look, tell and send, as one of many on PostgreSQL: start as many as you like.

    SIGTERM ends it: what has begun is finished, what has not is another's. See docs/cluster.md.
    """
    if only not in {"", "fetch", "consume"}:
        message = "expected fetch or consume"
        raise typer.BadParameter(message, param_hint="--only")
    fetches, consumes = only != "consume", only != "fetch"
    wanted = {"role": "worker", "fetches": fetches, "consumes": consumes, "lanes": lanes}
    _work(config, wanted, (health_address, health_port))


@told_errors
def scheduler(
    config: ConfigPath = DEFAULT_CONFIG,
    health_port: HealthPort = 0,
    health_address: HealthAddress = "127.0.0.1",
) -> None:
    """See what is due and wake the workers: one does it, a second takes over where it dies."""
    _work(config, {"role": "scheduler", "schedules": True}, (health_address, health_port))


@told_errors
def serve(
    config: ConfigPath = DEFAULT_CONFIG,
    web_address: WebAddress = "",
    web_port: WebPort = 0,
    health_port: HealthPort = 0,
    health_address: HealthAddress = "127.0.0.1",
) -> None:
    """Serve the pages, and nothing else: looks and messages are the workers'.

    SIGTERM and Ctrl-C end it, once requests that have begun are answered.
    """
    pages = partial(served, address=web_address, port=web_port)
    with working(config, pages) as work:
        web = work.config.web
        if web is None:
            message = "sources.yaml has no section `web`: there is nothing to serve"
            raise OperationalError(message)
        with present(work.watcher, "web", work.clock, work.log) as pulse:

            def is_ready() -> bool:
                return pulse is None or pulse.is_alive

            with telling_health(health_address, health_port, is_alive=_yes, is_ready=is_ready):
                _serve(work, web)


def _yes() -> bool:
    return True


def _serve(work: Working, web: Web) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: work.stop.set())
    supervisor = systemd(os.environ, os.getpid())
    with pages_served(work, web, is_alive=_yes):
        supervisor.tell("READY=1")
        while not work.stop.wait(supervisor.watchdog / 2 or 5.0):
            supervisor.tell("WATCHDOG=1")
        supervisor.tell("STOPPING=1")
    if work.stop.failure is not None:
        raise work.stop.failure


def _work(config: Path, duties: Mapping[str, Any], health: tuple[str, int]) -> None:
    with working(config) as work:
        place = queue_of(work.config)
        # the queue and its driver are an extra of their own
        from watcher.runtime.cluster import Duties, Member  # noqa: PLC0415

        member = Member(
            watcher=work.watcher,
            store=shared(work.watcher),
            url=place,
            duties=Duties(**duties),
            pulse=pulse_of(work.watcher, duties["role"], work.clock, work.log),
            stop=work.stop,
            log=work.log,
            supervisor=systemd(os.environ, os.getpid()),
        )
        address, port = health
        with telling_health(
            address, port, is_alive=member.is_well, is_ready=lambda: member.pulse.is_alive
        ) as listening:
            if listening:
                work.log.info("health at http://%s:%d/healthz", address, listening)
            for notice in work.config.notices:
                work.log.info("%s", notice)
            member.run(partial(work.watcher.note_configuration, person("")))


def queue_of(config: Config) -> sa.URL:
    """Return the database that the queue is in: the store's own.

    Raises:
        OperationalError: The store is one file.
    """
    place = database_of(config)
    if not isinstance(place, sa.URL):
        message = (
            "several processes need PostgreSQL: set storage.database to a postgresql:// address, "
            "or run everything in one process with `watcher run`"
        )
        raise OperationalError(message)
    return place
