"""Whether a process is well, over HTTP, for whoever starts it anew where it is not.

Two addresses: `/healthz` says whether the process itself is alive, `/readyz` whether it can work,
which takes the database. Anything else is not found. There is nothing secret in the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast

from watcher.errors import ConfigError, Problem

_SECONDS = 5.0


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, at: tuple[str, int], checks: Mapping[str, Callable[[], bool]]) -> None:
        self.checks = checks
        super().__init__(at, _Answering)


class _Answering(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server_version = "watcher"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer whether it is so."""
        check = cast("_Listening", self.server).checks.get(self.path.partition("?")[0])
        if check is None:
            self._answer(404, {"status": "not found"})
            return
        is_well = check()
        self._answer(200 if is_well else 503, {"status": "ok" if is_well else "unwell"})

    do_HEAD = do_GET  # noqa: N815  the library's name

    def log_message(self, *_: object) -> None:
        """Say nothing: a probe asks every few seconds."""

    def _answer(self, status: int, told: Mapping[str, str]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def telling_health(
    address: str, port: int, *, is_alive: Callable[[], bool], is_ready: Callable[[], bool]
) -> Iterator[int]:
    """Answer probes within this block, and yield the port; 0 as the port: none is answered.

    Raises:
        ConfigError: Something else listens there.
    """
    if not port:
        yield 0
        return
    try:
        server = _Listening((address, port), {"/healthz": is_alive, "/readyz": is_ready})
    except OSError as error:
        message = f"cannot listen at {address}, port {port}: {error.strerror}; name another port"
        problem = Problem(file="the command line", line=0, key="--health-port", message=message)
        raise ConfigError([problem]) from error
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(_SECONDS)
