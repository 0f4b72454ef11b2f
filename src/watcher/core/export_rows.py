"""Events as rows of a table, for people who work in spreadsheets.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and what a source
printed may begin with anything. `guarded` makes such a cell plain text by an apostrophe before it,
and `unguarded` takes exactly those apostrophes away again: nothing a source said is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from watcher.core import wording
from watcher.core.credits import credits_of, is_ema
from watcher.core.edtf import in_words
from watcher.core.events import Event, Recorded
from watcher.core.facts import State, Value
from watcher.core.phrases import FromTo, change_in_words, from_to, title, what

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "position": "its place in the log, from 1, without gaps",
        "observed_at": "when we captured it, UTC",
        "recorded_at": "when we appended it to the log, UTC",
        "effective": "the regulator's date of legal effect, as precise as stated",
        "published": "the date the source puts on what it says",
        "severity": "critical, high, normal or low",
        "type": "the event's type; docs/events.md tells what each means",
        "what": "what happened, in words",
        "product_number": "EMA's product number, or the subject's own identity",
        "name": "what the source calls the subject today",
        "holder": "the holder of the marketing authorisation the source states today",
        "jurisdiction": "whose authorisation or market",
        "from": "the value before, in words",
        "to": "the value after, in words",
        "source": "the source's id in sources.yaml",
        "tier": "1 the authority, 2 the holder or another agency, 3 an aggregator, "
        "4 an encyclopaedia",
        "url": "the address that was read",
        "quote": "the words it was read from, verbatim",
        "snapshot": "sha256 of the page as captured",
        "capture": "the capture's id",
        "reader": "name and version of the reader",
        "cause": "baseline, observed, reread, corrected or imported; only observed ever alerted",
        "stands": "yes; `set aside` by a later amendment; or `corrected` by a person",
        "event_id": "the event's id; `watcher show` and `watcher verify` take it",
        "hash": "sha256 of the row and the hash before it",
        "acknowledgement": "whose words these are, and what they are good for",
    }
)
"""The columns of a table of events and what stands in each."""

Stands = Literal["yes", "set aside", "corrected"]
"""Whether an event still counts, and if not, why."""
_MOST_QUOTES = 3
_NAMED = ("product.", "page.title", "authorisation[")


def naming(state: State) -> dict[str, Value]:
    """Return the few facts of a state that a row needs, so that many can be kept in mind."""
    return {
        path: value
        for path, value in state.items()
        if path.startswith(_NAMED) and (path.startswith(_NAMED[:2]) or path.endswith(".holder"))
    }


def row(told: Recorded, facts: State, *, stands: Stands = "yes") -> tuple[str, ...]:
    """Return an event as texts in the order of `COLUMNS`.

    Args:
        told: The event.
        facts: What its source says of its subject now; `naming` of it is enough.
        stands: Whether it still counts.
    """
    event, origin = told.event, told.provenance
    pair = _from_to(event)
    return (
        str(told.position),
        origin.observed_at,
        told.recorded_at,
        event.effective,
        origin.published,
        str(event.severity),
        event.type,
        what(event, facts),
        str(facts.get("product.number") or event.subject.id),
        title(event.subject, facts, {}),
        _holder(event, facts),
        event.jurisdiction,
        pair.before,
        pair.after,
        origin.source,
        str(origin.tier),
        origin.url,
        " | ".join(_quotes(told)),
        origin.snapshot,
        origin.capture,
        origin.reader,
        str(told.cause),
        stands,
        told.event_id,
        told.hash,
        acknowledgement(told),
    )


def _from_to(event: Event) -> FromTo:
    pair = from_to(event)
    if pair.after or len(event.changes) != 1:
        return pair
    return change_in_words(event.changes[0])


def _holder(event: Event, facts: State) -> str:
    value = facts.get(f"authorisation[{event.jurisdiction or 'EU'}].holder")
    named = value.get("name") if isinstance(value, Mapping) else value
    return str(named or "")


def _quotes(told: Recorded) -> list[str]:
    """Return the first few different quotes, those of what changed before others."""
    changed = {change.path for change in told.event.changes}
    ordered = sorted(told.provenance.evidence, key=lambda each: each.path not in changed)
    return list(dict.fromkeys(each.quote for each in ordered if each.quote))[:_MOST_QUOTES]


def acknowledgement(told: Recorded) -> str:
    """Return whose words an event rests on, and that the official source prevails."""
    month = in_words(told.provenance.observed_at[:7])
    lines = credits_of([told.provenance.url], month)
    is_elsewhere = not is_ema(told.provenance.url)
    if (
        is_elsewhere
        and told.event.jurisdiction in {"EU", ""}
        and told.event.subject.kind != "source"
    ):
        lines.insert(0, wording.FOOT_THROUGH.format(source=told.provenance.source, month=month))
    return " ".join([*lines, wording.FOOT_DISCLAIMER])


_INNER = re.compile(r"[;\t\r\n]")
"""Where a program may see a new cell begin: semicolons separate cells in much of Europe."""
_UNSEEN = r"[\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
_FORMULA = re.compile(rf"[\t\r\n]|{_UNSEEN}['=+\-@＝＋－＠]")
_INNER_FORMULA = re.compile(rf"([;\t\r\n])(?={_UNSEEN}['=+\-@＝＋－＠])")
_GUARD = re.compile(r"(^|[;\t\r\n])'")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before what it might.

    Also after white space and invisible marks, and where a semicolon, a tab or a line break within
    the cell makes a program see a new one.
    """
    kept = _INNER_FORMULA.sub(r"\1'", cell) if _INNER.search(cell) else cell
    return f"'{kept}" if _FORMULA.match(cell) else kept


def unguarded(cell: str) -> str:
    """Return the cell that `guarded` was given."""
    return _GUARD.sub(r"\1", cell)
