"""Undoing a body's content encoding, without trusting it.

607 bytes of brotli can be 400 MB, and a library that decodes a chunk as a whole has them in memory
before anyone can count. We ask for gzip only, take nothing else, decode a piece at a time and stop
at a limit. And a gzip stream must reach its own end: cut short with a `Content-Length` to match,
two thirds of a page would otherwise pass for the whole page.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator

from watcher.errors import FetchError

_PIECE = 262_144
_GZIP_ONLY = 31  # zlib's word for: a gzip header, and the largest window

# The real pages compress 11:1 and the bulk JSON 9:1; deflate can do 1,032:1.
_HIGHEST_RATIO = 100
_MOST_MEMBERS = 1_000  # servers write one; each costs a copy of what is left of its chunk
_RATIO_COUNTS_FROM = 1_000_000


def decode(chunks: Iterable[bytes], encoding: str, *, max_bytes: int) -> bytes:
    """Return the whole body with its content encoding undone.

    Args:
        chunks: The body as it comes off the wire.
        encoding: The `Content-Encoding` header: empty, identity or gzip (RFC 9110, 8.4).
        max_bytes: How large the decoded body may be.

    Raises:
        FetchError: Kind `too_large`: over `max_bytes`, or a bomb by its ratio; `truncated`: the
            compressed stream does not reach its end; `encoding`: one we did not ask for, or
            damaged.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _gathered(chunks, max_bytes)
    if name not in ("gzip", "x-gzip"):
        message = f"the answer is encoded as {name[:40]!r}, which was not asked for"
        raise FetchError(message, kind="encoding", is_transient=False)
    return _gathered(_Inflater().pieces(chunks), max_bytes)


def _gathered(pieces: Iterable[bytes], max_bytes: int) -> bytes:
    body = io.BytesIO()  # hands its buffer over without a second copy
    for piece in pieces:
        if body.tell() + len(piece) > max_bytes:
            message = f"the body is larger than {max_bytes:,} bytes"
            raise FetchError(message, kind="too_large", is_transient=False)
        body.write(piece)
    return body.getvalue()


class _Inflater:
    """Decodes a stream of gzip members in pieces of bounded size."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP_ONLY)
        self._read = self._written = 0
        self._members = 1

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._read += len(chunk)
            yield from self._inflated(chunk)
        if not self._stream.eof:
            message = f"the compressed body is cut off after {self._read:,} bytes"
            raise FetchError(message, kind="truncated")

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._stream.eof:
                data = data.lstrip(b"\0")  # padding; anything else must be a member of its own
                if not data:
                    return
                self._next_member()
            piece = self._step(data)
            yield piece
            data = self._stream.unused_data or self._stream.unconsumed_tail
            if not (data or self._stream.eof or len(piece) == _PIECE):
                return

    def _next_member(self) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            message = f"the compressed body has more than {_MOST_MEMBERS:,} members"
            raise FetchError(message, kind="too_large", is_transient=False)
        self._stream = zlib.decompressobj(_GZIP_ONLY)

    def _step(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, _PIECE)
        except zlib.error as error:
            message = f"the compressed body is damaged: {error}"
            raise FetchError(message, kind="encoding") from error
        self._written += len(piece)
        if self._written > max(_RATIO_COUNTS_FROM, _HIGHEST_RATIO * self._read):
            message = f"{self._read:,} bytes unpack to over {self._written:,}: a bomb"
            raise FetchError(message, kind="too_large", is_transient=False)
        return piece
