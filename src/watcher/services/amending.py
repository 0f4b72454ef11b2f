"""The history as it should be against the history as it stands: what lacks is appended, once.

Nothing in the log is changed. What the canonical history does not have is set aside by one event,
and what it has and the log lacks is appended, observed at its own time. All of it is one commit,
with the captures it rests on; killed before it, the history is as it was.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from watcher.core.amend import amendment
from watcher.core.capture import Capture, instant
from watcher.core.correction import CORRECTED
from watcher.core.events import Cause, Provenance, Recorded
from watcher.core.facts import Subject
from watcher.errors import IntegrityError, OperationalError
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.check import Tools
from watcher.services.groups import Group, group_of, groups, tells_of_the_world
from watcher.services.observe import stream_name
from watcher.services.own_events import appended
from watcher.services.rerun import Scratch, Sighting, in_order, of_ledger, run
from watcher.services.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """What reading the past of some targets came to.

    Attributes:
        source: The source.
        urls: The targets.
        looks: How many looks were run again.
        appended: How many events the log lacked, by type.
        aside: How many count no longer, by type.
        again: How many count again, by type.
        first: The position before the first event appended.
    """

    source: str
    urls: tuple[str, ...]
    looks: int = 0
    appended: Mapping[str, int] = field(default_factory=dict)
    aside: Mapping[str, int] = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)
    first: int = 0

    @property
    def is_nothing(self) -> bool:
        """Return whether the history was as it should be."""
        return not (self.appended or self.aside or self.again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Whose past is to be read, and how.

    Attributes:
        source: The source, with today's reader.
        group: Its targets.
        new: Looks that the ledger does not have yet, oldest first.
        why: The reason, for people.
        checkpoint: The checkpoint to move with the commit; empty: none.
        is_trial: Whether to say what would change, and write nothing.
    """

    source: Source
    group: Group
    new: Sequence[Sighting] = ()
    why: str
    checkpoint: str = ""
    is_trial: bool = False


@dataclass(slots=True)
class _Difference:
    """What the log lacks and has too much, as positions: of the scratch log what to append."""

    append: dict[int, str] = field(default_factory=dict)
    aside: dict[int, str] = field(default_factory=dict)
    again: dict[int, str] = field(default_factory=dict)
    streams: set[str] = field(default_factory=set)


def amend(task: Task, tools: Tools, scratch: Scratch) -> Generator[Capture, None, Amended]:
    """Run a source's past again and put the history right; yield each look as it was run.

    Args:
        task: Whose past, and how.
        tools: The real store and snapshots, and the cause of what is appended.
        scratch: Opens the store to run it in.

    Raises:
        OperationalError: A payload was taken away on purpose, or a look was taken meanwhile.
        SnapshotError: A payload is missing or damaged.
        IntegrityError: What was to be written does not lead to the canonical states.
    """
    while True:
        with scratch() as store:
            count, looks = yield from _run(task, replace(tools, store=store), tools.store)
            wider = _wider(task, tools.store, store)
            if wider == task.group:
                return _settled(task, tools, store, count, looks)
        task = replace(task, group=wider)


def _run(task: Task, tools: Tools, main: Store) -> Generator[Capture, None, tuple[int, int]]:
    """Run all looks; return how many captures the ledger had, and how many looks there were."""
    looks = 0
    with main.reading() as work:
        known = of_ledger(work, tools.snapshots, task.source.id, sorted(task.group.urls))
        put_right = work.log.read(EventFilter(types=(CORRECTED,), causes=(Cause.CORRECTED,)))
        corrections = sorted(
            (each for each in put_right if each.stream in task.group.streams),
            key=lambda each: (each.provenance.observed_at, each.position),
        )
        for outcome in run(task.source, in_order(known, task.new), corrections, tools):
            looks += 1
            yield outcome.capture
        return work.captures.count(), looks


def _wider(task: Task, main: Store, scratch: Store) -> Group:
    """Return the group with whatever other targets speak of the streams that came up."""
    with scratch.reading() as work:
        streams = frozenset(work.streams.of_source(task.source.id)) - {_own(task.source)}
    if streams <= task.group.streams:
        return task.group
    with main.reading() as work:
        found = groups(work, task.source.id)
    sharing = [group for group in found if group.streams & streams]
    group = group_of(found, task.group.urls).joined(sharing)
    return group if group.urls != task.group.urls else task.group


def _own(source: Source) -> str:
    """Return the stream of what is about the source itself."""
    return stream_name(source.id, Subject("source", source.id))


def _settled(task: Task, tools: Tools, scratch: Store, count: int, looks: int) -> Amended:
    """Compare and, unless it is a trial, commit."""
    reading = tools.store.reading if task.is_trial else tools.store.writing
    with reading() as work, scratch.reading() as should:
        if work.captures.count() != count:
            message = f"{task.source.id} was looked at meanwhile; nothing was changed: run it again"
            raise OperationalError(message)
        found = _difference(work, should, task)
        first = work.log.head()
        if not task.is_trial:
            _commit(work, should, task, found, tools)
    return Amended(
        source=task.source.id,
        urls=tuple(sorted(task.group.urls)),
        looks=looks,
        appended=Counter(found.append.values()),
        aside=Counter(found.aside.values()),
        again=Counter(found.again.values()),
        first=first,
    )


