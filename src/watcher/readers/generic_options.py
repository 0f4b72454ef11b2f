"""What a user says of a page of his own: which words on it are facts, and what has to be there.

In `sources.yaml`, below `options:` of a source whose reader is `generic`:

    facts:
      - {path: "authorisation[EU].status", label: Status, kind: status, required: true}
      - {path: page.last_updated, css: time.updated, attribute: datetime, kind: date}
    lists:
      - path: item
        css: ul.news > li
        key: url
        fields:
          title: {css: a}
          url: {css: a, attribute: href, kind: url}
        least: 1
      - {path: event, below: Coming events, key: title}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias, get_args

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from watcher.core.facts import split_path
from watcher.core.text import shorten, tidy
from watcher.errors import ConfigError, Problem
from watcher.readers.dates import Language, Order

Kind = Literal["text", "date", "flag", "list", "number", "status", "url"]
"""What the words are: `status` in EMA's words, `number` a whole one, `flag` yes or no."""

MOST: Final = 5_000
"""Most rules, and most things a list may hold unless its rule says less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Where words stand and how they are to be read.

    Attributes:
        css: A CSS selector; in a field it is looked for within the item, and empty means the item.
        attribute: The attribute that holds the words; empty: they are the element's text.
        kind: What the words are.
        separator: What parts a `list`.
        language: The language of a date's month.
        order: Which number comes first in a date such as 03/04/2018.
    """

    css: str = ""
    attribute: str = ""
    kind: Kind = "text"
    separator: str = ";"
    language: Language = "en"
    order: Order = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRule:
    """One fact: found by the label before it or by a selector.

    Attributes:
        path: Where it belongs: `product.brand_name`.
        label: The label; empty: the selector finds it.
        words: How to read it.
        is_required: Whether a page without it is not the page.
    """

    path: str
    label: str = ""
    words: Words = field(default_factory=Words)
    is_required: bool = False

    @property
    def name(self) -> str:
        """Return what finds the fact, for errors: its label or its selector."""
        return self.label or self.words.css


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRule:
    """Things a page lists, each of which becomes one fact: `item[KEY]`.

    Attributes:
        path: What one of them is: `item`, `document`, `study`.
        key: The field that tells them apart.
        css: The selector of one of them.
        below: Instead, the heading they stand below: items with `title` and `url`, or rows of a
            table with the columns' names in lower case.
        fields: With `css`, what each holds.
        least: Fewer are not believed.
        most: Nor are more.
    """

    path: str
    key: str
    css: str = ""
    below: str = ""
    fields: Mapping[str, Words] = field(default_factory=dict)
    least: int = 0
    most: int = MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericOptions:
    """All that a user says of his page; nothing said, every label and its value is read.

    Attributes:
        subject: What kind of thing the page is about.
        facts: The single facts.
        lists: The lists.
    """

    subject: str = "page"
    facts: tuple[FactRule, ...] = ()
    lists: tuple[ListRule, ...] = ()

    @classmethod
    def decode(cls, raw: object) -> GenericOptions:
        """Return the options that a mapping of plain values spells out.

        Raises:
            ConfigError: Some of it is not understood. Every problem is told at once, its `key`
                relative to the options (`facts[0].kind`), file and line left to the caller.
        """
        inspection = _Inspection()
        found = inspection.entry(raw, "", _OPTIONS)
        if inspection.problems:
            raise ConfigError(inspection.problems)
        return cls(**found)

    @property
    def digest(self) -> str:
        """Return eight characters that tell these options from others."""
        written = json.dumps(asdict(self), sort_keys=True)
        return sha256(written.encode()).hexdigest()[:8]


