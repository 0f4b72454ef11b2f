"""The `options` of a source whose pages the reader `generic` reads.

The reader itself knows what its options may be and decodes them; here its problems are given their
lines, and editors are told of its keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from watcher.config.document import Entries, Items, Node, Plain, Scalar
from watcher.config.inspection import Inspection
from watcher.config.kinds import Choice, Flag, ListOf, MapOf, Schema, Text, Whole, has_variable
from watcher.config.section import Key, Section, inside
from watcher.errors import ConfigError
from watcher.readers.dates import Language, Order
from watcher.readers.generic_options import MOST, GenericOptions, Kind

Raw: TypeAlias = "Plain | list[Raw] | dict[str, Raw]"
"""A part of the options as plain values."""

_SELECTOR = Text(what="a CSS selector", longest=2_000)


def _choice(words: object) -> Choice[str]:
    return Choice({word: word for word in get_args(words)})


_WORDS = (
    Key("css", _SELECTOR, "The CSS selector of the element that holds the words."),
    Key("attribute", Text(), "With css, the attribute that holds the words; else the text does."),
    Key("kind", _choice(Kind), "What the words are.", default="text"),
    Key("separator", Text(), "What parts the values of a list.", default=";"),
    Key("language", _choice(Language), "The language of a date's month.", default="en"),
    Key("order", _choice(Order), "Which comes first in 03/04/2018.", default="unstated"),
)

_FACT: Section[dict[str, Any]] = Section(
    what="fact",
    keys=(
        Key("path", Text(), "What is stated, such as product.brand_name.", is_required=True),
        Key("label", Text(longest=2_000), "The label that stands before the words."),
        *_WORDS,
        Key("required", Flag(), "Whether a page without it is not the page.", default=False),
    ),
    build=dict,
    one_of=(("label", "css"),),
)

_FIELD: Section[dict[str, Any]] = Section(what="field", keys=_WORDS, build=dict)

_LIST: Section[dict[str, Any]] = Section(
    what="list",
    keys=(
        Key("path", Text(), "What one of its things is, such as item.", is_required=True),
        Key("key", Text(), "The field that tells the things apart.", is_required=True),
        Key("css", _SELECTOR, "The CSS selector of one thing."),
        Key("below", Text(longest=2_000), "The heading that the things stand below."),
        Key("fields", MapOf(Text(), _FIELD), "With css, what each thing holds, by name."),
        Key("least", Whole(0, MOST), "Fewer things are not believed.", default=0),
        Key("most", Whole(0, MOST), "Nor are more.", default=MOST),
    ),
    build=dict,
    one_of=(("css", "below"),),
)

_OPTIONS: Section[dict[str, Any]] = Section(
    what="mapping of options",
    keys=(
        Key("subject", Text(), "What kind of thing a page is about.", default="page"),
        Key("facts", ListOf(_FACT), "The single facts."),
        Key("lists", ListOf(_LIST), "The lists of things."),
    ),
    build=dict,
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a page of the user's own is like."""

    def read(self, node: Node, on: Inspection) -> GenericOptions | None:
        """Return the options; every problem is noted where it stands in the file."""
        if not isinstance(node, Entries):
            on.expected(node, "a mapping with keys such as facts and lists")
            return None
        before = len(on.problems)
        places: dict[str, Node] = {}
        try:
            options = GenericOptions.decode(_plain(node, "", places, on))
        except ConfigError as error:
            for problem in error.problems:
                on.note(_place(problem.key, places), problem.message)
            return None
        return options if len(on.problems) == before else None

    def schema(self) -> Schema:
        """Return an object of facts and lists."""
        return _OPTIONS.schema()


def _plain(node: Node, at: str, places: dict[str, Node], on: Inspection) -> Raw:
    """Return `node` as plain values, having noted in `places` where each of them stands.

    Args:
        node: The options, or a part of them.
        at: How the reader calls it: `facts[0].kind`, counted from 0.
        places: By such a key, the node.
        on: Where problems are noted that the plain values would not show.
    """
    places[at] = node
    match node:
        case Items():
            return [
                _plain(item, f"{at}[{number}]", places, on)
                for number, item in enumerate(node.nodes)
            ]
        case Entries():
            node.note_repeated(on.note)
            return {
                name: _plain(part, f"{at}.{name}" if at else name, places, on)
                for name, part in node.nodes.items()
            }
        case Scalar(value=str(text)):
            has_variable(node, text, on)
            return text
        case Scalar(value=value):
            return value


def _place(key: str, places: dict[str, Node]) -> Node:
    """Return where the value that the reader calls `key` stands, or would stand."""
    if key in places:
        return places[key]
    parent, _, name = key.rpartition(".")
    return inside(places.get(parent, places[""]), name)
