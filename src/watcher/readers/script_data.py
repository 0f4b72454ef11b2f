"""Data that a page hands to its own script: `var dataSet = [ … ];`, taken out and parsed.

The end of the data is found by matching its brackets in one pass, strings skipped whole, so that a
page of megabytes is read in linear time and a page that was cut is seen to be cut.
"""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn, TypeAlias

from watcher.core.text import shorten
from watcher.errors import ReadError

MAX_CHARACTERS: Final = 20_000_000
MAX_DEPTH: Final = 20

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_MARK = re.compile(r'"(?:[^"\\]|\\.|\\\Z)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""A string, one without an end included (it is gone through once and not from every quote in it),
or a bracket."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def has_variable(text: str, name: str) -> bool:
    """Return whether the page's script declares the variable `name`."""
    return _declared(text, name) >= 0


def script_data(text: str, name: str, *, reader: str) -> list[Json]:
    """Return the list that the page's script assigns to the variable `name`.

    Control characters, which the Union Register has inside its strings, count as spaces.

    Args:
        text: The page.
        name: The variable: `dataSet_proc`.
        reader: Name and version of the reader, for its errors.

    Raises:
        ReadError: There is no such variable, it is no list, or the page ends before the list does.
    """
    place = f"var {name}"
    start = _declared(text, name)
    if start < 0:
        raise ReadError(reader=reader, expected=place, found="a page without it")
    end = _end(text, start, name, reader)
    try:
        data = json.loads(_CONTROL.sub(" ", text[start:end]), parse_constant=_refuse)
    except ValueError as error:
        raise ReadError(
            reader=reader, expected="well-formed JSON", found=shorten(str(error)), place=place
        ) from error
    if not isinstance(data, list):
        raise ReadError(reader=reader, expected="a list", found=type(data).__name__, place=place)
    return data


def _declared(text: str, name: str) -> int:
    """Return where the value of the variable `name` begins, or -1."""
    declared = f"var {name} = "
    at = text.find(declared)
    return at + len(declared) if at >= 0 else -1


def _end(text: str, start: int, name: str, reader: str) -> int:
    """Return the place after the bracket that closes the one at `start`."""
    place = f"var {name}"
    if text[start : start + 1] not in {"[", "{"}:
        found = shorten(text[start : start + 40])
        raise ReadError(reader=reader, expected="a list", found=found, place=place)
    depth = 0
    for match in _MARK.finditer(text, start, start + MAX_CHARACTERS):
        mark = match[0]
        depth += (mark in "[{") - (mark in "]}")
        if depth == 0:
            return match.end()
        if depth > MAX_DEPTH:
            expected = f"at most {MAX_DEPTH} levels"
            raise ReadError(reader=reader, expected=expected, found="more of them", place=place)
    raise ReadError(reader=reader, expected="a closing bracket", found="none", place=place)


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no value"
    raise ValueError(message)
