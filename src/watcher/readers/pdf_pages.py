"""The text of a PDF, page by page, with what is stamped across the pages kept apart.

PDFium is native code reading hostile bytes, so `pages_of` has it work in a process of its own
(`pdf_extract`) whose memory and time are bounded: a file that would hang or crash it is a
`ReadError` like any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

from watcher.errors import ReadError

ID: Final = "pdf_text@1"

MAX_BYTES: Final = 60_000_000
SECONDS: Final = 120.0

_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What the process that reads may know of ours: where its libraries are, and no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a PDF.

    Attributes:
        number: From 1.
        text: Its lines, without what stands across the page.
        stamp: What stands across the page, in one line; empty where nothing does.
    """

    number: int
    text: str
    stamp: str = ""


def pages_of(body: bytes, *, seconds: float = SECONDS) -> tuple[Page, ...]:
    """Return the pages of a PDF, read by a process of its own.

    Args:
        body: The whole file.
        seconds: How long it may take.

    Raises:
        ReadError: It is no PDF, cut, encrypted, too large, has no text, or broke its reader; or
            the extra `pdf` is not installed.
    """
    _refuse_at_sight(body)
    if find_spec("pypdfium2") is None:
        raise pdf_error(expected="the extra `pdf` (pip install 'watcher[pdf]')", found="none")
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "watcher.readers.pdf_extract"],
            input=body,
            capture_output=True,
            timeout=seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise pdf_error(expected=f"a PDF read within {seconds} s", found="no end of it") from error
    if done.returncode:
        words = done.stderr[-200:].decode(errors="replace")
        found = f"one that ended its reader with {done.returncode}: {words}"
        raise pdf_error(expected="a PDF that can be read", found=found)
    answer = json.loads(done.stdout)
    if "expected" in answer:
        raise pdf_error(**answer)
    return tuple(Page(**page) for page in answer["pages"])


def pdf_error(*, expected: str, found: str) -> ReadError:
    """Return the error of a PDF that cannot be read."""
    return ReadError(reader=ID, expected=expected, found=found)


def _refuse_at_sight(body: bytes) -> None:
    """Refuse what is no whole PDF; PDFium would repair a cut one and leave out the rest."""
    if len(body) > MAX_BYTES:
        raise pdf_error(expected=f"at most {MAX_BYTES} bytes", found=f"{len(body)} bytes")
    if b"%PDF-" not in body[:1024]:
        is_html = body[:1024].lstrip().lower().startswith((b"<!doctype html", b"<html"))
        raise pdf_error(expected="a PDF", found="an HTML page" if is_html else repr(body[:20]))
    if b"%%EOF" not in body[-2048:]:
        raise pdf_error(expected="a whole PDF, ending with %%EOF", found="one that was cut")
