"""What a person receives about a case: plain words, before any mail or markup.

`compose` tells one case whole, `digest.compose_digest` many in a line each. Both return the same
frozen value, which `notify.render` turns into text, HTML and chat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watcher.core import other_sources, sections, wording
from watcher.core.case import Case
from watcher.core.credits import credits_of, is_ema
from watcher.core.edtf import in_words
from watcher.core.events import Cause, Recorded
from watcher.core.links import Action
from watcher.core.message_data import case_data
from watcher.core.other_sources import Known
from watcher.core.phrases import (
    FromTo,
    SourceName,
    Sources,
    capital,
    date_on,
    date_role,
    date_with_precision,
    document_title,
    for_a_subject,
    from_to,
    happened,
    instant,
    is_operational,
    label,
    source_name,
    title,
    topic,
    what,
    with_tier,
)
from watcher.core.rules import RULES_VERSION
from watcher.core.sections import Line, Section, show_command
from watcher.core.taxonomy import Severity

__all__ = [
    "Known",
    "Line",
    "Mark",
    "Message",
    "Section",
    "SourceName",
    "Sources",
    "compose",
]

NO_CHANGE = FromTo()


class Mark(NamedTuple):
    """A word of doubt or amends that comes before everything else, with its reason."""

    word: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told, in the order it is told.

    Attributes:
        subject: Severity, medicine, from → to and date: all a lock screen shows.
        severity: How soon it has to be known.
        badge: The severity in words, after `OPERATOR · ` where it is for those who keep the
            program running.
        marks: UNCONFIRMED, CONFLICT, CORRECTION, each with its reason.
        title: What it is about: `Alofisel (darvadstrocel)`.
        headline: What happened in one sentence, with who says so and when we saw it.
        topic: What changed, where it leads from something to something; else empty.
        change: From what to what.
        confidence: A to D, or empty.
        brief: What a chat needs after the title, four lines at most.
        sections: The whole, titled.
        footer: How to find and verify it, and whose words they are.
        credit: The same in a few words, for a chat; empty: it tells of nobody's data.
        data: The same for programs; see `message_data`.
    """

    subject: str
    severity: Severity
    badge: str
    title: str
    headline: str
    marks: tuple[Mark, ...] = ()
    topic: str = ""
    change: FromTo = NO_CHANGE
    confidence: str = ""
    brief: tuple[Line, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: tuple[str, ...] = ()
    credit: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


def compose(
    case: Case,
    *,
    why: str,
    sources: Sources | None = None,
    known: Known | None = None,
    rule: str = "",
    links: Mapping[Action, str] | None = None,
) -> Message:
    """Return the message that tells of `case`.

    Args:
        case: The happening.
        why: Which of the reader's rules asked for it, in words; one statement a line.
        sources: Names and tiers of all sources that are watched, by id.
        known: What other sources say of the same subject now, by source id.
        rule: Name and version of the rule; the event type and the rules' version if empty.
        links: The reader's one-time links, by what they do; None: commands are given instead.
    """
    names, others = sources or {}, known or {}
    event = case.lead.event
    operational = is_operational(event)
    name = title(event.subject, case.facts, names)
    marks = _marks(case, names)
    return Message(
        subject=_subject(case, names, marks),
        severity=case.severity,
        badge=" · ".join([wording.OPERATOR] * operational + [wording.SEVERITY[case.severity]]),
        title=name,
        headline=_headline(case, names),
        marks=marks,
        topic=capital(topic(event, case.facts)),
        change=from_to(event),
        confidence="" if operational else case.confidence,
        brief=_brief(case, names),
        sections=_sections(case, why, names, others, links or {}),
        footer=_footer(case, names, rule or f"{event.type}, rules {RULES_VERSION}"),
        credit="" if operational else wording.FOOT_BRIEF,
        data=case_data(case, names),
    )


def _marks(case: Case, sources: Sources) -> tuple[Mark, ...]:
    """Return the words of doubt: a reader must see them before the claim."""
    marks = []
    lead = case.lead
    if lead.cause is Cause.CORRECTED or lead.event.type == "event.corrected":
        marks.append(Mark(wording.CORRECTION, wording.WHY_CORRECTION))
    if case.is_unconfirmed and not is_operational(lead.event):
        tellers = {one.provenance.source: with_tier(one, sources) for one in _tellers(case)}
        reason = wording.WHY_UNCONFIRMED.format(sources=" and ".join(tellers.values()))
        marks.append(Mark(wording.UNCONFIRMED, reason))
    for other in case.corroborations:
        if not other_sources.agrees(lead, other):
            reason = wording.WHY_CONFLICT.format(
                name=source_name(other, sources),
                theirs=in_words(other.event.effective),
                ours=in_words(lead.event.effective),
            )
            marks.append(Mark(wording.CONFLICT, reason))
    return tuple(marks)


def _tellers(case: Case) -> tuple[Recorded, ...]:
    return (case.lead, *case.corroborations)


def _subject(case: Case, sources: Sources, marks: Sequence[Mark]) -> str:
    """Return `[CRITICAL] Alofisel: Authorised → Withdrawn – EU marketing authorisation, …`.

    What a telephone shows of it, some forty characters, is how grave, which medicine, from what to
    what; where nothing leads from something to something, what happened.
    """
    event = case.lead.event
    words = [mark.word for mark in marks]
    amends = f"{wording.CORRECTION} " if wording.CORRECTION in words else ""
    operational = is_operational(event)
    badges = [wording.OPERATOR] if operational else []
    badge = f"[{', '.join([*badges, wording.SEVERITY[case.severity]])}]"
    doubts = [word for word in dict.fromkeys(words) if word != wording.CORRECTION]
    told = for_a_subject(event, case.facts, sources, doubts)
    count = f", {len(case.sources)} sources" if len(case.sources) > 1 else ""
    sure = "" if operational else f" [confidence {case.confidence}{count}]"
    return f"{amends}{badge} {told}{sure}"


def _headline(case: Case, sources: Sources) -> str:
    """Return one sentence: what happened, when, who says so, and when we saw it."""
    event, name = case.lead.event, source_name(case.lead, sources)
    told = f"{topic(event, case.facts)} {happened(event, case.facts)}"
    seen, stated = _seen(case), wording.AS_STATED.format(source=name)
    if is_operational(event):
        return f"{capital(what(event, case.facts))}, {seen}."
    if document_title(event):
        told = what(event, case.facts)
    if event.effective:
        return f"{capital(told)} {date_on(event.effective)} ({stated}), {seen}."
    if sections.family(event) in sections.REGULATORY:
        missing = wording.DATE_NOT_STATED.format(source=name)
        return f"{capital(told)}, {missing}, {seen}."
    return f"{capital(told)} ({stated}), {seen}."


def _seen(case: Case) -> str:
    """Return when we saw it, or noticed what concerns operators."""
    template = wording.NOTICED if is_operational(case.lead.event) else wording.SEEN
    return template.format(when=instant(case.lead.provenance.observed_at, seconds=False))


def _when(case: Case, sources: Sources) -> str:
    """Return the one date that matters most, with its role and precision."""
    event, name = case.lead.event, source_name(case.lead, sources)
    if event.effective:
        date = date_with_precision(event.effective)
        return f"{date_role(event)} {date}, {wording.AS_STATED.format(source=name)}"
    if sections.family(event) in sections.REGULATORY:
        return wording.DATE_NOT_STATED.format(source=name)
    published = event.details.get("first_published", "")
    return f"{label('first_published')} {date_with_precision(published)}" if published else ""


def _brief(case: Case, sources: Sources) -> tuple[Line, ...]:
    """Return the four lines a chat shows below the title."""
    origin = case.lead.provenance
    sure = [] if is_operational(case.lead.event) else [f"confidence {case.confidence}"]
    when = _when(case, sources)
    return (
        Line(capital(what(case.lead.event, case.facts)), style="strong"),
        Line(" · ".join([*([when] if when else []), _seen(case)])),
        Line(" · ".join([with_tier(case.lead, sources), *sure])),
        Line(show_command(case.lead), style="command", note=origin.url),
    )


def _sections(
    case: Case, why: str, sources: Sources, known: Known, links: Mapping[Action, str]
) -> tuple[Section, ...]:
    told = (
        sections.what_changed(case),
        sections.product(case, sources),
        sections.dates(case, sources),
        sections.who_asked(case),
        sections.reason(case, sources),
        sections.evidence(case, sources),
        sections.documents(case),
        other_sources.corroboration(case, sources, known),
        other_sources.elsewhere(case, sources, known),
        sections.why_you(why),
        sections.next_steps(case, links),
    )
    return tuple(section for section in told if section.lines)


def _footer(case: Case, sources: Sources, rule: str) -> tuple[str, ...]:
    lead = case.lead
    verify = wording.VERIFY.format(event=sections.short_id(lead))
    lines = [
        wording.FOOT_EVENT.format(
            event=lead.event_id, position=lead.position, recorded=instant(lead.recorded_at)
        ),
        wording.FOOT_RULE.format(rule=rule, reader=lead.provenance.reader),
        wording.FOOT_VERIFY.format(command=verify),
    ]
    if is_operational(lead.event):
        return tuple(lines)
    return (*lines, *acknowledgements(case, sources), wording.FOOT_DISCLAIMER)


def acknowledgements(case: Case, sources: Sources) -> list[str]:
    """Return whose words these are: EMA asks to be named, Wikipedia for its licence."""
    urls = [told.provenance.url for told in _tellers(case)]
    month = in_words(case.lead.provenance.observed_at[:7])
    lines = credits_of(urls, month)
    if not any(map(is_ema, urls)) and case.lead.event.jurisdiction in {"EU", ""}:
        name = source_name(case.lead, sources)
        lines.insert(0, wording.FOOT_THROUGH.format(source=name, month=month))
    return lines
