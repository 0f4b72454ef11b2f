"""Readings for people who want to see what a reader makes of a page, a folder or an archive."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from watcher.core.facts import Reading
from watcher.errors import OperationalError, ReadError
from watcher.readers.reader import Payload, Reader
from watcher.services.dated_files import MEDIA_TYPES

_LARGEST = 500_000_000
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")


def payloads(paths: Iterable[Path]) -> Iterator[tuple[str, Payload]]:
    """Yield every file of `paths` by name: files as they are, folders and tar archives by member.

    Raises:
        OperationalError: A path does not exist, or a file is too large to be a page.
    """
    for path in paths:
        if path.is_dir():
            yield from payloads(sorted(path.iterdir()))
        elif path.name.endswith(_ARCHIVES):
            yield from _members(path)
        elif path.is_file():
            yield path.name, _payload(path.name, path.read_bytes())
        else:
            message = f"{path} is neither a file nor a folder"
            raise OperationalError(message)


def _members(archive: Path) -> Iterator[tuple[str, Payload]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if not member.isfile():
                continue
            if member.size > _LARGEST:
                message = f"{archive}: {member.name} has {member.size:,} bytes"
                raise OperationalError(message)
            file = opened.extractfile(member)
            if file is not None:
                yield member.name, _payload(member.name, file.read())


def _payload(name: str, body: bytes) -> Payload:
    return Payload(body=body, media_type=MEDIA_TYPES.get(Path(name).suffix.casefold(), ""))


@dataclass(slots=True)
class Summary:
    """What a reader makes of many payloads.

    Attributes:
        records: How many subjects it read.
        failed: Why it refused which payload.
        filled: How many records state each path; keys in brackets are folded into one.
        statuses: How many records have each EU authorisation status.
        unknown: Labels and words it did not know, with how often.
    """

    records: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    filled: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, reading: Reading) -> None:
        """Count a reading in."""
        self.unknown.update(reading.unknown)
        for record in reading.records:
            self.records += 1
            self.filled.update({_stem(fact.path) for fact in record.facts})
            if status := record.fact("authorisation[EU].status"):
                self.statuses[str(status.value)] += 1


_NAMED_KEYS = ("flag[", "authorisation[", "market[", "supply_status[")


def _stem(path: str) -> str:
    """Return a path with a key that is an identity left out: `document[…]`."""
    head, bracket, rest = path.partition("[")
    if not bracket or path.startswith(_NAMED_KEYS):
        return path
    return f"{head}[…]{rest[rest.rfind(']') + 1 :]}"


def summarise(reader: Reader, found: Iterable[tuple[str, Payload]]) -> Iterator[Summary]:
    """Yield the summary as it grows, one payload at a time; the last one is the whole."""
    summary = Summary()
    for name, payload in found:
        try:
            summary.add(reader.read(payload))
        except ReadError as error:
            summary.failed[name] = str(error)
        yield summary
