"""Events, values and dates in plain words: what `message` puts together into sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias

from watcher.core import row_words, wording, wording_events
from watcher.core.edtf import Edtf, in_words, is_edtf
from watcher.core.events import Change, Event, Recorded
from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.status import AuthorisationStatus
from watcher.core.taxonomy import TYPES
from watcher.core.text import fold, shorten, tidy

LONG = 70
"""A value longer than this is told in the message, but not in its subject line."""


@dataclass(frozen=True, slots=True)
class SourceName:
    """What people call a source.

    Attributes:
        name: `EMA medicine data`, instead of the id in `sources.yaml`.
        tier: 1 (an authority) to 4 (an encyclopaedia).
    """

    name: str
    tier: int


Sources: TypeAlias = Mapping[str, SourceName]
"""Names of the sources by their ids; a source without one is called by its id."""


class FromTo(NamedTuple):
    """What changed into what, in words; both empty where a type has no such pair."""

    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """Return `Authorised → Withdrawn`, or nothing."""
        return f"{self.before} → {self.after}" if self.after else ""


def source_name(told: Recorded, sources: Sources) -> str:
    """Return what people call the source that told of an event."""
    named = sources.get(told.provenance.source)
    return named.name if named else told.provenance.source


def with_tier(told: Recorded, sources: Sources) -> str:
    """Return `MedPath (tier 3, an aggregator)`."""
    return f"{source_name(told, sources)} ({tier(told)})"


def tier(told: Recorded) -> str:
    """Return `tier 3, an aggregator`."""
    rank = told.provenance.tier
    return wording.TIER.format(tier=rank, kind=wording.TIERS.get(rank, ""))


def title(subject: Subject, facts: State, sources: Sources) -> str:
    """Return what people call a subject: `Alofisel (darvadstrocel)`."""
    name, substance = named(subject, facts, sources)
    return f"{name} ({substance})" if substance else name


def named(subject: Subject, facts: State, sources: Sources) -> tuple[str, str]:
    """Return a subject's name and, where that is another, its substance; both shortened."""
    if subject.kind == "source":
        return (sources[subject.id].name if subject.id in sources else subject.id), ""
    brand = value_in_words("product.brand_name", row_words.name(facts))
    substance = substance_of(subject, facts)
    if brand and substance and fold(brand) != fold(substance):
        return shorten(brand), shorten(substance, 60)
    return shorten(brand or substance or str(facts.get("page.title") or subject.id)), ""


def substance_of(subject: Subject, facts: State) -> str:
    """Return the name of the active substance, or nothing where it is not stated."""
    return value_in_words("product.inn", row_words.substance(facts)) or (
        subject.id if subject.kind == "substance" else ""
    )


def topic(event: Event, facts: State) -> str:
    """Return what an event is about: `EU marketing authorisation`."""
    return _filled(_phrase(event).topic, event, facts)


def happened(event: Event, facts: State) -> str:
    """Return what came of it, in the past tense: `withdrawn`."""
    return _filled(_phrase(event).happened, event, facts)


def _phrase(event: Event) -> wording_events.Phrase:
    """Return the phrase of a type; one we do not know is told by its own name."""
    family, _, what = event.type.partition(".")
    known = wording_events.PHRASES.get(event.type)
    return known or wording_events.Phrase(
        family.replace("_", " "), what.replace("_", " ") or "changed"
    )


def _filled(template: str, event: Event, facts: State) -> str:
    code = event.jurisdiction
    words = template.format(
        place=wording.PLACES.get(code, code),
        territory=wording.TERRITORIES.get(code, code) or wording.SOME_TERRITORY,
        committee=_committee(event.subject, facts),
        section=event.details.get("section", ""),
        path=path_in_words(event.changes[0].path) if event.changes else "fact",
        nature=wording.NATURE[event.nature],
    )
    return tidy(words).rstrip(" ,")


