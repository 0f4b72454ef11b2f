"""What a person has put right, and what the next looks make of it.

A correction moves the state of the stream to what is so, and leaves beside it a fact of its own,
`corrected[4711]`: the claim, which is what the source (or our reading of it) wrongly said. As long
as a look finds that claim repeated, it is heard as corrected and nothing is news. A source that
says anything else instead has a new claim: the fact is taken out and what differs is told as ever.
A claim that is only missing is waited for like anything that is missing, since absence is not
removal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from watcher.core.diff import diff
from watcher.core.events import Change, Event, Recorded
from watcher.core.facts import State, Subject, Value
from watcher.core.settle import Settled, settle

CORRECTED = "event.corrected"
"""The type of the event by which a person puts another one right."""
LIFTED = "conflict.resolved"
"""The type of the event that tells that a source no longer says what was corrected."""
_CLAIMS = "corrected["


@dataclass(frozen=True, slots=True)
class Undone:
    """What putting an event right comes to.

    Attributes:
        changes: What changes in the state, the claim among it.
        left_alone: Paths that have changed since, and are left as they are now.
    """

    changes: tuple[Change, ...]
    left_alone: tuple[str, ...] = ()


def undo(told: Recorded, state: State) -> Undone:
    """Return the changes that take an event back, where what it set still stands.

    Args:
        told: The event that was wrong.
        state: What its stream says now.
    """
    standing = [each for each in told.event.changes if _stands(each, state)]
    left = tuple(each.path for each in told.event.changes if each not in standing)
    back = tuple(map(_swapped, standing))
    if told.event.type == CORRECTED or not back:
        return Undone(back, left)  # what a correction had put right is what the source says
    said = {each.path: each.after for each in standing if each.action != "removed"}
    claim = _claim(told, said, absent=[each.path for each in standing if each.path not in said])
    return Undone((*back, claim), left)


def put_right(told: Recorded, state: State, right: Mapping[str, Value]) -> Undone:
    """Return the changes that set facts to what is so; null takes a fact out.

    Args:
        told: The event that was wrong.
        state: What its stream says now.
        right: The right values by path; those that stand already change nothing.
    """
    changes: list[Change] = []
    for path, value in right.items():
        before = state.get(path)
        if value is None and path in state:
            changes.append(Change(path=path, action="removed", before=before))
        elif value is not None and path not in state:
            changes.append(Change(path=path, action="added", after=value))
        elif value is not None and value != before:
            changes.append(Change(path=path, action="changed", before=before, after=value))
    if not changes:
        return Undone(())
    said = {each.path: each.before for each in changes if each.action != "added"}
    claim = _claim(told, said, absent=[each.path for each in changes if each.path not in said])
    return Undone((*changes, claim))


def _stands(change: Change, state: State) -> bool:
    if change.action == "removed":
        return change.path not in state
    now = state.get(change.path)
    return change.path in state and type(now) is type(change.after) and now == change.after


_BACK: dict[str, Literal["added", "changed", "removed"]] = {
    "added": "removed",
    "removed": "added",
    "changed": "changed",
}


def _swapped(change: Change) -> Change:
    back = _BACK[change.action]
    return Change(path=change.path, action=back, before=change.after, after=change.before)


def _claim(told: Recorded, said: Mapping[str, Value], absent: Iterable[str]) -> Change:
    listed: list[Value] = [{"path": path, "value": value} for path, value in said.items()]
    listed += [{"path": path} for path in absent]
    return Change(path=f"{_CLAIMS}{told.position}]", action="added", after=listed)


def is_claim(path: str) -> bool:
    """Return whether a path holds what was corrected, and is no fact of the subject."""
    return path.startswith(_CLAIMS)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a source wrongly said: values by path, and paths it did not state."""

    path: str
    said: Mapping[str, Value]
    absent: frozenset[str]

    def is_otherwise(self, reading: State) -> bool:
        """Return whether a reading says anything else than the claim on what it is about."""
        return any(_is_said(reading, path) for path in self.absent) or any(
            _is_said(reading, path) and reading[path] != value for path, value in self.said.items()
        )

    def is_missing(self, reading: State) -> bool:
        """Return whether a reading has nothing of the claim."""
        return bool(self.said) and not any(_is_said(reading, path) for path in self.said)


def _is_said(reading: State, path: str) -> bool:
    return reading.get(path) not in (None, "", [], {})


def _claims(state: State) -> Iterator[_Claim]:
    for path, listed in state.items():
        if is_claim(path) and isinstance(listed, list):
            parts = [part for part in listed if isinstance(part, dict)]
            yield _Claim(
                path,
                {str(part["path"]): part["value"] for part in parts if "value" in part},
                frozenset(str(part["path"]) for part in parts if "value" not in part),
            )


def is_disputed(state: State, path: str) -> bool:
    """Return whether a person has corrected that a source states `path`."""
    return any(path in claim.said for claim in _claims(state))


def settle_heeding(
    before: State, reading: State, missing: Mapping[str, int], patience: int
) -> Settled:
    """Return what `settle` does, with what a person has corrected heard as corrected.

    Args:
        before: What the source was taken to say so far, corrections and claims included.
        reading: What it says in this complete capture.
        missing: How often in a row each path of `before` was missing.
        patience: After how many complete captures without it a fact is gone.
    """
    heard = dict(reading)
    refuted: list[str] = []
    for claim in _claims(before):
        if claim.is_otherwise(reading):
            refuted.append(claim.path)
        elif not claim.is_missing(reading):
            heard[claim.path] = before[claim.path]
            for path in (*claim.said, *claim.absent):
                heard.pop(path, None)
                if path in before:
                    heard[path] = before[path]
    settled = settle(before, heard, missing, patience)
    for path in refuted:
        settled.state.pop(path, None)
        settled.missing.pop(path, None)
    return settled


def diff_heeding(subject: Subject, before: State, after: State) -> tuple[Event, ...]:
    """Return what `diff` does, and one event for claims that stand no more."""
    events = diff(subject, _without_claims(before), _without_claims(after))
    gone = [path for path in before if is_claim(path) and path not in after]
    if not gone:
        return events
    lifted = Event(
        type=LIFTED,
        subject=subject,
        changes=tuple(Change(path=path, action="removed", before=before[path]) for path in gone),
        details={"reason": "the source no longer says what was corrected by hand"},
    )
    return (*events, lifted)


def _without_claims(state: State) -> dict[str, Value]:
    return {path: value for path, value in state.items() if not is_claim(path)}


def wrong(corrections: Iterable[Recorded]) -> frozenset[int]:
    """Return the positions of events that stand corrected, given all corrections in order.

    A correction that was itself corrected makes what it had corrected stand again.
    """
    found: set[int] = set()
    corrects: dict[int, int] = {}
    for each in corrections:
        position = int(each.event.details.get("position", "0"))
        corrects[each.position] = position
        found.add(position)
        if position in corrects:
            found.discard(corrects[position])
    return frozenset(found)
