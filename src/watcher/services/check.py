"""One target, the whole line: look, read, compare, append. Everything about it in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from watcher.core.capture import ARCHIVED, Capture, Target, capture_id, instant
from watcher.core.diff import DERIVATION
from watcher.core.events import Cause, Provenance, Recorded
from watcher.core.facts import Reading
from watcher.core.settle import NEVER
from watcher.core.verdict import Judgement, Verdict
from watcher.errors import ReadError, SnapshotError
from watcher.ports.store import Append, Work
from watcher.readers.judge import Sizes, shrunk
from watcher.readers.reader import Payload
from watcher.services import mass
from watcher.services.capture import Look, doubted, look
from watcher.services.instants import each_not_before
from watcher.services.numbering import known_by_number
from watcher.services.observe import Observation, items, observe, stream_name
from watcher.services.overtaken import tried_again
from watcher.services.source import Source, paced
from watcher.services.tools import Tools as Tools  # noqa: PLC0414  named here too
from watcher.services.trouble import (
    drift_append,
    hides_something,
    identity_append,
    operator_append,
)

_BELIEVED_AFTER = 3
"""After how many doubtful captures in a row a page that stays smaller is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What checking one target came to.

    Attributes:
        capture: The capture as it was kept.
        events: What was appended because of it.
        baseline: How many subjects were read for the first time.
    """

    capture: Capture
    events: tuple[Recorded, ...] = ()
    baseline: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A reading that is believed, and what it comes to."""

    reading: Reading
    observation: Observation
    sizes: Sizes


def check(source: Source, url: str, tools: Tools, target: Target | None = None) -> Outcome:
    """Look at one target of `source` and append what happened since the last good look.

    Args:
        source: The source.
        url: The target's address.
        tools: What the step uses.
        target: Where we are with it, where whoever asks has read it just now.

    Raises:
        IntegrityError: The log would be wrong; nothing was written.
    """
    if target is None:
        with tools.store.reading() as work:
            target = work.captures.target(source.id, url)
    known = target
    target = tried_again(lambda: _reread(source, known, tools))
    seen = look(
        source,
        target,
        fetcher=tools.fetcher,
        snapshots=tools.snapshots,
        clock=tools.clock,
        judged_as=tools.judged_as,
    )
    return tried_again(lambda: _read_and_commit(source, target, seen, tools))


def note_failure(source: Source, url: str, reason: str, tools: Tools) -> Outcome:
    """Keep a look that failed for a reason no one foresaw, and put the next one off.

    Without it such a target would be asked again at once, for ever, and no one would hear of it.
    """
    with tools.store.reading() as work:
        target = work.captures.target(source.id, url)
    at = instant(tools.clock.now())
    capture = Capture(
        id=capture_id(url, at),
        source=source.id,
        url=url,
        at=at,
        verdict=Verdict.ERROR,
        reason=f"a fault of ours: {reason}",
    )
    return _commit(source, target, Look(capture=capture), None, tools)


def _read_and_commit(source: Source, target: Target, seen: Look, tools: Tools) -> Outcome:
    read: _Read | None = None
    try:
        read = _read(source, target, seen, tools)
    except ReadError as error:
        seen = doubted(seen, Judgement(Verdict.UNREADABLE, str(error), (error.reader,)))
    except _DoubtError as doubt:
        seen = doubted(seen, doubt.judgement)
    return _commit(source, target, seen, read, tools)


