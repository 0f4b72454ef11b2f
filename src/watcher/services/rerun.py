"""The canonical history of a source: the ordinary line, run over its captures as they were made.

What a source has said is what the line makes of all its captures in the order of their instants,
whatever the order in which we got hold of them. So where something is read late or read anew, the
line is run again in a scratch store, with the answers that stand in the ledger and the snapshots.
"""

from __future__ import annotations

import bisect
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from watcher.core.capture import Capture
from watcher.core.events import Recorded, apply
from watcher.core.verdict import Verdict
from watcher.errors import (
    FetchError,
    FetchRefusedError,
    OperationalError,
    SnapshotError,
    SnapshotGoneError,
)
from watcher.ports import Answer, Request
from watcher.ports.store import Append, SnapshotStore, Store, Work
from watcher.services.capture import JUDGED_AS
from watcher.services.check import Outcome, Tools, check
from watcher.services.source import Source

Scratch = Callable[[], AbstractContextManager[Store]]
"""Opens an empty store that is thrown away."""

_FEW = 50
"""Up to so many targets the ledger is read target by target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look of the past.

    Attributes:
        id: The capture's id.
        at: When, RFC 3339 UTC.
        url: The target.
        answer: Returns what the server answered, or raises the FetchError that it was.
        judged_as: The address to judge it by; empty: the target's.
        after: What it came after, where the clock had been set back; see `Captures.behind`.
    """

    id: str
    at: str
    url: str
    answer: Callable[[], Answer]
    judged_as: str = ""
    after: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Return what looks are sorted by: the order in which they were made."""
        return (self.after or self.at, self.id)


@dataclass(frozen=True, slots=True)
class Still:
    """A clock that stands at one instant."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.at

    def monotonic(self) -> float:
        """Return no seconds: no time goes by."""
        return 0.0


@dataclass(frozen=True, slots=True)
class Answering:
    """A fetcher that answers with one look of the past, whatever is asked for."""

    answer: Callable[[], Answer]

    def fetch(self, request: Request) -> Answer:  # noqa: ARG002  the past has one answer
        """Return that answer, or raise what it was instead."""
        return self.answer()


def run(
    source: Source, sightings: Iterable[Sighting], corrections: Iterable[Recorded], tools: Tools
) -> Iterator[Outcome]:
    """Run the line over looks of the past; yield what each came to.

    Args:
        source: The source, with today's reader.
        sightings: The looks, oldest first.
        corrections: What persons put right meanwhile, oldest first.
        tools: A scratch store, the snapshots and the cause; clock and fetcher are replaced.

    Raises:
        OperationalError: A payload was taken away on purpose.
        SnapshotError: A payload is missing or damaged.
    """
    pending = deque(corrections)
    for sighting in sightings:
        while pending and pending[0].provenance.observed_at < sighting.place[0]:
            _correct(tools.store, pending.popleft())
        still = Still(datetime.fromisoformat(sighting.at))
        then = replace(
            tools,
            fetcher=Answering(sighting.answer),
            clock=still,
            due=lambda _target, now: now,
            judged_as=sighting.judged_as,
        )
        yield check(source, sighting.url, then)
    for correction in pending:
        _correct(tools.store, correction)


def in_order(*looks: Iterable[Sighting]) -> Iterator[Sighting]:
    """Yield the looks of several sequences, each in its order, as one in the order of time."""
    return heapq.merge(*looks, key=lambda look: look.place)


def of_ledger(
    work: Work, snapshots: SnapshotStore, source: str, urls: Sequence[str]
) -> Iterator[Sighting]:
    """Yield the looks that the ledger has at these targets, in the order they were made in."""
    behind = {
        look: after for url in urls for look, after in work.captures.behind(source, url).items()
    }
    late: list[Sighting] = []
    for look in _of_ledger(work, snapshots, source, urls):
        while late and late[0].place < look.place:
            yield late.pop(0)
        if look.id in behind:
            bisect.insort(late, replace(look, after=behind[look.id]), key=lambda each: each.place)
        else:
            yield look
    yield from late


