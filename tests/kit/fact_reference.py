"""The vocabulary of facts, for `docs/reference/facts.md`: found in kept pages, and tried.

Every path in a golden reading, and in PDFs made here, is changed in all ways its kind of value
allows; what the program makes of that is what the page says of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

from kit.pdf import Stamp, pdf
from kit.smpc import annexes
from watcher.core import watch_list
from watcher.core.diff import diff
from watcher.core.edtf import is_edtf
from watcher.core.facts import State, Subject, Value, split_path
from watcher.core.rows import effective, new_row
from watcher.core.status import AuthorisationStatus
from watcher.core.taxonomy import TYPES
from watcher.readers.pdf_text import NO_LONGER_AUTHORISED, READER
from watcher.readers.reader import Payload
from watcher.readers.registry import READERS

GOLDEN = Path(__file__).parents[1] / "golden"
HEAD = """# The facts

What readers say, path by path, as the pages kept for tests have it; written by `make reference`.
Say what another reader says at its path, so that the two can be laid side by side. `J` is a
jurisdiction such as `EU`; `…` is what tells several of a kind apart, such as a section's number.
The reader `generic` says whatever its options name.

*Told as* is what comes of a fact of a medicine that appears, changes or goes by itself. Where
nothing stands, that is `fact.changed`; `authorisation.…` is one of the family, by the value.
*Found by* are the filters of a [watch list](../configuration.md#watch_lists) that look at it. See
also [events](../events.md) and [sources](../sources.md#a-reader-of-your-own).

| fact | value | readers | told as | found by |
|---|---|---|---|---|
"""
NEW_ROWS = """
## A new row

What comes of a subject that a list did not have before, by the subject's kind. A kind that is not
here is `fact.changed`.

| subject | readers | told as | its date |
|---|---|---|---|
"""
MORE_VALUES: Mapping[str, tuple[Value, ...]] = {
    "authorisation[EU].status": tuple(status.value for status in AuthorisationStatus),
    "orphan_designation.status": ("Expired", "Negative", "Positive", "Withdrawn"),
}
"""Values of a closed set that no kept page has."""
_WITH_JURISDICTION = frozenset({"authorisation", "market", "supply_status"})
_BASES: tuple[State, ...] = ({}, {"authorisation[EU].status": "authorised"})
_SUBJECT = Subject("medicine", "EMEA/H/C/000001")
_MOST_VALUES = 6
_MOST_OF_A_FAMILY = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one path.

    Attributes:
        path: As it stands in a state, its key one of those that occur.
        readers: Who says it.
        values: What was said, once each.
    """

    path: str
    readers: set[str] = field(default_factory=set)
    values: list[Value] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One subject as a reader told of it."""

    reader: str
    subject: Subject
    state: State
    is_listed: bool


def read() -> Iterator[Row]:
    """Yield every subject of the golden readings, and of PDFs, which are made and not kept."""
    for golden in sorted(GOLDEN.glob("*/*.json")):
        told = json.loads(golden.read_text("utf-8")) if golden.parent.name in READERS else None
        if isinstance(told, dict) and {"reader", "records"} <= told.keys():
            for record in told["records"]:
                state = {path: fact["value"] for path, fact in record["facts"].items()}
                subject = Subject.parse(record["subject"])
                yield Row(golden.parent.name, subject, state, told["lists_all"])
    for body in (pdf(annexes(), Stamp(NO_LONGER_AUTHORISED)), pdf([["A letter."]])):
        url = "https://agency.example/document.pdf"
        for each in READER.read(Payload(body=body, url=url)).records:
            yield Row(READER.name, each.subject, each.state(), is_listed=False)


def general(path: str) -> str:
    """Return a path as the page has it: a key stands for all keys, but that of a flag."""
    part = split_path(path)
    if not part.key or part.family == "flag":
        return path
    key = "J" if part.family in _WITH_JURISDICTION else "…"
    return f"{part.family}[{key}]" + (f".{part.leaf}" if part.leaf else "")


def vocabulary(found: Iterable[Row]) -> dict[str, Known]:
    """Return what is known of each path, in the order of the paths."""
    known: dict[str, Known] = {}
    for row in found:
        for path, value in row.state.items():
            name = general(path)
            each = known.setdefault(
                name, Known(name.replace("[J]", "[EU]") if "[J]" in name else path)
            )
            each.readers.add(row.reader)
            if value not in each.values:
                each.values.append(value)
    return dict(sorted(known.items()))


def kind(value: Value) -> str:
    """Return what kind of value it is, in a word."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case int():
            return "number"
        case str():
            return "date" if is_edtf(value) else "text"
        case list():
            return "list"
        case _:
            return "record"


def told_as(known: Known) -> set[str]:
    """Return the types of event that a fact makes that comes, changes or goes alone."""
    values = known.values[:_MOST_VALUES]
    more = MORE_VALUES.get(known.path) or [other for value in values for other in _others(value)]
    values = [*values, *more]
    told = set()
    for base in _BASES:
        absent = {path: value for path, value in base.items() if path != known.path}
        states: list[State] = [absent, *({**absent, known.path: value} for value in values)]
        for before, after in permutations(states, 2):
            told |= {event.type for event in diff(_SUBJECT, before, after)}
    return told - {"fact.changed"}


def _others(value: Value) -> Iterator[Value]:
    """Yield values of the same kind that say something else; a record: field by field."""
    match value:
        case None:
            return
        case bool():
            yield not value
        case int():
            yield value + 1
        case str():
            yield "2031-12-13" if is_edtf(value) else "something else"
        case list():
            yield ["something else"]
        case _:
            for name, one in value.items():
                yield from ({**value, name: other} for other in _others(one))


def found_by(known: Known) -> list[str]:
    """Return the filters of a watch list that find something in a fact."""
    row = Subject("row", "1")
    return [
        name
        for name, (_, _, stated) in watch_list._FILTERS.items()
        if any(stated(row, {known.path: value}) for value in known.values)
    ]


def new_rows(found: Iterable[Row]) -> dict[tuple[str, str], set[str]]:
    """Return the readers whose lists make an event of a new row, by kind and event."""
    told: dict[tuple[str, str], set[str]] = {}
    for row in found:
        if row.is_listed:
            for state in (row.state, *_restated(row.state)):
                event = new_row(row.subject, state)
                told.setdefault((row.subject.kind, event), set()).add(row.reader)
    return dict(sorted(told.items()))


def _restated(state: State) -> Iterator[State]:
    """Yield a state with the values of a closed set that no kept page has."""
    for path in MORE_VALUES.keys() & state.keys():
        yield from ({**state, path: value} for value in MORE_VALUES[path])


def page() -> str:
    """Return the page."""
    found = list(read())
    known_by_path = vocabulary(found)
    lines = [
        _line(
            f"`{name}`",
            ", ".join(sorted({kind(value) for value in known.values})),
            _named(known.readers),
            _events(told_as(known)),
            ", ".join(found_by(known)),
        )
        for name, known in known_by_path.items()
    ]
    listed = [
        _line(
            f"`{subject}`",
            _named(readers),
            f"`{event}`",
            _named(path for path in known_by_path if effective(event, {path: "2031-12-13"})),
        )
        for (subject, event), readers in new_rows(found).items()
    ]
    return "".join([HEAD, *lines, NEW_ROWS, *listed])


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _events(told: set[str]) -> str:
    """Return event types in the order of the taxonomy, many of a family as the family."""
    families = [TYPES[name].family for name in TYPES if name in told]
    shown = (
        name
        if families.count(TYPES[name].family) <= _MOST_OF_A_FAMILY
        else f"{TYPES[name].family}.…"
        for name in TYPES
        if name in told
    )
    return ", ".join(f"`{name}`" for name in dict.fromkeys(shown))
