"""What a fact that changed alone is called, and how it changed."""

from __future__ import annotations

from collections.abc import Callable

from watcher.core.compare import nature
from watcher.core.events import Change, Event, Nature
from watcher.core.facts import State, Subject, split_path
from watcher.core.rows import changed_row, effective
from watcher.core.status import ENDED, AuthorisationStatus

_WITH_JURISDICTION = frozenset({"authorisation", "market", "supply_status"})
_DATES = frozenset({"granted", "refused", "suspended", "ended"} | {s.value for s in ENDED})


def single(subject: Subject, before: State, after: State, change: Change) -> Event:
    """Return the event of a change that stands for itself."""
    part = split_path(change.path)
    kind = _nature(change, before, after)
    name = _name(change, part.leaf or part.key, kind, after)
    date = effective(name, after)
    details: dict[str, str] = {}
    if name == "product_information.section_changed":
        details["section"] = part.key.partition("#")[0] if part.family == "section" else "4.1"
    return Event(
        type=name,
        subject=subject,
        changes=(change,),
        jurisdiction=part.key if part.family in _WITH_JURISDICTION else "",
        effective=date,
        nature=kind,
        details=details,
    )


def _nature(change: Change, before: State, after: State) -> Nature:
    """Return how a fact changed, in the light of what else is known."""
    part = split_path(change.path)
    if change.action == "added":
        ended = part.family == "authorisation" and status_in(after, part.key) in ENDED
        return "backfilled" if ended and part.leaf in _DATES else "added"
    if change.action == "removed":
        return "removed"
    if change.path == "indication.text":
        # a medicine renamed is renamed in its indication too
        texts = (
            (text, text_in(state, "product.brand_name"))
            for text, state in ((change.before, before), (change.after, after))
        )
        old, new = (str(text).replace(name, "") if name else str(text) for text, name in texts)
        return "respelled" if old == new else nature(change.path, old, new)
    return nature(change.path, change.before, change.after)


_WHEN_CHANGED = {
    "product.brand_name": "product.renamed",
    "product.number": "product.identifier_changed",
    "product.inn": "substance.renamed",
    "product.active_substance": "substance.renamed",
    "product.atc_code": "classification.atc_changed",
    "product.therapeutic_area": "classification.therapeutic_area_changed",
    "indication.text": "product_information.section_changed",
    "pdf.content": "document.revised",
    "flag[patient_safety]": "patient_safety.flag_changed",
    "flag[exceptional_circumstances]": "authorisation.exceptional_circumstances_changed",
}
"""Event types of facts whose change of value is news in itself."""

_DATES = frozenset(
    {"granted", "refused", "suspended", "ended", *(status.value for status in ENDED)}
)


def _name(change: Change, leaf: str, kind: Nature, after: State) -> str:
    """Return the type that a single change has; `fact.changed` where it has none of its own."""
    family = split_path(change.path).family
    if special := _SPECIAL.get(change.path):
        return special(change, after)
    if family == "statement":
        return "encyclopedia.statement_changed" if kind != "respelled" else "fact.changed"
    if family == "study" and (kind == "changed" or not split_path(change.path).leaf):
        return _STUDIES.get(kind, "fact.changed")
    if family == "authorisation" and leaf == "ended" and kind == "added":
        return "authorisation.date_corrected"  # an end stated of what is not ended: look at it
    if kind not in {"respelled", "refined"} and (name := changed_row(change, after)):
        return name
    return _changed(change.path, family, leaf) if kind == "changed" else "fact.changed"


def _changed(path: str, family: str, leaf: str) -> str:
    """Return the type of a value that became another one."""
    if family == "authorisation" and leaf == "holder":
        return "authorisation.holder_transferred"
    if family == "authorisation" and leaf in _DATES:
        return "authorisation.date_corrected"
    return _WHEN_CHANGED.get(path) or _FAMILIES.get(family, "fact.changed")


_STUDIES = {"added": "study.added", "changed": "study.changed", "removed": "study.removed"}
_FAMILIES = {
    "supply_status": "supply_status.changed",
    "flag": "flag.changed",
    "section": "product_information.section_changed",
}


def _watermark(change: Change, _after: State) -> str:
    """A stamp says that the authorisation ended; its going says nothing."""
    return "document.watermarked" if change.action == "added" else "fact.changed"


def _conditional(change: Change, after: State) -> str:
    """Conditional yes → no is a conversion only while the medicine is authorised."""
    still = after.get("authorisation[EU].status") == AuthorisationStatus.AUTHORISED.value
    return (
        "authorisation.converted_to_standard"
        if change.before is True and not change.after and still
        else "flag.changed"
    )


def _monitoring(change: Change, _after: State) -> str:
    if change.action == "added" and not change.after:
        return "fact.changed"  # first stated, and not so: nothing was removed
    return "additional_monitoring.added" if change.after else "additional_monitoring.removed"


_SPECIAL: dict[str, Callable[[Change, State], str]] = {
    "flag[conditional_approval]": _conditional,
    "pdf.watermark": _watermark,
    "flag[additional_monitoring]": _monitoring,
}


def status_in(state: State, jurisdiction: str) -> AuthorisationStatus | None:
    """Return the authorisation status a state has in a jurisdiction, or None."""
    value = state.get(f"authorisation[{jurisdiction}].status")
    return AuthorisationStatus(value) if isinstance(value, str) else None


def text_in(state: State, path: str) -> str:
    """Return the text at `path`; empty where there is none."""
    value = state.get(path)
    return value if isinstance(value, str) else ""
