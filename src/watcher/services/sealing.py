"""Captures since the last seal → one event → a signed checkpoint over the log as it is then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watcher.core import merkle
from watcher.core.capture import instant
from watcher.core.events import Cause, Recorded
from watcher.core.note import Checkpoint, Note
from watcher.core.seal import LEDGER, SEALED, Seal, Sealing
from watcher.errors import BrokenLogError, ProofError
from watcher.ports import Clock
from watcher.ports.proof import Proof, SignedCheckpoint, Signing
from watcher.ports.store import EventFilter, Store, Work
from watcher.services.own_events import appended, ours, own_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What sealing came to.

    Attributes:
        seal: What was sealed; None: there was no new capture.
        checkpoint: What was signed; None: the last one covers the log already.
    """

    seal: Seal | None = None
    checkpoint: SignedCheckpoint | None = None


def seal(store: Store, signing: Signing, clock: Clock) -> Sealed:
    """Seal the captures since the last seal and sign a checkpoint over the log's head.

    Nothing new since the last time: nothing is appended and nothing is signed.

    Raises:
        BrokenLogError: The log does not continue the one that was signed last; nothing is signed.
        ConfigError: The key cannot be used; nothing is appended either.
    """
    with store.writing() as work:
        at = instant(clock.now())
        sealed = _seal(work, at)
        checkpoint = _checkpoint(work, signing, at)
    _publish(store, signing)
    return Sealed(seal=sealed, checkpoint=checkpoint)


def last_seal(work: Work) -> Recorded | None:
    """Return the newest event that seals captures; None before the first."""
    found = work.log.latest(EventFilter(types=(SEALED,), limit=1))
    return found[0] if found else None


def _seal(work: Work, at: str) -> Seal | None:
    before = last_seal(work)
    making = Sealing(Seal.of(before.event).last + 1 if before else 1)
    last = work.captures.count()
    if last < making.first:
        return None
    seen = at  # no seal is observed before what it seals, whatever the clock says
    for row in work.proof.ledger(making.first, last):
        making.add(row.number, row.capture.verdict, row.canonical)
        seen = max(seen, row.capture.at)
    made = making.seal()
    stream = work.streams.get(own_stream(LEDGER))
    told = ours(f"{made.first}-{made.last}", seen)
    work.log.append(appended(stream, made.event()), told, Cause.OBSERVED, at)
    return made


def _checkpoint(work: Work, signing: Signing, at: str) -> SignedCheckpoint | None:
    """Sign the log's head, unless it is signed already or does not continue what was signed."""
    size = work.log.head()
    root = work.proof.root(size)
    before = work.proof.last_checkpoint()
    for promised in _promised(before, signing):
        _refuse_another_history(work.proof, promised, size, root)
    if not size or (before is not None and before.size == size):
        return None
    text = str(Checkpoint(signing.key().name, size, root, at))
    signed = SignedCheckpoint(size=size, root=root, at=at, note=signing.sign(text))
    work.proof.add_checkpoint(signed)
    return signed


def _promised(before: SignedCheckpoint | None, signing: Signing) -> Iterator[Checkpoint]:
    """Yield what was signed last, by the table and by the file that people copy from.

    Raises:
        ProofError: Its signature is not by a key of ours.
    """
    for note in dict.fromkeys(([before.note] if before else []) + _last_written(signing)):
        promised = Checkpoint.parse(Note.parse(note).text)
        if not signing.is_signed(note, signing.keys()):
            message = f"the checkpoint over {promised.size} events was not signed by a known key"
            raise ProofError(message)
        yield promised


def _refuse_another_history(proof: Proof, before: Checkpoint, size: int, root: bytes) -> None:
    """Raise unless the log begins with the one that was signed before: one of the two is false."""
    if size < before.size:
        why = f"missing; a checkpoint over {before.size} events was signed at {before.at}"
        raise BrokenLogError(size + 1, why)
    path = proof.consistency(before.size, size)
    if not merkle.extends(before.size, before.root, size, root, path):
        why = f"the first {before.size} events are not those that were signed at {before.at}"
        raise BrokenLogError(before.size, f"{why}; nothing was signed: see `watcher verify`")


def _publish(store: Store, signing: Signing) -> None:
    """Add to the file what it has not got yet: this one, and one that a crash kept out of it."""
    last = max(
        (Checkpoint.parse(Note.parse(note).text).size for note in _last_written(signing)), default=0
    )
    with store.reading() as work:
        signing.publish([each.note for each in work.proof.checkpoints(after=last)])


def _last_written(signing: Signing) -> list[str]:
    """Return the last note of the file that is whole, if any: a crash may leave half of one."""
    return [note for note in signing.newest() if note.endswith("\n")][-1:]
