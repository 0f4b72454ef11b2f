"""Values for tests that say only what matters."""

from __future__ import annotations

from watcher.core.case import Case
from watcher.core.events import Cause, Change, Event, Provenance, Recorded
from watcher.core.facts import Fact, Reading, Record, State, Subject
from watcher.ports.store import Append

ALOFISEL = Subject("medicine", "EMEA/H/C/004258")
NOON = "2024-12-14T12:00:00.000000Z"


def a_state(**changed: object) -> dict[str, object]:
    """What a source says of an authorised medicine; dots and brackets of paths via a mapping."""
    return {
        "product.brand_name": "Alofisel",
        "product.inn": ["darvadstrocel"],
        "authorisation[EU].status": "authorised",
        "authorisation[EU].granted": "2018-03-23",
        **changed,
    }


def a_record(state: State | None = None, subject: Subject = ALOFISEL) -> Record:
    facts = a_state() if state is None else state
    return Record(
        subject, tuple(Fact(path, value, quote=str(value)) for path, value in facts.items())
    )


def a_reading(*records: Record, lists_all: bool = False) -> Reading:
    return Reading(reader="a_reader@1", records=records or (a_record(),), lists_all=lists_all)


def a_withdrawal(effective: str = "2024-12-13") -> Event:
    return Event(
        type="authorisation.withdrawn",
        subject=ALOFISEL,
        changes=(
            Change(
                path="authorisation[EU].status",
                action="changed",
                before="authorised",
                after="withdrawn",
            ),
        ),
        jurisdiction="EU",
        effective=effective,
        details={"before": "authorised", "after": "withdrawn", "reason_category": "not_stated"},
    )


def a_provenance(**changed: object) -> Provenance:
    known: dict[str, object] = {
        "source": "ema",
        "tier": 1,
        "url": "https://ema.example/alofisel",
        "capture": "20241214T120000000Z-00000000",
        "snapshot": "",
        "reader": "a_reader@1",
        "observed_at": NOON,
    }
    return Provenance(**{**known, **changed})


def an_append(*events: Event, version: int = 0, source: str = "ema", **state: object) -> Append:
    return Append(
        stream=f"{source}/{ALOFISEL}",
        subject=ALOFISEL,
        expected_version=version,
        events=events or (a_withdrawal(),),
        evidence=(),
        state=state or a_state(),
    )


def a_recorded(event: Event | None = None, *, position: int = 1, **changed: object) -> Recorded:
    provenance = a_provenance(**changed)
    return Recorded(
        position=position,
        event_id=f"{position:064x}",
        stream=f"{provenance.source}/{ALOFISEL}",
        version=position,
        event=event or a_withdrawal(),
        cause=Cause.OBSERVED,
        provenance=provenance,
        recorded_at=NOON,
        hash="0" * 64,
    )


def a_case(lead: Recorded | None = None) -> Case:
    return Case(key="k" * 32, lead=lead or a_recorded(), facts=a_state())
