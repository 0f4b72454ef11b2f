"""The sections about people: who is told through what, when, and who stands in for whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from watcher.config.document import Entries, Node
from watcher.config.inspection import Inspection
from watcher.config.kinds import Choice, ListOf, Reference, Schema, Text, text_at
from watcher.config.quantities import Zone, duration
from watcher.config.section import Key, Section, Values
from watcher.core.recipients import BY_SEVERITY, Absence, Cadence, Group, Person, Quiet
from watcher.core.taxonomy import Severity

_ID = Text(
    what="an id of lower-case letters, digits and hyphens", pattern=r"[a-z0-9][a-z0-9-]{0,63}"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A local time, `07:30`, in quotes: without them YAML takes it for a number."""

    def read(self, node: Node, on: Inspection) -> time | None:
        """Return the time."""
        text = text_at(node, on, 'a time such as "07:30"', "put it in quotes")
        if text is None:
            return None
        if not re.fullmatch(_TIME, text):
            on.expected(node, 'a time such as "07:30"')
            return None
        return time.fromisoformat(text)

    def schema(self) -> Schema:
        """Return a string of hours and minutes."""
        return {"type": "string", "pattern": f"^{_TIME}$"}


@dataclass(frozen=True, slots=True)
class Day:
    """A day, `"2026-08-01"`."""

    def read(self, node: Node, on: Inspection) -> date | None:
        """Return the day."""
        text = text_at(node, on, 'a day such as "2026-08-01"', "put it in quotes")
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            on.expected(node, 'a day such as "2026-08-01"')
            return None

    def schema(self) -> Schema:
        """Return a string with a date."""
        return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}


def _check_quiet(node: Entries, values: Values, on: Inspection) -> None:
    if values.get("begins") is not None and values.get("begins") == values.get("ends"):
        on.note(node, "begins and ends at the same time: leave it out, or tell a real night")


QUIET = Section(
    what="quiet section",
    keys=(
        Key("begins", TimeOfDay(), "When the quiet hours begin, local time.", is_required=True),
        Key("ends", TimeOfDay(), "When they end.", is_required=True),
    ),
    build=Quiet,
    check=_check_quiet,
)


def _check_absence(node: Entries, values: Values, on: Inspection) -> None:
    first, last = values.get("first"), values.get("last")
    if first is not None and last is not None and last < first:
        on.note(node.nodes["last"], f"the last day, {last}, is before the first, {first}")


ABSENCE = Section(
    what="list of absences",
    keys=(
        Key("first", Day(), "The first day away.", is_required=True),
        Key("last", Day(), "The last day away.", is_required=True),
        Key("cover", Reference("people", "person"), "Who stands in and is told as well."),
    ),
    build=Absence,
    check=_check_absence,
)

_CADENCE = Choice({cadence.value: cadence for cadence in Cadence})
CADENCES: Section[Mapping[Severity, Cadence]] = Section(
    what="when section",
    keys=tuple(
        Key(
            severity.value,
            _CADENCE,
            f"How soon {severity.value} events are told.",
            default=BY_SEVERITY[severity].value,
        )
        for severity in Severity
    ),
    build=lambda **given: {Severity(name): cadence for name, cadence in given.items()},
)


def _person(**values: Any) -> Person:
    given = dict(values)
    when = given.pop("when", {})
    return Person(**{**given, "cadences": {**BY_SEVERITY, **when}})


PERSON = Section(
    what="person",
    keys=(
        Key("id", _ID, "The person's id, once in the file.", is_required=True),
        Key("title", Text(), "The person's name; else their id."),
        Key(
            "channels",
            ListOf(Reference("channels", "channel"), least=1),
            "The channels they read; each is told.",
            is_required=True,
        ),
        Key("zone", Zone(), "Their time zone.", default="UTC"),
        Key("quiet", QUIET, "When only what is critical may disturb them."),
        Key("when", CADENCES, "How soon they are told, by severity."),
        Key("daily", TimeOfDay(), "When their daily digest comes.", default="07:30"),
        Key(
            "weekday",
            Choice({day: day for day in _WEEKDAYS}),
            "The day of their weekly digest.",
            default="mon",
        ),
        Key("weekly", TimeOfDay(), "When their weekly digest comes.", default="07:30"),
        Key("away", ListOf(ABSENCE), "When they are away, and who stands in."),
    ),
    build=_person,
)

GROUP = Section(
    what="group",
    keys=(
        Key("id", _ID, "The group's id, once in the file.", is_required=True),
        Key("title", Text(), "The group's name for people; else its id."),
        Key(
            "people",
            ListOf(Reference("people", "person"), least=1),
            "Its members.",
            is_required=True,
        ),
    ),
    build=Group,
)

ESCALATION: Section[dict[str, Any]] = Section(
    what="escalation",
    keys=(
        Key(
            "after",
            duration("5m", "30d"),
            "How long nobody may acknowledge before somebody else is told.",
            default="4h",
        ),
        Key(
            "to",
            ListOf(Reference("recipients", "person or group"), least=1),
            "Ids of the people or groups that are told then.",
            is_required=True,
        ),
    ),
    build=dict,
)
