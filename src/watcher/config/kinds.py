"""The kinds of values a key can hold.

Each reads a node, or notes what is wrong with it, and says in JSON Schema what it accepts: one
description serves the reading, the schema and the tests of the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from watcher.config.document import Entries, Items, Node, Scalar
from watcher.config.inspection import Inspection, did_you_mean, found

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Schema: TypeAlias = dict[str, object]


class Kind(Protocol[T_co]):
    """Reads one kind of value."""

    def read(self, node: Node, on: Inspection, /) -> T_co | None:
        """Return the value at `node`, or None after noting what is wrong with it."""
        ...

    def schema(self) -> Schema:
        """Return what is accepted, as JSON Schema."""
        ...


_QUOTES = "put it in quotes if it is meant as text"


def text_at(node: Node, on: Inspection, what: str, advice: str = _QUOTES) -> str | None:
    """Return the text at `node`, or None after noting that `what` was expected there.

    Args:
        node: Where it should stand.
        on: Where problems are noted.
        what: What is expected, in words.
        advice: What to do where a number or flag stands there.
    """
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    is_number = isinstance(node, Scalar) and node.value is not None
    on.note(node, f"expected {what}, found {found(node)}{f'; {advice}' if is_number else ''}")
    return None


def has_variable(node: Node, text: str, on: Inspection) -> bool:
    """Return whether a variable stands in `text`, where it would stay unread; it is noted."""
    if "${" in text:
        on.note(node, "variables are read only in contact, storage and the url of a channel")
    return "${" in text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text in one line.

    Attributes:
        what: What is expected, in words, when something else is found.
        pattern: What it has to match as a whole; empty: anything but nothing.
        longest: How many characters it may have.
    """

    what: str = "a text"
    pattern: str = ""
    longest: int = 500

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the text; a variable is refused where it would stay unread."""
        text = text_at(node, on, self.what)
        if text is None or has_variable(node, text, on):
            return None
        if not self._fits(text):
            on.expected(node, self.what)
            return None
        return text

    def _fits(self, text: str) -> bool:
        if len(text) > self.longest or not text.isprintable() or text != text.strip():
            return False
        return bool(re.fullmatch(self.pattern, text)) if self.pattern else bool(text)

    def schema(self) -> Schema:
        """Return a string, of the pattern."""
        accepted: Schema = {"type": "string", "minLength": 1, "maxLength": self.longest}
        return accepted | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, node: Node, on: Inspection) -> bool | None:
        """Return the flag."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        on.expected(node, "true or false")
        return None

    def schema(self) -> Schema:
        """Return a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int

    def read(self, node: Node, on: Inspection) -> int | None:
        """Return the number."""
        number = self.number_at(node)
        if number is None:
            on.expected(node, self.what)
        return number

    @property
    def what(self) -> str:
        """Return what is expected, in words."""
        return f"a whole number from {self.least} to {self.most}"

    def number_at(self, node: Node) -> int | None:
        """Return the number at `node`, or None where something else stands."""
        value = node.value if isinstance(node, Scalar) else None
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, int) and is_number and self.least <= value <= self.most:
            return value
        return None

    def schema(self) -> Schema:
        """Return an integer within its bounds."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class WholeOr:
    """A whole number, or a word that stands for one beyond its bounds.

    Attributes:
        number: The number.
        word: The word.
        meant: What the word stands for.
    """

    number: Whole
    word: str
    meant: int

    def read(self, node: Node, on: Inspection) -> int | None:
        """Return the number."""
        if isinstance(node, Scalar) and node.value == self.word:
            return self.meant
        number = self.number.number_at(node)
        if number is None:
            on.expected(node, f"{self.number.what}, or {self.word}")
        return number

    def schema(self) -> Schema:
        """Return an integer within its bounds, or the word."""
        return {"anyOf": [self.number.schema(), {"type": "string", "enum": [self.word]}]}


@dataclass(frozen=True, slots=True)
class Span:
    """The fewest and the most of something: `[2000, 4000]`."""

    number: Whole

    def read(self, node: Node, on: Inspection) -> tuple[int, int] | None:
        """Return both ends."""
        if not isinstance(node, Items) or len(node.nodes) != 2:
            on.expected(node, "the fewest and the most, such as [2000, 4000]")
            return None
        ends = [self.number.read(end, on) for end in node.nodes]
        if ends[0] is None or ends[1] is None:
            return None
        if ends[0] > ends[1]:
            on.note(node, f"the fewest, {ends[0]}, is more than the most, {ends[1]}")
            return None
        return ends[0], ends[1]

    def schema(self) -> Schema:
        """Return an array of two integers."""
        return {"type": "array", "items": self.number.schema(), "minItems": 2, "maxItems": 2}


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of a few words."""

    values: Mapping[str, T]
    what: str = ""

    def read(self, node: Node, on: Inspection) -> T | None:
        """Return what the word stands for."""
        what = self.what or f"one of {', '.join(self.values)}"
        word = text_at(node, on, what)
        if word is None:
            return None
        if word not in self.values:
            on.note(node, f"expected {what}, found {found(node)}{did_you_mean(word, self.values)}")
            return None
        return self.values[word]

    def schema(self) -> Schema:
        """Return the words."""
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of something defined elsewhere: a reader, a channel.

    Attributes:
        to: What it names, as in `Inspection.known`.
        what: The same for people.
    """

    to: str
    what: str

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the name."""
        name = text_at(node, on, f"the id of a {self.what}")
        if name is None:
            return None
        known = on.known.get(self.to, ())
        if name not in known:
            on.note(node, f"there is no {self.what} {found(node)}{did_you_mean(name, known)}")
            return None
        on.used.add((self.to, name))
        return name

    def schema(self) -> Schema:
        """Return a string; what it may be stands elsewhere in the file."""
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list of values of one kind, each once."""

    kind: Kind[T]
    least: int = 0

    def read(self, node: Node, on: Inspection) -> tuple[T, ...] | None:
        """Return the values that could be read."""
        if not isinstance(node, Items):
            on.expected(node, "a list")
            return None
        if len(node.nodes) < self.least:
            on.note(node, f"expected at least {self.least}, found an empty list")
        values: list[T] = []
        for item in node.nodes:
            value = self.kind.read(item, on)
            if value is not None and isinstance(item, Scalar) and value in values:
                on.note(item, f"{found(item)} is there twice")
            elif value is not None:
                values.append(value)
        return tuple(values)

    def schema(self) -> Schema:
        """Return an array."""
        accepted: Schema = {"type": "array", "items": self.kind.schema(), "uniqueItems": True}
        return accepted | ({"minItems": self.least} if self.least else {})


@dataclass(frozen=True, slots=True)
class MapOf(Generic[T]):
    """Values of one kind by names of one kind."""

    name: Text
    kind: Kind[T]

    def read(self, node: Node, on: Inspection) -> dict[str, T] | None:
        """Return the values by name, folded."""
        if not isinstance(node, Entries):
            on.expected(node, "a mapping")
            return None
        node.note_repeated(on.note)
        values: dict[str, T] = {}
        for name, value_node in node.nodes.items():
            folded = self.name.read(Scalar(value_node.line, value_node.key, name.casefold()), on)
            value = self.kind.read(value_node, on)
            if folded is not None and value is not None:
                values[folded] = value
        return values

    def schema(self) -> Schema:
        """Return an object with such names."""
        return {
            "type": "object",
            "propertyNames": self.name.schema(),
            "additionalProperties": self.kind.schema(),
        }
