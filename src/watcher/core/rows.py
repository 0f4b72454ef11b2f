"""Rows of lists that are not medicines: what a new one means, and what a change in one.

A new row of EMA's list of shortages is a shortage that began; of its list of DHPCs, a letter that
was issued. What has no meaning of its own here is `fact.changed`.
"""

from __future__ import annotations

from watcher.core.events import Change
from watcher.core.facts import State, Subject, split_path
from watcher.core.gravity import OUTCOMES
from watcher.core.text import fold

_NEW = {
    "medicine": "product.listed",
    "shortage": "shortage.started",
    "referral": "referral.started",
    "dhpc": "dhpc.issued",
    "psusa": "psusa.outcome_published",
    "pip": "pip.decision_published",
    "document": "document.added",
}
KINDS = frozenset(_NEW) - {"medicine", "document"} | {"orphan_designation", "procedure"}
"""The kinds of subjects that are such rows; each names the medicines it is about."""
MEDICINES_OF_ROWS = (
    "dhpc.medicine",
    "dhpc.nationally_authorised",
    "orphan_designation.products",
    "pip.brand_name",
    "psusa.medicines",
    "referral.centrally_authorised",
    "referral.nationally_authorised",
    "shortage.medicine",
)
SUBSTANCES_OF_ROWS = (
    "dhpc.active_substance",
    "pip.active_substance",
    "psusa.in_scope",
    "psusa.active_substance",
)
"""Where a row of EMA's smaller reports, a subject of its own, names what it is about.

Whoever watches a medicine or a substance has to hear of a communication to healthcare
professionals, a referral of its class or a shortage, none of which is a medicine itself.
"""
SUBSTANCES = ("product.inn", "product.active_substance", *SUBSTANCES_OF_ROWS)
"""Where a medicine, or a row that is about one, names its substances; the surest first."""
_EFFECTIVE = {
    "shortage.resolved": "shortage.expected_resolution",
    "referral.concluded": "referral.decided",
    "dhpc.issued": "dhpc.disseminated",
    "pip.decision_published": "pip.decided",
    "orphan_designation.granted": "orphan_designation.decided",
    "orphan_designation.refused": "orphan_designation.decided",
    "orphan_designation.withdrawn": "orphan_designation.decided",
    "orphan_designation.expired": "orphan_designation.decided",
}
"""Which fact has the date of an event, where none has the event's own name."""
_DESIGNATIONS = {
    "positive": "orphan_designation.granted",
    "negative": "orphan_designation.refused",
    "withdrawn": "orphan_designation.withdrawn",
    "expired": "orphan_designation.expired",
}
_CONCLUDED = frozenset({"european commission final decision", "cmdh final position"})


def new_row(subject: Subject, state: State) -> str:
    """Return the type of event a row makes that its list did not have before."""
    if subject.kind == "orphan_designation":
        return _DESIGNATIONS.get(_folded(state, "orphan_designation.status"), "fact.changed")
    if subject.kind == "shortage" and "resolved" in _folded(state, "shortage.status"):
        return "shortage.resolved"
    if subject.kind == "referral" and _folded(state, "referral.status") in _CONCLUDED:
        return "referral.concluded"
    if subject.kind == "procedure" and state.get("variation_application.withdrawn"):
        return "variation_application.withdrawn"
    return _NEW.get(subject.kind, "fact.changed")


def changed_row(change: Change, after: State) -> str | None:
    """Return the type of event a changed fact of such a row makes, or None where it has none."""
    part = split_path(change.path)
    if change.path == "shortage.status":
        is_over = "resolved" in _folded(after, change.path)
        return "shortage.resolved" if is_over else "shortage.updated"
    if part.family == "shortage" and part.leaf in _EXTENT:
        return "shortage.updated"
    if change.path == "referral.status":
        is_over = _folded(after, change.path) in _CONCLUDED
        return "referral.concluded" if is_over else "referral.status_changed"
    if change.path == "referral.prac_recommendation":
        return "referral.recommendation_adopted"
    if change.path == "orphan_designation.status":
        return _DESIGNATIONS.get(_folded(after, change.path))
    if change.path in _OUTCOMES:
        return _OUTCOMES[change.path]
    if change.path == "variation_application.withdrawn" and change.action == "added":
        return "variation_application.withdrawn"
    return None


_OUTCOMES = {path: name for name, (path, _) in OUTCOMES.items()}
"""Where a row's outcome became another, it is told as if the row were new: it may be an ending."""
_EXTENT = frozenset(
    {"expected_resolution", "expected_resolution_text", "alternatives", "forms", "strengths"}
)


def effective(event_type: str, state: State) -> str:
    """Return the date of effect that a row states for an event of this type; empty: none."""
    for path in (event_type, _EFFECTIVE.get(event_type, "")):
        if isinstance(value := state.get(path), str):
            return value
    return ""


def _folded(state: State, path: str) -> str:
    return fold(str(state.get(path) or ""))
