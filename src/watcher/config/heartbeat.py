"""The section `heartbeat`: the weekly proof that we watch, and to whom it goes."""

from __future__ import annotations

from watcher.config.kinds import Choice, ListOf, Reference
from watcher.config.people import TimeOfDay
from watcher.config.section import Key, Section
from watcher.core.heartbeat import WEEKDAYS, Heartbeat

HEARTBEAT = Section(
    what="heartbeat section",
    keys=(
        Key(
            "to",
            ListOf(Reference("recipients", "person or group"), least=1),
            "Ids of the people or groups it goes to.",
            is_required=True,
        ),
        Key(
            "weekday",
            Choice({day: day for day in WEEKDAYS}),
            "The day of the week on which it comes.",
            default="mon",
        ),
        Key("at", TimeOfDay(), "When it comes, each reader's local time.", default="07:45"),
        Key(
            "watch_lists",
            ListOf(Reference("watch_lists", "watch list"), least=1),
            "The watch lists it tells of, a message each; else one about everything.",
        ),
    ),
    build=Heartbeat,
)
