"""What an assistant may ask: every answer names its source, the address and the very words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta

from watcher.bootstrap import Watcher, source_names
from watcher.core import wording
from watcher.core.capture import instant
from watcher.core.events import Recorded
from watcher.core.phrases import what_and_when
from watcher.core.taxonomy import Severity
from watcher.mcp.stdio import Tool
from watcher.ports.store import EventFilter, Work
from watcher.services.audit import verify_event
from watcher.services.dossier import Stated, dossier
from watcher.services.past import of_product

INSTRUCTIONS = (
    "What this watcher has seen regulatory sources say of medicines. Only reads. Quote the source, "
    "its address and the words; a source that does not state something is not evidence that it is "
    f"not so. {wording.FOOT_GENERAL}"
)
_MOST_QUOTES = 5
_Day = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=r"^(\d{4}-\d{2}-\d{2}([T ][0-9:.]+(Z|[+-]\d{2}:\d{2})?)?)?$",
        description="A day or an instant: 2024-12-01.",
    ),
]


class SearchEvents(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which events are searched for; what is left out is any."""

    medicine: Annotated[
        str, Meta(max_length=200, description="A name, a product number or a substance.")
    ] = ""
    type: Annotated[
        str,
        Meta(
            pattern=r"^([a-z_*]{1,40}(\.[a-z_*]{1,40})?)?$",
            description="A type or a pattern: authorisation.*",
        ),
    ] = ""
    source: Annotated[str, Meta(max_length=100, description="A source's id.")] = ""
    severity: Annotated[Severity, Meta(description="The least severity.")] = Severity.LOW
    since: _Day = ""
    until: _Day = ""
    baseline: Annotated[bool, Meta(description="Also what was known when watching began.")] = False
    limit: Annotated[int, Meta(ge=1, le=50, description="How many, the newest.")] = 20


class GetMedicine(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which medicine is meant."""

    medicine: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="A name, a product number or a substance.",
        ),
    ]


class VerifyEvent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Which event is meant."""

    event: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{1,64}$",
            description="Its position in the log, its id or the beginning of its id.",
        ),
    ]


def tools(watcher: Watcher) -> tuple[Tool, ...]:
    """Return the questions that can be asked about what a watcher knows."""
    return (
        Tool(
            name="search_events",
            title="Search events",
            meaning="Find what happened to medicines, the newest last, with the words of the "
            "source. Only what still counts is found.",
            arguments=SearchEvents,
            answer=lambda asked: _search(watcher, asked),
        ),
        Tool(
            name="get_medicine",
            title="Get a medicine",
            meaning="Return what each source states of one medicine now, each fact with the "
            "words it was read from and when it was seen.",
            arguments=GetMedicine,
            answer=lambda asked: _medicine(watcher, asked),
        ),
        Tool(
            name="verify_event",
            title="Verify an event",
            meaning="Check that the log up to an event, and the page it rests on, are as they "
            "were written; an error says what is not.",
            arguments=VerifyEvent,
            answer=lambda asked: _verify(watcher, asked),
        ),
    )


def _search(watcher: Watcher, asked: SearchEvents) -> Mapping[str, object]:
    which = EventFilter(
        types=(asked.type,) if asked.type else (),
        sources=(asked.source,) if asked.source else (),
        least=asked.severity,
        since=asked.since,
        until=f"{asked.until}T23:59:59.999999Z" if len(asked.until) == 10 else asked.until,
        without_baseline=not asked.baseline,
    )
    with watcher.store.reading() as work:
        aside = work.log.set_aside()
        found = [each for each in _candidates(work, which, asked) if each.position not in aside]
        newest = sorted(found, key=lambda each: each.position)[-asked.limit :]
        events = [_event(work, each) for each in newest]
    return {"events": events, "disclaimer": wording.FOOT_DISCLAIMER}


def _candidates(work: Work, which: EventFilter, asked: SearchEvents) -> list[Recorded]:
    """Return the events that are meant, and as many more as a later look may take away."""
    if not asked.medicine:
        many = asked.limit + len(work.log.set_aside())
        return [*work.log.latest(replace(which, limit=many))]
    subjects = {told.event.subject for told in of_product(work, asked.medicine)}
    return [
        told
        for subject in sorted(subjects)
        for told in work.log.read(replace(which, subject=str(subject)))
    ]


def _event(work: Work, told: Recorded) -> Mapping[str, object]:
    origin = told.provenance
    facts = work.streams.get(told.stream).state
    return {
        "position": told.position,
        "event_id": told.event_id,
        "type": told.event.type,
        "severity": str(told.event.severity),
        "subject": str(told.event.subject),
        "what": what_and_when(told.event, facts),
        "effective": told.event.effective,
        "cause": str(told.cause),
        "source": origin.source,
        "tier": origin.tier,
        "url": origin.url,
        "observed_at": origin.observed_at,
        "snapshot": origin.snapshot,
        "quotes": [each.quote for each in origin.evidence if each.quote][:_MOST_QUOTES],
    }


def _medicine(watcher: Watcher, asked: GetMedicine) -> Mapping[str, object]:
    now = instant(watcher.tools.clock.now())
    with watcher.store.reading() as work:
        found = dossier(
            work,
            asked.medicine,
            sources=source_names(watcher.config),
            at=now,
            program="watcher",
        )
    return {
        "title": found.title,
        "subjects": list(found.subjects),
        "as_of": {"position": found.head, "at": now},
        "facts": [_fact(each) for each in found.stated],
        "disclaimer": wording.FOOT_DISCLAIMER,
    }


def _fact(stated: Stated) -> Mapping[str, object]:
    origin = stated.told.provenance
    return {
        "source": stated.source,
        "path": stated.path,
        "value": stated.value,
        "quote": stated.evidence.quote if stated.evidence else "",
        "url": origin.url,
        "observed_at": origin.observed_at,
        "event": stated.told.position,
    }


def _verify(watcher: Watcher, asked: VerifyEvent) -> Mapping[str, object]:
    identity = verify_event(watcher.store, watcher.snapshots, asked.event)
    with watcher.store.reading() as work:
        told = work.log.find(identity)
        return {
            "is_whole": True,
            "hash": told.hash,
            "recorded_at": told.recorded_at,
            **_event(work, told),
        }
