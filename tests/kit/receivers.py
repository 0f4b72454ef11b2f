"""Receivers on the loopback that take real messages: a mail server and a web hook.

    with Mailbox(greylist=1) as box:
        channel("me", box.address(), clock=clock).send(envelope)   # refused once, then taken
        assert box.messages[0].subject == "…"

    with Webhook([503, 200]) as hook:
        …
        assert hook.posts[-1].json()["title"] == "…"

Both listen on 127.0.0.1, at a port of the system's choosing, from `with` to its end, in a thread of
their own. What came is kept before it is answered, so a message whose answer is withheld is there.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any, Self
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Mail:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    is_encrypted: bool
    login: str

    @cached_property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True)
class Post:
    """One request as the web hook got it; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class _Arrivals:
    """A list that can be waited on, since a sender may be another process."""

    def __init__(self) -> None:
        self._changed = Condition()

    def _keep(self, arrivals: list[Any], one: Any) -> None:
        with self._changed:
            arrivals.append(one)
            self._changed.notify_all()

    def _wait(self, arrivals: Sized, count: int, seconds: float) -> None:
        with self._changed:
            enough = self._changed.wait_for(lambda: len(arrivals) >= count, seconds)
        assert enough, f"{len(arrivals)} of {count} messages came within {seconds} seconds"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own and a certificate of it for the loopback."""

    ca: Path
    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Mailbox(_Arrivals):
    """A mail server that keeps what it takes.

    Args:
        greylist: How often each recipient is turned away for now, before being let in.
        refuse: What to answer to every recipient instead: `550 5.1.1 no such user`.
        refuse_content: What to answer to every mail instead: `554 5.7.1 looks like spam`.
        is_silent: Take each mail and never answer it.
        tls: Offer (and demand) STARTTLS with this authority's certificate.
        is_implicit_tls: Speak TLS from the first byte instead.
        login: The user and password it demands; needs `tls`.
    """

    def __init__(
        self,
        *,
        greylist: int = 0,
        refuse: str = "",
        refuse_content: str = "",
        is_silent: bool = False,
        tls: Authority | None = None,
        is_implicit_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.messages: list[Mail] = []
        self.greylist = greylist
        self.refuse = refuse
        self.refuse_content = refuse_content
        self.is_silent = is_silent
        self.is_implicit_tls = is_implicit_tls
        self.login = login
        self._context = tls.server_context() if tls else None
        self._knocks: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        opening = self._loop.create_server(
            self._protocol, LOOPBACK, 0, ssl=self._context if self.is_implicit_tls else None
        )
        self._server = self._loop.run_until_complete(opening)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = Thread(target=self._serve, name="mailbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def address(
        self,
        to: str = "reader@example.org",
        *,
        sender: str = "watcher@example.org",
        query: str = "",
    ) -> str:
        """Return the channel's address, with the login and the security the server demands."""
        login = ""
        if self.login:
            login = ":".join(quote(part, safe="") for part in self.login) + "@"
        mode = "insecure"
        if self._context:
            mode = "ssl" if self.is_implicit_tls else "starttls"
        scheme = "mailtos" if self._context else "mailto"
        host = f"{login}{LOOPBACK}:{self.port}"
        return f"{scheme}://{host}/?from={sender}&to={to}&mode={mode}{query}"

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Mail]:
        """Return the mails once there are `count` of them."""
        self._wait(self.messages, count, seconds)
        return self.messages

    def _serve(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._stop())
        self._loop.close()

    async def _stop(self) -> None:
        """Hang up on whoever is still being served."""
        self._server.close()
        served = asyncio.all_tasks() - {asyncio.current_task()}
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)

    def _protocol(self) -> SMTP:
        starttls = self._context is not None and not self.is_implicit_tls
        return SMTP(
            self,
            hostname="mx.example.org",
            loop=self._loop,
            tls_context=self._context if starttls else None,
            require_starttls=starttls,
            authenticator=self._authenticate if self.login else None,
            auth_required=self.login is not None,
            auth_require_tls=True,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: object
    ) -> AuthResult:
        assert self.login is not None
        right = LoginPassword(*(part.encode() for part in self.login))
        # handled=False makes the server itself answer 535; otherwise the client waits in vain
        return AuthResult(success=data == right, handled=False, auth_data=data)

    async def handle_RCPT(  # noqa: N802  (the name is the server's)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        self._knocks[address] = self._knocks.get(address, 0) + 1
        if self.refuse:
            return self.refuse
        if self._knocks[address] <= self.greylist:
            return "451 4.7.1 Greylisted, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse_content:
            return self.refuse_content
        login = session.auth_data.login.decode() if session.auth_data else ""
        assert isinstance(envelope.content, bytes)
        mail = Mail(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            raw=envelope.content,
            is_encrypted=session.ssl is not None or self.is_implicit_tls,
            login=login,
        )
        self._keep(self.messages, mail)
        if self.is_silent:
            await asyncio.Event().wait()
        return "250 2.0.0 queued"


Answer = int | Callable[[Post], tuple[int, dict[str, str]]]
"""A status, or what makes a status and headers of a request."""


@dataclass
class Webhook(_Arrivals):
    """An HTTP server that keeps every request.

    Args:
        answers: Statuses in turn, the last of them for ever, or one function that answers.
        is_silent: Take each request and never answer it.
    """

    answers: Iterable[int] | Answer = 200
    is_silent: bool = False
    posts: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._closing = Event()
        script = self.answers
        self._script = [script] if isinstance(script, int) or callable(script) else list(script)

    def __enter__(self) -> Self:
        self._server = _HookServer((LOOPBACK, 0), _Handler)
        self._server.hook = self
        self.port: int = self._server.server_address[1]
        serve = self._server.serve_forever
        self._thread = Thread(target=serve, args=(0.02,), name="webhook", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def json_address(self, path: str = "hook", *, login: str = "", query: str = "") -> str:
        """Return the address of a channel that posts JSON here."""
        return f"json://{login}{LOOPBACK}:{self.port}/{path}{query}"

    def mattermost_address(self, hook: str = "hook") -> str:
        """Return the address of a channel that takes this for a Mattermost server."""
        return f"mmost://{LOOPBACK}:{self.port}/{hook}?image=no"

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Post]:
        """Return the requests once there are `count` of them."""
        self._wait(self.posts, count, seconds)
        return self.posts

    def answer(self, post: Post) -> tuple[int, dict[str, str]]:
        """Keep a request and return the status and headers to answer it with."""
        self._keep(self.posts, post)
        if self.is_silent:
            self._closing.wait()
        at = min(len(self.posts), len(self._script)) - 1
        told = self._script[at]
        return (told, {}) if isinstance(told, int) else told(post)


class _HookServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    hook: Webhook


class _Handler(BaseHTTPRequestHandler):
    server: _HookServer

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        post = Post(self.command, self.path, headers, self.rfile.read(length))
        status, more = self.server.hook.answer(post)
        body = b"ok"
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST  # noqa: N815  (the names are the server's)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
