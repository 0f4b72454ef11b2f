"""One connection, to checked addresses only, within a budget of seconds and bytes.

A time limit for each operation does not stop a server that sends one byte a second, in the headers
or in the body. So every read is given what is left of the whole exchange's time, and every byte of
it is counted, headers and chunk marks included.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import httpcore

from watcher.errors import FetchError
from watcher.fetch.guard import Route
from watcher.ports import Clock

_HEADERS_TOO_LARGE = 431


class Budget:
    """What one exchange may still cost.

    Attributes:
        hung_up: Whether the server has closed the connection.
    """

    def __init__(self, clock: Clock, *, seconds: float, wire_bytes: int) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._seconds = seconds
        self._wire_bytes = wire_bytes
        self.hung_up = False

    def seconds_spent(self) -> float:
        """Return how long the exchange has taken so far."""
        return self._clock.monotonic() - self._started

    def seconds_left(self) -> float:
        """Return the seconds that are left, never 0.

        Raises:
            FetchError: Kind `timeout`: there are none.
        """
        left = self._seconds - self.seconds_spent()
        if left <= 0:
            raise self.timeout()
        return left

    def spend(self, wire_bytes: int) -> None:
        """Count bytes that arrived.

        Raises:
            FetchError: Kind `too_large`: more than this exchange may read.
        """
        self._wire_bytes -= wire_bytes
        if self._wire_bytes < 0:
            message = "the answer is larger on the wire than the request allows"
            raise FetchError(message, kind="too_large", is_transient=False)

    def timeout(self) -> FetchError:
        """Return the error that says the time is up."""
        return FetchError(f"no whole answer within {self._seconds:g} s", kind="timeout")


class PinnedConnection:
    """Carries one request over one connection of its own, to the addresses of a checked route.

    Nothing is shared between two exchanges, so none can ride on another's connection, and the
    network is reached through `dialler` alone. No pool and no client stand above it, which would
    keep connections and cookies, or work out a next request from a `Location` nobody has checked.
    """

    def __init__(
        self,
        route: Route,
        budget: Budget,
        *,
        tls: ssl.SSLContext | None,
        dialler: httpcore.NetworkBackend,
    ) -> None:
        """Make it; nothing is sent yet.

        Args:
            route: Where to.
            budget: What it may cost.
            tls: What certificates to trust; None where the address is not https.
            dialler: Opens the connection.
        """
        self._budget = budget
        self._url = httpcore.URL(
            scheme=route.url.scheme,
            host=route.url.host,
            port=route.url.port,
            target=route.url.target,
        )
        self._host = route.url.authority.encode("ascii")
        self._connection = httpcore.HTTPConnection(
            self._url.origin,
            ssl_context=tls,
            network_backend=_PinnedBackend(route.addresses, budget, dialler),
        )

    def ask(self, method: str, headers: Mapping[str, str], body: bytes) -> httpcore.Response:
        """Return the answer with its body still on the wire; `chunks` reads it.

        Args:
            method: GET or POST.
            headers: What to send beside the host's name and the body's length.
            body: What to send; a GET has none.

        Raises:
            FetchError: There was none that can be used.
        """
        sent = [(b"Host", self._host)]
        sent += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        if method != "GET":
            sent.append((b"Content-Length", b"%d" % len(body)))
        question = httpcore.Request(method, self._url, headers=sent, content=body)
        with _told_plainly(self._budget, in_body=False):
            return self._connection.handle_request(question)

    def chunks(self, answer: httpcore.Response) -> Iterator[bytes]:
        """Yield the answer's body as it comes off the wire.

        Raises:
            FetchError: It ends before its end, or cannot be read.
        """
        with _told_plainly(self._budget, in_body=True):
            yield from answer.iter_stream()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked addresses, whatever the name would resolve to by now."""

    def __init__(
        self, addresses: tuple[str, ...], budget: Budget, dialler: httpcore.NetworkBackend
    ) -> None:
        self._addresses = addresses
        self._budget = budget
        self._dialler = dialler

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 (the signature is httpcore's; the name is not asked again)
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the budget rules)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for position, address in enumerate(self._addresses):
            # A silent first address may not eat the time of the others.
            share = self._budget.seconds_left() / (len(self._addresses) - position)
            try:
                stream = self._dialler.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _BudgetedStream(stream, self._budget)
        raise failure or httpcore.ConnectError("no address")


class _BudgetedStream(httpcore.NetworkStream):
    """A connection whose every read is given the time left and counts against the bytes left."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        data = self._stream.read(max_bytes, self._budget.seconds_left())
        self._budget.spend(len(data))
        self._budget.hung_up = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._budget.seconds_left())

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        seconds = self._budget.seconds_left()
        try:
            inner = self._stream.start_tls(ssl_context, server_hostname, seconds)
        except httpcore.ConnectError as error:
            if not isinstance(error.__cause__, ssl.SSLError):
                raise
            message = f"no secure connection to {server_hostname}: {error}"
            raise FetchError(message, kind="tls") from error
        return _BudgetedStream(inner, self._budget)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@contextmanager
def _told_plainly(budget: Budget, *, in_body: bool) -> Iterator[None]:
    """Turn what the HTTP library raises into our own errors."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise budget.timeout() from error
    except httpcore.NetworkError as error:
        message = f"the connection failed: {error}"
        raise FetchError(message, kind="connection") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise _broken(error, budget, in_body=in_body) from error


def _broken(error: Exception, budget: Budget, *, in_body: bool) -> FetchError:
    if budget.hung_up and in_body:
        return FetchError(f"the answer ends before its end: {error}", kind="truncated")
    if budget.hung_up:
        return FetchError("the server hung up without an answer", kind="connection")
    # The library passes the parser's own error on as the first argument of its error.
    if getattr(error.args[0], "error_status_hint", 0) == _HEADERS_TOO_LARGE:
        return FetchError("the headers have no end", kind="too_large", is_transient=False)
    return FetchError(f"this is not HTTP: {error}", kind="protocol")
