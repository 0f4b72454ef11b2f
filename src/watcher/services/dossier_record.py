"""The parts of a dossier that tell how we know: events, looks, messages, evidence, proof."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.core import wording
from watcher.core.edtf import is_edtf
from watcher.core.events import Recorded
from watcher.core.facts import State
from watcher.core.phrases import (
    capital,
    date_role,
    instant,
    is_operational,
    what,
)
from watcher.core.text import shorten
from watcher.services.correlate import RECONCILER
from watcher.services.dossier import Dossier, Looks, Message, seconds_between
from watcher.services.dossier_facts import by, dated, day, exhibit, nothing, quote
from watcher.services.html import Html, Piece, element, join, lines, link, table

_SHAPES = {"critical": "▲", "high": "◆", "normal": "●", "low": "○"}
_DOUBTS = ("event.corrected", "claim.retracted")
_DOUBTING = ("conflict.", "corroboration.")
_MOST_SPELLS = 12


def counted(count: int, noun: str) -> str:
    """Return `1 look`, `3 looks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _facts(told: Dossier) -> State:
    return {each.path: each.value for each in told.stated if each.path.startswith("product.")}


def happened(told: Dossier) -> Html:
    """Return the events that have a date of effect, in the order of those dates."""
    found = [
        each
        for each in told.events
        if is_edtf(each.event.effective)
        and told.standing[each.position] == "yes"
        and each.provenance.source != RECONCILER
    ]
    if not found:
        return nothing("No event of it has a date of legal effect that a source states.")
    facts = _facts(told)
    rows = [
        (
            element("span", dated(each.event.effective)),
            lines(
                (
                    element("strong", capital(what(each.event, facts))),
                    _small(f"{date_role(each.event)}; event {each.position}"),
                )
            ),
            _severity(each),
            by(told, each.provenance.source, each.provenance.tier),
            day(each.provenance.observed_at),
        )
        for each in sorted(found, key=lambda each: (each.event.effective, each.position))
    ]
    return table(
        {"happened": 22, "what": 36, "severity": 12, "by": 16, "seen by us": 14},
        rows,
        caption="Events in the order of their date of effect",
    )


def learnt(told: Dossier) -> Html:
    """Return every event in the order of our looks, with the words it was read from."""
    facts = _facts(told)
    return table(
        {"seen by us": 12, "what": 30, "severity": 10, "by": 14, "in its words": 30, "page": 4},
        [_event_row(told, each, facts) for each in told.events],
        caption="All events in the order in which we learnt of them",
    )


def _event_row(told: Dossier, each: Recorded, facts: State) -> tuple[Piece, ...]:
    event, origin = each.event, each.provenance
    stands = told.standing[each.position]
    effective = f"{date_role(event)} {dated(event.effective)}" if event.effective else ""
    stated = f"the source dates it {dated(origin.published)}"
    changed = {change.path for change in event.changes}
    words = [found.quote for found in origin.evidence if found.path in changed][:2]
    return (
        lines((day(origin.observed_at), _late(each))),
        element(
            "div",
            element("div", capital(shorten(what(event, facts), 240)), class_="what"),
            element("div", effective, class_="small") if effective else "",
            element("div", stated, class_="soft small") if origin.published else "",
            element("div", f"event {each.position} · {each.cause}", class_="soft small"),
            element("span", stands.upper(), class_="mark") if stands != "yes" else "",
            class_="" if stands == "yes" else "gone",
        ),
        _severity(each),
        by(told, origin.source, origin.tier),
        join(map(quote, dict.fromkeys(words))),
        exhibit(told, origin.snapshot),
    )


def _late(each: Recorded) -> Piece:
    """Return when it was recorded, where that was not at once."""
    recorded = each.recorded_at
    if seconds_between(each.provenance.observed_at, recorded) < 3600:
        return ""
    return join((_small("recorded "), element("span", day(recorded), class_="soft small")))


def _severity(each: Recorded) -> Html:
    if is_operational(each.event):
        return element("span", f"■ {wording.OPERATOR}", class_="badge operator")
    severity = each.event.severity
    shape = f"{_SHAPES[severity]} {wording.SEVERITY[severity]}"
    return element("span", shape, class_=f"badge {severity}")


def _small(piece: Piece) -> Html:
    return element("span", piece, class_="soft small")


def doubts(told: Dossier) -> Html:
    """Return what was put right, where sources disagree, and who confirmed whom."""
    found = [
        each
        for each in told.events
        if each.event.type in _DOUBTS or each.event.type.startswith(_DOUBTING)
    ]
    rows = [_doubt_row(told, each) for each in (*found, *told.amended)]
    if not rows:
        return nothing("None: no event was corrected or set aside, and no source contradicts one.")
    return table(
        {"when": 14, "what": 38, "details": 42, "event": 6},
        rows,
        caption="Corrections, conflicts, confirmations",
    )


def _doubt_row(told: Dossier, each: Recorded) -> tuple[Piece, ...]:
    named = (
        f"{wording.PATHS.get(key, key.replace('_', ' '))}: {shorten(value, 200)}"
        for key, value in each.event.details.items()
        if key != "case"
    )
    facts = _facts(told)
    return (
        day(each.provenance.observed_at),
        element("strong", capital(shorten(what(each.event, facts), 160))),
        lines(named),
        str(each.position),
    )


def looked(told: Dossier) -> Html:
    """Return how often each address was looked at, with what verdicts, and when it failed."""
    if not told.looks:
        return nothing("No address of it was looked at by this program: it was imported.")
    listed = table(
        {
            "address": 34,
            "looks": 10,
            "verdicts": 16,
            "first and last": 16,
            "longest without a good look": 24,
        },
        [_looks_row(told, each) for each in told.looks],
        caption="Looks at each address",
    )
    spells = [(each, spell) for each in told.looks for spell in each.spells]
    if not spells:
        return join((listed, element("p", "Every look was good.", class_="soft")))
    rows = [
        (day(spell.first), day(spell.last), str(spell.looks), ", ".join(spell.verdicts), one.source)
        for one, spell in spells[-_MOST_SPELLS:]
    ]
    more = len(spells) - len(rows)
    earlier = f"{counted(more, 'earlier time')} not listed: `watcher captures` has them."
    return join(
        (
            listed,
            element("p", "When no look was good:", class_="soft"),
            table(
                {"from": 20, "to": 20, "looks": 10, "verdicts": 30, "source": 20},
                rows,
                caption="Times without success",
            ),
            element("p", earlier, class_="soft small") if more else "",
        )
    )


def _looks_row(told: Dossier, each: Looks) -> tuple[Piece, ...]:
    named = told.sources.get(each.source)
    verdicts = (
        f"{count:,} {verdict.replace('_', ' ')}"
        for verdict, count in sorted(each.verdicts.items(), key=lambda pair: -pair[1])
    )
    start, end = each.gap
    return (
        lines(
            (named.name if named else each.source, element("span", link(each.url), class_="small"))
        ),
        lines((counted(each.total, "look"), _small(f"{each.good:,} good"))),
        lines(verdicts),
        lines((day(each.first), day(each.last))),
        lines((_span(seconds_between(start, end)), _small(join((day(start), " to ", day(end))))))
        if start
        else "",
    )


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return counted(round(hours), "hour") if hours < 48 else counted(round(hours / 24), "day")


def messages(told: Dossier) -> Html:
    """Return who was told of which events, when, and what the receiver answered."""
    if not told.messages:
        return nothing("No message told of it: no rule asked for one, or it was known before.")
    return table(
        {"queued": 14, "to": 14, "subject": 42, "what became of it": 22, "events": 8},
        [_message_row(each) for each in told.messages],
        caption="Messages about the medicine",
    )


def _message_row(each: Message) -> tuple[Piece, ...]:
    waiting = each.waiting
    state = waiting.state.replace("_", " ")
    tried = counted(waiting.attempts, "attempt")
    return (
        day(waiting.created_at),
        waiting.channel,
        shorten(waiting.envelope.subject, 200),
        lines(
            (
                element("strong", state),
                day(waiting.delivered_at) if waiting.delivered_at else "",
                _small(f"{tried}{f': {shorten(waiting.answer)}' if waiting.answer else ''}"),
            )
        ),
        ", ".join(map(str, each.events)),
    )


def evidence(told: Dossier) -> Html:
    """Return the captured pages by number, with the digest that proves each."""
    first: dict[str, Recorded] = {}
    for each in told.events:
        first.setdefault(each.provenance.snapshot, each)
    rows = [
        (
            element("strong", f"E{number}", id=f"e{number}"),
            day(first[digest].provenance.observed_at),
            lines((link(first[digest].provenance.url), _small(first[digest].provenance.reader))),
            element("span", digest, class_="mono"),
            element("span", first[digest].provenance.capture, class_="mono"),
        )
        for number, digest in enumerate(told.snapshots, start=1)
    ]
    if not rows:
        return nothing("No captured page stands behind these events.")
    return table(
        {"page": 6, "captured": 14, "address": 32, "sha256 of its bytes": 28, "capture": 20},
        rows,
        caption="Captured pages and their digests",
    )


def verify(told: Dossier) -> Html:
    """Return how a reader checks all of this without trusting us."""
    signed = told.checkpoint
    if signed is None:
        seal = "No checkpoint of this log has been signed yet."
    else:
        seal = f"Newest signed checkpoint: {counted(signed.size, 'event')}, {instant(signed.at)}."
    head = join(("Head of the log: position ", str(told.head), ", hash ", _code(told.head_hash)))
    note = element("pre", signed.note, class_="mono") if signed else ""
    return join(
        (
            element("ol", *(element("li", step) for step in _steps()), class_="steps"),
            element("p", head),
            element("p", seal),
            note,
        )
    )


def _steps() -> Iterable[Piece]:
    """Return what a reader can do, from the whole log to a single page."""
    return (
        join(("The whole log and every page it rests on: ", _code("watcher verify"), ".")),
        join(
            (
                "One event and its page: ",
                _code("watcher verify POSITION"),
                ", with the number that stands beside it here.",
            )
        ),
        join(
            (
                "Without this program: ",
                _code("watcher export log -o log.jsonl"),
                " gives every event with the bytes that were hashed, and docs/exchange.md a "
                "program of twenty lines that recomputes the chain. It has to end in the head "
                "below.",
            )
        ),
        join(
            (
                "The captured pages: ",
                _code("watcher export captures -o pages.warc.gz"),
                " gives them as a web archive; the digests above are those of its payloads.",
            )
        ),
    )


def _code(text: str) -> Html:
    return element("code", text)
