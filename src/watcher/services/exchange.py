"""Dated files of the past, run through the same line as live captures, observed at their own time.

What comes of them has the cause `imported` and tells no one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from watcher.core.capture import instant
from watcher.core.events import Cause
from watcher.errors import OperationalError
from watcher.ports import Answer, Request
from watcher.services.check import Outcome, Tools, check
from watcher.services.source import Source

_DATED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T_ ](\d{2})[:.]?(\d{2}))?")
MEDIA_TYPES = {
    ".htm": "text/html",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True, order=True)
class Dated:
    """A file of an archive and the instant it was fetched, UTC, as its name tells."""

    at: datetime
    path: Path


def dated(paths: Sequence[Path]) -> tuple[Dated, ...]:
    """Return the files of `paths` (folders are looked into) in the order of their dates.

    Raises:
        OperationalError: A file's name begins no date, or there is no file.
    """
    files = [file for path in paths for file in (_files(path) if path.is_dir() else [path])]
    if not files:
        message = f"no files in {', '.join(map(str, paths))}"
        raise OperationalError(message)
    found: list[Dated] = []
    for file in sorted(Dated(date_of(file), file) for file in files):
        # two files of one minute stay in the order of their names
        tied = bool(found) and file.at <= found[-1].at
        found.append(Dated(found[-1].at + timedelta(seconds=1), file.path) if tied else file)
    return tuple(found)


def import_files(
    source: Source, url: str, files: Sequence[Dated], tools: Tools
) -> Iterator[tuple[Dated, Outcome]]:
    """Yield each file with what it came to.

    Raises:
        OperationalError: A file is older than what is known already.
    """
    for file in files:
        _refuse_the_older(source, url, file, tools)
        at = Still(file.at)
        dated_tools = replace(
            tools,
            fetcher=_FromFile(file.path),
            clock=at,
            due=lambda _target, now: now,
            cause=Cause.IMPORTED,
            judged_as=urljoin(url, file.path.name),
        )
        yield file, check(source, url, dated_tools)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def date_of(path: Path) -> datetime:
    """Return the instant that a file's name tells, UTC.

    Raises:
        OperationalError: It tells none, or one that does not exist.
    """
    match = _DATED.search(path.name)
    if match is None:
        message = f"{path}: its name has no date; call it like 2024-08-22_1506_medicines.xlsx"
        raise OperationalError(message)
    try:
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]  # five numbers: year to minute
    except ValueError as error:
        message = f"{path}: its name has a date that does not exist: {match[0]}"
        raise OperationalError(message) from error


def _refuse_the_older(source: Source, url: str, file: Dated, tools: Tools) -> None:
    with tools.store.reading() as work:
        target = work.captures.target(source.id, url)
    if target.last_good_at and instant(file.at) <= target.last_good_at:
        message = (
            f"{file.path} is of {instant(file.at)}, and {source.id} is known up to "
            f"{target.last_good_at}: import the oldest files first"
        )
        raise OperationalError(message)


@dataclass(frozen=True, slots=True)
class _FromFile:
    """A fetcher that answers with one file, whatever is asked for."""

    path: Path

    def fetch(self, request: Request) -> Answer:
        media_type = MEDIA_TYPES.get(self.path.suffix.casefold(), "application/octet-stream")
        return Answer(
            url=request.url,
            status=200,
            headers={"content-type": media_type},
            body=self.path.read_bytes(),
        )


@dataclass(frozen=True, slots=True)
class Still:
    """A clock that stands at one instant."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.at

    def monotonic(self) -> float:
        """Return no seconds: no time goes by."""
        return 0.0
