"""What other sources say of the same happening, and of the same medicine in other places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.edtf import compatible
from watcher.core.events import Event, Recorded
from watcher.core.facts import State, Value, split_path
from watcher.core.phrases import (
    SourceName,
    Sources,
    date_role,
    date_with_precision,
    happened,
    is_operational,
    source_name,
    tier,
    topic,
    value_in_words,
)
from watcher.core.sections import REGULATORY, Line, Section, family, quotes
from watcher.core.text import fold, shorten

Known: TypeAlias = Mapping[str, State]
"""What other sources say of the same subject now, by their ids."""


def corroboration(case: Case, sources: Sources, known: Known) -> Section:
    """Return what other sources say of the same happening, agreeing or not."""
    if is_operational(case.lead.event):
        return Section(wording.SECTIONS["corroboration"], ())
    lines: list[Line] = []
    for other in case.corroborations:
        lines.append(_corroborating(case.lead, other, sources))
        lines += (replace(quote, term="") for quote in quotes(other)[:1])
        lines += [Line(other.provenance.url, style="link")] if other.provenance.url else []
    lines += _standing(case, sources, known)
    return Section(wording.SECTIONS["corroboration"], tuple(lines) or (Line(wording.NO_OTHER),))


def _corroborating(lead: Recorded, other: Recorded, sources: Sources) -> Line:
    """Return how another source's telling compares: its date and its actor."""
    date = wording.UNDATED
    if other.event.effective:
        date = f"{date_role(other.event)} {date_with_precision(other.event.effective)}"
    told = f"{topic(other.event, {})} {happened(other.event, {})}, {date}"
    otherwise = wording.OTHER_DATE.format(source=source_name(lead, sources))
    remarks = [tier(other), wording.AGREES if agrees(lead, other) else otherwise]
    actor, ours = other.event.details.get("actor", ""), lead.event.details.get("actor", "")
    if actor and ours and fold(actor) != fold(ours):
        remarks.append(wording.OTHER_ACTOR.format(actor=actor))
    return Line(told, source_name(other, sources), note="; ".join(remarks))


def agrees(lead: Recorded, other: Recorded) -> bool:
    """Return whether two tellings can speak of the same day."""
    dates_told = (lead.event.effective, other.event.effective)
    return not all(dates_told) or compatible(*dates_told)


def _standing(case: Case, sources: Sources, known: Known) -> Iterable[Line]:
    """Yield what the authorities among our sources say that have not told of it themselves."""
    silent = [name for name, source in sources.items() if source.tier == 1]
    for source in silent:
        if source not in case.sources:
            text = _says(case.lead.event, known[source]) if source in known else ""
            yield Line(text or wording.NOT_CHECKED, sources[source].name)
    if not silent and all(told.provenance.tier > 1 for told in case.events):
        yield Line(wording.NO_AUTHORITY)


def _says(event: Event, state: State) -> str:
    """Return what a source's state says of the first changed fact it speaks of."""
    status = f"authorisation[{event.jurisdiction}].status"
    claimed: dict[str, Value] = {}
    if event.details.get("after"):
        claimed[status] = event.details["after"]
    claimed |= {change.path: change.after for change in event.changes}
    path = next((path for path in claimed if path in state), None)
    if path is None:
        return wording.SAYS_NOTHING
    same = state[path] == claimed[path]
    template = wording.SAYS_SAME if same else wording.SAYS_OTHERWISE
    return template.format(value=shorten(value_in_words(path, state[path])))


def elsewhere(case: Case, sources: Sources, known: Known) -> Section:
    """Return what is stated on the medicine in other jurisdictions, by whom."""
    event, origin = case.lead.event, case.lead.provenance
    if family(event) not in REGULATORY:
        return Section(wording.SECTIONS["elsewhere"], ())
    named = {origin.source: SourceName(source_name(case.lead, sources), origin.tier)} | dict(
        sources
    )
    states: dict[str, State] = dict(known) | {origin.source: case.facts}
    lines = [
        line
        for source, state in states.items()
        for path in sorted(state)
        if (line := _abroad(path, state, named.get(source), event.jurisdiction))
    ]
    nothing = Line(wording.NOTHING_ELSEWHERE.format(source=named[origin.source].name))
    return Section(wording.SECTIONS["elsewhere"], tuple(lines) or (nothing,))


def _abroad(path: str, state: State, source: SourceName | None, here: str) -> Line | None:
    """Return the line of a fact of another jurisdiction; who may prescribe it is none."""
    part = split_path(path)
    template = wording.FACTS.get(f"{part.family}.{part.leaf}")
    if template is None or part.key == here:
        return None
    words = value_in_words(path, state[path])
    value = words if part.leaf == "status" else date_with_precision(str(state[path]))
    actor = state.get(f"{path}.actor")
    by = wording.BY.format(actor=actor) if actor else ""
    stated = wording.STATED_TIER.format(source=source.name, tier=source.tier) if source else ""
    place = wording.TERRITORIES.get(part.key, part.key)
    return Line(template.format(value=value) + by, place, note=stated)