def _difference(work: Work, should: Work, task: Task) -> _Difference:
    """Return what the log lacks and has too much, stream by stream."""
    found = _Difference()
    aside = work.log.set_aside()
    streams = {*should.streams.of_source(task.source.id), *task.group.streams} - {_own(task.source)}
    for stream in sorted(streams):
        before = len(found.append), len(found.aside), len(found.again)
        is_as = list(filter(tells_of_the_world, work.log.read(EventFilter(stream=stream))))
        to_be = filter(tells_of_the_world, should.log.read(EventFilter(stream=stream)))
        _compare(is_as, to_be, aside, found)
        if before != (len(found.append), len(found.aside), len(found.again)):
            found.streams.add(stream)
    return found


def _compare(
    is_as: Sequence[Recorded],
    to_be: Iterable[Recorded],
    aside: AbstractSet[int],
    found: _Difference,
) -> None:
    """Match the events of one stream by what they say; those that count are matched first."""
    standing: dict[str, list[Recorded]] = defaultdict(list)
    for told in sorted(is_as, key=lambda each: (each.position in aside, each.position)):
        standing[_said(told)].append(told)
    kept: set[int] = set()
    for told in to_be:
        if not (same := standing[_said(told)]):
            found.append[told.position] = told.event.type
            continue
        match = same.pop(0)
        kept.add(match.position)
        if match.position in aside:
            found.again[match.position] = match.event.type
    for told in is_as:
        if told.position not in kept and told.position not in aside:
            found.aside[told.position] = told.event.type


def _said(told: Recorded) -> str:
    """Return what an event says and in which capture it was seen, to be compared with others."""
    event = told.event
    changes = [(each.path, each.action, each.before, each.after) for each in event.changes]
    said = [event.type, event.jurisdiction, event.effective, event.nature, changes]
    return json.dumps([*said, dict(event.details), told.provenance.capture], sort_keys=True)


def _commit(work: Work, should: Work, task: Task, found: _Difference, tools: Tools) -> None:
    """Write the captures, the events, the amendment, the states and where we are with targets."""
    now = instant(tools.recorder.now())
    _keep_captures(work, should, task)
    _append(work, should, found, now)
    if found.aside or found.again:
        _note(work, task, found, tools.cause, now)
    work.streams.refold(sorted(found.streams))
    _refuse_other_states(work, should, task.source.id, found.streams)
    _move_targets(work, should, task)
    streams = sorted({*task.group.streams, *found.streams})
    counted, before = should.streams.missing(streams), work.streams.missing(streams)
    for stream in streams:
        if counted.get(stream, {}) != before.get(stream, {}):
            work.streams.set_missing(stream, counted.get(stream, {}))
    if task.checkpoint:
        work.move_checkpoint(task.checkpoint, work.captures.count())


def _keep_captures(work: Work, should: Work, task: Task) -> None:
    new = {look.id for look in task.new}
    for capture in should.captures.read(source=task.source.id) if new else ():
        if capture.id in new:
            is_revisit = bool(capture.digest) and work.captures.known_digest(capture.digest)
            target = work.captures.target(task.source.id, capture.url)
            work.captures.add(replace(capture, is_revisit=is_revisit), target)


def _append(work: Work, should: Work, found: _Difference, now: str) -> None:
    """Append what lacks, in the order of observation."""
    told = should.log.read(EventFilter())
    work.log.adopt((each for each in told if each.position in found.append), now)


def _note(work: Work, task: Task, found: _Difference, cause: Cause, now: str) -> None:
    """Append the event that names what counts no longer, and what counts again."""
    subject = Subject("source", task.source.id)
    stream = work.streams.get(_own(task.source))
    # the place makes two amendments of the same events two
    why = f"{task.why} (the log stood at {work.log.head()})"
    told = Provenance(
        source=task.source.id,
        tier=task.source.tier,
        url="",
        capture="",
        snapshot="",
        reader=task.source.reader.id,
        observed_at=now,
    )
    event = amendment(subject, aside=found.aside, again=found.again, why=why)
    work.log.append(appended(stream, event), told, cause, now)


def _refuse_other_states(work: Work, should: Work, source: str, streams: Iterable[str]) -> None:
    """Raise where the events that count do not lead to the state of the canonical run."""
    put_right = work.log.read(EventFilter(types=(CORRECTED,), causes=(Cause.CORRECTED,)))
    # a person's word may have come before a stream had begun, as we know now
    corrected = {told.stream for told in put_right}
    is_as, to_be = (each.streams.of_source(source) for each in (work, should))
    for stream in sorted(set(streams) - corrected):
        one, other = is_as.get(stream), to_be.get(stream)
        if (one and one.state) != (other and other.state):
            message = f"{stream}: the events that count do not lead to what its captures say"
            raise IntegrityError(message)


def _move_targets(work: Work, should: Work, task: Task) -> None:
    """Bring the targets to where the run left them; when to look next stays as it was."""
    for target in should.captures.targets():
        known = work.captures.target(task.source.id, target.url)
        repeated = work.captures.unchanged(task.source.id, target.url)
        last_good = repeated.get(target.last_good, target.last_good)
        work.captures.put_target(replace(target, next_due=known.next_due, last_good=last_good))
