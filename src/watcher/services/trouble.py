"""When a source stays doubtful: the operator is told once, and once when it is well again.

What a source does not say is nobody's regulatory news; that it says nothing for hours is the
operator's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from watcher.core.capture import Capture, Target
from watcher.core.events import Change, Event
from watcher.core.facts import Reading, Subject, Value, split_path
from watcher.core.text import shorten
from watcher.core.verdict import Verdict
from watcher.ports.store import Append, Stream, Streams, Work
from watcher.services.own_events import appended
from watcher.services.source import Source

_TROUBLE = "trouble.now"
_GUARDED = frozenset({"address", "redirect"})
"""Signals of captures that were refused because they would have been an attack, or help one."""
_MOST_NOTES = 200
_LONGEST_NOTE = 120
LASTING_CAPTURES = 3
LASTING = timedelta(hours=1)
REMINDER = timedelta(days=7)
"""How many doubtful captures over how long a time make it the operator's business, and
after how long they are told of it again."""

_EVENTS = {
    Verdict.UNREACHABLE: "source.unreachable",
    Verdict.REFUSED: "source.unreachable",
    Verdict.ERROR: "source.unreachable",
    Verdict.NOT_FOUND: "source.unreachable",
    Verdict.BLOCKED: "source.blocked",
    Verdict.MAINTENANCE: "source.blocked",
    Verdict.EMPTY: "source.blocked",
    Verdict.WRONG_PAGE: "source.blocked",
    Verdict.TRUNCATED: "source.truncated",
    Verdict.SHRUNK: "source.truncated",
    Verdict.UNREADABLE: "source.schema_drifted",
}


def operator_append(work: Work, source: Source, target: Target, capture: Capture) -> Append | None:
    """Return the operator's event that this capture makes, or None.

    A source is in trouble as a whole: a site in maintenance is one notice, however many of its
    pages are watched, and it is well again when the last of them is. Trouble of another kind is
    told too, and trouble that lasts is told again every week.

    An address that the guard would not ask is told of at once: it may be an attack, and it will not
    go away. It is told once for each reason until the address is well again; beside that it is
    trouble like any other, told when it lasts.

    Args:
        work: The transaction the capture is kept in.
        source: The source.
        target: Where we are with the target after this capture.
        capture: The capture.
    """
    subject = Subject("source", source.id)
    stream = work.streams.get(f"{source.id}/{subject}")
    told = stream.state.get(_TROUBLE)
    if capture.verdict.is_good:
        is_over = isinstance(told, dict) and not _others_fail(work, source, target)
        ended = {_TROUBLE: told} if is_over else {}
        return _recovered(stream, subject, {**ended, **_refused(stream, target)}, capture)
    if capture.verdict is Verdict.REFUSED and _GUARDED.intersection(capture.signals):
        refusal = _refusal(stream, subject, target, capture)
        if refusal is not None:
            return refusal
    if not _lasts(target, capture):
        return None
    name = _EVENTS[capture.verdict]
    if isinstance(told, dict) and not _is_to_be_told_again(told, name, capture):
        return None
    now: Value = {"since": target.failing_since, "event": name, "told_at": capture.at}
    change = Change(
        path=_TROUBLE, action="changed" if told is not None else "added", before=told, after=now
    )
    event = _event(name, subject, (change,), capture, target.failing_since)
    return appended(stream, event)


def _refused(stream: Stream, target: Target) -> dict[str, Value]:
    """Return what was told of the guard's refusals of this address, by path."""
    path = f"refused[{target.url}]"
    return {path: stream.state[path]} if path in stream.state else {}


def _refusal(stream: Stream, subject: Subject, target: Target, capture: Capture) -> Append | None:
    before = next(iter(_refused(stream, target).values()), None)
    known = before if isinstance(before, list) else []
    kind = capture.signals[0]
    if kind in known:
        return None
    change = Change(
        path=f"refused[{target.url}]",
        action="changed" if known else "added",
        before=before,
        after=[*known, kind],
    )
    event = _event("fetch.refused", subject, (change,), capture, target.failing_since)
    return appended(stream, event)


def _recovered(
    stream: Stream, subject: Subject, ended: Mapping[str, Value], capture: Capture
) -> Append | None:
    """Return the event of a source that is well again, or None where nothing was told of it."""
    if not ended:
        return None
    told = ended.get(_TROUBLE)
    since = str(told["since"]) if isinstance(told, dict) else ""
    changes = tuple(
        Change(path=path, action="removed", before=before) for path, before in ended.items()
    )
    event = _event("source.recovered", subject, changes, capture, since)
    return appended(stream, event)


def _is_to_be_told_again(told: Mapping[str, Value], name: str, capture: Capture) -> bool:
    if told["event"] != name:
        return True
    before = datetime.fromisoformat(str(told["told_at"]))
    return datetime.fromisoformat(capture.at) - before >= REMINDER


def _others_fail(work: Work, source: Source, target: Target) -> bool:
    only = None if source.follows else source.urls
    first = work.captures.failing_first(source.id, 2, only=only)
    return any(other.failures and other.url != target.url for other in first)


def identity_append(work: Work, source: str, target: Target, reading: Reading) -> Append | None:
    """Return the event of an address that now shows another product than before, or None.

    EMA has moved a product to another address and given its old one to a new product; the old
    product's history goes on under its number, and nothing happened to it.
    """
    if not target.subject or len(reading.records) != 1:
        return None
    now = reading.records[0].subject
    if str(now) == target.subject:
        return None
    stream = work.streams.get(f"{source}/{now}")
    event = Event(
        type="product.identifier_changed",
        subject=now,
        details={
            "reason": f"{target.url} showed {target.subject} and shows {now}",
            "was": target.subject,
        },
    )
    return appended(stream, event)


def drift_append(streams: Streams, source: str, unknown: Sequence[str]) -> Append | None:
    """Return the one event that tells of labels and words not met at this source before, or None.

    Each is told once: what a reader does not know today it will not know tomorrow either.
    """
    if not unknown:
        return None
    subject = Subject("source", source)
    stream = streams.get(f"{source}/{subject}")
    # where it stands moves from day to day; what it is does not
    first = sorted(unknown, key=lambda note: not hides_something(note))[:_MOST_NOTES]
    words = (note.rpartition(" at ")[0] or note for note in first)
    notes = {f"unknown[{shorten(note, _LONGEST_NOTE)}]" for note in words}
    new = sorted(notes - stream.state.keys())
    if not new:
        return None
    event = Event(
        type="source.schema_drifted",
        subject=subject,
        changes=tuple(Change(path=path, action="added", after=True) for path in new),
        details={"reason": "not known: " + "; ".join(split_path(path).key for path in new)},
    )
    return appended(stream, event)


def hides_something(note: str) -> bool:
    """Return whether a note tells of a row or cell that could not be read."""
    return note.startswith(("unreadable", "cell left out"))


def _lasts(target: Target, capture: Capture) -> bool:
    if target.failures < LASTING_CAPTURES:
        return False
    since = datetime.fromisoformat(target.failing_since)
    return datetime.fromisoformat(capture.at) - since >= LASTING


def _event(
    name: str, subject: Subject, changes: tuple[Change, ...], capture: Capture, since: str
) -> Event:
    details = {"since": since, "verdict": str(capture.verdict), "url": capture.url}
    if capture.reason:
        details["reason"] = capture.reason
    kept = {key: value for key, value in details.items() if value}
    return Event(type=name, subject=subject, changes=changes, details=kept)
