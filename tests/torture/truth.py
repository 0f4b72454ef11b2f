"""The world the tortured watcher looks at: a bulk list that loses authorisations one by one."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kit.bulk import bulk, row, withdrawn


class World:
    """A site on loopback with one bulk list; what it has published is the truth.

    Args:
        medicines: How many there are.
        every: Seconds between two withdrawals.
        seed: Which medicines, in which order.
    """

    def __init__(self, medicines: int, every: float, seed: int) -> None:
        self._lock = threading.Lock()
        chance = random.Random(seed)  # noqa: S311  chance, not secrecy
        self._order = chance.sample(range(1, medicines + 1), medicines)
        self._count = medicines
        self._every = every
        self._gone: set[int] = set()
        self._body, self._tag = b"", ""
        self._is_over = threading.Event()
        self.asked = 0
        self._publish()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._exchange())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def begin(self) -> None:
        """Let authorisations end, one after the other."""
        threading.Thread(target=self._go_on, daemon=True).start()

    def end(self) -> set[str]:
        """Stop, and return the product numbers of all that were withdrawn."""
        self._is_over.set()
        with self._lock:
            return {f"EMEA/H/C/{number:06d}" for number in self._gone}

    def close(self) -> None:
        """Close the site."""
        self._server.shutdown()
        self._server.server_close()

    def _go_on(self) -> None:
        for number in self._order[: self._count * 3 // 4]:
            if self._is_over.wait(self._every):
                return
            with self._lock:
                self._gone.add(number)
                self._publish()

    def _publish(self) -> None:
        rows = (withdrawn(n) if n in self._gone else row(n) for n in range(1, self._count + 1))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._body = bulk(*rows, at=stamp).encode()
        self._tag = f'"{hashlib.sha256(self._body).hexdigest()[:16]}"'

    def _exchange(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Exchange(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/robots.txt":
                    self._answer(200, b"User-agent: *\nAllow: /\n", "text/plain", "")
                    return
                with world._lock:
                    body, tag = world._body, world._tag
                    world.asked += 1
                if self.headers.get("If-None-Match") == tag:
                    self._answer(304, b"", "application/json", tag)
                else:
                    self._answer(200, body, "application/json", tag)

            def _answer(self, status: int, body: bytes, kind: str, tag: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if tag:
                    self.send_header("ETag", tag)
                self.end_headers()
                self.wfile.write(body)

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True  # the client was killed in the middle

            def log_message(self, *_: object) -> None:
                pass

        return Exchange
