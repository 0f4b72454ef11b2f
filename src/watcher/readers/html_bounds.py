"""What an HTML page may ask of us before it is parsed at all.

A parser's work can grow with the square of a hostile page: deep nesting makes it search a long
stack for every tag, many attributes on one tag make it compare each with each. So pages are
measured by their text first, in linear time. An ordinary page has some thousand elements, thirty
levels and ten attributes.
"""

from __future__ import annotations

import re
from typing import NoReturn

from watcher.errors import ReadError

MAX_TAGS = 150_000
MAX_DEPTH = 500
MAX_UNCLOSED = 10_000
_MAX_SQUARED = 10**10
_FEW_TAGS = 10_000

_OPENING = re.compile(
    r"<(?!(?:area|br|col|dd|dt|embed|hr|img|input|li|link|meta|p|path|source|td|th|tr|use|wbr)\b)"
    r"[a-z]",
    re.IGNORECASE,
)
_LONG_TAG = re.compile(r"<[a-zA-Z][^>]{2000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def check_bounds(text: str) -> None:
    """Refuse HTML that would take a parser more than seconds or more than ordinary memory.

    Raises:
        ReadError: It has too many elements, too many open ones or too many attributes.
    """
    tags = text.count("<")
    if tags > MAX_TAGS:
        _refuse(f"at most {MAX_TAGS:,} tags", f"{tags:,}")
    if tags > _FEW_TAGS:
        unclosed = len(_OPENING.findall(text)) - text.count("</")
        if unclosed > MAX_UNCLOSED:
            _refuse(f"at most {MAX_UNCLOSED:,} tags that are not closed", f"{unclosed:,}")
    squared = sum(len(_QUOTED.sub("", tag)) ** 2 for tag in _LONG_TAG.findall(text))
    if squared > _MAX_SQUARED:
        _refuse("tags with a few attributes", f"attributes of {squared**0.5:,.0f} characters")


def refuse_depth(line: int) -> NoReturn:
    """Refuse a tree deeper than a page's.

    Raises:
        ReadError: Always.
    """
    _refuse(f"at most {MAX_DEPTH} levels of elements", "more", f"line {line}")


def _refuse(expected: str, found: str, place: str = "") -> NoReturn:
    raise ReadError(reader="outline", expected=expected, found=found, place=place)
