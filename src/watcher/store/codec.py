"""Events to bytes and back. The stored bytes are what is hashed, so they are written once.

Payloads hold texts, whole numbers, truth values, null, lists and objects: no floats, because two
encoders write them differently, and no lone surrogates, because none can write them at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from watcher.core.events import Change, Event, Evidence, Provenance
from watcher.core.facts import State, Subject
from watcher.errors import IntegrityError

SCHEMA = 2
"""The number of the payload's form; older ones are upcast as they are read, never rewritten."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class _Change(msgspec.Struct, omit_defaults=True):
    path: str
    action: Any
    before: Any = None
    after: Any = None


class _Evidence(msgspec.Struct):
    path: str
    quote: str
    place: str


class _Event(msgspec.Struct, omit_defaults=True):
    type: str
    subject: str
    changes: list[_Change] = []
    jurisdiction: str = ""
    effective: str = ""
    nature: Any = ""
    details: dict[str, str] = {}


class _Provenance(msgspec.Struct, omit_defaults=True):
    source: str
    tier: int
    url: str = ""
    capture: str = ""
    snapshot: str = ""
    reader: str = ""
    observed_at: str = ""
    previously: str = ""
    published: str = ""
    derivation: str = ""
    evidence: list[_Evidence] = []


class _Payload(msgspec.Struct):
    event: _Event
    provenance: _Provenance


class _EventOnly(msgspec.Struct):
    event: msgspec.Raw


# What is written, its fields in the order of their names: encoding a dictionary made for it would
# take three times as long. Fields that say nothing are left out.
class _ChangeOut(msgspec.Struct):
    action: Any
    after: Any
    before: Any
    path: str


class _EvidenceOut(msgspec.Struct):
    path: str
    place: str
    quote: str


class _EventOut(msgspec.Struct, omit_defaults=True, kw_only=True):
    changes: list[_ChangeOut] = []
    details: dict[str, str] = {}
    effective: str = ""
    jurisdiction: str = ""
    nature: Any = ""
    subject: str
    type: str


class _ProvenanceOut(msgspec.Struct, omit_defaults=True, kw_only=True):
    capture: str = ""
    derivation: str = ""
    evidence: list[_EvidenceOut] = []
    observed_at: str = ""
    previously: str = ""
    published: str = ""
    reader: str = ""
    snapshot: str = ""
    source: str
    tier: int
    url: str = ""


class _PayloadOut(msgspec.Struct):
    event: _EventOut
    provenance: _ProvenanceOut


class SaidOf(msgspec.Struct):
    """Of an event: to what it happened."""

    subject: str


class SaidBy(msgspec.Struct):
    """Of its provenance: who said it and when we looked."""

    source: str
    observed_at: str = ""


class Said(msgspec.Struct):
    """What a row's columns repeat of its payload."""

    event: SaidOf
    provenance: SaidBy


class Step(msgspec.Struct, gc=False):
    """A change without what was before it: enough to make it."""

    path: str
    action: str
    after: Any = None


class _Steps(msgspec.Struct, gc=False):
    changes: list[Step] = []


class _OnlySteps(msgspec.Struct, gc=False):
    event: _Steps


_decode = msgspec.json.Decoder(_Payload).decode
_decode_said = msgspec.json.Decoder(Said).decode
_decode_steps = msgspec.json.Decoder(_OnlySteps).decode
_decode_event = msgspec.json.Decoder(_EventOnly).decode
_Stored = dict[str, Any]


def _from_1(stored: _Stored) -> _Stored:
    """Schema 1 did not say by which rules readings became events: there was one version then."""
    provenance = stored["provenance"]
    derivation = {"derivation": "diff@1"} if provenance.get("reader") else {}
    return {**stored, "provenance": {**provenance, **derivation}}


UPCASTS: Mapping[int, Callable[[_Stored], _Stored]] = {1: _from_1}
"""By schema, what makes its payload one of the next; the stored bytes stay as they are."""
_WITH_THESE = frozenset({1, SCHEMA})
"""The forms whose events, sources and instants stand where they stand today: they can be read
without the rest."""


def encode(event: Event, provenance: Provenance) -> bytes:
    """Return the payload of one row of the log."""
    _refuse_floats(event, provenance)
    evidence = [_EvidenceOut(found.path, found.place, found.quote) for found in provenance.evidence]
    by = _ProvenanceOut(
        capture=provenance.capture,
        derivation=provenance.derivation,
        evidence=evidence,
        observed_at=provenance.observed_at,
        previously=provenance.previously,
        published=provenance.published,
        reader=provenance.reader,
        snapshot=provenance.snapshot,
        source=provenance.source,
        tier=provenance.tier,
        url=provenance.url,
    )
    return _encode(_PayloadOut(_event_out(event), by))


