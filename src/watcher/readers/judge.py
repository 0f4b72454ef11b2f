"""Whether an answer is the page we asked for, or something else in its clothes.

A firewall's challenge, a login, a notice or half a page may come with status 200 and must never
become news of a medicine. What bears the reader's own markers is the page, whatever words stand on
it; what does not is searched for the signs of its kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from watcher.core.text import fold
from watcher.core.verdict import Judgement, Verdict
from watcher.ports import Answer
from watcher.readers.judge_address import is_same, language_of, led_elsewhere
from watcher.readers.judge_files import is_whole, kind_of, kinds_at, kinds_stated
from watcher.readers.judge_signs import by_header, by_phrase, by_source, by_title
from watcher.readers.page_look import Look, has_text, language, look, looks_like_html, plainly_shows
from watcher.readers.reader import Payload, Reader

_SHORT = 4_000
"""Characters of text up to which a page without the reader's markers may be a notice."""
_SHORT_WITHOUT_MARKERS = 1_500
_SEARCHED = 2_000_000
"""Characters in which a marker is looked for: folding a text takes many times its memory."""
_LEAST_TEXT = 20
"""Characters below which an HTML page has no text at all."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """An answer with what the steps below need to see of it.

    Attributes:
        answer: The answer.
        requested: The address we asked for.
        reader: What would read it.
        kind: What kind of file it is; empty: text.
        source: Its text; empty: it is a file.
    """

    answer: Answer
    requested: str
    reader: Reader
    kind: str
    source: str

    @cached_property
    def seen(self) -> Look:
        """Return what a person would see of it: of most pages nobody has to ask."""
        return look(self.source)

    @cached_property
    def marker(self) -> str:
        """Return the reader's marker that a person would see on it, or that stands in the file."""
        if not self.reader.markers:
            return ""
        if self.kind:
            return marker_in_file(self.reader, self.answer.body)
        first = self.reader.markers[0]
        if plainly_shows(self.source, first):
            return first
        return marker_in(self.reader, fold(f"{self.seen.title} {self.seen.text}"))

    @property
    def is_short(self) -> bool:
        limit = _SHORT if self.reader.markers else _SHORT_WITHOUT_MARKERS
        if looks_like_html(self.source) and has_text(self.source, limit):
            return False
        return len(self.seen.text) <= limit

    @property
    def files(self) -> frozenset[str]:
        """Return the kinds of file that may answer; empty: text is expected."""
        if kinds := kinds_at(self.requested):
            return kinds
        is_free = not self.reader.markers and not self.reader.ends_with
        return kinds_stated(self.answer.headers.get("content-type", "")) if is_free else frozenset()

    @property
    def is_marked(self) -> bool:
        """Return whether it bears a marker of the reader, be it unseen."""
        return bool(self.marker or marker_in(self.reader, fold(self.source[:_SEARCHED])))


def judge(answer: Answer, requested_url: str, reader: Reader) -> Judgement:
    """Return what `answer` is, with the signals it was judged by.

    Args:
        answer: Status, headers and body as the server sent them.
        requested_url: The address we asked for, before any redirect.
        reader: The reader that would read it; its markers tell the page from its look-alikes.
    """
    if answer.status == 304:
        return Judgement(Verdict.UNCHANGED, "the server says it has not changed", ("status 304",))
    case = _case(answer, requested_url, reader)
    status = f"status {answer.status}"
    for step in _STEPS:
        if judgement := step(case):
            return Judgement(judgement.verdict, judgement.reason, (status, *judgement.signals))
    moved = () if is_same(requested_url, answer.url) else (f"redirected to {answer.url}",)
    marked = (f"marker {case.marker}",) if case.marker else ()
    return Judgement(Verdict.OK, "", (status, *moved, *marked))


def _case(answer: Answer, requested: str, reader: Reader) -> _Case:
    kind = kind_of(answer.body)
    stated = answer.headers.get("content-type", "")
    source = "" if kind else Payload(body=answer.body, media_type=stated).text()
    return _Case(answer=answer, requested=requested, reader=reader, kind=kind, source=source)


