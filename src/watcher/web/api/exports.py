"""The log as a download: rows for spreadsheets or the record itself, as long as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Annotated, BinaryIO

from anyio import CancelScope
from litestar import Controller, get
from litestar.concurrency import sync_to_thread
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from litestar.response import Stream

import watcher
from watcher.core.capture import instant
from watcher.errors import IntegrityError
from watcher.services.export import About, Selection, csv_lines, json_lines
from watcher.services.export_pages import begun, in_pages
from watcher.web.api.events import EVENT, Wanted
from watcher.web.site import Here, Site

CSV, JSON_LINES = "text/csv", "application/jsonl"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PROGRAM = f"watcher {watcher.__version__}"
_CHUNK = 65_536
_FILE = "The file."

Product = Annotated[
    str,
    QueryParameter(
        max_length=200,
        description="Only of this product: a name, a number or a substance.",
        examples=[Example(value="EMEA/H/C/000002")],
    ),
]


class ExportsApi(Controller):
    """The log, taken out."""

    tags = ("exports",)
    dependencies = {"wanted": EVENT}  # noqa: RUF012  Litestar's own form

    @get(
        "/events.csv",
        operation_id="exportCsv",
        media_type=CSV,
        response_description=_FILE,
        sync_to_thread=True,
    )
    def as_csv(self, site: Here, wanted: Wanted, product: Product = "") -> Stream:
        """Take out events as CSV, safe from formulas: the same columns as `watcher export log`."""
        told = _begun(site, Selection(which=wanted, product=product))
        lines = csv_lines(in_pages(site.watcher.store, told))
        return _download(site, _gathered(lines), "events.csv", CSV)

    @get(
        "/events.jsonl",
        operation_id="exportJsonLines",
        media_type=JSON_LINES,
        response_description=_FILE,
        sync_to_thread=True,
    )
    def as_json_lines(self, site: Here, wanted: Wanted, product: Product = "") -> Stream:
        """Take out events as JSON Lines: the record itself, with what its chain is made of.

        The last line says how many there are: a file without it is cut.
        """
        told = _begun(site, Selection(which=wanted, product=product))
        lines = json_lines(told, in_pages(site.watcher.store, told))
        return _download(site, _gathered(lines), "events.jsonl", JSON_LINES)

    @get(
        "/events.xlsx",
        operation_id="exportWorkbook",
        media_type=XLSX,
        response_description=_FILE,
        sync_to_thread=True,
    )
    def as_workbook(self, site: Here, wanted: Wanted, product: Product = "") -> Stream:
        """Take out events as an Excel workbook in which every cell is a text."""
        told = _begun(site, Selection(which=wanted, product=product))
        return _download(site, _read(_workbook(site, told)), "events.xlsx", XLSX)


def _begun(site: Site, selection: Selection) -> About:
    told = begun(site.watcher.store, selection, program=_PROGRAM, at=instant(site.now))
    # what cannot be answered has to be told before the answer begins
    next(in_pages(site.watcher.store, told, page=1), None)
    return told


def _workbook(site: Site, told: About) -> BinaryIO:
    """Return the workbook, open; its name is gone and its room is given back when it is closed."""
    from watcher.services.workbook_out import write_workbook  # noqa: PLC0415  an extra

    with TemporaryDirectory(prefix="watcher-export-") as folder:
        path = Path(folder) / "events.xlsx"
        write_workbook(path, told, in_pages(site.watcher.store, told))
        return path.open("rb")


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _gathered(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines in larger pieces, so that a thread is not asked for each of them."""
    kept: list[bytes] = []
    size = 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join(kept)


def _download(site: Site, chunks: Iterator[bytes], name: str, media_type: str) -> Stream:
    return Stream(
        _in_threads(chunks, site.alarm),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _in_threads(
    chunks: Iterator[bytes], alarm: Callable[[IntegrityError], None]
) -> AsyncIterator[bytes]:
    """Yield chunks that are made in threads, one at a time; what they hold is let go at the end.

    Litestar's own way takes a `ValueError` for the end: half an answer would look like a whole one.
    """
    turn = Lock()
    try:
        while (chunk := await sync_to_thread(_next, chunks, turn)) is not None:
            yield chunk
    except IntegrityError as error:
        # the answer has begun: nobody else hears of it
        alarm(error)
        raise
    finally:
        with CancelScope(shield=True):
            await sync_to_thread(_end, chunks, turn)


def _next(chunks: Iterator[bytes], turn: Lock) -> bytes | None:
    with turn:
        return next(chunks, None)


def _end(chunks: Iterator[bytes], turn: Lock) -> None:
    """Close what makes chunks, once the thread that still makes one is done."""
    with turn:
        if isinstance(chunks, Generator):
            chunks.close()
