"""A due target → fetch → judge → keep: one look, whatever comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from watcher.core.capture import Capture, Target, capture_id, instant
from watcher.core.verdict import Judgement, Verdict
from watcher.errors import FetchError, FetchRefusedError
from watcher.ports import Answer, Clock, Fetcher, Request
from watcher.ports.store import SnapshotStore
from watcher.readers.judge import judge
from watcher.readers.reader import Payload
from watcher.services.source import Source

JUDGED_AS = "judged as "
"""How a capture's first signal begins where it was judged by another address than its own."""
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a target brought.

    Attributes:
        capture: The capture so far; reading it may still change its verdict.
        payload: What to read; None where there is nothing to be read.
        doubt: What it is unless the payload proves to be on the subject we asked for: a redirect
            to another address of a list, where a medicine may have been renamed.
        etag: The validator to send next time.
        last_modified: Likewise.
    """

    capture: Capture
    payload: Payload | None = None
    doubt: Judgement | None = None
    etag: str = ""
    last_modified: str = ""


def look(
    source: Source,
    target: Target,
    *,
    fetcher: Fetcher,
    snapshots: SnapshotStore,
    clock: Clock,
    judged_as: str = "",
) -> Look:
    """Return what looking at `target` brought; a failed attempt is a look too.

    The payload is kept before anything is said of it, also the payload of a page that is not
    believed: it is the evidence for not believing it.

    Args:
        source: Whose target it is.
        target: What to look at.
        fetcher: Asks the server.
        snapshots: Keeps the payload.
        clock: Tells when we look.
        judged_as: The address to judge the answer by, where it is not the target's.
    """
    at = instant(clock.now())
    empty = Capture(
        id=capture_id(target.url, at),
        source=source.id,
        url=target.url,
        at=at,
        verdict=Verdict.UNREACHABLE,
    )
    request = _request(source, target)
    try:
        answer = fetcher.fetch(request)
    except FetchError as error:
        return Look(capture=_failed(empty, error))
    if answer.status == _NOT_MODIFIED and not (request.etag or request.last_modified):
        reason = "the server says it has not changed, and was not asked whether it had"
        judgement = Judgement(Verdict.ERROR, reason, ("304",))
        return _judged(empty, answer, judgement, snapshots, target.digest)
    address = judged_as or empty.url
    judged = replace(answer, url=judged_as) if judged_as else answer
    judgement = judge(judged, requested_url=address, reader=source.reader)
    if judged_as:
        # kept, so that the same judgement can be made again from the ledger alone
        signals = (f"{JUDGED_AS}{judged_as}", *judgement.signals)
        judgement = replace(judgement, signals=signals)
    if judgement.verdict is Verdict.WRONG_PAGE and answer.url != empty.url and not judged_as:
        where_it_led = judge(answer, requested_url=answer.url, reader=source.reader)
        if where_it_led.verdict is Verdict.OK:
            found = _judged(empty, answer, where_it_led, snapshots, target.digest)
            return replace(found, doubt=judgement)
    return _judged(empty, answer, judgement, snapshots, target.digest)


def _request(source: Source, target: Target) -> Request:
    """Return what is asked of the server: whether it changed, where that would be an answer."""
    # "not modified" would not do: another reader read the last one, or something lacked in it
    conditional = target.reader == source.reader.id and not target.waiting
    return Request(
        url=target.url,
        etag=target.etag if conditional else "",
        last_modified=target.last_modified if conditional else "",
        max_bytes=source.max_bytes,
        seconds=source.seconds,
        allow_private=source.allow_private,
    )


def _failed(empty: Capture, error: FetchError) -> Capture:
    verdict = Verdict.UNREACHABLE
    if isinstance(error, FetchRefusedError):
        verdict = Verdict.REFUSED
    elif error.kind == "truncated":
        verdict = Verdict.TRUNCATED
    return replace(empty, verdict=verdict, reason=str(error), signals=(error.kind,))


def _judged(
    empty: Capture, answer: Answer, judgement: Judgement, snapshots: SnapshotStore, after: str
) -> Look:
    capture = replace(
        empty,
        verdict=judgement.verdict,
        reason=judgement.reason,
        signals=judgement.signals,
        status=answer.status,
        final_url=answer.url,
        headers=dict(answer.headers),
        digest=snapshots.put(answer.body, after) if answer.body else "",
        size=len(answer.body),
        milliseconds=answer.milliseconds,
    )
    if judgement.verdict is not Verdict.OK:
        return Look(capture=capture)
    return Look(
        capture=capture,
        payload=Payload(
            body=answer.body, media_type=answer.headers.get("content-type", ""), url=answer.url
        ),
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
    )


def doubted(seen: Look, judgement: Judgement) -> Look:
    """Return the look with a graver verdict, and nothing left to read in it."""
    capture = replace(
        seen.capture,
        verdict=judgement.verdict,
        reason=judgement.reason,
        signals=(*seen.capture.signals, *judgement.signals),
    )
    return Look(capture=capture)
