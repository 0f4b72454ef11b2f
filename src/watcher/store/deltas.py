"""A payload's stored form: compressed as a whole, or as the difference to an earlier payload.

Both are Zstandard, so that a payload outlives this program: `zstd -d` unpacks a whole one, `zstd -d
--patch-from=BASE` a difference. Frames that Zstandard skips carry what we add: before a difference
the digest of its base and its depth, after either a checksum of all the bytes before it, so that a
byte that rotted is found even where it would not have changed the payload. Files written before
there was a checksum have none, and are read all the same.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import zstandard

LONGEST_CHAIN = 16
"""How many differences may lie between a payload and one stored as a whole."""
LARGEST_DIFFERENCE = 16_000_000
"""Bytes of a payload or a base above which differences are not tried: Zstandard looks for the old
text in about as much."""
LARGEST = 500_000_000
"""Bytes of the largest payload that is unpacked."""
LONGEST_HEAD = 128
"""So many bytes of a file tell what `head` returns."""

_LEVEL = 3
_CHUNK = 1 << 20
_WIDEST_WINDOW = 1 << 27
_SKIPPED = struct.Struct("<II")
_SEAL, _BASE = 0x184D2A5C, 0x184D2A5D
_SEAL_SIZE = _SKIPPED.size + 4
_NAMED = re.compile(rb"(sha256:[0-9a-f]{64}) (\d{1,2})")


class DamagedError(ValueError):
    """Stored bytes are not what was written."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first bytes of a stored form tell.

    Attributes:
        size: Bytes of the payload.
        base: The digest of the payload it is the difference to; empty: it is whole.
        depth: How many differences lie between it and a whole payload.
    """

    size: int
    base: str = ""
    depth: int = 0


def whole(body: bytes) -> Iterator[bytes]:
    """Yield the stored form of a payload as a whole, in pieces, never all of it at once."""
    chunker = zstandard.ZstdCompressor(level=_LEVEL).chunker(size=len(body), chunk_size=_CHUNK)
    checksum = 0
    view = memoryview(body)
    for start in range(0, len(body), _CHUNK):
        for piece in chunker.compress(view[start : start + _CHUNK]):
            checksum = zlib.crc32(piece, checksum)
            yield piece
    for piece in chunker.finish():  # type: ignore[no-untyped-call]  # the package leaves it untyped
        checksum = zlib.crc32(piece, checksum)
        yield piece
    yield _seal(checksum)


def difference(body: bytes, base_body: bytes, base: str, depth: int) -> bytes:
    """Return the stored form of a payload as the difference to another.

    Args:
        body: The payload.
        base_body: The other one.
        base: The other one's digest.
        depth: How many differences lie between `body` and a whole payload, this one included.
    """
    together = len(body) + len(base_body)
    larger = max(len(body), len(base_body), 1)
    # the tables have to be wide enough for all of the base to be looked up in them
    tables = max(17, larger.bit_length() - 2)
    settings = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL,
        source_size=together,
        window_log=max(10, together.bit_length()),
        hash_log=tables,
        chain_log=tables,
        write_dict_id=False,
    )
    packer = zstandard.ZstdCompressor(compression_params=settings, dict_data=_as_base(base_body))
    named = f"{base} {depth}".encode()
    packed = _SKIPPED.pack(_BASE, len(named)) + named + packer.compress(body)
    return packed + _seal(zlib.crc32(packed))


def head(start: bytes) -> Head:
    """Return what the first `LONGEST_HEAD` bytes of a stored form tell.

    Raises:
        DamagedError: It is none.
    """
    base, depth, begins = _base(start)
    try:
        size = zstandard.get_frame_parameters(start[begins : begins + 32]).content_size
    except zstandard.ZstdError as error:
        raise DamagedError(str(error)) from error
    if size > LARGEST:
        message = f"it claims to be {size} bytes, which is more than {LARGEST}"
        raise DamagedError(message)
    return Head(size, base, depth)


def unpacked(packed: bytes, base_body: bytes = b"") -> bytes:
    """Return the payload of a stored form, given the payload it is the difference to.

    Raises:
        DamagedError: The bytes are not what was written, or not for this base.
    """
    told = head(packed[:LONGEST_HEAD])
    frame = memoryview(packed)[_base(packed)[2] : _sealed_until(packed)]
    with_base = _as_base(base_body) if told.base and base_body else None
    unpacker = zstandard.ZstdDecompressor(dict_data=with_base, max_window_size=_WIDEST_WINDOW)
    try:
        return unpacker.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DamagedError(str(error)) from error


def checked_head(packed: bytes) -> Head:
    """Return what a stored form tells, all of its bytes checked first.

    Raises:
        DamagedError: The bytes are not what was written.
    """
    _sealed_until(packed)
    return head(packed[:LONGEST_HEAD])


def check(packed: bytes) -> None:
    """Check a stored form by itself, without its base.

    Raises:
        DamagedError: The bytes are not what was written.
    """
    if not checked_head(packed).base:
        unpacked(packed)


def _as_base(body: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(body, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _seal(checksum: int) -> bytes:
    return _SKIPPED.pack(_SEAL, 4) + struct.pack("<I", checksum)


def _sealed_until(packed: bytes) -> int:
    """Return where the sealed bytes end; all of them where there is no seal."""
    ends = len(packed) - _SEAL_SIZE
    if ends < 0 or _SKIPPED.unpack_from(packed, ends) != (_SEAL, 4):
        return len(packed)
    if packed[ends:] != _seal(zlib.crc32(memoryview(packed)[:ends])):
        message = "its bytes do not fit their checksum"
        raise DamagedError(message)
    return ends


def _base(start: bytes) -> tuple[str, int, int]:
    """Return the base, the depth and where the frame begins."""
    if len(start) < _SKIPPED.size:
        return "", 0, 0
    magic, length = _SKIPPED.unpack_from(start)
    if magic != _BASE:
        return "", 0, 0
    begins = _SKIPPED.size + length
    named = _NAMED.fullmatch(start[_SKIPPED.size : begins])
    if named is None or not 1 <= int(named[2]) <= LONGEST_CHAIN:
        message = "its base is not named as it should be"
        raise DamagedError(message)
    return named[1].decode(), int(named[2]), begins
