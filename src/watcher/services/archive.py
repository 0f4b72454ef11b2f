"""Archives of pages and files of the past, each as the answer it once was.

Three layouts are understood: a folder a page with its dated versions in it, dated files of one
target, and WARC files. A tar archive is unpacked and holds one of the first two.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from watcher.errors import FetchError, OperationalError
from watcher.ports import Answer
from watcher.services.bounded import kept, tar_members, warc_records
from watcher.services.dated_files import MEDIA_TYPES, date_of
from watcher.services.warc import FINAL_URI

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
_WARCS = (".warc", ".warc.gz")

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
        final_url: The address that answered, where the archive tells that it was another one.
        repeats: Of a "not modified": the file with the body that it speaks of, where it is told.
    """

    at: datetime
    url: str
    name: str
    path: Path | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    judged_as: str = ""
    is_cut: bool = False
    final_url: str = ""
    repeats: Path | None = None

    def answer(self) -> Answer:
        """Return what the server answered then.

        Raises:
            FetchError: The archive does not hold all of it.
        """
        if self.is_cut:
            message = f"{self.name}: the archive holds less of it than there was"
            raise FetchError(message, kind="truncated", is_transient=False)
        body = self.path.read_bytes() if self.path else b""
        url = self.final_url or self.url
        return Answer(url=url, status=self.status, headers=self.headers, body=body)


def pages(
    archives: Sequence[Path],
    base: str,
    scratch: Path,
    *,
    wanted: Wanted | None = None,
    apart: bool = True,
) -> tuple[Page, ...]:
    """Return the answers in `archives`, in the order in which they were fetched.

    Args:
        archives: Folders, dated files, tar archives, WARC files.
        base: The address of the target; a folder's name takes the place of its last part.
        scratch: An empty folder to unpack into.
        wanted: Which addresses of a WARC file to take; None: all.
        apart: Whether to keep those of one target and instant a microsecond apart.

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
    found.sort(key=lambda page: (page.at, page.url, page.name))
    return tuple(_apart(found) if apart else found)


def _apart(found: Sequence[Page]) -> Iterator[Page]:
    """Yield the pages, those of one target and one instant a microsecond apart, in their order."""
    least = timedelta(microseconds=1)
    last: dict[str, datetime] = {}
    for page in found:
        at = max(page.at, last.get(page.url, page.at - least) + least)
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
        with tar_members(archive) as (opened, members):
            for member in members:
                if member.isfile() or member.isdir():
                    opened.extract(member, room, filter="data")
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, LZMAError) as error:
        message = f"{archive} cannot be unpacked: {error}"
        raise OperationalError(message) from error
    return room


def _warc(archive: Path, room: Path, wanted: Wanted | None) -> Iterator[Page]:
    """Yield the responses of a WARC file, and its revisits as what they stand for.

    One of the same payload is the payload again, where the file has it; else "not modified".
    """
    if find_spec("warcio") is None:
        message = f"{archive}: reading WARC needs the extra `warc`: pip install 'watcher[warc]'"
        raise OperationalError(message)
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415

    bodies: dict[str, Path] = {}
    with archive.open("rb") as stream:
        try:
            for number, record in enumerate(warc_records(stream)):
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                if record.rec_type in {"response", "revisit"} and (wanted is None or wanted(url)):
                    page = _response(record, url, room / str(number), bodies)
                    digest = record.rec_headers.get_header("WARC-Payload-Digest")
                    if digest and page.path and not page.is_cut:
                        bodies.setdefault(digest, page.path)
                    yield page
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            message = f"{archive} is not a whole WARC file: {error}"
            raise OperationalError(message) from error


def _response(record: ArcWarcRecord, url: str, path: Path, bodies: Mapping[str, Path]) -> Page:
    name = record.rec_headers.get_header("WARC-Record-ID") or path.name
    stated = record.rec_headers.get_header("WARC-Date") or ""
    at = datetime.fromisoformat(stated).astimezone(UTC)
    final_url = record.rec_headers.get_header(FINAL_URI) or ""
    if record.rec_type == "revisit" or record.http_headers is None:
        return _revisit(record, Page(at=at, url=url, name=name, path=None, status=304), bodies)
    kept(record.content_stream(), path, name)
    return Page(
        at=at,
        url=url,
        name=name,
        path=path,
        status=int(record.http_headers.get_statuscode()),
        headers=_headers(record),
        is_cut=bool(record.raw_stream.limit or record.rec_headers.get_header("WARC-Truncated")),
        final_url=final_url,
    )


def _revisit(record: ArcWarcRecord, unchanged: Page, bodies: Mapping[str, Path]) -> Page:
    """Return the answer a revisit stands for: the same payload again, or "not modified"."""
    digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
    profile = record.rec_headers.get_header("WARC-Profile") or ""
    if record.http_headers is None:
        return unchanged
    answered = replace(
        unchanged,
        headers=_headers(record),
        final_url=record.rec_headers.get_header(FINAL_URI) or "",
    )
    if digest not in bodies or profile.endswith("/server-not-modified"):
        return replace(answered, repeats=bodies.get(digest))
    status = int(record.http_headers.get_statuscode())
    return replace(answered, path=bodies[digest], status=status)


def _headers(record: ArcWarcRecord) -> dict[str, str]:
    headers: dict[str, str] = {}
    for key, value in record.http_headers.headers:
        known = headers.get(key.casefold())
        headers[key.casefold()] = f"{known}, {value}" if known else value
    return headers
