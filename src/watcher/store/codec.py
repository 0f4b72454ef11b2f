"""Events to bytes and back. The stored bytes are what is hashed, so they are written once.

Payloads hold texts, whole numbers, truth values, null, lists and objects: no floats, because two
encoders write them differently, and no lone surrogates, because none can write them at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


_decode = msgspec.json.Decoder(_Payload).decode
_decode_event = msgspec.json.Decoder(_EventOnly).decode
_Stored = dict[str, Any]


def _from_1(stored: _Stored) -> _Stored:
    """Schema 1 did not say by which rules readings became events: there was one version then."""
    provenance = stored["provenance"]
    derivation = {"derivation": "diff@1"} if provenance.get("reader") else {}
    return {**stored, "provenance": {**provenance, **derivation}}


UPCASTS: Mapping[int, Callable[[_Stored], _Stored]] = {1: _from_1}
"""By schema, what makes its payload one of the next; the stored bytes stay as they are."""


def encode(event: Event, provenance: Provenance) -> bytes:
    """Return the payload of one row of the log."""
    payload = {
        "event": _event_out(event),
        "provenance": _without_defaults(
            {name: getattr(provenance, name) for name in Provenance.__slots__ if name != "evidence"}
            | {
                "evidence": [
                    {"path": found.path, "quote": found.quote, "place": found.place}
                    for found in provenance.evidence
                ]
            }
        ),
    }
    _refuse_floats(payload)
    return _encode(payload)


def _event_out(event: Event) -> dict[str, Any]:
    return _without_defaults(
        {
            "type": event.type,
            "subject": str(event.subject),
            "changes": [_change_out(change) for change in event.changes],
            "jurisdiction": event.jurisdiction,
            "effective": event.effective,
            "nature": event.nature,
            "details": dict(event.details),
        }
    )


def _change_out(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {"path": change.path, "action": change.action}
    if change.action != "added":
        told["before"] = change.before
    if change.action != "removed":
        told["after"] = change.after
    return told


def _without_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that say something; tier, type and the like are never empty."""
    return {name: value for name, value in fields.items() if value not in ("", [], {}, ())}


def _refuse_floats(value: object) -> None:
    pending = [value]
    while pending:
        match pending.pop():
            case float():
                message = "a float cannot stand in the log; write it as text"
                raise IntegrityError(message)
            case dict() as fields:
                pending += fields.values()
            case list() as items:
                pending += items
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
        message = f"a payload of the log cannot be read: {error}"
        raise IntegrityError(message) from error
    event = Event(
        type=stored.event.type,
        subject=Subject.parse(stored.event.subject),
        changes=tuple(
            Change(path=each.path, action=each.action, before=each.before, after=each.after)
            for each in stored.event.changes
        ),
        jurisdiction=stored.event.jurisdiction,
        effective=stored.event.effective,
        nature=stored.event.nature,
        details=stored.event.details,
    )
    known = {name: getattr(stored.provenance, name) for name in _Provenance.__struct_fields__}
    known["evidence"] = tuple(
        Evidence(path=each.path, quote=each.quote, place=each.place) for each in known["evidence"]
    )
    return event, Provenance(**known)


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
        message = f"a payload of the log cannot be read: {error}"
        raise IntegrityError(message) from error


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
