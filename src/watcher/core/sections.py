"""The titled sections of a message about one case, in the order a reader asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from watcher.core import row_words, wording
from watcher.core.case import Case
from watcher.core.events import Event, Recorded
from watcher.core.facts import split_path
from watcher.core.links import Action
from watcher.core.official import official_address
from watcher.core.phrases import (
    Sources,
    capital,
    date_role,
    date_with_precision,
    document_title,
    from_to,
    happened,
    instant,
    is_operational,
    is_told_in_words,
    label,
    source_name,
    substance_of,
    value_in_words,
    what,
    with_tier,
)
from watcher.core.text import shorten, tidy
from watcher.core.wording_events import ADVICE, NOTES

Style = Literal["plain", "strong", "quote", "advice", "command", "link", "code", "action"]

SHORT_ID = 12
"""Characters of an event's id that name it in a command, as with commits."""
MOST_QUOTES = 3
MOST_DOCUMENTS = 12
LONGEST_QUOTE = 600
LONGEST_VALUE = 400

REGULATORY = frozenset({"authorisation", "application", "opinion", "market"})
"""Families whose dates have a legal meaning, so that a missing one is said to be missing."""
ENDINGS = frozenset(
    f"authorisation.{ending}"
    for ending in (
        "withdrawal_announced",
        "withdrawn",
        "revoked",
        "suspended",
        "not_renewed",
        "expired",
        "lapsed",
        "refused",
    )
)
"""Types of which a reader asks who wanted it and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a section.

    Attributes:
        text: The statement.
        term: What it is about, where the section lists several: `observed`; empty: the same
            as the line before.
        style: How it is set off; a `quote` is verbatim, a `command` can be copied, an `action` is
            done by following the address in its note.
        note: A remark in small print after it.
    """

    text: str
    term: str = ""
    style: Style = "plain"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a message; one without lines is left out."""

    label: str
    lines: tuple[Line, ...]


def family(event: Event) -> str:
    """Return the family of an event's type."""
    return event.type.partition(".")[0]


def short_id(told: Recorded) -> str:
    """Return enough of an event's id to name it in a command.

    Digits alone would be read as a position in the log, so the id goes on to its first letter.
    """
    length = SHORT_ID
    while told.event_id[:length].isdigit() and length < len(told.event_id):
        length += 1
    return told.event_id[:length]


def show_command(told: Recorded) -> str:
    """Return the command that shows an event."""
    return wording.SHOW.format(event=short_id(told))


def what_changed(case: Case) -> Section:
    """Return what changed, from what to what, and what else changed with it."""
    event = case.lead.event
    key = "happened" if is_operational(event) else "what"
    lines = [Line(capital(what(event, case.facts)), style="strong")]
    if note := NOTES.get(event.type):
        lines.append(Line(note))
    if event.details.get("rare"):
        lines.append(Line(wording.RARE, style="advice"))
    lines += _long_values(event)
    lines += _details(event) if is_operational(event) else _document_lines(event)
    lines += _row_lines(event)
    others = (told.event for told in case.together if not told.event.type.startswith("document."))
    lines += (Line(capital(what(other, case.facts)), term="also") for other in others)
    return Section(wording.SECTIONS[key], tuple(lines))


def _long_values(event: Event) -> list[Line]:
    """Return both values where they are too long for one line, such as indications."""
    pair = from_to(event)
    if not pair.after or not is_told_in_words(event):
        return []
    return [
        Line(shorten(pair.before, LONGEST_VALUE), term="before"),
        Line(shorten(pair.after, LONGEST_VALUE), term="after"),
    ]


def _details(event: Event) -> list[Line]:
    """Return everything an event about watching itself states, key by key."""
    return [
        Line(
            shorten(instant(words), LONGEST_VALUE), label(key), "link" if key == "url" else "plain"
        )
        for key, words in event.details.items()
    ]


def _document_lines(event: Event) -> list[Line]:
    """Return the aspects of a document that changed, from what to what."""
    if not document_title(event) or not event.changes:
        return []
    old, new = event.changes[0].before, event.changes[-1].after
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return []
    return [
        Line(
            f"{value_in_words(key, old.get(key)) or wording.NOT_STATED} → "
            f"{value_in_words(key, new.get(key)) or wording.NOT_STATED}",
            label(key),
        )
        for key in event.details.get("aspects", "").split(", ")
        if key and key != "translations"
    ]