class _DoubtError(Exception):
    """A reading that is whole in form but not believed."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.reason)
        self.judgement = judgement


def _read(source: Source, target: Target, seen: Look, tools: Tools) -> _Read | None:
    """Return what the look says, or None where it says what the last good one said."""
    if seen.payload is None:
        return None
    if seen.capture.digest == target.digest and not target.waiting:
        return None
    reading = known_by_number(source.reader.read(seen.payload), target, tools.store, source.id)
    if seen.doubt is not None and _only_subject(reading) != (target.subject or "unknown"):
        raise _DoubtError(seen.doubt)
    sizes = Sizes(records=len(reading.records), documents=items(reading))
    observation = _observed(source, reading, tools, is_new=target.is_new)
    _believe(source, target, sizes, observation)
    return _Read(reading=reading, observation=observation, sizes=sizes)


def _believe(source: Source, target: Target, sizes: Sizes, observation: Observation) -> None:
    """Raise where a reading has fewer or more in it than can be true of its source.

    A page that states another status states it whole, title and sentence: it is believed though
    documents are missing, since those are carried over until they were missing long enough. And
    what stays small stays so: it is believed after three captures, unless its table is gone. Many
    rows that a list has lost for good are then missed one by one, and held back as the mass they
    are.
    """
    if not source.least_records <= sizes.records <= source.most_records:
        wanted = f"{source.least_records} to {source.most_records}"
        reason = f"{sizes.records} records, expected {wanted}"
        raise _DoubtError(Judgement(Verdict.SHRUNK, reason, (f"records={sizes.records}",)))
    if target.is_new:
        return
    doubt = shrunk(Sizes(records=target.records, documents=target.items), sizes)
    if doubt is None:
        return
    is_page = target.records == sizes.records == 1
    has_lasted = target.failures >= _BELIEVED_AFTER and not _lost_all(target, sizes)
    if (is_page and observation.tells_status) or has_lasted:
        return
    raise _DoubtError(doubt)


def _lost_all(target: Target, sizes: Sizes) -> bool:
    """Return whether a page that listed something lists nothing: a table that was not drawn."""
    return bool(target.items) and not sizes.documents


def _observed(source: Source, reading: Reading, tools: Tools, *, is_new: bool) -> Observation:
    with tools.store.reading() as work:
        if reading.lists_all:
            streams = work.streams.of_source(source.id)
        else:
            names = [stream_name(source.id, record.subject) for record in reading.records]
            streams = {name: work.streams.get(name) for name in names}
        missing = work.streams.missing(tuple(streams))
    return observe(source, reading, streams=streams, missing=missing, is_new=is_new)


def _reread(source: Source, target: Target, tools: Tools) -> Target:
    """Read the last good payload with a newer reader first, so that only the world can be news.

    What the better reader says otherwise of the same bytes is appended as `reread` and tells no
    one; the new page is then compared with that.
    """
    if target.is_new or not target.reader or target.reader == source.reader.id:
        return target
    with tools.store.reading() as work:
        capture = work.captures.capture(target.last_good)
    try:
        payload = Payload(
            body=tools.snapshots.get(target.digest),
            media_type=capture.headers.get("content-type", ""),
            url=capture.final_url,
        )
        reading = source.reader.read(payload)
    except (ReadError, SnapshotError):
        return target  # the new page will tell who is at fault; `verify` names a lost snapshot
    reading = known_by_number(reading, target, tools.store, source.id)
    # the same bytes once more are not one more capture in which something is missing
    patient = replace(source, absent_after=NEVER)
    found = _observed(patient, reading, tools, is_new=True)
    moved = replace(target, reader=source.reader.id, items=items(reading))
    provenance = _provenance(source, capture, reading, target)
    with tools.store.writing() as work:
        _append(work, (*found.known, *found.news), provenance, Cause.REREAD, tools)
        due = work.captures.target(source.id, target.url).next_due
        work.captures.put_target(replace(moved, next_due=due))
    return moved


def _commit(
    source: Source, target: Target, seen: Look, read: _Read | None, tools: Tools
) -> Outcome:
    """Keep the capture, the events and where we are, all or nothing."""
    with tools.store.writing() as work:
        provenance = _provenance(source, seen.capture, _reading(read), target)
        events = _append_reading(work, source, target, read, provenance, tools) if read else []
        moved = _moved(source, target, seen, read, tools)
        stored = work.captures.target(source.id, target.url)
        if stored.next_due != target.next_due:
            # brought forward meanwhile: it may be news again
            moved = replace(moved, next_due=stored.next_due, priority=stored.priority)
        trouble = operator_append(work, source, moved, seen.capture) if tools.is_live else None
        if trouble:
            events += _append(work, [trouble], provenance, tools.cause, tools)
        digest = seen.capture.digest
        is_archived = tools.cause is Cause.IMPORTED
        capture = replace(
            seen.capture,
            signals=(*seen.capture.signals, *[ARCHIVED] * is_archived),
            is_revisit=bool(digest) and work.captures.known_digest(digest),
            reader=source.reader.id if read is not None else "",
            records=read.sizes.records if read is not None else 0,
            events=len(events),
        )
        work.captures.add(capture, moved)
    known = len(read.observation.known) if read else 0
    return Outcome(capture=capture, events=tuple(events), baseline=known)


def _reading(read: _Read | None) -> Reading:
    return read.reading if read else Reading(reader="", records=())


def _append_reading(
    work: Work, source: Source, target: Target, read: _Read, provenance: Provenance, tools: Tools
) -> list[Recorded]:
    """Append what a reading comes to, hold back what is a mass, and count what was missing."""
    _append(work, read.observation.known, provenance, Cause.BASELINE, tools)
    news = _append(work, read.observation.news, provenance, tools.cause, tools)
    for name, counts in read.observation.missing.items():
        work.streams.set_missing(name, counts)
    events = list(news)
    pages = work.captures.count_targets(source.id) if source.follows else len(source.urls)
    size = max(read.sizes.records, pages)
    # what is read late tells no one, so there is nothing of it to hold back
    told = news if tools.is_live else []
    for name, group in mass.masses(work, told, size, is_list=read.reading.lists_all).items():
        batch, is_new = mass.hold(work, name, group)
        if is_new:
            notice = mass.notice(work, source.id, batch, name, len(group))
            events += _append(work, [notice], provenance, tools.cause, tools)
    if reused := identity_append(work, source.id, target, read.reading):
        events += _append(work, [reused], provenance, tools.cause, tools)
    events += _append_drift(work, source, target, read, provenance, tools)
    return events


def _append_drift(
    work: Work, source: Source, target: Target, read: _Read, provenance: Provenance, tools: Tools
) -> list[Recorded]:
    """Append what the reader did not know, once; of a first look only what may hide something."""
    notes = read.reading.unknown
    hiding = tuple(note for note in notes if hides_something(note))
    if not tools.is_live:
        # told to no one, it would never be told of a look of ours
        hiding, notes = (), tuple(note for note in notes if note not in hiding)
    known = [(hiding, tools.cause), (notes, Cause.BASELINE if target.is_new else tools.cause)]
    events: list[Recorded] = []
    for told, cause in known:
        if drift := drift_append(work.streams, source.id, told):
            recorded = _append(work, [drift], provenance, cause, tools)
            events += () if cause is Cause.BASELINE else recorded
    return events


def _append(
    work: Work, appends: Sequence[Append], provenance: Provenance, cause: Cause, tools: Tools
) -> tuple[Recorded, ...]:
    if cause is Cause.BASELINE:
        told = [(each, provenance) for each in appends]
    else:
        told = each_not_before(work, appends, provenance)
    return work.log.append_all(told, cause, instant(tools.recorder.now()))


def _provenance(source: Source, capture: Capture, reading: Reading, target: Target) -> Provenance:
    return Provenance(
        source=source.id,
        tier=source.tier,
        url=capture.final_url or capture.url,
        capture=capture.id,
        snapshot=capture.digest,
        reader=reading.reader,
        observed_at=capture.at,
        previously=target.last_good_at,
        published=reading.published,
        derivation=DERIVATION if reading.reader else "",
    )


def _only_subject(reading: Reading) -> str:
    """Return the subject of a page about one subject; empty for lists."""
    return str(reading.records[0].subject) if len(reading.records) == 1 else ""


def _moved(source: Source, target: Target, seen: Look, read: _Read | None, tools: Tools) -> Target:
    """Return where we are with the target after this look."""
    capture = seen.capture
    if not capture.verdict.is_good:
        moved = replace(
            target,
            failures=target.failures + 1,
            failing_since=target.failing_since or capture.at,
        )
    else:
        moved = replace(
            target,
            etag=seen.etag or (target.etag if capture.verdict is Verdict.UNCHANGED else ""),
            last_modified=seen.last_modified
            or (target.last_modified if capture.verdict is Verdict.UNCHANGED else ""),
            digest=capture.digest or target.digest,
            subject=_only_subject(read.reading) if read else target.subject,
            reader=source.reader.id,
            last_good=capture.id if capture.digest else target.last_good,
            last_good_at=capture.at,
            records=read.sizes.records if read else target.records,
            items=read.sizes.documents if read else target.items,
            waiting=any(read.observation.missing.values()) if read else target.waiting,
            failures=0,
            failing_since="",
        )
    moved = paced(source, moved, capture, changed=bool(read and read.observation.news))
    return replace(moved, next_due=instant(tools.due(moved, tools.clock.now())))
