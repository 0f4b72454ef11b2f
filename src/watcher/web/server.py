"""Serves the application in a thread of the service, from before it starts until it has ended."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar

from watcher.config.model import Web
from watcher.errors import ConfigError, Problem

_PATIENCE = 10
"""Seconds that requests have to end in when the service does."""
_WAITING = 128
_log = logging.getLogger(__name__)


def listening(web: Web) -> socket.socket:
    """Return a socket that listens where the configuration says.

    Raises:
        ConfigError: Something else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in web.address else socket.AF_INET
    # the protocol named: connections of a socket without one are left to gather small writes, and
    # each answer would wait 40 ms for the receipt of its headers
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((web.address, web.port))
        taken.listen(_WAITING)
    except OSError as error:
        taken.close()
        message = (
            f"cannot listen at {web.address}, port {web.port}: {error.strerror}; "
            "stop what does, name another port, or run with --no-web"
        )
        problem = Problem(file="sources.yaml", line=0, key="web.port", message=message)
        raise ConfigError([problem]) from error
    return taken


@contextmanager
def serving(application: Litestar, listener: socket.socket) -> Iterator[None]:
    """Answer requests within this block; those that have begun are answered before it ends.

    Args:
        application: What answers.
        listener: A socket that listens; it is closed at the end.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE,
            ws="none",
            limit_concurrency=64,
            timeout_keep_alive=5,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        application.state.live.close()  # a line that stays open would be waited for
        server.should_exit = True
        thread.join(_PATIENCE + 5)
        listener.close()
        if thread.is_alive():
            _log.warning("a request has not ended; it is left behind")
