"""What people receive, word for word: one message a name, its forms in `messages/`.

`--accept` rewrites them; git then shows what a reader would see differently. All cases are
reconstructed in `kit/happenings.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.happenings import (
    JAPAN,
    REPORT,
    SOURCES,
    case_of,
    corroborated,
    happening,
    notice,
    recorded,
    withdrawal,
)
from watcher.core.case import Case
from watcher.core.correction import undo
from watcher.core.correction_message import Correction, compose_correction
from watcher.core.digest import compose_digest
from watcher.core.events import Cause, Change, Event
from watcher.core.message import Message, compose
from watcher.notify.render import render

FOLDER = Path(__file__).parent / "messages"
WHY = "watch list “Crohn / ATMP” (substance: darvadstrocel), rule endings"


def of(case, **more) -> Message:
    return compose(case, why=WHY, sources=SOURCES, rule="endings, rules 1", **more)


def holder() -> Message:
    change = Change(
        path="authorisation[EU].holder",
        action="changed",
        before={"name": "TiGenix NV", "text": "TiGenix NV, Leuven, Belgium"},
        after={"name": "Takeda Pharma A/S", "text": "Takeda Pharma A/S, Vallensbaek Strand"},
    )
    return of(happening("authorisation.holder_transferred", change, jurisdiction="EU"))


def japan() -> Message:
    change = Change(path="market[JP].discontinued", action="added", after="2026-01")
    case = happening(
        "market.ceased", change, source="wikipedia", jurisdiction="JP", effective="2026-01"
    )
    return of(case)


def document() -> Message:
    details = {key: str(REPORT[key]) for key in ("title", "first_published", "type")}
    change = Change(path="document[x]", action="added", after=REPORT)
    return of(happening("document.added", change, details=details))


def blocked() -> Message:
    return of(
        notice(
            "source.blocked",
            reason="a challenge page in the list's place",
            verdict="blocked",
            since="2026-11-22T03:20:41Z",
        )
    )


def correction() -> Message:
    return of(
        case_of([recorded(withdrawal().lead.event, cause=Cause.CORRECTED)], withdrawal().facts)
    )


def _corrected(wrong: Case, **details: str) -> Message:
    """Return the correction of a case's lead: taken back, or, where the source is wrong, denied."""
    lead = wrong.lead
    event = Event(
        type="event.corrected",
        subject=lead.event.subject,
        changes=() if details.get("fault") == "source" else undo(lead, wrong.facts).changes,
        jurisdiction="EU",
        details={"who": "m. weber@desk-4", "position": str(lead.position), **details},
    )
    content = Correction(
        case=wrong,
        wrong=lead,
        by=recorded(event, position=4802, cause=Cause.CORRECTED),
        told_at="2026-11-22T06:21:12Z",
        is_certain=True,
        severity=wrong.severity,
    )
    return compose_correction(content, SOURCES)


def misread() -> Message:
    return _corrected(
        withdrawal(), why="The sentence is about another medicine on the same page; we misread it"
    )


def source_is_wrong() -> Message:
    return _corrected(
        corroborated(),
        why="EMA has told us on the telephone that the authorisation stands.",
        fault="source",
    )


def digest() -> Message:
    flag = Change(path="flag[orphan]", action="changed", before=True, after=False)
    return compose_digest(
        [withdrawal(), happening("flag.changed", flag)],
        period="22 November 2026",
        why="rule daily",
        sources=SOURCES,
        looked=["EMA medicine data: 2 captures, both good, last 22 November 2026, 06:21 UTC"],
    )


MESSAGES: dict[str, Callable[[], Message]] = {
    "withdrawal": lambda: of(withdrawal()),
    "withdrawal_corroborated": lambda: of(corroborated(), known={"wikipedia": JAPAN}),
    "withdrawal_corrected": correction,
    "correction_of_a_misreading": misread,
    "correction_of_a_source": source_is_wrong,
    "holder_transferred": holder,
    "marketing_ended_in_japan": japan,
    "document_added": document,
    "source_blocked": blocked,
    "digest": digest,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_reads_as_it_did(name, accepts):
    told = render(MESSAGES[name](), key="4f2a90c1b7")
    forms = {
        ".txt": f"Subject: {told.subject}\n\n{told.text}",
        ".md": f"{told.chat}\n",
        ".html": told.html,
    }
    for suffix, form in forms.items():
        golden = FOLDER / f"{name}{suffix}"
        if accepts:
            golden.write_text(form, encoding="utf-8")
        assert golden.is_file(), f"{golden.name} is missing: look at it and run with --accept"
        assert form == golden.read_text(encoding="utf-8")
