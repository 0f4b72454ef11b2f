"""Captures as a WARC 1.1 file (ISO 28500), which web archives and their tools read.

A payload of an address stands in the file once, as a `response`; where a later capture had the same
bytes, and where a server said "not modified", a `revisit` refers to it, so that the file is whole
in itself. Beside each stands a `metadata` record with the verdict, and a capture that brought
nothing has that alone: that we looked, and what we met, is part of the record.
"""

from __future__ import annotations

import hashlib
import io
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from watcher.core.capture import Capture
from watcher.core.verdict import Verdict
from watcher.errors import OperationalError, SnapshotGoneError
from watcher.ports.captures import Captures
from watcher.ports.store import SnapshotStore

if TYPE_CHECKING:
    from warcio.warcwriter import WARCWriter

FINAL_URI = "Watcher-Final-URI"
"""Our own named field: the address that answered, where it is not the one that was asked."""
SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_ORIGINAL = "X-Archive-Orig-"
_REPLACED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers that speak of the bytes on the wire; we keep them with their encoding undone."""
_IDS = uuid.UUID("6f0c9f4e-3c1b-5d8a-9a53-0e6a3c5f7b21")
"""The name space of our record ids: the same capture has the same ids in every file."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_NO_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")

Earlier = Callable[[Capture], "Capture | None"]


@dataclass(frozen=True, slots=True)
class _Written:
    """A response in the file that revisits may refer to."""

    url: str
    at: str
    digest: str


@dataclass(slots=True)
class _Known:
    """What stands in the file: responses by address and payload, and each target's last payload."""

    by_digest: dict[tuple[str, str], _Written] = field(default_factory=dict)
    by_target: dict[tuple[str, str], _Written] = field(default_factory=dict)


def write_warc(
    out: BinaryIO,
    captures: Iterable[Capture],
    snapshots: SnapshotStore,
    info: Mapping[str, str],
    *,
    packed: bool = True,
    earlier: Earlier = lambda _: None,
) -> Iterator[Capture]:
    """Write captures to `out`, each as it is asked for, and yield it.

    Args:
        out: Where to.
        captures: Oldest first.
        snapshots: Has their payloads.
        info: What the file says of itself (`warcinfo`); `created` is its date.
        packed: Whether each record is a gzip member of its own.
        earlier: For a "not modified" whose page is not among `captures`: the capture that has it.

    Raises:
        OperationalError: `warcio` is not installed.
        SnapshotError: A payload is missing without having been dropped on purpose.
    """
    if find_spec("warcio") is None:
        message = "writing WARC needs the extra `warc`: pip install 'watcher[warc]'"
        raise OperationalError(message)
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415  an extra

    writer = WARCWriter(out, gzip=packed, warc_version="1.1")
    told = _fields(info)
    _write(writer, "", "warcinfo", told, _named("warcinfo", told.decode(), info["created"]))
    known = _Known()
    for capture in captures:
        _pack(writer, capture, snapshots, known, earlier)
        yield capture


def last_with_payload(captures: Captures) -> Earlier:
    """Return how to find the capture that a "not modified" speaks of."""

    def earlier(capture: Capture) -> Capture | None:
        before = captures.read(source=capture.source, url=capture.url, until=capture.at)
        good = (each for each in before if each.digest and each.verdict.is_good)
        return max(good, key=lambda each: each.at, default=None)

    return earlier


def _pack(
    writer: WARCWriter, capture: Capture, snapshots: SnapshotStore, known: _Known, earlier: Earlier
) -> None:
    """Write the records of one capture."""
    target = (capture.source, capture.url)
    if capture.verdict is Verdict.UNCHANGED and target not in known.by_target:
        original = earlier(capture)
        if original is not None:
            _pack(writer, original, snapshots, known, lambda _: None)
    body, dropped = b"", ""
    if capture.digest and (capture.url, capture.digest) not in known.by_digest:
        try:
            body = snapshots.get(capture.digest)
        except SnapshotGoneError as error:
            dropped = str(error)
    if capture.status and not dropped:
        _answer(writer, capture, body, known)
    _note(writer, capture, dropped, has_answer=bool(capture.status and not dropped))


