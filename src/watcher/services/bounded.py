"""Archives read within bounds: what they unpack to, how long a line is, how many things they hold.

An archive is somebody else's file. A kilobyte of gzip can be a gigabyte, a tar's header can claim
to be as large as it likes and is read in one piece, an xz file names the memory it wants, and a
WARC's header ends at a blank line that may never come.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from watcher.errors import OperationalError

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

LARGEST: Final = 100_000_000
"""Bytes of one page or file, unpacked; EMA's largest file has 11 million."""
MOST_UNPACKED: Final = 20_000_000_000
"""Bytes of one archive, unpacked: they lie on the disk, not in memory."""
MOST_MEMBERS: Final = 50_000
"""Files in one archive."""
_PIECE: Final = 262_144
_HEADER: Final = 1_000_000
"""Bytes of one header of a tar, or of all headers of one record of a WARC."""
_LINE: Final = 65_536
_XZ_MEMORY: Final = 70_000_000
"""What `xz -9` needs to be unpacked: 65 megabytes."""


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


@contextmanager
def tar_members(archive: Path) -> Iterator[tuple[tarfile.TarFile, Iterator[tarfile.TarInfo]]]:
    """Yield a tar archive and its members, each to be taken out before the next is asked for.

    Raises:
        OperationalError: It is larger than anybody's archive of pages, or leads backwards.
        TarError: It is damaged.
    """
    with _unpacked(archive) as stream:
        forward: Any = _Forward(stream)
        with tarfile.open(fileobj=forward, mode="r:") as opened:
            yield opened, _bounded(archive, opened)


def _bounded(archive: Path, opened: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(opened):
        if member.size > LARGEST or number >= MOST_MEMBERS:
            what = f"{member.name[:80]!r}, number {number + 1} of {member.size:,} bytes,"
            message = f"{archive}: {what} makes it too large to unpack"
            raise OperationalError(message)
        yield member


@contextmanager
def _unpacked(archive: Path) -> Iterator[_Bytes]:
    with archive.open("rb") as packed:
        suffix = archive.suffix.casefold()
        if suffix in {".gz", ".tgz"}:
            with gzip.GzipFile(fileobj=packed) as stream:
                yield stream
        elif suffix == ".bz2":
            with bz2.BZ2File(packed) as stream:
                yield stream
        else:
            yield _Xz(packed) if suffix == ".xz" else packed


class _Xz:
    """An xz file unpacked a piece at a time, with no more memory than `xz -9` needs."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._stream = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; none at the end.

        Raises:
            LZMAError: It is damaged, or wants more memory.
            EOFError: It is cut off.
        """
        while True:
            data = b""
            if self._stream.eof:
                data = self._stream.unused_data.lstrip(b"\0") or self._packed.read(_PIECE)
                if not data:
                    return b""
                self._stream = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            elif self._stream.needs_input and not (data := self._packed.read(_PIECE)):
                message = "the compressed file is cut off"
                raise EOFError(message)
            if piece := self._stream.decompress(data, size):
                return piece


class _Forward:
    """As much of a file as `tarfile` needs: reads of bounded size, and skipping ahead."""

    def __init__(self, stream: _Bytes) -> None:
        self._stream = stream
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, to: int) -> int:
        if to < self._at:
            message = "an archive that leads backwards"
            raise tarfile.ReadError(message)
        while self._at < to and self.read(min(to - self._at, _PIECE)):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _HEADER:
            message = f"a header of {size:,} bytes"
            raise tarfile.ReadError(message)
        pieces: list[bytes] = []
        missing = size
        while missing and (piece := self._stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        self._at += size - missing
        if self._at > MOST_UNPACKED:
            message = f"more than {MOST_UNPACKED:,} bytes unpacked"
            raise tarfile.ReadError(message)
        return b"".join(pieces)


def warc_records(stream: IO[bytes]) -> Iterator[ArcWarcRecord]:
    """Yield the records of a WARC file, whose headers are no longer than headers are.

    Raises:
        ValueError: They are, or there are more records than in anybody's archive.
        ArchiveLoadFailed: It is damaged.
    """
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  an extra
    from warcio.bufferedreaders import DecompressingBufferedReader  # noqa: PLC0415

    class Bounded(DecompressingBufferedReader):  # type: ignore[misc]  # untyped
        """Gives no endless line, and no endless number of them without a body between."""

        lines = 0

        def readline(self, length: int | None = None) -> bytes:
            line: bytes = super().readline(min(length or _LINE, _LINE))
            self.lines += len(line)
            if self.lines > _HEADER or (len(line) >= _LINE and not line.endswith(b"\n")):
                message = f"headers without an end at byte {self.tell():,}"
                raise ValueError(message)
            return line

        def read(self, length: int | None = None) -> bytes:
            self.lines = 0
            data: bytes = super().read(length)
            return data

    records = ArchiveIterator(stream)
    records.reader = Bounded(records.fh)
    for number, record in enumerate(records):
        if number >= MOST_MEMBERS * 10:
            message = f"more than {MOST_MEMBERS * 10:,} records"
            raise ValueError(message)
        yield record


def kept(stream: _Bytes, path: Path, name: str) -> None:
    """Write what `stream` holds to the file at `path`, a piece at a time.

    Raises:
        OperationalError: It is more than a page or a file of ours has.
    """
    size = 0
    with path.open("wb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > LARGEST:
                message = f"{name}: a page of more than {LARGEST:,} bytes"
                raise OperationalError(message)
            file.write(piece)