def _row_lines(event: Event) -> list[Line]:
    """Return what a new row of a list states: the kind of letter, its outcome, what it affects."""
    return [
        Line(shorten(words, LONGEST_VALUE), label(split_path(path).leaf or path))
        for path, value in row_words.told(event)
        if (words := value_in_words(path, value))
    ]


def product(case: Case, sources: Sources) -> Section:
    """Return which medicine it is, or which source an operator has to look at."""
    subject, facts = case.lead.event.subject, case.facts
    if is_operational(case.lead.event):
        origin = case.lead.provenance
        lines = [Line(with_tier(case.lead, sources), "name"), Line(subject.id, "id", "code")]
        lines += [Line(origin.url, "address", "link")] if origin.url else []
        return Section(wording.SECTIONS["source"], tuple(lines))
    number = facts.get("product.number") or (subject.id if subject.kind == "medicine" else "")
    atc = facts.get("product.atc_code") or facts.get("product.atcvet_code")
    rows = (
        ("name", value_in_words("product.brand_name", row_words.name(facts))),
        ("substance", substance_of(subject, facts)),
        ("number", tidy(str(number))),
        ("ATC code", value_in_words("product.atc_code", atc)),
        ("species", value_in_words("product.species", facts.get("product.species"))),
        ("holder", _holder(case) or ("" if row_words.is_row(subject) else wording.NOT_STATED)),
    )
    return Section(
        wording.SECTIONS["product"], tuple(Line(text, term) for term, text in rows if text)
    )


def _holder(case: Case) -> str:
    """Return the holder in the event's jurisdiction, in the EU where it has none."""
    place = case.lead.event.jurisdiction or "EU"
    path = f"authorisation[{place}].holder"
    return value_in_words(path, case.facts.get(path))


def dates(case: Case, sources: Sources) -> Section:
    """Return every date with its role and its precision, and say which are not stated."""
    event, origin = case.lead.event, case.lead.provenance
    source = source_name(case.lead, sources)
    regulatory = family(event) in REGULATORY
    stated = wording.AS_STATED.format(source=source)
    rows = [_date(date_role(event), event.effective, stated, said=regulatory)]
    if event.type in ENDINGS:
        rows.append(_date("announced", event.details.get("announced", ""), stated))
    rows += (
        _date(label(key), event.details.get(key, ""), stated, said=False)
        for key in ("first_published", "last_updated")
    )
    by = wording.PUBLISHED_BY.format(source=source)
    rows.append(_date("published", origin.published, by, said=regulatory))
    before = wording.PREVIOUS.format(when=instant(origin.previously, seconds=False))
    rows.append(
        Line(
            instant(origin.observed_at),
            "observed",
            note=before if origin.previously else wording.NO_PREVIOUS,
        )
    )
    return Section(wording.SECTIONS["dates"], tuple(row for row in rows if row.text))


def _date(role: str, date: str, note: str, *, said: bool = True) -> Line:
    """Return the row of a date; an empty one where it is neither stated nor worth saying so."""
    if date:
        return Line(date_with_precision(date), role, note=note)
    return Line(wording.NOT_STATED if said else "", role)


def who_asked(case: Case) -> Section:
    """Return who asked for an ending and who decided it."""
    details = case.lead.event.details
    role, name = details.get("requested_by_role", ""), details.get("requested_by", "")
    asked = f"{role} ({name})" if role and name else role or name
    lines = [Line(tidy(asked) or wording.NOT_STATED, "asked")]
    lines.append(Line(tidy(details.get("actor", "")) or wording.NOT_STATED, "decided"))
    told = case.lead.event.type in ENDINGS or asked
    return Section(wording.SECTIONS["who"], tuple(lines) if told else ())


def reason(case: Case, sources: Sources) -> Section:
    """Return the reason in the source's own words; its category is never guessed."""
    event = case.lead.event
    words = event.details.get("reason_text", "")
    if event.type not in ENDINGS and not words:
        return Section(wording.SECTIONS["reason"], ())
    absent = wording.NO_REASON.format(source=source_name(case.lead, sources))
    lines = [Line(tidy(words), "stated", "quote") if words else Line(absent, "stated")]
    category = event.details.get("reason_category", "not_stated")
    lines.append(Line(category.replace("_", " "), "category"))
    if category == "not_stated" and event.jurisdiction == "EU":
        lines.append(Line(wording.NOT_COMMERCIAL, "", "advice", wording.NOT_COMMERCIAL_WHY))
    return Section(wording.SECTIONS["reason"], tuple(lines))


