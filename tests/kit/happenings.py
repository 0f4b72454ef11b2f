"""Cases to tell of, reconstructed in the shape of what the sources print; all text is our own.

`withdrawal()` is the reference: an aggregator's page of Alofisel that came to say "Withdrawn".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from watcher.core.case import Case, gravest_first
from watcher.core.diff import diff
from watcher.core.events import Cause, Change, Event, Evidence, Provenance, Recorded
from watcher.core.facts import Fact, Subject, Value
from watcher.core.message import SourceName

ALOFISEL = Subject("medicine", "EMEA/H/C/004258")
REGISTER = "EPAR - Public assessment report"

SOURCES = {
    "medpath": SourceName("MedPath", 3),
    "ema": SourceName("EMA medicine data", 1),
    "wikipedia": SourceName("Wikipedia", 4),
}
ADDRESSES = {
    "medpath": "https://trial.example.org/ema-approval/alofisel",
    "ema": "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",
    "wikipedia": "https://en.wikipedia.org/w/index.php?oldid=1300000000",
}

HOLDER: Value = {
    "name": "Takeda Pharma A/S",
    "text": "Takeda Pharma A/S, Delta Park 45, 2665 Vallensbaek Strand, Denmark",
}
STATEMENT = (
    "On 13 December 2024 the European Commission withdrew the marketing authorisation for "
    "Alofisel (darvadstrocel) at the request of its holder, Takeda Pharma A/S."
)

BEFORE = (
    Fact("product.number", "EMEA/H/C/004258", "EMEA/H/C/004258", "line 35"),
    Fact("product.brand_name", "Alofisel", "Alofisel", "line 4"),
    Fact("product.active_substance", ["darvadstrocel"], "darvadstrocel", "line 12"),
    Fact("product.atc_code", "L04", "L04", "line 6"),
    Fact("authorisation[EU].status", "authorised", "Authorised", "line 39"),
    Fact("authorisation[EU].granted", "2018-03-23", "March 23, 2018", "line 41"),
    Fact("authorisation[EU].holder", HOLDER, "Takeda Pharma A/S", "line 37"),
)
ENDING = "authorisation[EU].withdrawn"
REPORT: dict[str, Value] = {
    "title": "Alofisel-H-C-004258-II-0051-G : EPAR - Assessment report - Variation",
    "type": "CHANGES_SINCE_INITIAL_AUTHORISATION",
    "first_published": "2025-03-26",
}
AFTER = (
    *(fact for fact in BEFORE if fact.path != "authorisation[EU].status"),
    Fact("authorisation[EU].status", "withdrawn", "Withdrawn", "line 39"),
    Fact(ENDING, "2024-12-13", STATEMENT, "line 29"),
    Fact(f"{ENDING}.actor", "European Commission", STATEMENT, "line 29"),
    Fact(f"{ENDING}.requested_by", "Takeda Pharma A/S", STATEMENT, "line 29"),
    Fact(f"{ENDING}.requested_by_role", "marketing authorisation holder", STATEMENT, "line 29"),
    Fact(
        f"{ENDING}.reason_text",
        "decision to permanently stop the marketing of the product in the EU",
        STATEMENT,
        "line 29",
    ),
    Fact("document[EMA/0051-G]", REPORT, str(REPORT["title"]), "line 79"),
)


def state(facts: Iterable[Fact]) -> dict[str, Value]:
    """Return the values of `facts` by path."""
    return {fact.path: fact.value for fact in facts}


def recorded(
    event: Event,
    *,
    source: str = "medpath",
    position: int = 4711,
    facts: Iterable[Fact] = (),
    cause: Cause = Cause.OBSERVED,
    published: str = "",
) -> Recorded:
    """Return `event` as it would stand in the log."""
    digest = hashlib.sha256(f"{event.type}{event.subject}{position}".encode()).hexdigest()
    named = SOURCES.get(source)
    provenance = Provenance(
        source=source,
        tier=named.tier if named else 1,
        url=ADDRESSES.get(source, f"https://{source}.example.org/"),
        capture=f"capture-{position}",
        snapshot="sha256:720b5f89" + digest[:56],
        reader=f"{source}@1",
        observed_at="2026-11-22T06:21:07Z",
        previously="2026-11-21T18:20:41Z",
        published=published,
        evidence=tuple(Evidence(path=one.path, quote=one.quote, place=one.place) for one in facts),
    )
    return Recorded(
        position=position,
        event_id=digest,
        stream=f"{source}/{event.subject}",
        version=2,
        event=event,
        cause=cause,
        provenance=provenance,
        recorded_at="2026-11-22T06:21:09Z",
        hash="0" * 64,
    )


def case_of(
    events: Iterable[Recorded],
    facts: Mapping[str, Value] | None = None,
    corroborations: Iterable[Recorded] = (),
) -> Case:
    """Return the case of events of one capture, the gravest as its lead."""
    lead, *together = gravest_first(list(events))
    return Case(
        key="case",
        lead=lead,
        together=tuple(together),
        corroborations=tuple(corroborations),
        facts=dict(facts or {}),
    )


def told(before: Iterable[Fact], after: Iterable[Fact], *, source: str = "medpath") -> Case:
    """Return the case of everything that differs between two readings of Alofisel."""
    facts = tuple(after)
    events = diff(ALOFISEL, state(before), state(facts))
    numbered = enumerate(events, start=4711)
    return case_of(
        [recorded(one, source=source, position=at, facts=facts) for at, one in numbered],
        state(facts),
    )


def withdrawal() -> Case:
    """Return the reference case: the authorisation of Alofisel withdrawn, as one source has it."""
    return told(BEFORE, AFTER)


def wikipedia_says() -> Recorded:
    """Return an encyclopaedia's word of the same withdrawal: a month, and another actor."""
    path = "authorisation[EU].withdrawn"
    quote = "In December 2024 the European Medicines Agency withdrew it."
    event = Event(
        type="authorisation.withdrawn",
        subject=Subject("substance", "darvadstrocel"),
        changes=(Change(path=path, action="added", after="2024-12"),),
        jurisdiction="EU",
        effective="2024-12",
        details={
            "before": "unknown",
            "after": "withdrawn",
            "actor": "European Medicines Agency",
            "reason_category": "not_stated",
        },
    )
    facts = [Fact(path, "2024-12", quote, "line 41")]
    return recorded(event, source="wikipedia", position=4720, facts=facts)


JAPAN: dict[str, Value] = {
    "market[JP].discontinued": "2026-01",
    "market[JP].discontinued.actor": "Takeda Pharma",
    "supply_status[JP]": "Rx-only",
}
"""What the encyclopaedia says of another place."""


def corroborated() -> Case:
    """Return the reference case with the encyclopaedia's word beside it."""
    return replace(withdrawal(), corroborations=(wikipedia_says(),))


def happening(kind: str, *changes: Change, source: str = "ema", **more: object) -> Case:
    """Return a case of one event of type `kind` on Alofisel."""
    event = Event(type=kind, subject=ALOFISEL, changes=changes, **more)  # type: ignore[arg-type]
    return case_of([recorded(event, source=source)], state(BEFORE))


def notice(kind: str, **details: str) -> Case:
    """Return a case of one event about watching itself."""
    event = Event(type=kind, subject=Subject("source", "ema"), details=details)
    return case_of([recorded(event, source="ema")])
