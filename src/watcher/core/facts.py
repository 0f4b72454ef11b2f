"""What a source says: facts about subjects, each with the words it was read from.

A fact is a path and a value. Paths are spelled alike by every reader, so that what EMA, an
aggregator and an encyclopaedia say of one medicine can be laid side by side:

    product.brand_name                 "Alofisel"
    authorisation[EU].status           "withdrawn"
    authorisation[EU].withdrawn        "2024-12-13"          an EDTF date, as precise as stated
    document[EMA/598555/2024]          {"title": …, "first_published": "2025-03-26", …}
    flag[orphan]                       True

The key in brackets is a jurisdiction, a document's identity or the name of a flag. Null is a value
("stated, and empty"); a fact that is absent was not stated at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value] | None"
"""What may stand in a fact and in the log; no floats, since encoders write them differently."""

State: TypeAlias = Mapping[str, Value]
"""All that one source says of one subject, by path."""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a fact is about: a kind and an identity within it.

    `medicine EMEA/H/C/004258`, `substance darvadstrocel`, `document …`, `study …`, `source …`.
    """

    kind: str
    id: str

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Return the subject that `kind:id` names."""
        kind, _, identity = text.partition(":")
        return cls(kind, identity)

    def __str__(self) -> str:
        """Return `kind:id`."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a source says.

    Attributes:
        path: What it is about the subject, as in the module's docstring.
        value: The value, canonical: dates in EDTF, statuses by name, lists in one order.
        quote: The words it was read from, verbatim but for white space.
        place: Where they stand: `line 29`, `/data/17/medicine_status`, `Medicine!D412`.
    """

    path: str
    value: Value
    quote: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything a source says of one subject."""

    subject: Subject
    facts: tuple[Fact, ...]

    def state(self) -> dict[str, Value]:
        """Return the values by path; of several facts at one path the first one counts."""
        return {fact.path: fact.value for fact in reversed(self.facts)}

    def fact(self, path: str) -> Fact | None:
        """Return the first fact at `path`, or None."""
        return next((fact for fact in self.facts if fact.path == path), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader says a snapshot says.

    Attributes:
        reader: Name and version of the reader: `ema_medicine_page@1`.
        records: One record a subject.
        lists_all: Whether it is a list of all the subjects of its source, so that a subject that
            is missing in it is missing there.
        published: When the source says this was generated or last updated, EDTF or RFC 3339.
        unknown: Labels, fields and words the reader did not know and did not need: reported once
            as drift, never guessed at.
    """

    reader: str
    records: tuple[Record, ...]
    lists_all: bool = False
    published: str = ""
    unknown: tuple[str, ...] = field(default=())


class Path(NamedTuple):
    """A path taken apart: `authorisation[EU].withdrawn.actor`."""

    family: str
    key: str
    leaf: str


_PATH = re.compile(r"([a-z_]+)(?:\[(.*)\])?(?:\.([a-z0-9_.]+))?", re.DOTALL)


def split_path(path: str) -> Path:
    """Return the parts of `path`; missing ones are empty.

    Raises:
        ValueError: It is no path.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        message = f"not a path of a fact: {path!r}"
        raise ValueError(message)
    return Path(match[1], match[2] or "", match[3] or "")


def in_order(values: Iterable[str]) -> list[Value]:
    """Return `values` once each, in one order, since sources list the same things in any."""
    listed = sorted(values, reverse=True)
    if len(listed) < 2:  # most lists of a page: nothing to compare
        return [*listed]
    by_key = {value.casefold(): value for value in listed}
    return [by_key[key] for key in sorted(by_key)]