def marker_in(reader: Reader, folded: str) -> str:
    """Return the reader's marker that stands in a folded text; empty: none."""
    return next((marker for marker in reader.markers if fold(marker) in folded), "")


def marker_in_file(reader: Reader, body: bytes) -> str:
    """Return the reader's marker that stands, byte for byte, in a file; empty: none."""
    return next((marker for marker in reader.markers if marker.encode() in body), "")


def _challenged(case: _Case) -> Judgement | None:
    if signal := by_header(case.answer.headers):
        return Judgement(Verdict.BLOCKED, "a firewall's challenge", (signal,))
    return None


_OF_STATUS = {
    204: (Verdict.EMPTY, "no content"),
    205: (Verdict.EMPTY, "no content"),
    206: (Verdict.TRUNCATED, "a part of the page"),
    401: (Verdict.BLOCKED, "a login is demanded"),
    403: (Verdict.BLOCKED, "forbidden"),
    404: (Verdict.NOT_FOUND, "not found"),
    407: (Verdict.BLOCKED, "a proxy demands a login"),
    410: (Verdict.NOT_FOUND, "gone"),
    429: (Verdict.ERROR, "asked too often"),
    451: (Verdict.BLOCKED, "withheld for legal reasons"),
}


def _refused(case: _Case) -> Judgement | None:
    """Return the verdict on any status but those that bring a page (200, and 203 by a proxy)."""
    if case.answer.status in {200, 203}:
        return None
    verdict, reason = _OF_STATUS.get(
        case.answer.status, (Verdict.ERROR, f"status {case.answer.status} brings no page")
    )
    signals = tuple(
        f"{name}: {case.answer.headers[name][:60]}"
        for name in ("retry-after",)
        if case.answer.headers.get(name)
    )
    told = _disguised(case)
    if told and told.verdict in {Verdict.BLOCKED, Verdict.MAINTENANCE}:
        return Judgement(told.verdict, told.reason, (*told.signals, *signals))
    return Judgement(verdict, reason, signals)


def _bodiless(case: _Case) -> Judgement | None:
    if case.answer.body.strip(b" \t\r\n\x00"):
        return None
    return Judgement(Verdict.EMPTY, "no body", (f"{len(case.answer.body)} bytes",))


def _redirected(case: _Case) -> Judgement | None:
    return led_elsewhere(case.requested, case.answer.url)


def _filed(case: _Case) -> Judgement | None:
    """Return the verdict on a file where text is expected, and on half a file.

    A file that bears the reader's marker is expected whatever its address promises: documents are
    served without a suffix, and one list is JSON today and was a spreadsheet before.
    """
    if not case.kind:
        return None
    if case.kind not in case.files and not case.marker:
        reason = f"a {case.kind} file where text is expected"
        return Judgement(Verdict.WRONG_PAGE, reason, (f"begins as {case.kind}",))
    if not is_whole(case.kind, case.answer.body):
        return Judgement(Verdict.TRUNCATED, f"a {case.kind} file without its end")
    return None


def _disguised(case: _Case) -> Judgement | None:
    """Return the verdict on a notice or a challenge in the page's place."""
    if case.marker or case.kind or not case.is_short:
        return None
    seen = case.seen
    found = (
        (by_source(case.source) if seen.is_html else None)
        or by_title(seen)
        or by_phrase(f"{seen.text} {seen.without_scripts}")
    )
    if found is None and seen.asks_password:
        found = ("a field for a password", Verdict.BLOCKED)
    return Judgement(found[1], "not the page but a notice", (found[0],)) if found else None


def _in_another_form(case: _Case) -> Judgement | None:
    """Return the verdict on a page where a file of data was asked for."""
    path = case.requested.partition("?")[0].casefold()
    is_other = (case.files and not case.kind) or (path.endswith(".json") and case.seen.is_html)
    if is_other and not case.is_marked:
        return Judgement(Verdict.WRONG_PAGE, "a page where a file is expected")
    return None


