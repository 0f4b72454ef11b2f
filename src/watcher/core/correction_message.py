"""What those receive who were told something wrong: what it was, why it was wrong, what is so.

It looks like the first message and answers it, with CORRECTION before everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watcher.core import sections, wording
from watcher.core.case import Case
from watcher.core.correction import CORRECTED, is_claim
from watcher.core.events import Change, Event, Recorded
from watcher.core.facts import State
from watcher.core.message import Mark, Message, acknowledgements
from watcher.core.message_data import case_data
from watcher.core.official import official_address
from watcher.core.phrases import (
    Sources,
    capital,
    change_in_words,
    date_on,
    for_a_subject,
    happened,
    instant,
    is_told_in_words,
    path_in_words,
    source_name,
    title,
    topic,
    value_in_words,
    what,
    what_and_when,
    with_tier,
)
from watcher.core.sections import Line, Section
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten

MOST_FACTS = 12
LONGEST_FACT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What one recipient was wrongly told, and how it was put right.

    Attributes:
        case: What the first message told of, as a whole.
        wrong: The event of it that was wrong.
        by: The event that puts it right.
        told_at: When the recipient was told; where it is not known whether, when it was tried.
        is_certain: Whether the recipient took the first message.
        severity: The first message's.
    """

    case: Case
    wrong: Recorded
    by: Recorded
    told_at: str
    is_certain: bool
    severity: Severity


def compose_correction(told: Correction, sources: Sources | None = None) -> Message:
    """Return the message that puts right what a recipient was told.

    Args:
        told: What they were told, and what was wrong with it.
        sources: Names and tiers of the sources, by id.
    """
    named = sources or {}
    event, facts = told.wrong.event, told.case.facts
    name = title(event.subject, facts, named)
    badge = wording.SEVERITY[told.severity]
    said = for_a_subject(event, facts, named, before=wording.CORRECTION_SUBJECT)
    return Message(
        subject=f"{wording.CORRECTION} [{badge}] {said}",
        severity=told.severity,
        badge=badge,
        title=name,
        headline=_headline(told),
        marks=(Mark(wording.CORRECTION, _why(told)),),
        brief=_brief(told, named),
        sections=_sections(told, named),
        footer=_footer(told, named),
        credit=wording.FOOT_BRIEF,
        data={**case_data(told.case, named), "kind": "correction", **_data(told)},
    )


def _data(told: Correction) -> dict[str, str | int]:
    """Return for programs which event was wrong, and what puts it right."""
    return {
        "corrected_event": told.wrong.event_id,
        "corrected_position": told.wrong.position,
        "corrected_by": told.by.event_id,
        "why": _why(told),
    }


def _why(told: Correction) -> str:
    words = told.by.event.details.get("why", "")
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _headline(told: Correction) -> str:
    """Return what was told when, as one sentence, and that it was wrong."""
    event, facts = told.wrong.event, told.case.facts
    template = wording.TOLD_ON if told.is_certain else wording.MAYBE_TOLD
    when = instant(told.told_at, seconds=False)
    if event.type == CORRECTED:
        return template.format(when=when, what=wording.TOLD_CORRECTION)
    if event.type.startswith("authorisation.") and event.details.get("after"):
        about, came = topic(event, facts), happened(event, facts)
        words = wording.TOLD_FACT.format(topic=about, happened=came)
        dated = f"{words} {date_on(event.effective)}" if event.effective else words
        return template.format(when=when, what=dated)
    said = wording.TOLD_OTHER.format(what=what_and_when(event, facts))
    return template.format(when=when, what=said)


def _brief(told: Correction, sources: Sources) -> tuple[Line, ...]:
    origin = told.wrong.provenance
    return (
        Line(_headline(told), style="strong"),
        Line(_why(told)),
        Line(" · ".join(line.text for line in _is_so(told, sources)[:2])),
        Line(sections.show_command(told.by), style="command", note=origin.url),
    )


def _sections(told: Correction, sources: Sources) -> tuple[Section, ...]:
    made = (
        Section(wording.SECTIONS["was_wrong"], _was_wrong(told, sources)),
        Section(wording.SECTIONS["is_so"], tuple(_is_so(told, sources))),
        Section(wording.SECTIONS["stands"], tuple(_stands(told))),
        Section(wording.SECTIONS["elsewhere"], tuple(_elsewhere(told, sources))),
        sections.product(told.case, sources),
        Section(wording.SECTIONS["corrected"], _who(told)),
        Section(wording.SECTIONS["evidence"], _evidence(told, sources)),
        sections.why_you(wording.WHY_CORRECTED_TO_YOU),
        Section(wording.SECTIONS["do"], _do(told)),
    )
    return tuple(section for section in made if section.lines)


def _was_wrong(told: Correction, sources: Sources) -> tuple[Line, ...]:
    event = told.wrong.event
    if event.type == CORRECTED:
        return (Line(capital(wording.TOLD_CORRECTION), style="strong"),)
    words = capital(what_and_when(event, told.case.facts))
    stated = wording.AS_STATED.format(source=source_name(told.wrong, sources))
    return (Line(words, style="strong", note=stated),)


