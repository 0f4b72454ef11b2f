"""Archives of pages and files of the past, each as the answer it once was.

Three layouts are understood: a folder a page with its dated versions in it, dated files of one
target, and WARC files. A tar archive is unpacked and holds one of the first two.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from watcher.errors import FetchError, OperationalError
from watcher.ports import Answer
from watcher.services.exchange import MEDIA_TYPES, date_of

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_WARCS = (".warc", ".warc.gz")
_LARGEST = 500_000_000
"""Bytes of one page or file, unpacked."""
_MOST_UNPACKED = 20_000_000_000
"""Bytes of one tar archive, unpacked."""

Wanted = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the past.

    Attributes:
        at: When it was fetched, UTC.
        url: The address that was asked for.
        name: How the archive calls it.
        path: The file its body is in; None: it was "not modified", and has none.
        status: The HTTP status.
        headers: By lower-case name.
        judged_as: The address to judge it by, where its form is not that of its address.
        is_cut: Whether the archive holds less of it than there was.
    """

    at: datetime
    url: str
    name: str
    path: Path | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    judged_as: str = ""
    is_cut: bool = False

    def answer(self) -> Answer:
        """Return what the server answered then.

        Raises:
            FetchError: The archive does not hold all of it.
        """
        if self.is_cut:
            message = f"{self.name}: the archive holds less of it than there was"
            raise FetchError(message, kind="truncated", is_transient=False)
        body = self.path.read_bytes() if self.path else b""
        return Answer(url=self.url, status=self.status, headers=self.headers, body=body)


def pages(
    archives: Sequence[Path], base: str, scratch: Path, *, wanted: Wanted | None = None
) -> tuple[Page, ...]:
    """Return the answers in `archives`, in the order in which they were fetched.

    Args:
        archives: Folders, dated files, tar archives, WARC files.
        base: The address of the target; a folder's name takes the place of its last part.
        scratch: An empty folder to unpack into.
        wanted: Which addresses of a WARC file to take; None: all.

    Raises:
        OperationalError: Nothing is in them, a name tells no date, or one cannot be unpacked.
    """
    found: list[Page] = []
    for number, archive in enumerate(archives):
        room = scratch / str(number)
        room.mkdir(parents=True)
        if archive.name.endswith(_WARCS):
            found += _warc(archive, room, wanted)
        elif archive.name.endswith(_TARS):
            found += _folder(_unpacked(archive, room), base)
        elif archive.is_dir():
            found += _folder(archive, base)
        else:
            found.append(_file(archive, base))
    if not found:
        message = f"no dated page in {', '.join(map(str, archives))}"
        raise OperationalError(message)
    return tuple(_apart(sorted(found, key=lambda page: (page.at, page.url, page.name))))


def _apart(found: Sequence[Page]) -> Iterator[Page]:
    """Yield the pages, those of one target and one minute a second apart, in their order."""
    last: dict[str, datetime] = {}
    for page in found:
        at = max(page.at, last.get(page.url, page.at - timedelta(seconds=1)) + timedelta(seconds=1))
        last[page.url] = at
        yield replace(page, at=at)


def _folder(folder: Path, base: str) -> Iterator[Page]:
    """Yield the dated files in and below a folder; a folder below it is a target of its own."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.casefold() in MEDIA_TYPES:
            own = path.parent != folder
            yield _file(path, urljoin(base, path.parent.name) if own else base)


def _file(path: Path, url: str) -> Page:
    return Page(
        at=date_of(path),
        url=url,
        name=path.name,
        path=path,
        headers={"content-type": MEDIA_TYPES.get(path.suffix.casefold(), "")},
        judged_as=urljoin(url, path.name),
    )


def _unpacked(archive: Path, room: Path) -> Path:
    """Return the folder with the archive's files: nothing outside it, and nothing but files."""
    try:
        with tarfile.open(archive) as opened:
            total = 0
            for member in opened:
                total += member.size
                if member.size > _LARGEST or total > _MOST_UNPACKED:
                    message = f"{archive}: {member.name} makes it too large to unpack"
                    raise OperationalError(message)
                if member.isfile() or member.isdir():
                    opened.extract(member, room, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        message = f"{archive} cannot be unpacked: {error}"
        raise OperationalError(message) from error
    return room


def _warc(archive: Path, room: Path, wanted: Wanted | None) -> Iterator[Page]:
    """Yield the responses of a WARC file, and its revisits as answers "not modified"."""
    if find_spec("warcio") is None:
        message = f"{archive}: reading WARC needs the extra `warc`: pip install 'watcher[warc]'"
        raise OperationalError(message)
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  an extra
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    with archive.open("rb") as stream:
        try:
            for number, record in enumerate(ArchiveIterator(stream)):
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                if record.rec_type in {"response", "revisit"} and (wanted is None or wanted(url)):
                    yield _response(record, url, room / str(number))
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            message = f"{archive} is not a whole WARC file: {error}"
            raise OperationalError(message) from error


def _response(record: ArcWarcRecord, url: str, path: Path) -> Page:
    name = record.rec_headers.get_header("WARC-Record-ID") or path.name
    stated = record.rec_headers.get_header("WARC-Date") or ""
    at = datetime.fromisoformat(stated).astimezone(UTC)
    if record.rec_type == "revisit" or record.http_headers is None:
        return Page(at=at, url=url, name=name, path=None, status=304)
    body = record.content_stream().read(_LARGEST + 1)
    if len(body) > _LARGEST:
        message = f"{name}: a page of more than {_LARGEST:,} bytes"
        raise OperationalError(message)
    path.write_bytes(body)
    headers: dict[str, str] = {}
    for key, value in record.http_headers.headers:
        known = headers.get(key.casefold())
        headers[key.casefold()] = f"{known}, {value}" if known else value
    status = int(record.http_headers.get_statuscode())
    return Page(
        at=at,
        url=url,
        name=name,
        path=path,
        status=status,
        headers=headers,
        is_cut=bool(record.raw_stream.limit or record.rec_headers.get_header("WARC-Truncated")),
    )