def _event_out(event: Event) -> _EventOut:
    return _EventOut(
        changes=[_change_out(change) for change in event.changes],
        details=dict(event.details),
        effective=event.effective,
        jurisdiction=event.jurisdiction,
        nature=event.nature,
        subject=str(event.subject),
        type=event.type,
    )


def _change_out(change: Change) -> _ChangeOut:
    """Return a change with what it says: a null that was stated is written, what is not is not."""
    action = change.action
    after = msgspec.UNSET if action == "removed" else change.after
    before = msgspec.UNSET if action == "added" else change.before
    return _ChangeOut(action, after, before, change.path)


def _refuse_floats(event: Event, provenance: Provenance) -> None:
    values: list[object] = [provenance.tier, *event.details.values()]
    for change in event.changes:
        values += (change.before, change.after)
    pending = [value for value in values if type(value) is not str]
    while pending:
        match pending.pop():
            case float():
                message = "a float cannot stand in the log; write it as text"
                raise IntegrityError(message)
            case dict() as fields:
                pending += [each for each in fields.values() if type(each) is not str]
            case list() as items:
                pending += [each for each in items if type(each) is not str]
            case _:
                pass


def decode(payload: bytes, schema: int) -> tuple[Event, Provenance]:
    """Return the event and the provenance a payload holds.

    Raises:
        IntegrityError: Its form is of a later version of this program, or it is no payload.
    """
    if schema > SCHEMA:
        message = f"payload schema {schema} is newer than this program knows ({SCHEMA}): upgrade it"
        raise IntegrityError(message)
    try:
        stored = _decode(payload) if schema == SCHEMA else _upcast(payload, schema)
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError) as error:
        raise _unreadable(error) from error
    told, known = stored.event, stored.provenance
    event = Event(
        type=told.type,
        subject=Subject.parse(told.subject),
        changes=tuple(
            Change(path=each.path, action=each.action, before=each.before, after=each.after)
            for each in told.changes
        ),
        jurisdiction=told.jurisdiction,
        effective=told.effective,
        nature=told.nature,
        details=told.details,
    )
    # written out: a million events are decoded at a time, and a loop over names costs as much again
    provenance = Provenance(
        source=known.source,
        tier=known.tier,
        url=known.url,
        capture=known.capture,
        snapshot=known.snapshot,
        reader=known.reader,
        observed_at=known.observed_at,
        previously=known.previously,
        published=known.published,
        derivation=known.derivation,
        evidence=tuple(
            Evidence(path=each.path, quote=each.quote, place=each.place) for each in known.evidence
        ),
    )
    return event, provenance


def said_by(payload: bytes, schema: int) -> Said:
    """Return subject, source and instant of observation of a payload, decoding no more of it.

    Raises:
        IntegrityError: See `decode`.
    """
    if schema not in _WITH_THESE:
        event, by = decode(payload, schema)
        return Said(SaidOf(str(event.subject)), SaidBy(by.source, by.observed_at))
    try:
        return _decode_said(payload)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _unreadable(error) from error


def steps_of(payload: bytes, schema: int) -> Sequence[Step]:
    """Return what a payload's event changed, decoding no more of it.

    Raises:
        IntegrityError: See `decode`.
    """
    if schema not in _WITH_THESE:
        return [
            Step(each.path, each.action, each.after) for each in decode(payload, schema)[0].changes
        ]
    try:
        return _decode_steps(payload).event.changes
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> IntegrityError:
    return IntegrityError(f"a payload of the log cannot be read: {error}")


def event_bytes(payload: bytes, schema: int) -> bytes:
    """Return the event of a payload, without its provenance, as canonical bytes.

    Raises:
        IntegrityError: See `decode`.
    """
    if schema != SCHEMA:
        return _encode(_event_out(decode(payload, schema)[0]))
    try:
        return bytes(_decode_event(payload).event)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _unreadable(error) from error


def _upcast(payload: bytes, schema: int) -> _Payload:
    stored = msgspec.json.decode(payload, type=dict[str, Any])
    for number in range(schema, SCHEMA):
        stored = UPCASTS[number](stored)
    return msgspec.convert(stored, _Payload)


def encode_value(value: object) -> bytes:
    """Return any plain value as canonical JSON bytes."""
    return _encode(value)


def encode_state(state: State) -> bytes:
    """Return a state as canonical bytes: equal states give equal bytes."""
    return _encode(dict(state))


def decode_state(stored: bytes) -> dict[str, Any]:
    """Return the state that `encode_state` wrote."""
    return cast("dict[str, Any]", msgspec.json.decode(stored))


def decode_value(stored: bytes) -> Any:
    """Return a plain value."""
    return msgspec.json.decode(stored)
