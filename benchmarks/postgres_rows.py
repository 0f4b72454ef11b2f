"""What the benchmarks of PostgreSQL put into its tables."""

from __future__ import annotations

from watcher.core.events import Change, Event, Provenance
from watcher.core.facts import Subject

COLUMNS = (
    "position, event_id, stream, version, type, subject, source, severity, cause, observed_at,"
    " recorded_at, schema, payload, hash"
)
SUBJECTS = 5_000
INSTANT = "2026-11-30T12:00:00.000000Z"


def event_of(number: int, subjects: int = SUBJECTS) -> Event:
    change = Change(path="product.note", action="changed", before="as it was", after=f"{number}")
    subject = Subject("medicine", f"EMEA/H/C/{number % subjects:06d}")
    return Event(type="fact.changed", subject=subject, changes=(change,), nature="changed")


def provenance(writer: int, number: int) -> Provenance:
    return Provenance(
        source="ema", tier=1, url="https://www.ema.example/medicines.json",
        capture=f"{writer}-{number:08x}", snapshot="sha256:" + f"{number:064x}",
        reader="ema_medicines@1", observed_at=INSTANT, derivation="diff@1",
    )  # fmt: skip
