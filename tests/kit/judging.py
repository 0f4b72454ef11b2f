"""Answers put before the judge: a page, the reader that wants it, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.facts import Reading
from watcher.core.verdict import Judgement
from watcher.ports import Answer
from watcher.readers.judge import judge
from watcher.readers.reader import Payload, Reader

BASE = "https://regulator.example/en/medicines/human/EPAR/"
ASKED = f"{BASE}exemplar"
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Exemplar</title></head><body><h1>Exemplar</h1>'
    "<p>EMA product number EMEA/H/C/009999. Example Pharma Ltd.</p></body></html>"
)


def _never(payload: Payload) -> Reading:
    message = f"the judge reads nothing: {payload.url}"
    raise AssertionError(message)


def a_reader(
    *, markers: tuple[str, ...] = ("EMA product number",), ends_with: str = "</html>"
) -> Reader:
    """Return a reader that is known by its markers and never asked to read."""
    return Reader(
        name="page", version=1, about="", read=_never, markers=markers, ends_with=ends_with
    )


ANYTHING = a_reader(markers=(), ends_with="")


def judged(
    body: str | bytes = PAGE,
    *,
    status: int = 200,
    url: str = ASKED,
    asked: str = ASKED,
    headers: Mapping[str, str] | None = None,
    reader: Reader | None = None,
) -> Judgement:
    """Return the verdict on an answer that came as HTML from the address that was asked for."""
    body = body.encode() if isinstance(body, str) else body
    headers = {"content-type": "text/html", **(headers or {})}
    answer = Answer(url=url, status=status, headers=headers, body=body)
    return judge(answer, asked, reader or a_reader())