def _in_another_language(case: _Case) -> Judgement | None:
    expected = language_of(case.requested)
    header = case.answer.headers.get("content-language", "")
    stated = "" if "," in header else header.partition("-")[0].strip().casefold()
    found = language(case.source) or stated  # several languages are those of the readers meant
    if not expected or not found or {expected, found} == {"no", "nb"}:
        return None
    if found == expected or found in {"mul", "und", "zxx"}:
        return None
    return Judgement(Verdict.WRONG_PAGE, "another language", (f"language {found}, not {expected}",))


def _textless(case: _Case) -> Judgement | None:
    if case.kind or not looks_like_html(case.source) or has_text(case.source, _LEAST_TEXT):
        return None
    if len(case.seen.text) >= _LEAST_TEXT:
        return None
    return Judgement(Verdict.EMPTY, "a page without text", (f"{len(case.seen.text)} characters",))


def _cut_off(case: _Case) -> Judgement | None:
    """Return the verdict on a page without its end.

    The reader's mark binds only documents that begin as the mark ends: a Markdown rendering of a
    page has no `</html>`. JSON that opened a bracket has to close it.
    """
    tail = case.source[-4_096:].rstrip().casefold()
    ending = case.reader.ends_with.casefold()
    opening = ending.replace("/", "").rstrip(">")
    if ending and opening in case.source[:8_192].casefold() and ending not in tail:
        return Judgement(Verdict.TRUNCATED, f"the page ends without {case.reader.ends_with}")
    first = case.source.lstrip()[:1]
    if first in {"{", "["} and not tail.endswith({"{": "}", "[": "]"}[first]):
        return Judgement(Verdict.TRUNCATED, f"JSON that opens {first} and does not close it")
    return None


def _unmarked(case: _Case) -> Judgement | None:
    """Return the verdict on a page that bears none of the reader's markers, not even unseen."""
    if case.kind or not case.reader.markers or case.is_marked:
        return None
    sought = " or ".join(repr(marker) for marker in case.reader.markers)
    reason = f"none of what stands on every page of this kind: {sought}"
    return Judgement(Verdict.WRONG_PAGE, reason, (f"title {case.seen.title[:60]!r}",))


_STEPS: tuple[Callable[[_Case], Judgement | None], ...] = (
    _challenged,
    _refused,
    _bodiless,
    _redirected,
    _filed,
    _disguised,
    _in_another_form,
    _in_another_language,
    _textless,
    _cut_off,
    _unmarked,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much a capture held.

    Attributes:
        records: Subjects read from it.
        documents: Documents listed for all of them.
        size: Bytes of its payload.
    """

    records: int = 0
    documents: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much less than in the last good capture is too little to believe.

    Attributes:
        records: Per cent of the records; more than that missing is too many.
        documents: Per cent of the documents, from that on, if at least `documents_least` miss.
        documents_least: A page that drops one of its three documents is not broken.
        size: Per cent of the bytes; a redesign may halve a page, so only a collapse counts.
    """

    records: int = 20
    documents: int = 30
    documents_least: int = 3
    size: int = 90


_USUAL = Limits()


def shrunk(previous: Sizes, now: Sizes, limits: Limits = _USUAL) -> Judgement | None:
    """Return the verdict SHRUNK where a readable capture holds far less than the last good one.

    Args:
        previous: What the last good capture held.
        now: What this one holds.
        limits: What is too much less; a source may set its own.

    Returns:
        None where the capture may be believed.
    """
    signals = []
    if _lost(previous.records, now.records) > limits.records:
        signals.append(f"records {previous.records} → {now.records}")
    fewer = previous.documents - now.documents
    lost = _lost(previous.documents, now.documents)
    if lost >= limits.documents and fewer >= limits.documents_least:
        signals.append(f"documents {previous.documents} → {now.documents}")
    if _lost(previous.size, now.size) > limits.size:
        signals.append(f"bytes {previous.size} → {now.size}")
    if not signals:
        return None
    return Judgement(Verdict.SHRUNK, "far less than in the last good capture", tuple(signals))


def _lost(before: int, now: int) -> float:
    """Return how many per cent of `before` are missing."""
    return 100 * (before - now) / before if before > 0 else 0.0