Check: TypeAlias = "Callable[[_Inspection, object, str], Any]"
"""Returns what a raw value at a key means, having noted what is wrong with it."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """The keys of one kind of mapping, those it needs, and what is made of it."""

    keys: Mapping[str, Check]
    needs: tuple[str, ...]
    build: Callable[[_Inspection, dict[str, Any], str], Any]


@dataclass(slots=True)
class _Inspection:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def note(self, key: str, message: str) -> None:
        self.problems.append(Problem(file="", line=0, key=key, message=message))

    def entry(self, raw: object, at: str, shape: _Shape) -> Any:
        """Return what a mapping means; None where something is wrong with it."""
        if not isinstance(raw, Mapping):
            return self.note(at, f"expected a mapping, found {shorten(repr(raw))}")
        before = len(self.problems)
        dot = f"{at}." if at else ""
        for name in sorted(raw.keys() - shape.keys.keys(), key=str):
            self.note(f"{dot}{name}", f"unknown; known are {', '.join(sorted(shape.keys))}")
        for name in shape.needs:
            if name not in raw:
                self.note(f"{dot}{name}", "is missing")
        found = {
            name: check(self, raw[name], f"{dot}{name}")
            for name, check in shape.keys.items()
            if name in raw
        }
        return shape.build(self, found, at) if len(self.problems) == before else None


def _text(on: _Inspection, raw: object, at: str) -> str:
    if isinstance(raw, str) and (text := tidy(raw)):
        return text
    on.note(at, f"expected a text, found {shorten(repr(raw))}")
    return ""


def _separator(on: _Inspection, raw: object, at: str) -> str:
    if isinstance(raw, str) and raw:
        return raw
    on.note(at, f"expected the mark between two values, found {shorten(repr(raw))}")
    return ""


def _flag(on: _Inspection, raw: object, at: str) -> bool:
    if not isinstance(raw, bool):
        on.note(at, f"expected true or false, found {shorten(repr(raw))}")
    return raw is True


def _count(on: _Inspection, raw: object, at: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MOST:
        return raw
    on.note(at, f"expected a number from 0 to {MOST}, found {shorten(repr(raw))}")
    return 0


def _selector(on: _Inspection, raw: object, at: str) -> str:
    selector = _text(on, raw, at)
    try:
        LexborHTMLParser("<p>").css(selector or "p")
    except SelectolaxError:
        on.note(at, f"expected a CSS selector, found {shorten(selector)!r}")
    return selector


def _path(on: _Inspection, raw: object, at: str) -> str:
    path = _text(on, raw, at)
    try:
        split_path(path)
    except ValueError:
        if path:
            on.note(at, f"expected a path like product.brand_name, found {shorten(path)!r}")
    return path


def _name(on: _Inspection, raw: object, at: str) -> str:
    name = _text(on, raw, at)
    if name and not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        on.note(at, f"expected a name in a-z, 0-9 and _, found {shorten(name)!r}")
    return name


def _family(on: _Inspection, raw: object, at: str) -> str:
    name = _text(on, raw, at)
    if name and not re.fullmatch(r"[a-z_]{1,40}", name):
        on.note(at, f"expected a name in a-z and _, found {shorten(name)!r}")
    return name


def _one_of(*words: str) -> Check:
    def check(on: _Inspection, raw: object, at: str) -> str:
        if isinstance(raw, str) and raw in words:
            return raw
        on.note(at, f"expected one of {', '.join(words)}, found {shorten(repr(raw))}")
        return words[0]

    return check


def _many(shape: _Shape) -> Check:
    def check(on: _Inspection, raw: object, at: str) -> tuple[Any, ...]:
        if not isinstance(raw, list) or len(raw) > MOST:
            on.note(at, f"expected a list, found {shorten(repr(raw))}")
            return ()
        return tuple(on.entry(each, f"{at}[{number}]", shape) for number, each in enumerate(raw))

    return check


def _fields(on: _Inspection, raw: object, at: str) -> dict[str, Words]:
    if not isinstance(raw, Mapping) or not raw:
        on.note(at, f"expected fields by name, found {shorten(repr(raw))}")
        return {}
    names = {_name(on, name, f"{at}.{name}"): each for name, each in raw.items()}
    return {name: on.entry(each, f"{at}.{name}", _FIELD) for name, each in names.items()}


_WORDS: Final[Mapping[str, Check]] = {
    "css": _selector,
    "attribute": _text,
    "kind": _one_of(*get_args(Kind)),
    "separator": _separator,
    "language": _one_of(*get_args(Language)),
    "order": _one_of(*get_args(Order)),
}


def _build_words(_on: _Inspection, found: dict[str, Any], _at: str) -> Words:
    return Words(**found)


def _build_fact(on: _Inspection, found: dict[str, Any], at: str) -> FactRule:
    words = Words(**{name: found[name] for name in _WORDS if name in found})
    if ("label" in found) == ("css" in found):
        on.note(at, "expected either a label or a css selector")
    if words.attribute and not words.css:
        on.note(f"{at}.attribute", "goes with css")
    part = split_path(found["path"])
    if part.family == "authorisation" and part.leaf == "status" and words.kind != "status":
        on.note(f"{at}.kind", "expected status, since this path holds one")
    return FactRule(
        path=found["path"],
        label=found.get("label", ""),
        words=words,
        is_required=found.get("required", False),
    )


def _build_list(on: _Inspection, found: dict[str, Any], at: str) -> ListRule:
    rule = ListRule(**found)
    if bool(rule.css) == bool(rule.below):
        on.note(at, "expected either css or below")
    if bool(rule.css) != bool(rule.fields):
        on.note(f"{at}.fields", "goes with css, and css with fields")
    if rule.fields and rule.key not in rule.fields:
        on.note(f"{at}.key", f"expected one of its fields, found {rule.key!r}")
    if rule.least > rule.most:
        on.note(f"{at}.least", "is more than most")
    return rule


def _build_options(on: _Inspection, found: dict[str, Any], _at: str) -> dict[str, Any]:
    paths: set[str] = set()
    for name in ("facts", "lists"):
        for number, rule in enumerate(found.get(name, ())):
            if rule is not None and rule.path in paths:
                on.note(f"{name}[{number}].path", f"{rule.path} is there twice")
            paths.add(rule.path if rule is not None else "")
    return found


_FIELD: Final = _Shape(_WORDS, (), _build_words)
_FACT: Final = _Shape(
    {**_WORDS, "path": _path, "label": _text, "required": _flag}, ("path",), _build_fact
)
_LIST: Final = _Shape(
    {
        "path": _family,
        "key": _name,
        "css": _selector,
        "below": _text,
        "fields": _fields,
        "least": _count,
        "most": _count,
    },
    ("path", "key"),
    _build_list,
)
_OPTIONS: Final = _Shape(
    {"subject": _name, "facts": _many(_FACT), "lists": _many(_LIST)}, (), _build_options
)