def _is_so(told: Correction, sources: Sources) -> list[Line]:
    """Return what is stated now at every path that was put right."""
    event = told.by.event
    if event.details.get("fault") == "source":
        name = source_name(told.wrong, sources)
        return [Line(wording.STILL_SAYS.format(source=name), style="strong")]
    changes = [change for change in event.changes if not is_claim(change.path)]
    set_now = [change for change in changes if change.action != "removed"]
    lines = [_fact(change) for change in sorted(set_now, key=_status_first)[:MOST_FACTS]]
    if left := len(set_now) - len(lines):
        more = wording.MORE.format(count=left, command=sections.show_command(told.by))
        lines.append(Line(more))
    lines += _taken_out([change for change in changes if change.action == "removed"])
    lines += [
        Line(f"{capital(path_in_words(path))}: {wording.LEFT_ALONE}")
        for path in event.details.get("left_alone", "").splitlines()
    ]
    return lines or [Line(wording.TAKEN_BACK)]


def _status_first(change: Change) -> tuple[bool, str]:
    return (not change.path.endswith("].status"), change.path)


def _fact(change: Change) -> Line:
    now = value_in_words(change.path, change.after) or wording.EMPTY
    had = change_in_words(change).before
    note = wording.HAD_SAID.format(value=had) if had != wording.NOT_STATED else ""
    return Line(f"{capital(path_in_words(change.path))}: {now}", style="strong", note=note)


def _taken_out(changes: Sequence[Change]) -> list[Line]:
    """Return what is stated no more; who decided a withdrawal goes with the date of it."""
    paths = {change.path for change in changes}
    own = [each for each in changes if not any(each.path.startswith(f"{path}.") for path in paths)]
    said = [_with_value(change) for change in own[:MOST_FACTS]]
    if left := len(own) - len(said):
        said.append(wording.LEFT_OUT.format(count=left))
    return [Line(wording.NOT_STATED_AT_ALL.format(facts="; ".join(said)))] if said else []


def _with_value(change: Change) -> str:
    value = shorten(value_in_words(change.path, change.before), LONGEST_FACT)
    return path_in_words(change.path) + (f" ({value})" if value else "")


def _stands(told: Correction) -> list[Line]:
    """Return what else the first message told and is not wrong."""
    wrong, facts = told.wrong, told.case.facts
    rest = [each for each in told.case.events if each.position != wrong.position]
    lines = [_other(each.event, facts) for each in rest[:MOST_FACTS]]
    if left := len(rest) - len(lines):
        lines.append(Line(wording.LEFT_OUT.format(count=left)))
    return [Line(wording.OTHER_EVENT), *lines] if lines else []


def _elsewhere(told: Correction, sources: Sources) -> list[Line]:
    """Return who else says what was wrong, which this does not put right."""
    others = [each for each in told.case.corroborations if each.position != told.wrong.position]
    lines: list[Line] = []
    for each in others:
        words = _other(each.event, told.case.facts).text
        lines.append(Line(words, note=wording.OTHER_SOURCE.format(source=with_tier(each, sources))))
    return lines


def _other(event: Event, facts: State) -> Line:
    words = what(event, facts) if is_told_in_words(event) else what_and_when(event, facts)
    return Line(capital(words))


def _who(told: Correction) -> tuple[Line, ...]:
    details = told.by.event.details
    return (
        Line(details.get("who", ""), "by"),
        Line(instant(told.by.recorded_at), "on"),
        Line(_why(told), "because"),
    )


def _evidence(told: Correction, sources: Sources) -> tuple[Line, ...]:
    origin = told.wrong.provenance
    lines = [*sections.quotes(told.wrong), Line(with_tier(told.wrong, sources), "source")]
    lines += [Line(origin.url, "address", "link")] if origin.url else []
    lines += [Line(origin.snapshot, "snapshot", "code")] if origin.snapshot else []
    return tuple(lines)


def _do(told: Correction) -> tuple[Line, ...]:
    official = official_address(told.case)
    check = (Line(wording.CHECK), Line(official, style="link")) if official else ()
    return (
        Line(wording.UNDO, style="advice"),
        *check,
        Line(sections.show_command(told.by), style="command", note=wording.SHOW_CORRECTION),
        Line(sections.show_command(told.wrong), style="command", note=wording.SHOW_WRONG),
    )


def _footer(told: Correction, sources: Sources) -> tuple[str, ...]:
    by, wrong = told.by, told.wrong
    return (
        wording.FOOT_EVENT.format(
            event=by.event_id, position=by.position, recorded=instant(by.recorded_at)
        ),
        wording.FOOT_CORRECTS.format(event=wrong.event_id, position=wrong.position),
        wording.FOOT_VERIFY.format(command=wording.VERIFY.format(event=sections.short_id(by))),
        *acknowledgements(told.case, sources),
        wording.FOOT_DISCLAIMER,
    )
