"""What a row of a list says, in words: a message about a letter or a shortage has to say which.

Such a row is a subject of its own: it has no authorisation and no holder, and all it states came
with it. Its facts are told as they are stated, whatever the list; what other sections of a message
tell, the medicine and the day, is left out.
"""

from __future__ import annotations

from watcher.core.events import Event
from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.rows import KINDS, SUBSTANCES
from watcher.core.text import tidy

_TOLD_ELSEWHERE = frozenset({"product", "page"})
_NAMES = ("product.brand_name", "dhpc.medicine", "shortage.medicine", "pip.brand_name")
_TITLES = ("referral.name",)


def is_row(subject: Subject) -> bool:
    """Return whether a subject is a row of a list rather than a medicine."""
    return subject.kind in KINDS


def name(facts: State) -> Value:
    """Return the name of the medicine a subject is, or is about; None: it states none."""
    return _first(facts, (*_NAMES, *_TITLES))


def substance(facts: State) -> Value:
    """Return the substance a subject has, or is about; None: it states none."""
    return _first(facts, SUBSTANCES)


def told(event: Event) -> tuple[tuple[str, Value], ...]:
    """Return what a new row states, by path, in its order; nothing of one that only changed."""
    if not is_row(event.subject) or len(event.changes) < 2:
        return ()
    elsewhere = {*_NAMES, *SUBSTANCES}
    return tuple(
        (change.path, change.after)
        for change in event.changes
        if change.after not in (None, "", [], event.effective)
        and change.path not in elsewhere
        and split_path(change.path).family not in _TOLD_ELSEWHERE
    )


def brief(event: Event) -> str:
    """Return what a letter or an assessment came to, for a subject line; empty: not stated."""
    kind = _stated(event, "dhpc.type")
    outcome = _stated(event, "dhpc.regulatory_outcome")
    letter = (kind, f"outcome {outcome}" if outcome else "")
    return ", ".join(filter(None, letter)) or _stated(event, "psusa.regulatory_outcome")


def _stated(event: Event, path: str) -> str:
    change = event.change(path)
    return tidy(str(change.after or "")) if change else ""


def _first(facts: State, paths: tuple[str, ...]) -> Value:
    return next((value for path in paths if (value := facts.get(path))), None)
