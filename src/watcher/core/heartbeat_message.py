"""A heartbeat in plain words: what was looked at, what was found, and what anybody can check."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.core import wording
from watcher.core.case import Case
from watcher.core.heartbeat import Anchor, Gap, Looked, Proof
from watcher.core.message import Message
from watcher.core.phrases import Sources, instant, title, what_and_when
from watcher.core.sections import Line, Section, show_command
from watcher.core.taxonomy import Severity
from watcher.core.text import shorten

BADGE = f"{wording.DIGEST} · HEARTBEAT"
MOST_LINES = 20
"""Happenings told one by one; all of them were told when they came up, if a rule asks for it."""
_MOST_GAPS = 6

_SUBJECT = "[HEARTBEAT] {title} – {news}{doubt}"
_DOUBT = ", but not watched as it should be"
_NOT_WELL = "Not everything was watched as it should be."
_QUIET = "nothing changed"
_TITLE = "We are watching: {title}"
_HEADLINE = "{looks} at {sources} since {since}, {good} of them good. {news}{doubt}"
_NOTHING = "Nothing changed on this list."
_SOME = "{count} on this list."
_FIRST = "The first of these reports. One comes each week; if one is missing, ask why."
_LATE = "This report was due on {due} and comes late: the program did not run, or was not asked to."
_MISSED = "{count} before it never came."
_NO_LOOKS = "no look since then"
_LAST_GOOD = "last good {when}"
_NEVER = "never seen well"
_LASTS = "no good look of it since {since}"
_OVER = "no good look of it from {since} to {until}"
_NO_GAPS = "None longer than the schedule lets expect."
_EMPTY_LIST = (
    "No medicine that our sources state is on this list, so nobody can be told of any. Check how "
    "its names are written: watcher config check, watcher rules list."
)
_ON_LIST = "{count} on this list, as far as our sources state it."
_HELD = "{count} held back until a person has looked: watcher held"
_NOTHING_WAITS = "Nothing is held back and no case is open."
_OPEN = "not acknowledged: {what}"
_NO_ANCHOR = "No checkpoint was signed yet; one is within the hour in which the service runs."
_ANCHOR_WHY = (
    "The signed note stands in full at the end of this message. Keep the message: with it, "
    "anyone can show that the log still begins as it did then."
)
_CHECK = "watcher verify --checkpoint FILE"
_WHY = "You are among those to whom sources.yaml sends a heartbeat (heartbeat.to)."


def compose_heartbeat(proof: Proof, sources: Sources) -> Message:
    """Return the message that a heartbeat is.

    Args:
        proof: What it tells.
        sources: Names and tiers of all sources that are watched, by id.
    """
    name = str(proof.watch_list)
    count = len(proof.changed) + proof.more
    news = _SOME.format(count=_many(count, "happening")) if count else _NOTHING
    late, is_empty = _lateness(proof), not proof.medicines
    lists = (
        Section("THIS REPORT", tuple(late)),
        Section("WE LOOKED", tuple(map(_source, proof.looked))),
        Section("GAPS", tuple(_gaps(proof.looked)) or (Line(_NO_GAPS),)),
        Section("THE LIST", (_list(proof),)),
        Section(wording.SECTIONS["what"], tuple(_changes(proof, sources)) or (Line(_NOTHING),)),
        Section("WAITING", tuple(_waiting(proof, sources)) or (Line(_NOTHING_WAITS),)),
        Section("PROOF", tuple(_anchor(proof.anchor))),
        Section(wording.SECTIONS["why"], (Line(_WHY),)),
    )
    headline = _headline(proof, news)
    return Message(
        subject=_SUBJECT.format(
            title=name,
            news=_many(count, "happening") if count else _QUIET,
            doubt="" if proof.is_well else _DOUBT,
        ),
        severity=Severity.LOW if proof.is_well else Severity.NORMAL,
        badge=BADGE,
        title=_TITLE.format(title=name),
        headline=headline,
        brief=(Line(headline), *([_list(proof)] if is_empty else []), *lists[2].lines[:1], *late)[
            :4
        ],
        sections=tuple(part for part in lists if part.lines),
        footer=(wording.FOOT_ORIGIN, wording.FOOT_DISCLAIMER),
        credit=wording.FOOT_BRIEF,
    )


def _headline(proof: Proof, news: str) -> str:
    looks = sum(each.looks for each in proof.looked)
    return _HEADLINE.format(
        looks=_many(looks, "look"),
        sources=_many(len(proof.looked), "source"),
        since=instant(proof.since, seconds=False),
        good=sum(each.good for each in proof.looked),
        news=news,
        doubt="" if proof.is_well else f" {_NOT_WELL}",
    )


def _lateness(proof: Proof) -> list[Line]:
    if proof.is_first:
        return [Line(_FIRST)]
    if not proof.is_late:
        return []
    told = _LATE.format(due=instant(proof.due, seconds=False))
    if proof.missed:
        told += " " + _MISSED.format(count=proof.missed)
    return [Line(told, style="strong")]


def _source(looked: Looked) -> Line:
    """Return one source: how often, how well, and what was seen last."""
    rate = f"{_many(looked.looks, 'look')}, {looked.good} good ({_share(looked)})"
    last = _LAST_GOOD.format(when=instant(looked.last_good_at)) if looked.last_good_at else _NEVER
    few = [f"{looked.failing} of {looked.addresses} addresses not seen well at the last look"]
    notes = [
        *(few if looked.failing else []),
        f"snapshot {looked.snapshot}" if looked.snapshot else "",
        f"the server dates it {looked.server_date}" if looked.server_date else "",
        f"the source dates its last change {looked.stated}" if looked.stated else "",
    ]
    return Line(
        f"{looked.name}: {rate if looked.looks else _NO_LOOKS}; {last}",
        note=" · ".join(filter(None, notes)),
    )


def _share(looked: Looked) -> str:
    """Return how many looks were good, in parts of a hundred; 100 % only where all were."""
    return f"{100 * looked.good // max(looked.looks, 1)} %"


def _gaps(looked: Iterable[Looked]) -> list[Line]:
    told = [_gap(each.name, gap) for each in looked for gap in each.gaps]
    left = len(told) - _MOST_GAPS
    return told[:_MOST_GAPS] + ([Line(f"and {left} more: watcher captures")] if left > 0 else [])


def _gap(name: str, gap: Gap) -> Line:
    since = instant(gap.since, seconds=False)
    if not gap.until:
        return Line(f"{name}: {_LASTS.format(since=since)}", style="strong", note=gap.url)
    until = instant(gap.until, seconds=False)
    return Line(f"{name}: {_OVER.format(since=since, until=until)}", note=gap.url)


def _list(proof: Proof) -> Line:
    if not proof.medicines:
        return Line(_EMPTY_LIST, style="strong")
    return Line(_ON_LIST.format(count=_many(proof.medicines, "medicine")))


def _changes(proof: Proof, sources: Sources) -> list[Line]:
    told = [_case(case, sources) for case in proof.changed[-MOST_LINES:]]
    left = proof.more + len(proof.changed) - len(told)
    return told + ([Line(wording.LEFT_OUT.format(count=left))] if left else [])


def _case(case: Case, sources: Sources, template: str = "{what}") -> Line:
    event = case.lead.event
    doubt = f"{wording.UNCONFIRMED}: " if case.is_unconfirmed else ""
    name = title(event.subject, case.facts, sources)
    told = f"{doubt}{name} – {what_and_when(event, case.facts)}"
    return Line(shorten(template.format(what=told), 240), note=show_command(case.lead))


def _waiting(proof: Proof, sources: Sources) -> list[Line]:
    told = [Line(_HELD.format(count=_many(proof.held, "change")))] if proof.held else []
    told += [_case(case, sources, _OPEN) for case in proof.open[:MOST_LINES]]
    left = len(proof.open) - MOST_LINES
    return told + ([Line(wording.LEFT_OUT.format(count=left))] if left > 0 else [])


def _anchor(anchor: Anchor | None) -> list[Line]:
    if anchor is None:
        return [Line(_NO_ANCHOR)]
    return [
        Line(f"{anchor.size} events", "covers", note=f"signed {instant(anchor.at)}"),
        Line(anchor.root, "root", "code"),
        Line(_CHECK, "check", "command", _ANCHOR_WHY),
    ]


def _many(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")