def _committee(subject: Subject, facts: State) -> str:
    """Return the committee of EMA that decides on such a medicine, human or veterinary."""
    number = str(facts.get("product.number") or subject.id)
    return wording.COMMITTEES.get(number[:7], wording.SOME_COMMITTEE)


def from_to(event: Event) -> FromTo:
    """Return from what to what an event leads: statuses, or the values of its one change."""
    statuses = [_status_in_words(event.details.get(side, "")) for side in ("before", "after")]
    if all(statuses) and statuses[0] != statuses[1]:
        return FromTo(*statuses)
    told_in_words = is_operational(event) or event.type.startswith(("document.", "market."))
    if len(event.changes) != 1 or told_in_words:
        return FromTo()
    return change_in_words(event.changes[0])


def change_in_words(change: Change) -> FromTo:
    """Return a change of one fact: `not stated → 13 December 2024`."""
    old, new = change.before, change.after
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.get("name") != new.get("name"):
        # Whom it went to; the addresses are facts of the product and are told with them.
        old, new = old.get("name"), new.get("name")
    before = value_in_words(change.path, old) or wording.EMPTY
    after = value_in_words(change.path, new) or wording.EMPTY
    if change.action == "added":
        return FromTo(wording.NOT_STATED, after)
    return FromTo(before, wording.NO_LONGER if change.action == "removed" else after)


def _status_in_words(name: str) -> str:
    if name in set(AuthorisationStatus):
        return AuthorisationStatus(name).in_words
    return wording.NOT_KNOWN if name == "unknown" else name


def value_in_words(path: str, value: Value) -> str:
    """Return a fact's value as a person would write it; nothing for null and the empty."""
    if isinstance(value, bool):
        return wording.YES if value else wording.NO
    if isinstance(value, list):
        return ", ".join(filter(None, (value_in_words(path, part) for part in value)))
    if isinstance(value, Mapping):
        named = value.get("text") or value.get("title") or value.get("name")
        return tidy(str(named)) if named else ", ".join(f"{key}: {value[key]}" for key in value)
    text = tidy(str(value)) if value is not None else ""
    if path.endswith(".status") and text in set(AuthorisationStatus):
        return AuthorisationStatus(text).in_words
    # A bare number of four digits is a year only where the path speaks of a date.
    is_date = is_edtf(text) and (len(text) > 4 or path.startswith(("authorisation", "market")))
    return Edtf.parse(text).in_words() if is_date else text


def path_in_words(path: str) -> str:
    """Return a path as a noun: `flag[patient_safety]` is `patient safety flag`."""
    if path in wording.PATHS:
        return wording.PATHS[path]
    family, key, leaf = split_path(path)
    place = wording.PLACES.get(key, key)
    if family == "flag":
        return f"{_plain(key)} flag"
    if family in {"authorisation", "market", "supply_status"}:
        return tidy(f"{place} {_plain(family)}{', ' if leaf else ''}{_plain(leaf)}")
    return tidy(f"{_plain(family)} {_plain(key)} {_plain(leaf)}")


def _plain(part: str) -> str:
    return wording.PATHS.get(part, part.replace("_", " ").replace(".", " "))