def evidence(case: Case, sources: Sources) -> Section:
    """Return the words it was read from, where they stand and how they can be found again."""
    origin = case.lead.provenance
    lines = quotes(case.lead)
    if not is_operational(case.lead.event):
        sure = f"{case.confidence}: {wording.CONFIDENCE[case.confidence]}"
        lines.append(Line(with_tier(case.lead, sources), "source"))
        lines.append(Line(sure, "confidence"))
        lines += [Line(origin.url, "address", "link")] if origin.url else []
    lines += [Line(origin.snapshot, "snapshot", "code")] if origin.snapshot else []
    if not is_operational(case.lead.event):
        command = wording.EVIDENCE.format(event=short_id(case.lead))
        lines.append(Line(command, "in a file", "command", wording.EVIDENCE_NOTE))
    return Section(wording.SECTIONS["evidence"], tuple(lines))


def quotes(told: Recorded) -> list[Line]:
    """Return the quotes behind an event's changes, the fullest first, each of them once."""
    changed = {change.path for change in told.event.changes}
    relevant = [one for one in told.provenance.evidence if one.path in changed and one.quote]
    by_quote = {tidy(one.quote): one.place for one in reversed(relevant)}
    fullest = sorted(by_quote, key=lambda quote: (-len(quote), quote))[:MOST_QUOTES]
    return [
        Line(shorten(quote, LONGEST_QUOTE), "" if at else "quote", "quote", by_quote[quote])
        for at, quote in enumerate(fullest)
    ]


def documents(case: Case) -> Section:
    """Return the documents that came, changed or went in the same capture."""
    told = [one.event for one in case.events if document_title(one.event)]
    lines = [_document(event) for event in told[:MOST_DOCUMENTS]]
    if left := len(told) - len(lines):
        lines.append(Line(wording.MORE.format(count=left, command=show_command(case.lead))))
    return Section(wording.SECTIONS["documents"], tuple(lines))


def _document(event: Event) -> Line:
    change = event.type.partition(".")[2]
    sign = wording.DOCUMENT_SIGNS.get(change) or wording.DOCUMENT_CHANGED.format(
        happened=happened(event, {})
    )
    details = event.details
    published = details.get("first_published", "")
    kind = details.get("type", "").replace("-", " ").replace("_", " ")
    facts = (
        kind.lower() if kind.isupper() else kind,
        details.get("reference_number", ""),
        f"{label('first_published')} {date_with_precision(published)}" if published else "",
        details.get("url", ""),
    )
    return Line(document_title(event), term=sign, note=", ".join(filter(None, facts)))


def why_you(why: str) -> Section:
    """Return which of the reader's own rules asked for it."""
    lines = tuple(Line(tidy(line)) for line in why.splitlines() if line.strip())
    return Section(wording.SECTIONS["why"], lines or (Line(wording.NO_WHY),))


def next_steps(case: Case, links: Mapping[Action, str]) -> Section:
    """Return what to do now: the official source for grave news, how to answer, the command.

    Where the reader has no one-time links, a command answers.
    """
    event = case.lead.event
    lines: list[Line] = []
    if is_operational(event):
        advice = ADVICE.get(event.type)
        lines += [Line(advice)] if advice else []
        lines.append(Line(wording.NO_CONCLUSION))
    elif event.severity.rank >= 2 and (address := official_address(case)):
        lines += [Line(wording.CHECK), Line(address, style="link")]
    lines += _answers(case, links)
    lines.append(Line(show_command(case.lead), style="command", note=wording.SHOW_NOTE))
    return Section(wording.SECTIONS["do"], tuple(lines))


def _answers(case: Case, links: Mapping[Action, str]) -> list[Line]:
    """Return how the reader answers; what is about watching itself is nobody's to judge."""
    if not links:
        command = wording.ACKNOWLEDGE.format(event=short_id(case.lead))
        return [Line(command, style="command", note=wording.ACKNOWLEDGE_NOTE)]
    judged = {"irrelevant", "wrong"} if is_operational(case.lead.event) else set()
    wanted = [(name, address) for name, address in links.items() if name not in judged]
    return [Line(wording.ACTIONS[name], style="action", note=link) for name, link in wanted]
