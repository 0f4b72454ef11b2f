"""Many cases in one message: a line each, the gravest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.message import Message
from watcher.core.phrases import Sources, is_operational, source_name, title, what_and_when
from watcher.core.sections import Line, Section, show_command, why_you
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten

MOST_IN_DIGEST = 500
"""Lines of one digest: some 160 kB of text; whoever has more to tell sends it in parts."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What became of a case between its happening and its digest.

    Attributes:
        text: In words: `acknowledged by anna`.
        is_wrong: Whether it was taken back: then it is told as taken back, and not as true.
    """

    text: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one digest, or one part of it, tells.

    Attributes:
        cases: The happenings.
        period: What it covers, in words.
        why: Which of the reader's rules asked for it.
        remarks: What became of a case, by its key.
    """

    cases: tuple[Case, ...]
    period: str
    why: str = ""
    remarks: Mapping[str, Remark] = field(default_factory=dict)


def compose_digest(
    cases: Sequence[Case],
    *,
    period: str,
    why: str = "",
    sources: Sources | None = None,
    looked: Sequence[str] = (),
    remarks: Mapping[str, Remark] | None = None,
) -> Message:
    """Return one message that tells of many cases in a line each, the gravest first.

    Args:
        cases: The happenings; none makes a digest that says so.
        period: What it covers, in words: `22 November 2026`.
        why: Which of the reader's rules asked for it.
        sources: Names and tiers of all sources that are watched, by id.
        looked: Proof that we looked: a line a source.
        remarks: What became of a case since, by its key.
    """
    named, said = sources or {}, remarks or {}
    taken_back = {key for key, remark in said.items() if remark.is_wrong}
    wrong = [case for case in cases if case.key in taken_back]
    by_severity = {
        severity: [
            case for case in cases if case.severity is severity and case.key not in taken_back
        ]
        for severity in Severity
    }
    counts = _counts(by_severity, len(wrong))
    gravest = next((severity for severity in Severity if by_severity[severity]), Severity.LOW)
    lists = (*_lists(by_severity, named, said), _taken_back(wrong, named, said))
    proof = Section(wording.SECTIONS["looked"], tuple(Line(line) for line in looked))
    reasons = (why_you(why),) if why else ()
    name = wording.DIGEST_TITLE.format(period=period)
    return Message(
        subject=f"[{wording.DIGEST}] {period} – {counts.removesuffix('.')}",
        severity=gravest,
        badge=wording.SEVERITY[gravest] if cases else wording.DIGEST,
        title=name,
        headline=counts,
        brief=(Line(counts), *(line for section in lists for line in section.lines))[:4],
        sections=tuple(part for part in (*lists, proof, *reasons) if part.lines),
        footer=(wording.FOOT_ORIGIN, wording.FOOT_DISCLAIMER),
        credit=wording.FOOT_BRIEF,
    )


def _counts(by_severity: Mapping[Severity, Sequence[Case]], wrong: int) -> str:
    """Return `3 happenings: 1 high, 1 normal, 1 taken back.`, or that there were none."""
    total = sum(map(len, by_severity.values())) + wrong
    if not total:
        return wording.DIGEST_EMPTY
    one, many = wording.HAPPENINGS
    words = [f"{len(told)} {severity}" for severity, told in by_severity.items() if told]
    words += [f"{wrong} taken back"] if wrong else []
    return wording.DIGEST_SOME.format(
        count=one if total == 1 else many.format(count=total), by_severity=", ".join(words)
    )


def _lists(
    by_severity: Mapping[Severity, Sequence[Case]],
    sources: Sources,
    remarks: Mapping[str, Remark],
) -> tuple[Section, ...]:
    """Return a section a severity, `MOST_IN_DIGEST` lines in all."""
    found: list[Section] = []
    room = MOST_IN_DIGEST
    for severity, cases in by_severity.items():
        lines = [_one_line(case, sources, remarks.get(case.key)) for case in cases[:room]]
        room -= len(lines)
        if left := len(cases) - len(lines):
            lines.append(Line(wording.LEFT_OUT.format(count=left)))
        found.append(Section(wording.SEVERITY[severity], tuple(lines)))
    return tuple(section for section in found if section.lines)


def _taken_back(cases: Sequence[Case], sources: Sources, remarks: Mapping[str, Remark]) -> Section:
    """Return the section of what turned out to be wrong before it was told."""
    lines = tuple(_one_line(case, sources, remarks[case.key]) for case in cases)
    return Section(wording.CORRECTION, lines)


def _one_line(case: Case, sources: Sources, remark: Remark | None) -> Line:
    event = case.lead.event
    name = title(event.subject, case.facts, sources)
    operational = is_operational(event)
    doubt = f"{wording.UNCONFIRMED}: " if case.is_unconfirmed and not operational else ""
    if remark and remark.is_wrong:
        doubt = f"{_NOT_SO}: "
    told = f"{doubt}{name} – {what_and_when(event, case.facts)}"
    sure = [] if operational or doubt.startswith(_NOT_SO) else [f"confidence {case.confidence}"]
    became = [remark.text] if remark else []
    facts = [*became, source_name(case.lead, sources), *sure, show_command(case.lead)]
    return Line(shorten(told, 240), note=" · ".join(facts))


_NOT_SO = "NOT SO"