def _of_ledger(
    work: Work, snapshots: SnapshotStore, source: str, urls: Sequence[str]
) -> Iterator[Sighting]:
    repeated = {
        later: earlier
        for url in urls
        for later, earlier in work.captures.unchanged(source, url).items()
    }
    wanted = frozenset(repeated.values())
    said: dict[str, Capture] = {}
    for capture in _captures(work, source, urls):
        if capture.id in wanted:
            said[capture.id] = capture
        is_same = capture.verdict is Verdict.UNCHANGED
        named = repeated.get(capture.id, "") if is_same else capture.id
        first = capture.signals[0] if capture.signals else ""
        yield Sighting(
            id=capture.id,
            at=capture.at,
            url=capture.url,
            answer=partial(
                _answered, capture, named, said if is_same else {named: capture}, snapshots
            ),
            judged_as=first.removeprefix(JUDGED_AS) if first.startswith(JUDGED_AS) else "",
        )


def _captures(work: Work, source: str, urls: Sequence[str]) -> Iterator[Capture]:
    if len(urls) <= _FEW:
        each = (work.captures.read(source=source, url=url) for url in urls)
        return heapq.merge(*each, key=lambda capture: (capture.at, capture.id))
    wanted = frozenset(urls)
    return (each for each in work.captures.read(source=source) if each.url in wanted)


def _answered(
    capture: Capture, named: str, said: Mapping[str, Capture], snapshots: SnapshotStore
) -> Answer:
    """Return what was answered then; a "not modified" with the payload that it spoke of.

    Raises:
        FetchError: There was no answer, or the payload of one that was not believed is gone.
    """
    of = said.get(named)  # asked for now: where the clock was set back it is read after its repeat
    if of is None or capture.status == 0 or (capture.verdict, capture.status) == _UNASKED:
        raise _failure(capture)
    try:
        body = snapshots.get(of.digest) if of.digest else b""
    except SnapshotError as error:
        if not capture.verdict.is_good:
            raise _failure(capture) from error
        raise _lost(of, error) from error
    return Answer(
        url=of.final_url,
        status=of.status,
        headers=of.headers,
        body=body,
        milliseconds=capture.milliseconds,
    )


_UNASKED = (Verdict.ERROR, 304)
"""A server that said "not modified" and had not been asked whether it was."""


def _failure(capture: Capture) -> FetchError:
    kind = capture.signals[0] if capture.signals else "unknown"
    reason = capture.reason or "what it repeats is not in the ledger"
    if capture.verdict is Verdict.REFUSED:
        return FetchRefusedError(reason, kind=kind)
    if capture.verdict is Verdict.TRUNCATED:
        return FetchError(reason, kind="truncated", is_transient=False)
    return FetchError(reason, kind=kind)


def _lost(capture: Capture, error: SnapshotError) -> Exception:
    """Return the error that says why the history cannot be made anew, and what to do."""
    about = f"the history of {capture.source} cannot be made anew from capture {capture.id}"
    if isinstance(error, SnapshotGoneError):
        then = "read only files that are newer than the last look, and leave the rest as it stands"
        return OperationalError(f"{about}: {error}; {then}. Nothing was changed")
    then = "put it back from a backup, see docs/operating.md"
    return SnapshotError(f"{about}: {error}; {then}. Nothing was changed")


def _correct(store: Store, told: Recorded) -> None:
    """Put right in the scratch store what a person put right then."""
    with store.writing() as work:
        stream = work.streams.get(told.stream)
        if not stream.version:
            return
        append = Append(
            stream=told.stream,
            subject=told.event.subject,
            expected_version=stream.version,
            events=(told.event,),
            evidence=(told.provenance.evidence,),
            state=apply(stream.state, told.event),
        )
        work.log.append(append, told.provenance, told.cause, told.recorded_at)
