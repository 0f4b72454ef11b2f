"""YAML as this program reads it: plain text, lists and mappings, each with its line and key.

Only YAML's core schema is read and nothing is ever constructed. Tags, anchors and aliases are
refused, and size and depth are bounded, so that a hostile file costs no more than an honest one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml.composer import Composer
from yaml.error import MarkedYAMLError
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

Plain: TypeAlias = "str | int | float | bool | None"

MAX_BYTES = 262_144
MAX_DEPTH = 12
MAX_NODES = 40_000
"""Keys, values and lists; five hundred sources have ten thousand."""
_MAX_DIGITS = 18
ROOT = "(file)"
"""The key of the document itself."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, flag or nothing."""

    line: int
    key: str
    value: Plain


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    key: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; `repeated` holds, with the line of the first, what stands at a key once more."""

    line: int
    key: str
    nodes: dict[str, Node]
    repeated: tuple[tuple[Node, int], ...] = ()

    def note_repeated(self, note: Callable[[Node, str], None]) -> None:
        """Note each key that is there once more."""
        for again, line in self.repeated:
            note(again, f"is there twice, first on line {line}")


Node: TypeAlias = "Scalar | Items | Entries"


class DocumentError(ValueError):
    """The file is no document at all; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def parse(body: bytes) -> Node:
    """Return the document in `body`.

    The key of an item with an id is `sources[ema-medicines]`, that of any other `urls[2]`, counted
    from 1. The line of a value is the line of its key.

    Raises:
        DocumentError: It is too large, not UTF-8, not YAML, empty, or uses what is refused.
    """
    if len(body) > MAX_BYTES:
        raise DocumentError(1, f"expected at most {MAX_BYTES} bytes, found {len(body)}")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(body.count(b"\n", 0, error.start) + 1, "not UTF-8") from None
    try:
        root = _Loader(text).get_single_node()
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(line, f"a control character, {error.character:#04x}") from None
    except MarkedYAMLError as error:
        raise _as_document_error(error) from None
    if root is None:
        raise DocumentError(1, "the file is empty")
    return _node(root, root.start_mark.line + 1, "")


def _as_document_error(error: MarkedYAMLError) -> DocumentError:
    mark = error.problem_mark or error.context_mark
    told = " ".join(part for part in (error.context, error.problem) if part)
    return DocumentError(mark.line + 1 if mark else 1, f"not YAML as we read it: {told}")


class _Loader(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes nodes and nothing else; refuses what could grow or hide."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self.depth = 0
        self.nodes = 0

    def fetch_flow_collection_start(self, token: type[yaml.Token]) -> None:
        # Here and not while composing: PyYAML's scanner takes quadratic time over open brackets.
        if self.flow_level >= MAX_DEPTH:
            raise DocumentError(self.line + 1, f"nested deeper than {MAX_DEPTH}")
        super().fetch_flow_collection_start(token)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None):
            raise DocumentError(line, "anchors and aliases are not used here")
        if getattr(event, "tag", None):
            raise DocumentError(line, "tags are not used here")
        if self.depth > MAX_DEPTH:
            raise DocumentError(line, f"nested deeper than {MAX_DEPTH}")
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise DocumentError(line, f"more than {MAX_NODES} keys and values")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
}
"""The core schema of YAML 1.2, without infinity: unlike in 1.1, `yes` and `12:30` are texts."""

for _name, _pattern in _CORE.items():
    _Loader.add_implicit_resolver(f"!{_name}", re.compile(rf"(?:{_pattern})\Z"), None)


def _node(node: yaml.Node, line: int, key: str) -> Node:
    if isinstance(node, yaml.MappingNode):
        return _entries(node, line, key)
    if isinstance(node, yaml.SequenceNode):
        return Items(line, key or ROOT, _items(node, key))
    return Scalar(line, key or ROOT, _value(node))


def _entries(node: yaml.MappingNode, line: int, key: str) -> Entries:
    nodes: dict[str, Node] = {}
    repeated: list[tuple[Node, int]] = []
    for name_node, value_node in node.value:
        name_line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            raise DocumentError(name_line, "a key is a single word, not a list or mapping")
        name = str(name_node.value)
        value = _node(value_node, name_line, f"{key}.{name}" if key else name)
        if name in nodes:
            repeated.append((value, nodes[name].line))
        else:
            nodes[name] = value
    return Entries(line, key or ROOT, nodes, tuple(repeated))


def _items(node: yaml.SequenceNode, key: str) -> tuple[Node, ...]:
    return tuple(
        _node(item, item.start_mark.line + 1, f"{key}[{_id_of(item) or number}]")
        for number, item in enumerate(node.value, start=1)
    )


def _id_of(node: yaml.Node) -> str:
    """Return the id a mapping states, to call it by."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    ids = (str(value.value) for name, value in pairs if name.value == "id")
    return next((text for text in ids if text.isprintable() and len(text) <= 64), "")


def _value(node: yaml.Node) -> Plain:
    text = str(node.value)
    match node.tag.removeprefix("!"):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if len(text) <= _MAX_DIGITS:
            return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
        case "float" if len(text) <= _MAX_DIGITS:
            return float(text)
        case _:
            return text
