"""An event with all its evidence in one file, for people without our program or trust in it.

The same event of the same log gives the same bytes: the proof is under the first checkpoint that
covers all of it, files stand in one order, and none has a time of its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from watcher.core.events import Recorded, fold_events
from watcher.core.facts import Reading, Record, State
from watcher.core.note import Note, VerifierKey
from watcher.errors import NotFoundError, ReadError, SnapshotRedactedError
from watcher.ports.proof import SignedCheckpoint
from watcher.ports.store import EventFilter, SnapshotStore, Store, Work
from watcher.readers.reader import Payload, Reader
from watcher.services.audit import REDACTED
from watcher.services.bundle_page import Shown, page
from watcher.services.prove import CaptureProof, Inclusion, capture_proof, event_proof

FindReader = Callable[[Recorded], Reader | None]
"""Given an event, the reader that reads its source now; None where there is none any more."""

_MANIFEST = "MANIFEST.txt"
_VERIFIER = "standalone_verifier.py"
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An evidence bundle.

    Attributes:
        position: The event's place in the log.
        members: The files by name, the manifest included.
        lacks: What it does not prove yet, in words; empty: nothing.
    """

    position: int
    members: Mapping[str, bytes]
    lacks: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """Return it as a zip file: equal bundles give equal bytes."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
            for name, body in sorted(self.members.items()):
                entry = zipfile.ZipInfo(name, _FIRST_MOMENT)
                entry.external_attr, entry.create_system = _MODE, _UNIX
                packed.writestr(entry, body)
        return file.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """What is known of an event, gathered in one transaction."""

    told: Recorded
    facts: State
    capture: CaptureProof | None
    redaction: Recorded | None
    checkpoint: SignedCheckpoint | None


def bundle(
    store: Store,
    snapshots: SnapshotStore,
    event: str,
    *,
    find_reader: FindReader,
    keys: tuple[VerifierKey, ...],
) -> Bundle:
    """Return the evidence bundle of an event.

    Args:
        store: The log and the ledger.
        snapshots: The payloads.
        event: The event's position or id.
        find_reader: Finds the reader that reads the snapshot anew.
        keys: The public keys that sign here.

    Raises:
        NotFoundError: There is no such event.
        IntegrityError: What it rests on is not as it was written.
    """
    with store.reading() as work:
        known = _gathered(work, event)
        members = _of_log(work, known)
    body = _payload(snapshots, known)
    reading = _reading(known, body, find_reader)
    members |= {"snapshot.bin": body} if body is not None else {}
    members |= _of_capture(known.capture) | _of_checkpoint(known.checkpoint, keys)
    members["reading.json"] = _json(reading)
    members["verify.py"] = _verifier()
    members["index.html"] = page(_shown(known, reading, members)).encode()
    members[_MANIFEST] = _manifest(members)
    return Bundle(position=known.told.position, members=members, lacks=_lacks(known))


def _gathered(work: Work, event: str) -> _Evidence:
    told = work.log.find(event)
    history = work.log.read(EventFilter(stream=told.stream))
    facts = fold_events(each.event for each in history if each.position <= told.position)
    capture = _capture(work, told.provenance.capture)
    redaction = _redaction(work, told.provenance.snapshot)
    must = max(told.position, redaction.position if redaction else 0)
    sealed_at = capture.sealed_by.event.position if capture and capture.sealed_by else 0
    signed = work.proof.covering(max(must, sealed_at)) or work.proof.covering(must)
    if capture and signed and signed.size < sealed_at:
        capture = CaptureProof(row=capture.row)  # its seal is not covered yet
    return _Evidence(
        told=told, facts=facts, capture=capture, redaction=redaction, checkpoint=signed
    )


def _capture(work: Work, capture: str) -> CaptureProof | None:
    """Return the proof of the capture an event rests on; operators' events rest on none."""
    try:
        return capture_proof(work, capture)
    except NotFoundError:
        return None


def _redaction(work: Work, digest: str) -> Recorded | None:
    events = work.log.read(EventFilter(types=(REDACTED,))) if digest else ()
    named = (told for told in events if told.event.details.get("snapshot") == digest)
    return next(named, None)


def _of_log(work: Work, known: _Evidence) -> dict[str, bytes]:
    """Return row, payload and path of the event, of its seal and of a redaction."""
    rows = {"event": known.told}
    if known.capture and known.capture.sealed_by:
        rows["seal"] = known.capture.sealed_by.event
    if known.redaction:
        rows["redaction"] = known.redaction
    members: dict[str, bytes] = {}
    for name, told in rows.items():
        row = work.proof.row(told.position)
        columns = dict(row.columns)
        told_row = {"columns": columns, "previous": row.previous, "hash": row.hash}
        members[f"log/{name}.row.json"] = _json(told_row)
        members[f"log/{name}.payload.json"] = row.payload
        if known.checkpoint:
            inclusion = event_proof(work, told, known.checkpoint).inclusion
            members[f"log/{name}.inclusion.json"] = _json(_path(inclusion))
        if name == "event":
            said = {**columns, "hash": row.hash, **json.loads(row.payload)}
            members["event.json"] = _json(said)
    return members


