"""What happened to the documents a source lists: added, gone, moved, renamed, dated anew.

A document's key is what identifies it (`identity.document_key`). When a source changes that very
thing, one document seems to vanish and another to appear; the two are one where something else that
identifies a document is the same on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watcher.core.compare import nature
from watcher.core.events import Change, Event
from watcher.core.facts import Subject, Value
from watcher.core.identity import canonical_address, normal_title

Document = Mapping[str, Value]


def events(subject: Subject, listed: list[Change]) -> list[Event]:
    """Return one event a document, from the changes of `document[…]` facts."""
    added = [change for change in listed if change.action == "added"]
    removed = [change for change in listed if change.action == "removed"]
    told = [
        _changed(subject, (change,), change.before, change.after)
        for change in listed
        if change.action == "changed"
    ]
    for gone in removed:
        twin = next((new for new in added if is_same(gone.before, new.after)), None)
        if twin is None:
            told.append(_event("document.removed", subject, (gone,), gone.before))
        else:
            added.remove(twin)
            told.append(_changed(subject, (gone, twin), gone.before, twin.after))
    told += (_event("document.added", subject, (new,), new.after) for new in added)
    return told


def _document(value: Value) -> Document:
    return value if isinstance(value, Mapping) else {}


def is_same(before: Value, after: Value) -> bool:
    """Return whether two listings name one document: by reference, address or title and date."""
    old, new = _document(before), _document(after)
    addresses = [canonical_address(str(document.get("url") or "")) for document in (old, new)]
    is_there = addresses[0] == addresses[1] != ""
    titles = [normal_title(str(document.get("title", ""))) for document in (old, new)]
    if is_there and titles[0] == titles[1]:
        return True  # also under a new reference number: EMA gave one to an old document
    if old.get("reference_number") and new.get("reference_number"):
        return old["reference_number"] == new["reference_number"]
    if is_there:
        return True
    return (
        titles[0] == titles[1] != ""  # two that say nothing of themselves are not one for that
        and old.get("first_published") == new.get("first_published")
        and old.get("language") == new.get("language")
    )


_ASPECTS = (
    ("document.revised", ("content",)),
    ("document.renamed", ("title",)),
    ("document.moved", ("url",)),
    ("document.revised", ("size",)),
    ("document.recategorised", ("categories", "type")),
    ("document.date_changed", ("first_published", "last_updated", "stated")),
    ("document.translation_changed", ("translations",)),
)
"""What a change of a document is called: the first aspect that differs names it."""


def _changed(subject: Subject, changes: tuple[Change, ...], before: Value, after: Value) -> Event:
    old, new = _document(before), _document(after)
    differing = {
        key
        for key in old.keys() | new.keys()
        if old.get(key) != new.get(key)
        and nature("document[]", old.get(key), new.get(key)) != "respelled"
    }
    # "last updated" moved on: another file was put in its place, as its size often shows
    is_updated = str(new.get("last_updated", "")) > str(old.get("last_updated", ""))
    shown = differing | ({"size"} if is_updated else set())
    name = next((name for name, keys in _ASPECTS if shown.intersection(keys)), "fact.changed")
    return _event(name, subject, changes, after, aspects=differing)


def _event(
    name: str,
    subject: Subject,
    changes: tuple[Change, ...],
    value: Value,
    *,
    aspects: Iterable[str] = (),
) -> Event:
    document = _document(value)
    named = ("title", "url", "type", "reference_number", "first_published", "last_updated")
    details = {key: str(document[key]) for key in named if document.get(key)}
    if differing := ", ".join(sorted(aspects)):
        details["aspects"] = differing
    return Event(type=name, subject=subject, changes=changes, details=details)
