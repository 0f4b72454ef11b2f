"""The log as CloudEvents 1.0, for brokers and functions that understand nothing else of ours.

Types are our own names behind `watcher.`; there is no domain to put before them in reverse. The
source is a relative address, `/sources/ema-medicines`, and the id is the event's own, which no
other event of any log has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

import msgspec

from watcher.services.export import About, Selected

SPEC = "1.0"
TYPE_PREFIX = "watcher."
SCHEMA = "urn:watcher:event-payload:{number}"
"""Names the form of `data`; it is a name, not an address to fetch."""
_UNTOLD = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that no attribute may hold."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def cloud_events(
    told_of: About, found: Iterable[Selected], *, batch: bool = False
) -> Iterator[bytes]:
    """Yield the events in structured mode.

    Args:
        told_of: What the export says of itself.
        found: The events.
        batch: One JSON array (`application/cloudevents-batch+json`), or one event a line.
    """
    first, between, last = (b"[\n", b",\n", b"\n]\n") if batch else (b"", b"\n", b"\n")
    terms = told_of.terms()
    is_begun = False
    for each in found:
        yield (between if is_begun else first) + _encode(cloud_event(each, terms))
        is_begun = True
    yield last if is_begun else (b"[]\n" if batch else b"")


def cloud_event(each: Selected, terms: Mapping[str, str]) -> dict[str, object]:
    """Return one event with its attributes; names are lower-case letters and digits only.

    Args:
        each: The event.
        terms: Whose words these are and what they are good for.
    """
    told = each.stored.told
    attributes: dict[str, object] = {
        "specversion": SPEC,
        "id": told.event_id,
        "source": f"/sources/{quote(told.provenance.source, safe='')}",
        "type": f"{TYPE_PREFIX}{told.event.type}",
        "subject": _attribute(str(told.event.subject)),
        "time": told.provenance.observed_at,
        "datacontenttype": "application/json",
        "dataschema": SCHEMA.format(number=each.stored.schema),
        "position": told.position,
        "cause": str(told.cause),
        "severity": str(told.event.severity),
        "recordedtime": told.recorded_at,
        "jurisdiction": _attribute(told.event.jurisdiction),
        "stands": each.stands,
    }
    data = {
        "payload": msgspec.Raw(each.stored.payload),
        "stream": told.stream,
        "version": told.version,
        "hash": told.hash,
        **terms,
    }
    return {name: value for name, value in attributes.items() if value != ""} | {"data": data}


def _attribute(text: str) -> str:
    return _UNTOLD.sub("\ufffd", text)
