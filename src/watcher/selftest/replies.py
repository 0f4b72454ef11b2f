"""What a server can answer, well or badly: replies for `FaultyServer`.

A reply is a function from the request seen to pieces: bytes are sent, a number waits that many
seconds, `RESET` breaks the connection at once. When the pieces end, the connection is closed.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import repeat
from typing import Final, TypeAlias

RESET: Final = object()
"""A piece that breaks the connection as a crashed server does."""

Piece: TypeAlias = "bytes | float | object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request the server saw.

    Attributes:
        method: GET, as a rule.
        path: With its query.
        headers: By lower-case name.
        at: The monotonic second it came.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0


Reply: TypeAlias = Callable[[Seen], Iterable[Piece]]
"""From the request seen to the pieces of the answer."""


def head(status: int, headers: Mapping[str, str | int] | None = None) -> bytes:
    """Return the status line and the headers, blank line included."""
    reason = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Odd"
    lines = [f"HTTP/1.1 {status} {reason}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(
    body: bytes | str = b"", status: int = 200, headers: Mapping[str, str | int] | None = None
) -> Reply:
    """Return a plain, whole answer."""
    data = body.encode() if isinstance(body, str) else body
    whole = head(status, {"Content-Length": len(data), **(headers or {})}) + data
    return lambda _: [whole]


def page(
    body: bytes | str,
    *,
    etag: str = "",
    last_modified: str = "",
    media_type: str = "text/html; charset=utf-8",
    headers: Mapping[str, str | int] | None = None,
) -> Reply:
    """Return a page that answers 304 to a request that knows it already."""
    validators = {"ETag": etag, "Last-Modified": last_modified}
    kept = {name: value for name, value in validators.items() if value} | dict(headers or {})

    def reply(seen: Seen) -> Iterable[Piece]:
        known = seen.headers.get("if-none-match", "")
        since = seen.headers.get("if-modified-since", "")
        if (etag and known == etag) or (not known and last_modified and since == last_modified):
            return [head(304, kept)]
        return answer(body, 200, {"Content-Type": media_type, **kept})(seen)

    return reply


def not_found() -> Reply:
    """Return the answer of an address nobody knows."""
    return answer("<h1>Page not found</h1>", 404, {"Content-Type": "text/html"})


def redirect(to: str, status: int = 302) -> Reply:
    """Return an answer that sends its guest elsewhere."""
    return answer(b"", status, {"Location": to})


def too_many_requests(retry_after: str | int | None = None) -> Reply:
    """Return 429, with a wish when to come back perhaps."""
    return answer("slow down", 429, {} if retry_after is None else {"Retry-After": retry_after})


def unavailable(retry_after: str | int | None = None) -> Reply:
    """Return 503, with a wish when to come back perhaps."""
    return answer("down", 503, {} if retry_after is None else {"Retry-After": retry_after})


def slow(reply: Reply, seconds: float) -> Reply:
    """Return the same, after a silence."""
    return lambda seen: [seconds, *reply(seen)]


def drip(reply: Reply, *, gap: float, size: int = 1) -> Reply:
    """Return the same, headers and all, `size` bytes at a time."""

    def dripping(seen: Seen) -> Iterator[Piece]:
        for piece in reply(seen):
            if not isinstance(piece, bytes):
                yield piece
                continue
            for start in range(0, len(piece), size):
                yield gap
                yield piece[start : start + size]

    return dripping


def drip_body(body: bytes, *, gap: float, size: int = 1) -> Reply:
    """Return the headers at once, then the body `size` bytes at a time."""
    dripping = drip(lambda _: [body], gap=gap, size=size)
    return lambda seen: [head(200, {"Content-Length": len(body)}), *dripping(seen)]


def reset(after: bytes = b"") -> Reply:
    """Break the connection, after some bytes of an answer perhaps."""
    return lambda _: [*([after] if after else []), RESET]


def silence(seconds: float = 3600.0) -> Reply:
    """Take the request and say nothing."""
    return lambda _: [seconds]


def hang_up() -> Reply:
    """Take the request and close the connection."""
    return lambda _: []


def short(body: bytes, declared: int) -> Reply:
    """Declare more bytes than are sent."""
    return lambda _: [head(200, {"Content-Length": declared}), body]


def unmeasured(body: bytes) -> Reply:
    """Answer with neither a length nor chunks: the body ends where the connection does."""
    return lambda _: [head(200), body]


def chunked(pieces: Iterable[bytes], *, cut: bool = False, broken: bool = False) -> Reply:
    """Answer in chunks; `cut`: without the last one; `broken`: with a chunk that is none."""
    marks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    end = b"" if cut else b"not a chunk\r\n" if broken else b"0\r\n\r\n"
    return lambda _: [head(200, {"Transfer-Encoding": "chunked"}), marks + end]


def encoded(data: bytes, encoding: str = "gzip", status: int = 200) -> Reply:
    """Answer bytes said to be in some content encoding, with the right length."""
    return answer(data, status, {"Content-Encoding": encoding})


def gzip_page(body: bytes) -> Reply:
    """Return a page as servers pack it."""
    return encoded(gzip.compress(body))


def gzip_cut(body: bytes, keep: int) -> Reply:
    """Answer the first `keep` bytes of a gzip stream, with a length that fits them."""
    return encoded(gzip.compress(body)[:keep])


def gzip_bomb(size: int) -> Reply:
    """Answer `size` zeros, packed 1,000:1."""
    packer = zlib.compressobj(level=9, wbits=31)
    block = bytes(1_000_000)
    packed = b"".join(packer.compress(block) for _ in range(size // len(block)))
    return encoded(packed + packer.flush())


def endless_body(block: bytes = b"x" * 65_536) -> Reply:
    """Answer a body without a length and without an end."""

    def reply(_: Seen) -> Iterator[Piece]:
        yield head(200)
        yield from repeat(block)

    return reply


def huge_headers(size: int) -> Reply:
    """Answer with one header of `size` bytes."""
    return answer("fine", 200, {"X-Large": "x" * size})


def many_headers(count: int) -> Reply:
    """Answer with `count` small headers."""
    return answer("fine", 200, {f"X-{number}": 1 for number in range(count)})


def endless_headers() -> Reply:
    """Answer headers that never come to the blank line."""

    def reply(_: Seen) -> Iterator[Piece]:
        yield b"HTTP/1.1 200 OK\r\n"
        yield from repeat(b"X-More: " + b"x" * 1000 + b"\r\n")

    return reply


def endless_interim() -> Reply:
    """Send interim answers, one after the other, and never the real one."""
    return lambda _: repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500)
