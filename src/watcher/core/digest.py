"""Many cases in one message: a line each, the gravest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.message import Message
from watcher.core.phrases import Sources, is_operational, source_name, title, what_and_when
from watcher.core.sections import Line, Section, show_command, why_you
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten

MOST_IN_DIGEST = 100
"""Lines of a digest; the rest is counted, since nobody reads further."""


def compose_digest(
    cases: Sequence[Case],
    *,
    period: str,
    why: str = "",
    sources: Sources | None = None,
    looked: Sequence[str] = (),
) -> Message:
    """Return one message that tells of many cases in a line each, the gravest first.

    Args:
        cases: The happenings; none makes a digest that says so.
        period: What it covers, in words: `22 November 2026`.
        why: Which of the reader's rules asked for it.
        sources: Names and tiers of all sources that are watched, by id.
        looked: Proof that we looked: a line a source.
    """
    named = sources or {}
    by_severity = {
        severity: [case for case in cases if case.severity is severity] for severity in Severity
    }
    counts = _counts(by_severity)
    gravest = next((severity for severity in Severity if by_severity[severity]), Severity.LOW)
    lists = _lists(by_severity, named)
    proof = Section(wording.SECTIONS["looked"], tuple(Line(line) for line in looked))
    reason = why_you(why) if why else Section(wording.SECTIONS["why"], ())
    name = wording.DIGEST_TITLE.format(period=period)
    return Message(
        subject=f"[{wording.DIGEST}] {period} – {counts.rstrip('.')}",
        severity=gravest,
        badge=wording.SEVERITY[gravest] if cases else wording.DIGEST,
        title=name,
        headline=counts,
        brief=(Line(counts), *(line for section in lists for line in section.lines))[:4],
        sections=tuple(part for part in (*lists, proof, reason) if part.lines),
        footer=(wording.FOOT_ORIGIN, wording.FOOT_DISCLAIMER),
    )


def _counts(by_severity: Mapping[Severity, Sequence[Case]]) -> str:
    """Return `3 happenings: 1 high, 2 normal.`, or that there were none."""
    total = sum(map(len, by_severity.values()))
    if not total:
        return wording.DIGEST_EMPTY
    one, many = wording.HAPPENINGS
    words = [f"{len(told)} {severity}" for severity, told in by_severity.items() if told]
    return wording.DIGEST_SOME.format(
        count=one if total == 1 else many.format(count=total), by_severity=", ".join(words)
    )


def _lists(by_severity: Mapping[Severity, Sequence[Case]], sources: Sources) -> tuple[Section, ...]:
    """Return a section a severity, `MOST_IN_DIGEST` lines in all."""
    found: list[Section] = []
    room = MOST_IN_DIGEST
    for severity, cases in by_severity.items():
        lines = [_one_line(case, sources) for case in cases[:room]]
        room -= len(lines)
        if left := len(cases) - len(lines):
            lines.append(Line(wording.LEFT_OUT.format(count=left)))
        found.append(Section(wording.SEVERITY[severity], tuple(lines)))
    return tuple(section for section in found if section.lines)


def _one_line(case: Case, sources: Sources) -> Line:
    event = case.lead.event
    name = title(event.subject, case.facts, sources)
    operational = is_operational(event)
    doubt = f"{wording.UNCONFIRMED}: " if case.is_unconfirmed and not operational else ""
    told = f"{doubt}{name} – {what_and_when(event, case.facts)}"
    sure = [] if operational else [f"confidence {case.confidence}"]
    facts = [source_name(case.lead, sources), *sure, show_command(case.lead)]
    return Line(shorten(told, 240), note=" · ".join(facts))
