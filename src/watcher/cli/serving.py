"""The command that goes on until it is told to end: `run`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from watcher.bootstrap import sign_of_life
from watcher.cli.common import DEFAULT_CONFIG, ConfigPath, told_errors
from watcher.cli.person import person
from watcher.cli.working import WebAddress, WebPort, pages_served, working
from watcher.config.web_model import Web, served
from watcher.runtime.embedded import Service
from watcher.runtime.membership import present
from watcher.runtime.notify_systemd import systemd


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command()(run)


@told_errors
def run(
    config: ConfigPath = DEFAULT_CONFIG,
    no_web: Annotated[
        bool, typer.Option("--no-web", help="Serve no pages, whatever the configuration says.")
    ] = False,
    web_address: WebAddress = "",
    web_port: WebPort = 0,
) -> None:
    """Run the service: look when it is time, tell what is new, deliver what waits, serve pages.

    SIGTERM and Ctrl-C end it: what has begun is finished, and the exit code is 0.
    """

    def pages(web: Web | None) -> Web | None:
        return None if no_web else served(web, address=web_address, port=web_port)

    with (
        working(config, pages) as work,
        present(work.watcher, "run", work.clock, work.log),
    ):
        if work.watcher.holdings is not None:
            work.watcher.enrol()
        service = Service(
            watcher=work.watcher,
            stop=work.stop,
            log=work.log,
            supervisor=systemd(os.environ, os.getpid()),
            ping=sign_of_life(work.config, work.world),
        )
        service.heed()
        with pages_served(work, work.config.web, is_alive=lambda: service.watchdog.is_well):
            count = sum(len(source.urls) for source in work.watcher.sources.values())
            work.log.info("watching %d addresses of %d sources", count, len(work.watcher.sources))
            for notice in work.config.notices:
                work.log.info("%s", notice)
            work.watcher.note_configuration(person(""))
            service.run()
