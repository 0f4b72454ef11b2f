"""A snapshot → reading → diff → what is to be appended: pure but for the readings it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watcher.core.correction import diff_heeding, is_disputed, settle_heeding
from watcher.core.diff import baseline, changes, ended_when_listed
from watcher.core.events import Change, Event, Evidence
from watcher.core.facts import Reading, Record, State, Subject
from watcher.core.rows import effective, new_row
from watcher.core.settle import DELISTED
from watcher.core.text import shorten
from watcher.ports.store import Append, Stream
from watcher.services.source import Source

_QUOTE = 500
"""Longest quote kept with an event; the whole text stands in the snapshot."""

Missing = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a complete capture comes to.

    Attributes:
        known: First readings, for the record.
        news: What happened since the last good capture.
        missing: What was missing in it and how often in a row, for every stream it concerns.
    """

    known: tuple[Append, ...]
    news: tuple[Append, ...]
    missing: Mapping[str, Mapping[str, int]]

    @property
    def tells_status(self) -> bool:
        """Return whether an authorisation status is among the news."""
        return any(
            "after" in event.details and event.type.startswith(("authorisation.", "application."))
            for append in self.news
            for event in append.events
        )


def stream_name(source: str, subject: Subject) -> str:
    """Return the name of the stream of one subject at one source."""
    return f"{source}/{subject}"


def observe(
    source: Source,
    reading: Reading,
    *,
    streams: Mapping[str, Stream],
    missing: Missing,
    is_new: bool,
) -> Observation:
    """Return what `reading` says that was not known.

    Args:
        source: Who says it.
        reading: What was read, believed as a whole.
        streams: Where this source's streams stand.
        missing: How often in a row each path of each stream was missing before.
        is_new: Whether the target was never seen well: then all of it is a baseline.
    """
    known: list[Append] = []
    news: list[Append] = []
    counts: dict[str, Mapping[str, int]] = {}
    for record in reading.records:
        name = stream_name(source.id, record.subject)
        stream = streams.get(name) or Stream(name=name)
        if stream.version == 0:
            (known if is_new or not reading.lists_all else news).append(
                _first(name, record, listed=reading.lists_all and not is_new)
            )
            continue
        before = missing.get(name, {})
        settled = settle_heeding(stream.state, record.state(), before, source.absent_after)
        if before or settled.missing:
            counts[name] = settled.missing
        if events := diff_heeding(record.subject, stream.state, settled.state):
            news.append(
                Append(
                    stream=name,
                    subject=record.subject,
                    expected_version=stream.version,
                    events=events,
                    evidence=tuple(_evidence(event, record) for event in events),
                    state=settled.state,
                )
            )
    if _is_whole_list(source, reading):
        _delist(source, reading, streams, missing, news=news, counts=counts)
    return Observation(known=tuple(known), news=tuple(news), missing=counts)


def _is_whole_list(source: Source, reading: Reading) -> bool:
    """Return whether what is missing in a reading is missing at its source.

    Not where a row could not be read, nor where the source has other lists beside this one.
    """
    has_gaps = any(note.startswith("unreadable") for note in reading.unknown)
    return reading.lists_all and not has_gaps and len(source.urls) == 1


def _first(name: str, record: Record, *, listed: bool) -> Append:
    """Return the first reading of a subject.

    A baseline carries no quotes: the snapshot has them all, and reading it again finds them.
    """
    state = record.state()
    events = _new_row(record.subject, state) if listed else (baseline(record.subject, state),)
    return Append(
        stream=name,
        subject=record.subject,
        expected_version=0,
        events=events,
        evidence=((), *(_evidence(event, record) for event in events[1:])),
        state=state,
    )


def _new_row(subject: Subject, state: State) -> tuple[Event, ...]:
    """Return what a row makes that its list did not have before: that it is there, how it ended."""
    ended = ended_when_listed(subject, state)
    told = {change.path for change in ended.changes} if ended else set()
    name = new_row(subject, state)
    listed = Event(
        type=name,
        subject=subject,
        changes=tuple(each for each in changes({}, state) if each.path not in told),
        effective=effective(name, state),
    )
    return (listed, ended) if ended else (listed,)


def _evidence(event: Event, record: Record) -> tuple[Evidence, ...]:
    """Return the words the event's new values were read from."""
    facts = {fact.path: fact for fact in reversed(record.facts)}
    told = (facts.get(change.path) for change in event.changes if change.action != "removed")
    return tuple(
        Evidence(path=fact.path, quote=shorten(fact.quote, _QUOTE), place=fact.place)
        for fact in told
        if fact is not None and fact.quote
    )


def _delist(
    source: Source,
    reading: Reading,
    streams: Mapping[str, Stream],
    missing: Missing,
    *,
    news: list[Append],
    counts: dict[str, Mapping[str, int]],
) -> None:
    """Count what a whole list no longer has; in the end it is delisted, and never withdrawn."""
    present = {stream_name(source.id, record.subject) for record in reading.records}
    present.add(stream_name(source.id, Subject("source", source.id)))  # the source's own stream
    for name, stream in streams.items():
        if name in present or DELISTED in stream.state or is_disputed(stream.state, DELISTED):
            continue
        count = missing.get(name, {}).get(DELISTED, 0) + 1
        if count < source.absent_after:
            counts[name] = {**missing.get(name, {}), DELISTED: count}
            continue
        counts[name] = {}
        news.append(_delisted(name, stream))


def _delisted(name: str, stream: Stream) -> Append:
    subject = Subject.parse(name.partition("/")[2])
    change = Change(path=DELISTED, action="added", after=True)
    return Append(
        stream=name,
        subject=subject,
        expected_version=stream.version,
        events=(Event(type="product.delisted", subject=subject, changes=(change,)),),
        evidence=((),),
        state={**stream.state, DELISTED: True},
    )


def items(reading: Reading) -> int:
    """Return how many documents and other keyed things a reading lists, to tell when it shrinks."""
    return sum(_is_item(fact.path) for record in reading.records for fact in record.facts)


def _is_item(path: str) -> bool:
    return path.startswith(("document[", "study[", "procedure[", "item["))