def _of_capture(proof: CaptureProof | None) -> dict[str, bytes]:
    if proof is None:
        return {}
    members = {"capture.json": proof.row.canonical}
    if proof.leaves:
        members["seal.leaves.txt"] = "".join(f"{leaf.hex()}\n" for leaf in proof.leaves).encode()
    return members


def _of_checkpoint(
    signed: SignedCheckpoint | None, keys: tuple[VerifierKey, ...]
) -> dict[str, bytes]:
    if signed is None:
        return {}
    signatures = Note.parse(signed.note).signatures
    mine = [key for key in keys if any(each.is_by(key) for each in signatures)]
    return {
        "checkpoint.txt": signed.note.encode(),
        "vkey.txt": "".join(f"{key}\n" for key in mine[:1]).encode(),
    }


def _payload(snapshots: SnapshotStore, known: _Evidence) -> bytes | None:
    """Return the payload the event rests on; None where there is none, or it was redacted."""
    if not known.told.provenance.snapshot:
        return None
    try:
        return snapshots.get(known.told.provenance.snapshot)
    except SnapshotRedactedError:
        if known.redaction is None:
            raise
        return None


def _reading(known: _Evidence, body: bytes | None, find_reader: FindReader) -> dict[str, object]:
    """Return what the snapshot says of the subject, read anew, or why it was not."""
    reader = find_reader(known.told) if body is not None else None
    why, found, name = "", None, reader.id if reader else ""
    if body is None:
        why = "there is no snapshot to read" if not known.redaction else "the snapshot was redacted"
    elif reader is None:
        why = f"{known.told.provenance.reader or 'it'} is not a reader of this program"
    else:
        try:
            found = _record(reader.read(_as_captured(known, body)), known.told)
            why = "" if found else "the snapshot says nothing of the subject under this name"
        except ReadError as error:
            why = str(error)
    facts = [
        {"path": fact.path, "value": fact.value, "quote": fact.quote, "place": fact.place}
        for fact in (found.facts if found else ())
    ]
    return {
        "reader": name if found else "",
        "recorded_reader": known.told.provenance.reader,
        "subject": str(known.told.event.subject),
        "facts": facts,
        "why": why or ("" if name == known.told.provenance.reader else f"read now by {name}"),
    }


def _as_captured(known: _Evidence, body: bytes) -> Payload:
    capture = known.capture.row.capture if known.capture else None
    return Payload(
        body=body,
        media_type=capture.headers.get("content-type", "") if capture else "",
        url=(capture.final_url if capture else "") or known.told.provenance.url,
    )


def _record(reading: Reading, told: Recorded) -> Record | None:
    """Return what a reading says of the event's subject; of a page, of its one subject."""
    mine = (each for each in reading.records if each.subject == told.event.subject)
    only = reading.records[0] if len(reading.records) == 1 else None
    return next(mine, only)


def _shown(known: _Evidence, reading: Mapping[str, object], members: Mapping[str, bytes]) -> Shown:
    capture = known.capture
    return Shown(
        told=known.told,
        facts=known.facts,
        capture=capture.row.capture if capture else None,
        sealed_at=capture.sealed_by.event.position if capture and capture.sealed_by else 0,
        redacted_at=known.redaction.position if known.redaction else 0,
        checkpoint=known.checkpoint,
        vkey=members.get("vkey.txt", b"").decode().strip(),
        reader=str(reading["reader"] or ""),
        files=tuple(sorted({*members, "index.html", _MANIFEST})),
        lacks=_lacks(known),
    )


def _lacks(known: _Evidence) -> tuple[str, ...]:
    """Return in words what the bundle cannot prove yet."""
    lacks: list[str] = []
    if known.checkpoint is None:
        lacks.append("no checkpoint has been signed since it was recorded")
    if known.capture and known.capture.seal is None:
        lacks.append("the capture has not been sealed under a signed checkpoint yet")
    return tuple(lacks)


def _path(inclusion: Inclusion) -> dict[str, object]:
    return {
        "index": inclusion.index,
        "size": inclusion.size,
        "path": [each.hex() for each in inclusion.path],
        "root": inclusion.root.hex(),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _verifier() -> bytes:
    return resources.files("watcher.services").joinpath(_VERIFIER).read_bytes()


def _manifest(members: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in members.items())
    return "".join(sorted(lines, key=lambda line: line.split("  ")[1])).encode()
