"""A small HTTP server on the loopback that plays scripts, good and bad.

    with FaultyServer() as site:
        site.page("/a", "<html>…</html>", etag='"1"')
        site.script("/b", [replies.unavailable(), replies.answer("well again")])
        fetcher.fetch(Request(url=site.url("/a"), allow_private=True))
        assert [seen.path for seen in site.requests] == ["/a"]

Every request is answered in a thread of its own and over a connection of its own. An address
nobody set answers 404, `/robots.txt` included.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPException, parse_headers
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Condition, Event, Lock, Thread
from types import TracebackType
from typing import Self, cast

from watcher.selftest import replies
from watcher.selftest.replies import Reply, Seen

_CLOSE_WITH_RESET = struct.pack("ii", 1, 0)


class FaultyServer:
    """A server whose answers, delays and faults are set, and that remembers what it saw."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Make a server on a free port of the loopback.

        Args:
            tls: What to speak TLS with; None: plain HTTP.
        """
        self._lock = Lock()
        self._asked = Condition(self._lock)
        self._scripts: dict[str, list[Reply]] = {}
        self._outage: Reply | None = None
        self._seen: list[Seen] = []
        self._stop = Event()
        self._server = _Server(self, tls)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._scheme = "https" if tls else "http"

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every exchange and give the port back."""
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the address of `path` here, by the loopback's address or another name."""
        return f"{self._scheme}://{host}:{self.port}{path}"

    def page(
        self,
        path: str,
        body: bytes | str,
        *,
        etag: str = "",
        last_modified: str = "",
        media_type: str = "text/html; charset=utf-8",
        headers: Mapping[str, str | int] | None = None,
    ) -> None:
        """Answer `path` with this page from now on; 304 to those who know its validators."""
        reply = replies.page(
            body, etag=etag, last_modified=last_modified, media_type=media_type, headers=headers
        )
        self.script(path, [reply])

    def robots(self, text: str) -> None:
        """Serve `text` as robots.txt."""
        self.page("/robots.txt", text, media_type="text/plain")

    def script(self, path: str, script: Iterable[Reply]) -> None:
        """Answer `path` with these replies in order; the last one stays."""
        with self._lock:
            self._scripts[path] = list(script)

    def outage(self, reply: Reply | None) -> None:
        """Answer everything with `reply`, until told None."""
        with self._lock:
            self._outage = reply

    @property
    def requests(self) -> list[Seen]:
        """Return what was asked so far, in order."""
        with self._lock:
            return list(self._seen)

    def asked(self, path: str) -> list[Seen]:
        """Return what was asked so far for `path`."""
        return [seen for seen in self.requests if seen.path == path]

    def wait_for(self, count: int, path: str, seconds: float = 30.0) -> None:
        """Return once `path` was asked for `count` times; a client may be another process.

        Raises:
            TimeoutError: It was not within `seconds`.
        """
        with self._asked:
            arrived = self._asked.wait_for(lambda: self._count(path) >= count, seconds)
        if not arrived:
            message = f"{path} was asked for {self._count(path)} times, not {count}"
            raise TimeoutError(message)

    def _count(self, path: str) -> int:
        return sum(seen.path == path for seen in self._seen)

    def reply_to(self, seen: Seen) -> Reply:
        """Note the request and take the reply the script has for it."""
        with self._lock:
            self._seen.append(seen)
            self._asked.notify_all()
            if self._outage is not None:
                return self._outage
            script = self._scripts.get(seen.path, [replies.not_found()])
            return script.pop(0) if len(script) > 1 else script[0]

    def wait(self, seconds: float) -> None:
        """Wait, but not beyond the server's end."""
        self._stop.wait(seconds)

    @property
    def is_over(self) -> bool:
        """Return whether the server has ended."""
        return self._stop.is_set()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False  # so that closing waits for every exchange, and no socket is left open
    request_queue_size = 64

    def __init__(self, site: FaultyServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.site = site
        self._tls = tls

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = self.socket.accept()
        connection.settimeout(10)
        if self._tls is not None:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that leave early are what this server is for."""


class _Exchange(StreamRequestHandler):
    def handle(self) -> None:
        site = cast("_Server", self.server).site
        seen = self._request()
        if seen is None:
            return
        for piece in site.reply_to(seen)(seen):
            if site.is_over:
                return
            if isinstance(piece, bytes):
                self.connection.sendall(piece)
            elif isinstance(piece, int | float):
                site.wait(piece)
            else:
                linger = (socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_WITH_RESET)
                self.connection.setsockopt(*linger)
                self.connection.close()
                return

    def _request(self) -> Seen | None:
        try:
            line = self.rfile.readline(65_536).decode("latin-1").split()
            headers = parse_headers(self.rfile)
        except (OSError, HTTPException):
            return None
        if len(line) != 3:
            return None
        return Seen(
            method=line[0],
            path=line[1],
            headers={name.lower(): value for name, value in headers.items()},
            at=time.monotonic(),
        )

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            return
