"""A door in front of an object store that fails as networks and stores do, by a script."""

from __future__ import annotations

import http.client
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

Fault = Literal["", "500", "503", "403", "unanswered", "cut", "hang"]
"""What becomes of a request: "" passes it on; `unanswered` passes it on and drops the answer;
`cut` gives half of the answer; `hang` says nothing until the door is shut."""


class FlakyFront:
    """Passes requests on to a server on the loopback, but for those that the script has fail."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.script: deque[Fault] = deque()
        self.always: Fault = ""
        self.asked: list[tuple[str, int]] = []
        self.shut = threading.Event()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def handle_one(self) -> None:
                front.pass_on(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815

        self._listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listening.daemon_threads = True
        self._thread = threading.Thread(target=self._listening.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shut.set()
        self._listening.shutdown()
        self._listening.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._listening.server_address[1]}"

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """Pass one request on, or fail as the script says."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        fault = self.script.popleft() if self.script else self.always
        if fault == "hang":
            self.shut.wait(30)
        if fault in {"500", "503", "403"}:
            self.asked.append((request.command, int(fault)))
            request.send_response(int(fault))
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if fault != "hang":
            self._answer(request, body, fault)
        request.close_connection = request.close_connection or bool(fault)

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes, fault: Fault) -> None:
        connection = http.client.HTTPConnection(*self.server, timeout=10)
        headers = {
            name: value for name, value in request.headers.items() if name.casefold() != "host"
        }
        connection.request(request.command, request.path, body, headers)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        self.asked.append((request.command, answer.status))
        if fault == "unanswered":
            return
        request.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.casefold() not in {"content-length", "transfer-encoding", "connection"}:
                request.send_header(name, value)
        if answer.status != 304:
            request.send_header("Content-Length", str(len(told)))
        request.end_headers()
        request.wfile.write(told[: len(told) // 2] if fault == "cut" else told)
