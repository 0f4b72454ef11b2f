"""Medicines with a life, as sources tell it; all values are reconstructed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from watcher.core.events import Cause, Change, Event, Provenance, Recorded
from watcher.core.facts import Subject, Value
from watcher.core.lifeline import LifeLine, life_line
from watcher.core.lifeline_steps import Voice

EXAMPLA = Subject("medicine", "EMEA/H/C/000001")
UNTIL = date(2026, 11, 22)


def voice(source: str, tier: int, **facts: Value) -> Voice:
    """Return what a source says: `EU_status` stands for `authorisation[EU].status`, and so on."""
    return Voice(source=source, tier=tier, state={_path(name): facts[name] for name in facts})


def _path(name: str) -> str:
    place, _, leaf = name.partition("_")
    if place.isupper() and len(place) == 2:
        return f"authorisation[{place}].{leaf}"
    return name.replace("__", ".")


def told(kind: str, seen: str, position: int = 1, **more: object) -> Recorded:
    """Return an event of Exampla as it stands in the log."""
    source, tier = str(more.pop("source", "ema")), int(str(more.pop("tier", 1)))
    event = Event(type=kind, subject=EXAMPLA, **more)  # type: ignore[arg-type]
    provenance = Provenance(
        source=source,
        tier=tier,
        url="",
        capture=f"c{position}",
        snapshot="",
        reader="a_reader@1",
        observed_at=f"{seen}T06:21:07.000000Z",
    )
    return Recorded(
        position=position,
        event_id=f"{position:064x}",
        stream=f"{source}/{EXAMPLA}",
        version=position,
        event=event,
        cause=Cause.OBSERVED,
        provenance=provenance,
        recorded_at=provenance.observed_at,
        hash="0" * 64,
    )


def set_status(status: str) -> Change:
    """Return the change that a status was set by."""
    return Change(path="authorisation[EU].status", action="changed", before=None, after=status)


def life(*voices: Voice, events: tuple[Recorded, ...] = (), until: date = UNTIL) -> LifeLine:
    """Return the life line of Exampla."""
    return life_line(EXAMPLA.id, voices, events, until)


def eventful() -> LifeLine:
    """Return a life with everything in it: suspended, lifted, sold, disputed, a year alone."""
    report: Mapping[str, Value] = {
        "title": "Exampla : EPAR - Public assessment report <draft>",
        "first_published": "2009-06-02",
        "last_updated": "2016-03-01",
    }
    ema = voice(
        "ema",
        1,
        product__brand_name="Exampla & Söhne",
        product__inn=["exemplatide"],
        EU_holder={"name": "Exampla Pharma GmbH", "text": "Exampla Pharma GmbH, Wien"},
        EU_status="revoked",
        EU_granted="2009-05-14",
        EU_revoked="2021-07-09",
        opinion__adopted="2009-02-19",
    )
    ema = Voice(source="ema", tier=1, state={**ema.state, "document[EMA/1]": dict(report)})
    other = voice("medpath", 3, EU_status="withdrawn", EU_granted="2009", EU_revoked="2021-08-30")
    wiki = voice("wikipedia", 4, JP_granted="2012", CH_approved_as_of="2019")
    market: dict[str, Value] = {**wiki.state, "market[JP].discontinued": "2023"}
    old: Value = {"name": "Sample Ltd", "text": "Sample Ltd, London"}
    new: Value = {"name": "Exampla Pharma GmbH", "text": "Exampla Pharma GmbH, Wien"}
    moved = Change(path="authorisation[EU].holder", action="changed", before=old, after=new)
    events = (
        told("authorisation.suspended", "2014-02-01", 1, jurisdiction="EU", effective="2014-01-20"),
        told("referral.started", "2014-02-02", 2, effective="2014-01"),
        told("authorisation.suspension_lifted", "2015-06-03", 3, jurisdiction="EU"),
        told("authorisation.holder_transferred", "2018-10-11", 4, changes=(moved,)),
        told("authorisation.revoked", "2021-07-20", 5, jurisdiction="EU", effective="2021-07-09"),
    )
    return life(ema, other, Voice(source="wikipedia", tier=4, state=market), events=events)
