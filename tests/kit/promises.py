"""The six promises, checked on what is left in a folder, whatever happened there.

I1 the log is gapless, chained and fits its tree; I2 every event's payload exists and is its bytes;
I3 no event that was answered for is lost; I4 every event that is to be told has its message; I5
nothing is marked as sent that was not; I6 the state is the fold of the events.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from watcher.core.events import Cause
from watcher.errors import SnapshotGoneError
from watcher.ports import Envelope
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.alert import CONSUMER
from watcher.services.audit import Against, verify
from watcher.services.replay import rebuild
from watcher.store.signing import FolderSigning
from watcher.store.snapshots import FolderSnapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known beside the store.

    Attributes:
        acked: Hash by position of every event whose transaction was answered for.
        taken: What the receiver has taken.
        told: Types of events that are to be told, as rules name them.
    """

    acked: Mapping[int, str] = field(default_factory=dict)
    taken: Sequence[Envelope] = ()
    told: Collection[str] = ("authorisation.*", "document.*")


def promises_hold(store: Store, snapshots: Path, keys: Path, truth: Truth) -> None:
    """Assert I1 to I6 of a store that was opened anew, as after a crash.

    Args:
        store: The store.
        snapshots: The folder of its payloads.
        keys: The folder of the keys that sign its head.
        truth: What is known beside it.
    """
    payloads, signing = FolderSnapshots(snapshots), FolderSigning(keys, {})
    for _ in verify(store, payloads, Against(signing=signing, keys=signing.keys())):
        pass  # I1, and what is signed and sealed
    with store.reading() as work:
        hashes = {told.position: told.hash for told in work.log.read(EventFilter())}
        assert [*hashes] == [*range(1, len(hashes) + 1)], "I1: a gap"
        _evidence_is_there(work, payloads)
        lost = truth.acked.items() - hashes.items()
        assert not lost, f"I3: acknowledged events are lost or rewritten: {lost}"
        _what_is_to_be_told_is(work, truth)
        sent = {each.key for each in work.outbox.latest(10_000) if each.state == "delivered"}
        assert sent <= {each.key for each in truth.taken}, "I5: marked as sent, and never was"
    assert rebuild(store).is_equal, "I6: the state is not what the events lead to"


def _evidence_is_there(work: Work, snapshots: FolderSnapshots) -> None:
    for told in work.log.read(EventFilter()):
        if told.provenance.snapshot:
            # I2: raises where it is gone; what went on purpose is for `verify` to excuse
            with suppress(SnapshotGoneError):
                snapshots.get(told.provenance.snapshot)


def _what_is_to_be_told_is(work: Work, truth: Truth) -> None:
    """Assert I4 for all that the step which tells has dealt with."""
    until = work.checkpoint(CONSUMER)
    apart = {*work.held.of_state("held"), *work.held.of_state("dismissed"), *work.log.set_aside()}
    for told in work.log.read(EventFilter()):
        is_wanted = any(fnmatch(told.event.type, pattern) for pattern in truth.told)
        if told.position > until or told.cause is not Cause.OBSERVED or not is_wanted:
            continue
        if told.position not in apart:
            case = work.cases.of_event(told.position)
            assert case is not None, f"I4: {told.event.type} is in no case"
            assert work.outbox.of_case(case.key), f"I4: nobody is told of {told.event.type}"
