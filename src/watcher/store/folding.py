"""The log folded to the state of every stream, in one pass, decoding no more than what changed.

States are changed in place: to copy a medicine's hundred facts for each of its events would cost
more than everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from watcher.core.facts import Subject, Value
from watcher.store import codec
from watcher.store.log_rows import plain_rows
from watcher.store.schema import events

_NAMES = ("position", "stream", "version", "type", "observed_at", "schema", "payload")
_COLUMNS = tuple(events.c[name] for name in _NAMES)
_ALL = sa.select(*_COLUMNS).order_by(events.c.position)
# the order in which its events were observed: see `core.amend`
_ONE = (
    sa.select(*_COLUMNS)
    .where(events.c.stream == sa.bindparam("at"))
    .order_by(events.c.observed_at, events.c.position)
)

_TOLD_OF = sa.select(events.c.source, events.c.subject).where(
    events.c.stream == sa.bindparam("at"), events.c.version == sa.bindparam("version")
)


@dataclass(slots=True)
class Folded:
    """How far a stream was folded; the version goes on with events that do not count.

    Attributes:
        version: The highest of its versions.
        observed_until: When the last of its events was observed.
        state: All it says.
        types: The types of its events that count.
    """

    version: int = 0
    observed_until: str = ""
    state: dict[str, Value] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)

    @property
    def counts(self) -> bool:
        """Return whether any of its events does."""
        return bool(self.types)


def fold_log(
    connection: sa.Connection, aside: AbstractSet[int]
) -> tuple[Mapping[str, Folded], AbstractSet[str]]:
    """Return every stream folded in the order of the log, and those to be folded apart.

    The order of the log is the order of observation but for what was read late.

    Args:
        connection: The database.
        aside: Positions of events that do not count.
    """
    return _fold(plain_rows(connection, _ALL), aside)


def fold_stream(connection: sa.Connection, stream: str, aside: AbstractSet[int]) -> Folded:
    """Return one stream folded in the order in which its events were observed."""
    folded, _ = _fold(plain_rows(connection, _ONE, {"at": stream}), aside)
    return folded.get(stream, Folded())


def told_of(connection: sa.Connection, stream: str, version: int) -> tuple[str, Subject]:
    """Return the source and the subject of a stream that has an event of this version.

    Asked once a stream: in each row of the log they would cost a tenth of folding it.
    """
    row = connection.execute(_TOLD_OF, {"at": stream, "version": version}).one()
    return row.source, Subject.parse(row.subject)


def _fold(
    rows: Iterable[tuple[Any, ...]], aside: AbstractSet[int]
) -> tuple[Mapping[str, Folded], AbstractSet[str]]:
    folded: dict[str, Folded] = {}
    apart: set[str] = set()
    find, steps_of = folded.get, codec.steps_of
    # for each of a million events: a call, or a name looked up twice, is a twentieth of it
    for position, stream, version, kind, observed, schema, payload in rows:
        known = find(stream)
        if known is None:
            known = folded[stream] = Folded()
        if version > known.version:  # noqa: PLR1730  see above
            known.version = version
        if aside and position in aside:
            continue
        known.types.add(kind)
        if observed >= known.observed_until:
            known.observed_until = observed
        else:
            apart.add(stream)
        state = known.state
        for step in steps_of(payload, schema):
            if step.action != "removed":
                state[step.path] = step.after
            else:
                state.pop(step.path, None)
    return folded, apart
