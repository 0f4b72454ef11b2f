"""What an HTML page may ask of us before it is parsed at all.

A parser's work can grow with the square of a hostile page: deep nesting makes it search a long
stack for every tag, many attributes on one tag make it compare each with each. So pages are
measured by their text first, in linear time. An ordinary page has some thousand elements, thirty
levels and ten attributes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

from watcher.errors import ReadError

MAX_TAGS = 150_000
MAX_DEPTH = 500
_MAX_OPEN = 300_000_000
"""Open elements added up over all tags: a second's work. An ordinary page comes to a million."""
_MAX_SQUARED = 10**10
FEW_TAGS = 10_000

_NAMED = re.compile(r"<(/?)([a-z][^\s/>]*)", re.IGNORECASE)
_SELDOM_CLOSED = frozenset(
    {"area", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "p"}
    | {"path", "source", "td", "th", "tr", "use", "wbr"}
)
_TAG = re.compile(r"<[a-zA-Z]")
_LONG = 2_000
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def check_bounds(text: str) -> None:
    """Refuse HTML that would take a parser more than seconds or more than ordinary memory.

    Raises:
        ReadError: It has too many elements, too many open ones or too many attributes.
    """
    tags = text.count("<")
    if tags > MAX_TAGS:
        _refuse(f"at most {MAX_TAGS:,} tags", f"{tags:,}")
    if tags > FEW_TAGS and (work := _nesting(text)) > _MAX_OPEN:
        _refuse("tags within a few others", f"tags within {work // tags:,} others on average")
    squared = sum(len(_QUOTED.sub("", tag)) ** 2 for tag in _long_tags(text))
    if squared > _MAX_SQUARED:
        _refuse("tags with a few attributes", f"attributes of {squared**0.5:,.0f} characters")


def _nesting(text: str) -> int:
    """Return how many elements are open at each tag, added up: what a parser has to search.

    A closing tag closes only what bears its name; ten thousand `<x></y>` are ten thousand deep.
    """
    opened: Counter[str] = Counter()
    depth = work = 0
    for closing, printed in _NAMED.findall(text):
        name = printed.casefold()
        if name not in _SELDOM_CLOSED and (not closing or opened[name]):
            step = -1 if closing else 1
            opened[name] += step
            depth += step
        work += depth
    return work


def _long_tags(text: str) -> Iterator[str]:
    """Yield each tag of more than `_LONG` characters, without its end.

    A page has few stretches that long without a `>`; the rest is passed over in strides.
    """
    at = 0
    while at < len(text):
        ended = text.rfind(">", at, at + _LONG)
        if ended < 0:
            ended = text.find(">", at + _LONG)
            ended = len(text) if ended < 0 else ended
            opened = _TAG.search(text, at, ended)
            if opened and ended - opened.end() >= _LONG:
                yield text[opened.start() : ended]
        at = ended + 1


def refuse_depth(place: str = "") -> NoReturn:
    """Refuse a tree deeper than a page's.

    Raises:
        ReadError: Always.
    """
    _refuse(f"at most {MAX_DEPTH} levels of elements", "more", place)


def _refuse(expected: str, found: str, place: str = "") -> NoReturn:
    raise ReadError(reader="outline", expected=expected, found=found, place=place)
