"""One way into EMA's bulk files, whichever form they come in."""

from __future__ import annotations

from watcher.readers.json_table import read_json
from watcher.readers.reader import Payload
from watcher.readers.tables import Layout, Table
from watcher.readers.workbook import is_workbook, read_workbook


def read_table(payload: Payload, layout: Layout) -> Table:
    """Return the table a payload holds as JSON or as an Excel workbook.

    Raises:
        ReadError: It is neither (an HTML page in its place, say), it is cut or miscounted, or it is
            not the table of `layout`.
    """
    if is_workbook(payload.body):
        return read_workbook(payload.body, layout)
    start = payload.body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        found = start.decode("utf-8", "replace") or "nothing"
        raise layout.error(
            expected="JSON or an Excel workbook", found=found, place="the start of the file"
        )
    return read_json(payload.body, layout)
