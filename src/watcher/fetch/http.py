"""One conditional GET over HTTP/1.1: guarded, bounded, without cookies, proxies or surprises."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from functools import lru_cache
from threading import Thread

import httpcore

from watcher import __version__
from watcher.errors import FetchError
from watcher.fetch.decoding import decode
from watcher.fetch.guard import Resolver, Route, is_literal, route, system_resolver
from watcher.fetch.redirects import follow, is_redirect
from watcher.fetch.wire import Budget, PinnedConnection
from watcher.ports import Answer, Clock, Post, Request

# Printable ASCII without parentheses: it stands in a comment of the User-Agent header (RFC 9110).
_CONTACT = re.compile(r"[ !-'*-~]+")
_MAX_HEADER_BYTES = 65_536
_MAX_HEADERS = 200  # EMA's answers have some twenty
_FRAMING = 262_144  # what headers, chunk marks and incompressible data may add to a body
_MAX_RECEIPT = 65_536  # what a receiver of messages may answer
_WITHOUT_BODY = frozenset({204, 205, 304})


class HttpFetcher:
    """Asks a server once, or follows its redirects, and keeps the port `Fetcher`."""

    def __init__(
        self,
        *,
        contact: str,
        clock: Clock,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        dialler: httpcore.NetworkBackend | None = None,
    ) -> None:
        """Make a fetcher that says who it is.

        Args:
            contact: Where its operator can be reached: an address of a page or of mail. Mandatory.
            clock: Measures how long an exchange takes.
            resolver: Turns a host name into IP addresses.
            tls: What certificates to trust; those of certifi if not given. Always verified.
            dialler: Opens connections, to checked addresses only; the system's if not given.

        Raises:
            ValueError: `contact` is missing or not one a person could use.
        """
        self._headers = {
            "User-Agent": user_agent(contact),
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
        }
        self._clock = clock
        self._resolver = resolver
        self._tls = tls
        self._dialler = dialler or httpcore.SyncBackend()

    def fetch(self, request: Request) -> Answer:
        """Return the answer at the end of at most five redirects.

        Raises:
            FetchError: There was none that can be used.
            FetchRefusedError: We would not ask.
        """
        return follow(self.ask, request)

    def ask(self, request: Request) -> Answer:
        """Return the answer to one exchange; a redirect is an answer like any other.

        Raises:
            FetchError: There was none that can be used.
            FetchRefusedError: We would not ask.
        """
        return self._exchange(request, "GET", _validators(request), b"")

    def post(self, post: Post) -> Answer:
        """Return the answer to one message handed over, whatever its status.

        Raises:
            FetchError: There was none that can be used; kind `unreachable` where no connection
                came about.
            FetchRefusedError: We would not ask.
        """
        request = Request(
            url=post.url,
            max_bytes=_MAX_RECEIPT,
            seconds=post.seconds,
            allow_private=post.allow_private,
        )
        try:
            return self._exchange(request, "POST", post.headers, post.body)
        except FetchError as error:
            never_came = isinstance(
                error.__cause__, httpcore.ConnectError | httpcore.ConnectTimeout
            )
            if never_came and error.kind != "tls":
                raise FetchError(str(error), kind="unreachable") from error
            raise

    def _exchange(
        self, request: Request, method: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        wire_bytes = request.max_bytes + request.max_bytes // 8 + _FRAMING
        budget = Budget(self._clock, seconds=request.seconds, wire_bytes=wire_bytes)
        way = self._way(request, budget)
        is_secure = way.url.scheme == "https"
        tls = (self._tls or _trusted()) if is_secure else None
        pinned = PinnedConnection(way, budget, tls=tls, dialler=self._dialler)
        with closing(pinned) as connection:
            response = connection.ask(method, {**self._headers, **headers}, body)
            return _answer(request, response, connection.chunks(response), budget)

    def _way(self, request: Request, budget: Budget) -> Route:
        """Return the guarded way to the request's address, or give up when its time is up.

        The system's resolver knows no time limit, so it is asked in a thread we need not wait for;
        of an address that is written as numbers it is not asked at all.
        """
        if is_literal(request.url):
            return route(request.url, self._resolver, allow_private=request.allow_private)
        found: Future[Route] = Future()

        def look_up() -> None:
            try:
                found.set_result(
                    route(request.url, self._resolver, allow_private=request.allow_private)
                )
            except FetchError as error:
                found.set_exception(error)

        Thread(target=look_up, name="resolve", daemon=True).start()
        try:
            return found.result(timeout=budget.seconds_left())
        except TimeoutError as error:
            raise budget.timeout() from error


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Return what trusts the certificates of certifi; reading them takes its time."""
    import httpx  # noqa: PLC0415  it takes its time too

    return httpx.create_ssl_context(trust_env=False)


def user_agent(contact: str) -> str:
    """Return what we call ourselves: `watcher/1.0 (+https://example.org/bot)`.

    Raises:
        ValueError: `contact` is missing or not one a person could use.
    """
    plain = contact.strip()
    if not _CONTACT.fullmatch(plain) or ("@" not in plain and "://" not in plain):
        message = f"a contact is needed, a web page or a mail address; found {contact!r}"
        raise ValueError(message)
    return f"watcher/{__version__} (+{plain})"


def _validators(request: Request) -> dict[str, str]:
    """Return the headers that make the request conditional; a damaged validator is left out."""
    wanted = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {
        name: value.strip()
        for name, value in wanted.items()
        if value.strip() and value.isascii() and value.isprintable()
    }


def _answer(
    request: Request, response: httpcore.Response, chunks: Iterable[bytes], budget: Budget
) -> Answer:
    _check_head(response)
    bare = Answer(url=request.url, status=response.status, headers=_headers(response))
    has_body = not is_redirect(bare) and bare.status not in _WITHOUT_BODY
    body = _body(request, bare.headers, chunks) if has_body else b""
    return replace(bare, body=body, milliseconds=round(budget.seconds_spent() * 1000))


def _check_head(response: httpcore.Response) -> None:
    size = sum(len(name) + len(value) + 4 for name, value in response.headers)
    if size > _MAX_HEADER_BYTES:
        message = f"the headers take {size:,} bytes, more than {_MAX_HEADER_BYTES:,}"
        raise FetchError(message, kind="too_large", is_transient=False)
    if (count := len(response.headers)) > _MAX_HEADERS:
        message = f"the answer has {count:,} headers, more than {_MAX_HEADERS}"
        raise FetchError(message, kind="too_large", is_transient=False)
    if response.status < 200 or response.status == 206:
        message = f"an answer with status {response.status} was not asked for"
        raise FetchError(message, kind="protocol")


def _body(request: Request, headers: Mapping[str, str], chunks: Iterable[bytes]) -> bytes:
    declared = int(headers.get("content-length", "0"))
    if declared > request.max_bytes:
        message = f"the body has {declared:,} bytes, more than {request.max_bytes:,}"
        raise FetchError(message, kind="too_large", is_transient=False)
    encoding = headers.get("content-encoding", "")
    return decode(chunks, encoding, max_bytes=request.max_bytes)


def _headers(response: httpcore.Response) -> dict[str, str]:
    """Return the headers by lower-case name, without cookies: a guest keeps none.

    What is sent several times is one list (RFC 9110, 5.3); what is not UTF-8 is Latin-1.
    """
    found: dict[str, str] = {}
    for name, value in response.headers:
        key, text = _text(name).lower(), _text(value)
        if key != "set-cookie":
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _text(sent: bytes) -> str:
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return sent.decode("latin-1")