def capital(text: str) -> str:
    """Return `text` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def label(key: str) -> str:
    """Return the key of a detail in words: `requested_by` is `requested by`."""
    return wording.PATHS.get(key, key.replace("_", " "))


def document_title(event: Event) -> str:
    """Return the title of the document an event is about, or nothing."""
    return tidy(event.details.get("title", "")) if event.type.startswith("document.") else ""


def what(event: Event, facts: State) -> str:
    """Return what happened in a few words, for a subject line or one line of a list.

    `EU marketing authorisation: Authorised → Withdrawn`, `document added: EPAR`, `marketing in
    Japan ended`. Opinions and applications are told in words, since "Opinion → Opinion" says less.
    """
    about, pair = topic(event, facts), from_to(event)
    named = document_title(event) or (is_operational(event) and event.details.get("reason"))
    if named:
        return f"{about} {happened(event, facts)}: {shorten(named)}"
    if is_told_in_words(event):
        came_to = f": {brief}" if (brief := row_words.brief(event)) else ""
        return f"{about} {happened(event, facts)}{came_to}"
    return f"{about}: {pair}"


def for_a_subject(
    event: Event, facts: State, sources: Sources, doubts: Sequence[str] = (), *, before: str = ""
) -> str:
    """Return what a subject line says, the medicine and what came of it in its first words.

    `Alofisel: Authorised → Withdrawn – EU marketing authorisation, 13 Dec 2024 (darvadstrocel)`,
    since statuses speak for themselves; else `Alofisel – marketing in Japan ended, Jan 2026 (…)`.

    Args:
        event: What happened.
        facts: What is known of its subject.
        sources: Names of the sources.
        doubts: Words of doubt, which come before the date.
        before: What is put before the happening.
    """
    name, substance = named(event.subject, facts, sources)
    date = [short_date(event.effective)] if event.effective else []
    if event.details.get("after") and not is_told_in_words(event):
        first = ", ".join([f"{name}: {before}{from_to(event)}", *doubts])
        told = f"{first} – {', '.join([topic(event, facts), *date])}"
    else:
        told = f"{name} – {', '.join([f'{before}{what(event, facts)}', *doubts, *date])}"
    return f"{told} ({substance})" if substance else told


def is_told_in_words(event: Event) -> bool:
    """Return whether a type has no pair of values, or one that says less than words, or long."""
    pair = from_to(event)
    recommends = event.type.startswith(("opinion.", "application."))
    return not pair.after or recommends or max(map(len, pair)) > LONG


def what_and_when(event: Event, facts: State) -> str:
    """Return `what` with the date in its role: `…, effective 13 December 2024`."""
    told = what(event, facts)
    if not event.effective:
        return told
    if is_told_in_words(event):
        return f"{told} {date_on(event.effective)}"
    return f"{told}, {date_role(event)} {in_words(event.effective)}"


def is_operational(event: Event) -> bool:
    """Return whether an event is about watching itself; corrections concern readers too."""
    known = TYPES.get(event.type)
    return known is not None and known.is_operational and event.type != "event.corrected"


def date_role(event: Event) -> str:
    """Return what the event's date is the date of: `effective`, `adopted` …."""
    family = TYPES[event.type].family if event.type in TYPES else ""
    roles = wording.DATE_ROLES
    return roles.get(event.type) or roles.get(family, wording.EFFECTIVE)


def date_with_precision(text: str) -> str:
    """Return `December 2024 (to the month, no day stated)`; other texts as they are."""
    if not is_edtf(text):
        return instant(text)
    parsed = Edtf.parse(text)
    return f"{parsed.in_words()} ({wording.PRECISION[parsed.precision]})"


def date_on(text: str) -> str:
    """Return `on 13 December 2024`, `in December 2024` or the text itself."""
    if not is_edtf(text):
        return text
    parsed = Edtf.parse(text)
    return f"{wording.ON[parsed.precision]} {parsed.in_words()}"


def short_date(text: str) -> str:
    """Return a date for a subject line, no more precise than it is: `13 Dec 2024`, `Dec 2024`."""
    if not is_edtf(text):
        return text
    words = Edtf.parse(text).in_words().split()
    return " ".join(word[:3] if word.isalpha() else word for word in words)


def instant(text: str, *, seconds: bool = True) -> str:
    """Return an RFC 3339 instant as `22 November 2026, 06:21:07 UTC`; other texts as they are."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    moment = moment.astimezone(UTC)
    day = Edtf.of(moment.date()).in_words()
    return f"{day}, {moment:%H:%M:%S} UTC" if seconds else f"{day}, {moment:%H:%M} UTC"
