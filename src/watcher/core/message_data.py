"""What a message tells, as plain values for programs: nothing that its words do not say."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.core.case import Case
from watcher.core.edtf import is_edtf
from watcher.core.events import Event, Recorded
from watcher.core.phrases import (
    Sources,
    from_to,
    is_operational,
    named,
    path_in_words,
    source_name,
    what,
)
from watcher.core.text import shorten, tidy

LONGEST = 2_000
"""Characters of the longest value; a whole indication is longer and stands in the log."""
MOST = 50
"""Changes and quotes of one message."""
_STATED = (
    *("requested_by", "requested_by_role", "actor", "reason_text", "reason_category"),
    *("announced", "title"),
)
"""Details of an event that are told as the source has them."""


def case_data(case: Case, sources: Sources) -> Mapping[str, object]:
    """Return what a message about `case` tells; what is not stated is not among it.

    Texts, whole numbers, flags, lists and mappings of these only. Dates are EDTF, instants RFC
    3339, statuses as EMA words them.
    """
    lead, event = case.lead, case.lead.event
    name, substance = named(event.subject, case.facts, sources)
    told = {
        "kind": "case",
        "case": case.key,
        "severity": str(case.severity),
        "confidence": "" if is_operational(event) else case.confidence,
        "what": what(event, case.facts),
        "name": name,
        "substance": substance,
        "number": tidy(str(case.facts.get("product.number") or "")),
        "before": from_to(event).before,
        "after": from_to(event).after,
        "changes": [change for one in case.events for change in _changes(one.event)][:MOST],
        **_of_event(lead, sources),
        **{key: shorten(event.details.get(key, ""), LONGEST) for key in _STATED},
        "corroborated_by": [_of_event(other, sources) for other in case.corroborations],
    }
    stated = {key: value for key, value in told.items() if value not in ("", [])}
    return stated if is_operational(event) else {**stated, "is_unconfirmed": case.is_unconfirmed}


def _of_event(told: Recorded, sources: Sources) -> dict[str, object]:
    """Return who says what, where, when and in what words."""
    event, origin = told.event, told.provenance
    quotes = dict.fromkeys(shorten(one.quote, LONGEST) for one in origin.evidence if one.quote)
    found: dict[str, object] = {
        "event": told.event_id,
        "position": told.position,
        "type": event.type,
        "subject": str(event.subject),
        "jurisdiction": event.jurisdiction,
        "effective": event.effective if is_edtf(event.effective) else "",
        "published": origin.published,
        "observed_at": origin.observed_at,
        "recorded_at": told.recorded_at,
        "source": origin.source,
        "source_name": source_name(told, sources),
        "tier": origin.tier,
        "url": origin.url,
        "snapshot": origin.snapshot,
        "quotes": [*quotes][:MOST],
    }
    return {key: value for key, value in found.items() if value not in ("", [])}


def _changes(event: Event) -> list[dict[str, str]]:
    return [
        {
            "path": change.path,
            "in_words": path_in_words(change.path),
            "action": change.action,
            "before": _text(change.before),
            "after": _text(change.after),
        }
        for change in event.changes
    ]


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("text") or value.get("title") or value.get("name") or ""
    if isinstance(value, list):
        value = "; ".join(map(_text, value))
    return shorten(str(value), LONGEST) if value is not None else ""
