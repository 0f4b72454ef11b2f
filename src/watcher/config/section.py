"""A section: a mapping with keys of its own, of which none is unknown and none misspelt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from watcher.config.document import Entries, Items, Node, Scalar
from watcher.config.inspection import Inspection, did_you_mean
from watcher.config.kinds import Kind, Schema

T = TypeVar("T")

Values: TypeAlias = Mapping[str, Any]
"""What was read of a section, by key: `Any`, since each key has a kind of its own."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section.

    Attributes:
        name: As it is written.
        kind: What it holds.
        about: What it means, in a sentence.
        is_required: Whether it has to be there.
        default: What it is where it is not there, as it would be written; None: nothing.
    """

    name: str
    kind: Kind[object]
    about: str
    is_required: bool = field(default=False, kw_only=True)
    default: str | int | bool | None = field(default=None, kw_only=True)

    def schema(self) -> Schema:
        """Return what the key accepts and means."""
        told: Schema = {"description": self.about}
        if self.default is not None:
            told["default"] = self.default
        return self.kind.schema() | told


def _nothing_more(_node: Entries, _values: Values, _on: Inspection) -> None:
    """Find nothing wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Generic[T]):
    """Reads a mapping into what `build` makes of its values.

    Attributes:
        what: What it describes: `source`.
        keys: Its keys.
        build: Called with the values by name; keys that are not there are left out.
        check: Called before, with those values that could be read: what no key can see alone.
        one_of: Groups of keys of which exactly one has to be there.
    """

    what: str
    keys: tuple[Key, ...]
    build: Callable[..., T]
    check: Callable[[Entries, Values, Inspection], None] = _nothing_more
    one_of: tuple[tuple[str, ...], ...] = ()

    def read(self, node: Node, on: Inspection) -> T | None:
        """Return what the section describes, or None after noting all that is wrong with it."""
        if not isinstance(node, Entries):
            on.expected(node, f"a {self.what} with keys such as {self._some_keys()}")
            return None
        before = len(on.problems)
        self._check_names(node, on)
        values: dict[str, Any] = {}
        for key in self.keys:
            there = node.nodes.get(key.name)
            value = None if there is None else key.kind.read(there, on)
            if value is not None:
                values[key.name] = value
        self.check(node, values, on)
        return self.build(**values) if len(on.problems) == before else None

    def _some_keys(self) -> str:
        return ", ".join(key.name for key in self.keys[:3])

    def _check_names(self, node: Entries, on: Inspection) -> None:
        known = [key.name for key in self.keys]
        for name, there in node.nodes.items():
            if name not in known:
                guess = did_you_mean(name, set(known) - node.nodes.keys())
                on.note(there, f"a {self.what} has no such key{guess}")
        node.note_repeated(on.note)
        for key in self.keys:
            if key.is_required and key.name not in node.nodes:
                on.note(inside(node, key.name), f"is missing: {key.about}")
        for group in self.one_of:
            there_are = [name for name in group if name in node.nodes]
            if len(there_are) != 1:
                on.note(node, f"expected either {_listed(group, 'or')}, found {_count(there_are)}")

    def schema(self) -> Schema:
        """Return an object with these keys and no others."""
        described: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: key.schema() for key in self.keys},
            "required": [key.name for key in self.keys if key.is_required],
        }
        groups = [{"oneOf": [{"required": [name]} for name in group]} for group in self.one_of]
        return described | ({"allOf": groups} if groups else {})


def _listed(names: Sequence[str], word: str) -> str:
    """Return `a, b or c`."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def _count(there_are: Sequence[str]) -> str:
    """Return in words how many of a group's keys there are."""
    return _listed(there_are, "and") if there_are else "none of them"


def inside(node: Node, name: str) -> Node:
    """Return where the key `name` of the mapping at `node` would stand."""
    key = f"{node.key}.{name}" if node.key != "(file)" else name
    return Scalar(node.line, key, None)


def check_ids(node: Node | None, on: Inspection) -> None:
    """Note each id that an earlier item of the list at `node` has already."""
    lines: dict[object, int] = {}
    for item in node.nodes if isinstance(node, Items) else ():
        there = item.nodes.get("id") if isinstance(item, Entries) else None
        if not isinstance(there, Scalar) or there.value is None:
            continue
        if there.value in lines:
            on.note(there, f"the id '{there.value}' is taken on line {lines[there.value]}")
        else:
            lines[there.value] = there.line


def ids_in(node: Node | None) -> frozenset[str]:
    """Return the ids of the items of the list at `node`."""
    items = node.nodes if isinstance(node, Items) else ()
    ids = (item.nodes.get("id") for item in items if isinstance(item, Entries))
    return frozenset(str(there.value) for there in ids if isinstance(there, Scalar))
