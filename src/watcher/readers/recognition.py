"""Which reader a page is for, told by its markers and proved by reading it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.core.facts import Reading
from watcher.core.text import fold
from watcher.errors import ReadError
from watcher.readers.judge import marker_in, marker_in_file
from watcher.readers.judge_files import kind_of
from watcher.readers.reader import Payload, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A reader whose marker a page bears.

    Attributes:
        reader: The reader.
        marker: Its marker.
        reading: What it reads; None where it does not understand the page.
        refusal: Then why.
    """

    reader: Reader
    marker: str
    reading: Reading | None = None
    refusal: str = ""


def recognised(payload: Payload, readers: Iterable[Reader]) -> Iterator[Recognised]:
    """Yield the readers whose marker `payload` bears, having tried each; readers without none.

    A marker alone is no proof: words like "Clinical data" stand on many pages, and EMA's lists
    share columns. A strict reader refuses what is not its own.
    """
    is_file = bool(kind_of(payload.body))
    text = "" if is_file else fold(payload.text())
    for reader in readers:
        in_file = marker_in_file(reader, payload.body) if is_file else ""
        if marker := in_file or marker_in(reader, text):
            yield _tried(payload, reader, marker)


def _tried(payload: Payload, reader: Reader, marker: str) -> Recognised:
    try:
        return Recognised(reader=reader, marker=marker, reading=reader.read(payload))
    except ReadError as error:
        return Recognised(reader=reader, marker=marker, refusal=str(error))