def _answer(writer: WARCWriter, capture: Capture, body: bytes, known: _Known) -> None:
    """Write what the server answered: its bytes, or what says the same bytes as before."""
    target = (capture.source, capture.url)
    headers = _named("response", capture.id, capture.at)
    if capture.final_url and capture.final_url != capture.url:
        headers[FINAL_URI] = _address(capture.final_url)
    if capture.verdict is Verdict.UNCHANGED:
        said_by = known.by_target.get(target)
        headers["WARC-Profile"] = NOT_MODIFIED
    else:
        said_by = known.by_digest.get((capture.url, capture.digest))
        headers["WARC-Profile"] = SAME_PAYLOAD
    if said_by is None and capture.verdict is not Verdict.UNCHANGED:
        del headers["WARC-Profile"]
        _write(writer, capture.url, "response", body, headers, http=_http(capture))
        said_by = _Written(capture.url, capture.at, capture.digest)
        if capture.digest:
            known.by_digest[capture.url, capture.digest] = said_by
    else:
        if said_by is not None:
            headers["WARC-Refers-To-Target-URI"] = _address(said_by.url)
            headers["WARC-Refers-To-Date"] = said_by.at
            headers["WARC-Payload-Digest"] = said_by.digest
        _write(writer, capture.url, "revisit", b"", headers, http=_http(capture))
    if capture.digest and capture.verdict.is_good and said_by is not None:
        known.by_target[target] = said_by


def _note(writer: WARCWriter, capture: Capture, dropped: str, *, has_answer: bool) -> None:
    """Write what we make of a capture, and why there are no bytes where there are none."""
    told = {
        "source": capture.source,
        "capture": capture.id,
        "verdict": str(capture.verdict),
        "reason": capture.reason,
        "signals": ", ".join(capture.signals),
        "http-status": str(capture.status or ""),
        "final-url": capture.final_url,
        "payload": capture.digest,
        "payload-dropped": dropped,
        "size": str(capture.size),
        "milliseconds": str(capture.milliseconds),
        "reader": capture.reader,
        "records": str(capture.records),
        "events": str(capture.events),
    }
    headers = _named("metadata", capture.id, capture.at)
    if has_answer:
        headers["WARC-Concurrent-To"] = record_id("response", capture.id)
    _write(writer, capture.url, "metadata", _fields(told), headers)


def record_id(kind: str, name: str) -> str:
    """Return the id of a record: the same for the same capture, in whatever file."""
    return f"<urn:uuid:{uuid.uuid5(_IDS, f'{kind} {name}')}>"


def _named(kind: str, name: str, at: str) -> dict[str, str]:
    return {"WARC-Record-ID": record_id(kind, name), "WARC-Date": at}


def _http(capture: Capture) -> bytes:
    """Return the status line and headers, made true for a body whose encoding is undone."""
    phrase = HTTPStatus(capture.status).phrase if capture.status in _STATUSES else ""
    lines = [f"HTTP/1.1 {capture.status} {phrase}".rstrip()]
    for name, value in capture.headers.items():
        kept = f"{_ORIGINAL}{name.title()}" if name.casefold() in _REPLACED else name
        lines.append(f"{_NO_TOKEN.sub('-', kept)}: {_line(value)}")
    if capture.verdict is not Verdict.UNCHANGED:  # "not modified" speaks of another body's length
        lines.append(f"Content-Length: {capture.size}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


_STATUSES = frozenset(HTTPStatus)


def _fields(told: Mapping[str, str]) -> bytes:
    """Return `application/warc-fields`; what is empty is left out."""
    lines = (f"{name}: {_line(value)}\r\n" for name, value in told.items() if value)
    return "".join(lines).encode("utf-8", "replace")


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _address(url: str) -> str:
    """Return an address that stays in its line."""
    return quote(_line(url), safe="".join(map(chr, range(0x21, 0x7F))))


def _write(
    writer: WARCWriter,
    url: str,
    kind: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    http: bytes = b"",
) -> None:
    """Write one record with sha256 digests of its block and, but for a revisit, its payload."""
    named = {"WARC-Type": kind, **headers, "WARC-Block-Digest": _digest(http + body)}
    if kind in {"response", "metadata"}:
        named["WARC-Payload-Digest"] = _digest(body)
    record = writer.create_warc_record(
        _address(url),
        kind,
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=_Verbatim(http) if http else None,
        warc_headers_dict=named,
    )
    writer.write_record(record)


def _digest(payload: bytes) -> str:
    return f"sha256:{hashlib.sha256(payload).hexdigest()}"


class _Verbatim:
    """HTTP headers as the bytes they are; warcio's own would percent-encode what is not ASCII."""

    def __init__(self, block: bytes) -> None:
        self.headers_buff = block

    def compute_headers_buffer(self, _header_filter: object = None) -> None:
        """Leave the bytes as they are."""
