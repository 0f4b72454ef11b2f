"""The shape of `storage.retention`: when payloads may go."""

from __future__ import annotations

from watcher.config.quantities import DurationOr, duration
from watcher.config.section import Key, Section
from watcher.core.retention import Retention
from watcher.core.settle import NEVER

_TIME = DurationOr(duration("1d", "9999d"), "never", NEVER)

RETENTION = Section(
    what="retention section",
    keys=(
        Key(
            "unbelieved",
            _TIME,
            "For how long to keep payloads that were not believed and that no event rests on.",
            default="90d",
        ),
        Key(
            "unchanged",
            _TIME,
            "For how long to keep good payloads that brought no event; never: for ever.",
            default="never",
        ),
    ),
    build=Retention,
)
