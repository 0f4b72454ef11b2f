"""From two states of one subject at one source to the events between them.

Loses nothing: `apply(before, diff(before, after)) == after`. Each change stands in exactly one
event; what belongs together (a status and the dates and statements that came with it) is told once.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.core import documents
from watcher.core.events import Change, Event
from watcher.core.facts import State, Subject, split_path
from watcher.core.single_fact import single, status_in, text_in
from watcher.core.status import ENDED, NEVER, AuthorisationStatus, is_rare, transition

DERIVATION = "diff@3"
"""Name and version of these rules; raised when the same two states come to other events."""


def diff(subject: Subject, before: State, after: State) -> tuple[Event, ...]:
    """Return what happened to `subject` between two states, the gravest kinds first.

    Args:
        subject: The medicine, substance or other thing both states speak of.
        before: What its source said so far; not empty (see `baseline` for a first reading).
        after: What it says now.
    """
    rest = changes(before, after)
    events: list[Event] = []
    for jurisdiction in _jurisdictions(rest):
        group = [change for change in rest if _belongs_to_status(change, jurisdiction, after)]
        events += _status_events(subject, before, after, jurisdiction, group)
        rest = _untold(rest, events)
        events += _market(subject, after, jurisdiction, rest)
        rest = _untold(rest, events)
    events += _revision(subject, rest)
    rest = _untold(rest, events)
    listed = [change for change in rest if change.path.startswith("document[")]
    events += documents.events(subject, listed)
    events += (single(subject, before, after, change) for change in _untold(rest, events))
    return tuple(events)


def _untold(found: list[Change], events: list[Event]) -> list[Change]:
    """Return the changes that no event tells yet."""
    told = {change.path for event in events for change in event.changes}
    return [change for change in found if change.path not in told]


def baseline(subject: Subject, state: State) -> Event:
    """Return the one event a first reading makes: everything known, nothing told to anyone."""
    return Event(type="fact.recorded", subject=subject, changes=tuple(changes({}, state)))


def ended_when_listed(subject: Subject, state: State) -> Event | None:
    """Return the event of a medicine that a list has from the first as ended, or None.

    EMA lists no application before its opinion: one withdrawn earlier comes as a new row that says
    so. Whoever waits for withdrawals has to hear of it as one, not as a row.
    """
    status = status_in(state, "EU")
    if status is None or status not in ENDED | NEVER | {AuthorisationStatus.SUSPENDED}:
        return None
    group = [each for each in changes({}, state) if _belongs_to_status(each, "EU", state)]
    details = {"before": "unknown", "after": status.value}
    return _authorisation_event(transition(None, status), subject, state, "EU", group, details)


def changes(before: State, after: State) -> list[Change]:
    """Return every fact that differs, in the order of their paths."""
    found: list[Change] = []
    for path in sorted(before.keys() | after.keys()):
        if path not in before:
            found.append(Change(path=path, action="added", after=after[path]))
        elif path not in after:
            found.append(Change(path=path, action="removed", before=before[path]))
        elif before[path] != after[path] or type(before[path]) is not type(after[path]):
            found.append(
                Change(path=path, action="changed", before=before[path], after=after[path])
            )
    return found


def _jurisdictions(found: Iterable[Change]) -> list[str]:
    """Return the jurisdictions whose authorisation or market facts changed, in order."""
    parts = (split_path(change.path) for change in found)
    return sorted({part.key for part in parts if part.family in {"authorisation", "market"}})


_APART = frozenset({"holder", "decided"})
"""Facts of an authorisation that change in a life of their own, also on the day it ends."""
_PART_OF_GRANT = frozenset({"flag[additional_monitoring]", "authorisation[EU].holder"})
"""What a new authorisation begins with: told with it, not beside it."""


def _belongs_to_status(change: Change, jurisdiction: str, after: State) -> bool:
    """Return whether a change is part of the story when the status changes too.

    EMA's steps before an authorisation (opinion, application) are told with the EU's status.
    """
    part = split_path(change.path)
    is_new = jurisdiction == "EU" and status_in(after, "EU") is AuthorisationStatus.AUTHORISED
    if is_new and part.family == "flag" and change.action == "added" and not change.after:
        return True  # what a new authorisation is not, stated for the first time
    if jurisdiction == "EU" and change.path in _PART_OF_GRANT:
        return is_new and not change.before and bool(change.after)
    if part.family == "authorisation":
        return part.key == jurisdiction and part.leaf not in _APART
    if part.family == "market":
        # "withdrawn from the market" beside a withdrawn authorisation is the same news
        return part.key == jurisdiction and part.leaf.startswith("withdrawn")
    return jurisdiction == "EU" and part.family in {"opinion", "application"}


def _status_events(
    subject: Subject, before: State, after: State, jurisdiction: str, group: list[Change]
) -> list[Event]:
    """Return the one event that tells a change of status, or none where there was no change."""
    old, new = status_in(before, jurisdiction), status_in(after, jurisdiction)
    if new is None:
        return _claimed_ending(subject, before, after, jurisdiction, group)
    if new is old:
        return _announced_ending(subject, after, jurisdiction, group)
    if old is None and new not in ENDED | {AuthorisationStatus.SUSPENDED}:
        return []  # a status stated for the first time is filled in; an ending is told all the same
    name = transition(old, new, outcome=text_in(after, "opinion.outcome"))
    details = {"before": old.value if old else "unknown", "after": new.value}
    if is_rare(old, new):
        details["rare"] = "yes"
    return [_authorisation_event(name, subject, after, jurisdiction, group, details)]


def _claimed_ending(
    subject: Subject, before: State, after: State, jurisdiction: str, group: list[Change]
) -> list[Event]:
    """Return the ending that a source without a status of its own has come to state in words."""
    for ending in sorted(ENDED):
        path = f"authorisation[{jurisdiction}].{ending.value}"
        if path in after and path not in before:
            name = transition(None, ending)
            details = {"before": "unknown", "after": ending.value}
            return [_authorisation_event(name, subject, after, jurisdiction, group, details)]
    return []


def _announced_ending(
    subject: Subject, after: State, jurisdiction: str, group: list[Change]
) -> list[Event]:
    """Return the announcement that a withdrawal date on a medicine still authorised amounts to."""
    path = f"authorisation[{jurisdiction}].withdrawn"
    status = status_in(after, jurisdiction)
    added = any(change.path == path and change.action == "added" for change in group)
    if status is not AuthorisationStatus.AUTHORISED or not added:
        return []
    name = "authorisation.withdrawal_announced"
    details = {"before": status.value, "after": status.value}
    told = [change for change in group if change.path.startswith(path)]
    return [_authorisation_event(name, subject, after, jurisdiction, told, details)]


_DATE_LEAF = {
    "authorised": "granted",
    "granted": "granted",
    "withdrawal_announced": "withdrawn",
    "application_withdrawn": "withdrawn",
}
_STATED = ("actor", "requested_by", "requested_by_role", "reason_text", "validity")


def _authorisation_event(
    name: str,
    subject: Subject,
    after: State,
    jurisdiction: str,
    group: list[Change],
    details: dict[str, str],
) -> Event:
    """Return the event of a status with its date and all that was stated with it.

    The reason is quoted, never interpreted: "at the request of the holder" is not "commercial",
    since EU law makes a holder declare reasons of safety and efficacy too (Art. 14b Reg. 726/2004).
    """
    leaf = _DATE_LEAF.get(name.partition(".")[2], details["after"])
    path = f"authorisation[{jurisdiction}].{leaf}"
    effective = text_in(after, path) or text_in(after, _EARLIER_STEPS.get(name, ""))
    for key in _STATED:
        if words := text_in(after, f"{path}.{key}"):
            details[key] = words
    if details["after"] in set(ENDED):
        details.setdefault("reason_category", "not_stated")
    return Event(
        type=name,
        subject=subject,
        changes=tuple(group),
        jurisdiction=jurisdiction,
        effective=effective,
        details=details,
    )


_EARLIER_STEPS = {
    "opinion.positive_adopted": "opinion.adopted",
    "opinion.negative_adopted": "opinion.adopted",
    "opinion.adopted": "opinion.adopted",
    "opinion.reexamination_concluded": "opinion.adopted",
    "application.withdrawn": "application.withdrawn",
    "application.rolling_review_withdrawn": "application.withdrawn",
    "application.evaluation_started": "application.evaluation_started",
}


def _market(subject: Subject, after: State, jurisdiction: str, found: list[Change]) -> list[Event]:
    """Return the one event of sales that ended in a territory; the authorisation may remain."""
    prefix = f"market[{jurisdiction}]."
    group = tuple(change for change in found if change.path.startswith(prefix))
    ends = {f"{prefix}discontinued", f"{prefix}withdrawn"}
    added = [change for change in group if change.path in ends and change.action == "added"]
    if not added:
        return []
    actor = text_in(after, f"{added[0].path}.actor")
    return [
        Event(
            type="market.ceased",
            subject=subject,
            changes=group,
            jurisdiction=jurisdiction,
            effective=text_in(after, added[0].path),
            details={"actor": actor} if actor else {},
        )
    ]


_WITH_REVISION = frozenset(
    {
        "product_information.revision",
        "product_information.latest_procedure",
        "product_information.latest_procedure_date",
        "authorisation[EU].decided",
        "page.last_updated",
    }
)
"""What changes whenever the product information is revised."""


def _revision(subject: Subject, found: list[Change]) -> list[Event]:
    """Return the one event of a new revision of the product information, with its procedure."""
    revised = any(
        change.path == "product_information.revision" and change.after is not None
        for change in found
    )
    told = tuple(change for change in found if change.path in _WITH_REVISION)
    if not revised:
        return []
    return [Event(type="product_information.updated", subject=subject, changes=told)]
