"""The demonstration's site, mail server and chat: real ones, on loopback, ended with it."""

from __future__ import annotations

import asyncio
import email
import email.message
import email.policy
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from watcher.errors import ConfigError, Problem

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session


class Site:
    """A site of one page, which answers conditional requests as EMA's does."""

    def __init__(self) -> None:
        self.body = b""

    @property
    def etag(self) -> str:
        """Return the page's validator."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class Mailbox:
    """A mail server's memory."""

    def __init__(self) -> None:
        self.messages: list[email.message.EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep what was sent; aiosmtpd calls this."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.messages.append(message)
        return "250 2.0.0 taken"


class Chat:
    """A chat room's memory."""

    def __init__(self) -> None:
        self.posts: list[bytes] = []


@contextmanager
def site_running(site: Site) -> Iterator[str]:
    """Yield the address of `site`, served for as long as the context lasts."""

    class Handler(_Quiet):
        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self.answer(200, b"User-agent: *\nAllow: /\n", "text/plain")
            elif self.headers.get("If-None-Match") == site.etag:
                self.answer(304, b"", "text/html; charset=utf-8", site.etag)
            else:
                self.answer(200, site.body, "text/html; charset=utf-8", site.etag)

    with _served(Handler) as port:
        yield f"http://127.0.0.1:{port}/en/medicines/human/EPAR/alofisel"


@contextmanager
def chat_running(chat: Chat) -> Iterator[str]:
    """Yield Apprise's address of a chat's webhook."""

    class Handler(_Quiet):
        def do_POST(self) -> None:
            chat.posts.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.answer(200, b"ok", "text/plain")

    with _served(Handler) as port:
        yield f"mmost://127.0.0.1:{port}/demonstration"


@contextmanager
def mail_running(box: Mailbox) -> Iterator[str]:
    """Yield the address of a mail server.

    Raises:
        ConfigError: The extra that brings the mail server is not installed.
    """
    try:
        from aiosmtpd.smtp import SMTP  # noqa: PLC0415
    except ImportError as error:
        advice = "the demonstration needs a mail server: install watcher[demo]"
        raise ConfigError([Problem(file="demo", line=0, key="demo", message=advice)]) from error
    loop = asyncio.new_event_loop()
    opening = loop.create_server(lambda: SMTP(box, hostname="mx.example.org"), "127.0.0.1", 0)
    server = loop.run_until_complete(opening)
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        people = "from=watcher@example.org&to=pv-team@example.org"
        yield f"mailto://127.0.0.1:{port}/?{people}&mode=insecure"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()


class _Quiet(BaseHTTPRequestHandler):
    """A handler that keeps its access log to itself."""

    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes, media_type: str, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
