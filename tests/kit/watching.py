"""A medicine, an event of it and a rule, to ask whom a rule tells; all values are reconstructed."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.events import Cause, Change, Event, Provenance, Recorded
from watcher.core.facts import Subject, Value

ALOFISEL = Subject("medicine", "EMEA/H/C/004258")
SOURCE = Subject("source", "ema-medicines")

STATE: dict[str, Value] = {
    "product.number": "EMEA/H/C/004258",
    "product.brand_name": "Alofisel",
    "product.inn": ["darvadstrocel"],
    "product.synonym": "Cx601",
    "product.atc_code": "L04AX08",
    "product.therapeutic_area": ["Crohn Disease", "Rectal Fistula"],
    "product.url": "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",
    "authorisation[EU].status": "withdrawn",
    "authorisation[EU].holder": {"name": "Takeda Pharma A/S", "text": "Takeda Pharma A/S, Denmark"},
    "market[JP].discontinued": "2026-01",
}

WITHDRAWN = Event(
    type="authorisation.withdrawn",
    subject=ALOFISEL,
    jurisdiction="EU",
    changes=(
        Change(
            path="authorisation[EU].status",
            action="changed",
            before="authorised",
            after="withdrawn",
        ),
    ),
)
DOCUMENT = Event(type="document.added", subject=ALOFISEL)
BLOCKED = Event(type="source.blocked", subject=SOURCE)


def recorded(
    event: Event = WITHDRAWN,
    *,
    cause: Cause = Cause.OBSERVED,
    source: str = "ema-medicines",
    tier: int = 1,
) -> Recorded:
    """Return `event` as it would stand in the log."""
    provenance = Provenance(
        source=source,
        tier=tier,
        url="https://www.ema.europa.eu/",
        capture="20261122T062107123Z-1a2b3c4d",
        snapshot="sha256:" + "0" * 64,
        reader="ema_medicines@1",
        observed_at="2026-11-22T06:21:07.000000Z",
    )
    return Recorded(
        position=1,
        event_id="1" * 64,
        stream=f"{source}/{event.subject}",
        version=2,
        event=event,
        cause=cause,
        provenance=provenance,
        recorded_at="2026-11-22T06:21:08.000000Z",
        hash="2" * 64,
    )


def stating(**facts: Value) -> Mapping[str, Value]:
    """Return a state of `product.` facts."""
    return {f"product.{name}": value for name, value in facts.items()}
