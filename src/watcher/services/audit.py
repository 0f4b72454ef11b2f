"""Is the history the one that was written, and is its evidence still there?

One pass over the log and the ledger, in a view of one moment. Nothing is gathered but what is not
settled yet, so that a million events need no more memory than a thousand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watcher.core import merkle
from watcher.core.events import Recorded
from watcher.core.note import Checkpoint, Note, VerifierKey
from watcher.core.seal import SEALED, Seal, Sealing
from watcher.errors import (
    BrokenLogError,
    ProofError,
    SnapshotError,
    SnapshotGoneError,
    SnapshotRedactedError,
)
from watcher.ports.proof import SignedCheckpoint, Signing
from watcher.ports.store import EventFilter, SnapshotStore, Store, Work

REDACTED, EXPIRED = "snapshot.redacted", "snapshot.expired"
"""The types of the events that alone excuse a payload for having no bytes any more."""

_TILE_LEVELS = 8
Counts = Counter[str]
"""What is whole, by kind: events, tiles, seals, captures, checkpoints, snapshots, gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a log is held against.

    Attributes:
        signing: Checks signatures, and knows the notes in the file beside the database.
        keys: The public keys that are believed.
        kept: Signed notes that someone kept elsewhere.
    """

    signing: Signing
    keys: Sequence[VerifierKey]
    kept: Sequence[str] = ()

    def checkpoint(self, note: str) -> Checkpoint:
        """Return the checkpoint that a note signs.

        Raises:
            ProofError: No key that is believed signed it.
        """
        told = Checkpoint.parse(Note.parse(note).text)
        if not self.keys:
            message = f"no public key to check the checkpoint over {told.size} events by: name one"
            raise ProofError(message)
        if not self.signing.is_signed(note, self.keys):
            message = f"the checkpoint over {told.size} events was not signed by a known key"
            raise ProofError(message)
        return told


def verify(store: Store, snapshots: SnapshotStore, against: Against) -> Iterator[Counts]:
    """Check everything; yield at every step what was found whole: one count that grows.

    Raises:
        BrokenLogError: A row of the log does not fit, or is not what was signed; it is named.
        ProofError: A tile, a seal, a capture or a signed checkpoint does not fit; it is named.
        SnapshotError: A payload is missing or is not what its name says.
    """
    with store.reading() as work:
        audit = _Audit(work, snapshots, against)
        for step in (audit.events, audit.checkpoints, audit.captures, audit.payloads):
            for _ in step():
                yield audit.counts
        yield audit.counts


def steps(store: Store) -> int:
    """Return about how many steps `verify` takes, for a progress bar."""
    with store.reading() as work:
        return work.log.head() + work.captures.count()


def verify_event(store: Store, snapshots: SnapshotStore, event: str) -> str:
    """Check the log up to one event and the payload it rests on; return its id.

    Raises:
        NotFoundError: There is no such event.
        IntegrityError: Something before or under it is not as it was written.
    """
    with store.reading() as work:
        told = work.log.find(event)
        for position in work.log.verify():
            if position == told.position:
                break
        if told.provenance.snapshot:
            _read(snapshots, told.provenance.snapshot, excused(work, snapshots))
    return told.event_id


@dataclass(frozen=True, slots=True)
class Excused:
    """Payloads that are without their bytes on purpose, each with the event that says so."""

    redacted: Mapping[str, int]
    expired: Mapping[str, int]

    def check(self, error: SnapshotGoneError) -> None:
        """Raise unless an event says that this payload was taken away on purpose.

        Raises:
            SnapshotError: None does.
        """
        is_redacted = isinstance(error, SnapshotRedactedError)
        if error.digest not in (self.redacted if is_redacted else self.expired):
            message = f"{error}; but no event of the log says so"
            raise SnapshotError(message) from error


def excused(work: Work, snapshots: SnapshotStore) -> Excused:
    """Return what was taken away on purpose, as the log says.

    What a person had dropped has an event of its own; what went when its time was over stands in
    a list that an event rests on, a JSON object a line.
    """
    dropped = work.log.read(EventFilter(types=(REDACTED,)))
    cleared = work.log.read(EventFilter(types=(EXPIRED,)))
    return Excused(
        redacted={told.event.details.get("snapshot", ""): told.position for told in dropped},
        expired={
            json.loads(line)["digest"]: told.position
            for told in cleared
            for line in snapshots.get(told.provenance.snapshot).splitlines()
        },
    )


class _Audit:
    """One audit, with what it has to remember on its way."""

    def __init__(self, work: Work, snapshots: SnapshotStore, against: Against) -> None:
        self.counts = Counts()
        self._work = work
        self._snapshots = snapshots
        self._against = against
        self._tree = merkle.Frontier()
        self._sealed = 0
        self._digest = ""
        self._loose: set[str] = set()

    def events(self) -> Iterator[None]:
        """Check each row, and what ends with it: tiles, a seal, a signed checkpoint."""
        signed = self._work.proof.checkpoints()
        due = next(signed, None)
        for told in self._work.log.checked():
            self._check_tiles(self._tree.add(merkle.leaf_hash(bytes.fromhex(told.hash))))
            if told.event.type == SEALED:
                yield from self._check_seal(told)
            self._remember(told.provenance.snapshot)
            if due is not None and due.size == told.position:
                self._check_signed(due)
                due = next(signed, None)
            self.counts["events"] += 1
            yield
        if due is not None:
            why = f"missing; a checkpoint over {due.size} events was signed at {due.at}"
            raise BrokenLogError(self._tree.size + 1, why)
        if self._work.proof.tiles() != self.counts["tiles"]:
            message = f"{self._work.proof.tiles()} tiles, expected {self.counts['tiles']}"
            raise ProofError(message)

    def checkpoints(self) -> Iterator[None]:
        """Check the notes kept beside the database and elsewhere against the log."""
        for note in self._against.signing.published():
            self._check_published(note)
            yield
        for note in self._against.kept:
            self._check_kept(note)
            yield

    def captures(self) -> Iterator[None]:
        """Check that what is not sealed yet is without a gap, and that nothing stands beside it."""
        last = self._work.captures.count()
        rest = Sealing(self._sealed + 1)
        for row in self._work.proof.ledger(self._sealed + 1, last):
            rest.add(row.number, row.capture.verdict, row.canonical)
            self.counts["captures"] += 1
            yield
        rows = self._work.proof.ledger_rows()
        if not rows == last == self._sealed + rest.count:
            message = f"the ledger has {rows} captures, numbered to {last}: one is out of its place"
            raise ProofError(message)

    def payloads(self) -> Iterator[None]:
        """Read every payload that a capture or an event names, each once."""
        gone = excused(self._work, self._snapshots)
        for digest in self._work.proof.digests():
            self._count_payload(digest, gone)
            yield
        for digest in sorted(self._loose):
            self._count_payload(digest, gone)
            yield

    def _check_tiles(self, ended: Sequence[bytes]) -> None:
        for level in range(_TILE_LEVELS, len(ended), _TILE_LEVELS):
            name = level // _TILE_LEVELS, (self._tree.size >> level) - 1
            if self._work.proof.tile(*name) != ended[level]:
                message = f"tile {name[0]}/{name[1]} is not the root of its events, or is missing"
                raise ProofError(message)
            self.counts["tiles"] += 1

    def _check_seal(self, told: Recorded) -> Iterator[None]:
        said = Seal.of(told.event)
        name = f"the seal at position {told.position} over captures {said.first}-{said.last}"
        if said.first != self._sealed + 1:
            message = f"{name} does not follow the one before, which ends with {self._sealed}"
            raise ProofError(message)
        making = Sealing(said.first)
        for row in self._work.proof.ledger(said.first, said.last):
            making.add(row.number, row.capture.verdict, row.canonical)
            self.counts["captures"] += 1
            yield
        if making.seal() != said:
            message = f"{name} does not fit: one of them was altered, or is missing at the end"
            raise ProofError(message)
        self._sealed = said.last
        self.counts["seals"] += 1

    def _check_signed(self, signed: SignedCheckpoint) -> None:
        said = self._against.checkpoint(signed.note)
        if (said.size, said.root, said.at) != (signed.size, signed.root, signed.at):
            message = f"the checkpoint over {signed.size} events is not what its signed note says"
            raise ProofError(message)
        self._compare(said, self._tree.root())
        self.counts["checkpoints"] += 1

    def _check_published(self, note: str) -> None:
        """Check that a note of the file stands in the table too; half a note is a crash's."""
        if not note.endswith("\n"):
            return
        said = self._against.checkpoint(note)
        stored = self._work.proof.covering(said.size)
        if stored is None or stored.note != note:
            message = f"the checkpoint over {said.size} events was published, and is gone here"
            raise ProofError(message)

    def _check_kept(self, note: str) -> None:
        said = self._against.checkpoint(note)
        if said.size > self._tree.size:
            why = f"missing; the checkpoint kept elsewhere is over {said.size} events"
            raise BrokenLogError(self._tree.size + 1, why)
        self._compare(said, self._work.proof.root(said.size))
        self.counts["kept"] += 1

    def _compare(self, said: Checkpoint, root: bytes) -> None:
        if said.root != root:
            when = f" at {said.at}" if said.at else ""
            why = f"the first {said.size} events are not those whose root was signed{when}"
            raise BrokenLogError(said.size, why)

    def _remember(self, digest: str) -> None:
        """Keep what no capture names; what one names is read from the ledger."""
        if digest and digest != self._digest:
            self._digest = digest
            if not self._work.captures.known_digest(digest):
                self._loose.add(digest)

    def _count_payload(self, digest: str, gone: Excused) -> None:
        is_there = _read(self._snapshots, digest, gone)
        self.counts["snapshots" if is_there else "gone"] += 1


def _read(snapshots: SnapshotStore, digest: str, gone: Excused) -> bool:
    """Read a payload; return False where it was taken away and an event says so.

    Raises:
        SnapshotError: It is missing, altered, or was taken away without an event.
    """
    try:
        snapshots.get(digest)
    except SnapshotGoneError as error:
        gone.check(error)
        return False
    if digest in gone.redacted:
        message = (
            f"snapshot {digest} was redacted at position {gone.redacted[digest]}, and its bytes "
            f"are still there: run `watcher redact {digest}` again to finish it"
        )
        raise SnapshotError(message)
    return True
