"""What shows an outsider that an event stands in the log, or that we looked: paths to a root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from watcher.core import merkle
from watcher.core.capture import Capture
from watcher.core.events import Recorded
from watcher.core.seal import SEALED, Seal, Sealing
from watcher.core.verdict import Verdict
from watcher.errors import NotFoundError, ProofError
from watcher.ports.proof import LedgerRow, SignedCheckpoint
from watcher.ports.store import EventFilter, Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That a leaf stands in a tree: who hashes the leaf up the path comes to the root.

    Attributes:
        leaf: The leaf itself: an event's row hash, or a capture's canonical bytes.
        index: Its place, from 0.
        size: How many leaves the tree has.
        path: The hashes beside it, from the leaf upwards.
        root: Where they lead.
    """

    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProof:
    """That an event stands in the log.

    Attributes:
        event: The event.
        inclusion: Its place in the tree over the log.
        checkpoint: The signed checkpoint of that root; None: it is not signed yet.
    """

    event: Recorded
    inclusion: Inclusion
    checkpoint: SignedCheckpoint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureProof:
    """That a capture was made, as it stands in the ledger.

    Attributes:
        row: The capture with its number and the bytes that were sealed.
        seal: What it is sealed by; None: it is not sealed yet.
        leaves: The hash of every capture of that seal, in order.
        inclusion: Its place in the seal.
        sealed_by: The proof of the event that is the seal.
    """

    row: LedgerRow
    seal: Seal | None = None
    leaves: tuple[bytes, ...] = ()
    inclusion: Inclusion | None = None
    sealed_by: EventProof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Every look at a source in a time, and what shows that none was left out.

    Attributes:
        source: The source's id.
        since: The instant they begin with.
        until: The instant they end with.
        captures: The captures, in the order of the ledger.
        seals: The proof of each seal that holds one of them.
        walked: How many seals were gone through, every row of each hashed again.
        unsealed: How many of the captures are not sealed yet.
    """

    source: str
    since: str
    until: str
    captures: tuple[LedgerRow, ...]
    seals: tuple[EventProof, ...]
    walked: int
    unsealed: int

    @property
    def not_good(self) -> int:
        """Return how many of the looks were not good."""
        return sum(not row.capture.verdict.is_good for row in self.captures)

    @property
    def changed(self) -> int:
        """Return how many of the good looks brought an event."""
        return sum(_brought_news(row.capture) for row in self.captures)

    @property
    def unchanged(self) -> int:
        """Return how many of the good looks found what the one before had found."""
        return len(self.captures) - self.not_good - self.changed


def prove_event(store: Store, event: str) -> EventProof:
    """Return what shows that an event stands in the log.

    Raises:
        NotFoundError: There is no such event.
        ProofError: The tree does not lead to the root that was signed.
    """
    with store.reading() as work:
        told = work.log.find(event)
        return event_proof(work, told, work.proof.covering(told.position))


def prove_capture(store: Store, capture: str) -> CaptureProof:
    """Return what shows that a capture was made, and when it was sealed.

    Raises:
        NotFoundError: There is no such capture.
        ProofError: The ledger does not fit its seal.
    """
    with store.reading() as work:
        return capture_proof(work, work.captures.capture(capture).id)


def prove_checks(store: Store, source: str, since: str, until: str) -> Checks:
    """Return every look at a source in a time.

    A seal binds all captures of its range, of whatever source. Every seal made since the time
    began is gone through to its last row and the roots compared: one that is left out would show.

    Raises:
        NotFoundError: We did not look at that source in that time.
        ProofError: A seal does not fit its captures.
    """
    found: list[LedgerRow] = []
    proofs: list[EventProof] = []
    with store.reading() as work:
        walked, sealed = 0, 0
        for told in work.log.read(EventFilter(types=(SEALED,))):
            seal = Seal.of(told.event)
            sealed = seal.last
            if told.provenance.observed_at < since:
                continue
            walked += 1
            rows = [row for row in _sealed(work, seal) if _is_of(row, source, since, until)]
            if rows:
                proofs.append(event_proof(work, told, work.proof.covering(told.position)))
            found += rows
        rest = work.proof.ledger(sealed + 1, work.captures.count())
        loose = [row for row in rest if _is_of(row, source, since, until)]
    if not found and not loose:
        message = f"no look at {source!r} from {since} to {until}: see `watcher captures`"
        raise NotFoundError(message)
    return Checks(
        source=source,
        since=since,
        until=until,
        captures=(*found, *loose),
        seals=tuple(proofs),
        walked=walked,
        unsealed=len(loose),
    )


def event_proof(work: Work, told: Recorded, signed: SignedCheckpoint | None) -> EventProof:
    """Return the proof of an event under a checkpoint; None: under the log as it is now.

    Raises:
        ProofError: The tree does not lead to the root that was signed.
    """
    size = signed.size if signed else work.log.head()
    inclusion = Inclusion(
        leaf=bytes.fromhex(told.hash),
        index=told.position - 1,
        size=size,
        path=work.proof.inclusion(told.position, size),
        root=signed.root if signed else work.proof.root(size),
    )
    _check(inclusion, f"the event at position {told.position}")
    return EventProof(event=told, inclusion=inclusion, checkpoint=signed)


def capture_proof(work: Work, capture: str) -> CaptureProof:
    """Return the proof of a capture by its whole id; see `prove_capture`."""
    number = work.proof.ledger_number(capture)
    (row,) = work.proof.ledger(number, number)
    told = _seal_over(work, number)
    if told is None:
        return CaptureProof(row=row)
    seal = Seal.of(told.event)
    leaves = tuple(merkle.leaf_hash(each.canonical) for each in _sealed(work, seal))
    index = number - seal.first
    inclusion = Inclusion(
        leaf=row.canonical,
        index=index,
        size=seal.count,
        path=merkle.inclusion_proof(index, seal.count, _subtree(leaves)),
        root=seal.root,
    )
    _check(inclusion, f"capture {number}")
    return CaptureProof(
        row=row,
        seal=seal,
        leaves=leaves,
        inclusion=inclusion,
        sealed_by=event_proof(work, told, work.proof.covering(told.position)),
    )


def _seal_over(work: Work, number: int) -> Recorded | None:
    """Return the event that seals a capture; None where it is not sealed yet."""
    for told in work.log.read(EventFilter(types=(SEALED,))):
        if Seal.of(told.event).last >= number:
            return told
    return None


def _sealed(work: Work, seal: Seal) -> Iterator[LedgerRow]:
    """Yield every capture of a seal; raise at the end where they are not those that were sealed."""
    making = Sealing(seal.first)
    for row in work.proof.ledger(seal.first, seal.last):
        making.add(row.number, row.capture.verdict, row.canonical)
        yield row
    if making.seal() != seal:
        message = f"captures {seal.first}-{seal.last} are not those that were sealed"
        raise ProofError(message)


def _subtree(leaves: tuple[bytes, ...]) -> merkle.Subtree:
    def subtree(level: int, place: int) -> bytes:
        return merkle.tree_root(leaves[place << level : (place + 1) << level])

    return subtree


def _check(proof: Inclusion, what: str) -> None:
    leaf = merkle.leaf_hash(proof.leaf)
    if not merkle.includes(leaf, proof.index, proof.size, proof.path, proof.root):
        message = f"{what} does not lead to its root: run `watcher verify`"
        raise ProofError(message)


def _is_of(row: LedgerRow, source: str, since: str, until: str) -> bool:
    return row.capture.source == source and since <= row.capture.at <= until


def _brought_news(capture: Capture) -> bool:
    return capture.verdict is Verdict.OK and capture.events > 0
