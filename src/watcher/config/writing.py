"""An entry of `sources.yaml` as a person would write it, comments and all.

What is written here is read back by `document` as it was meant: a text that YAML, old or new, might
take for something else stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_PLAIN = re.compile(
    r"[A-Za-z][\w./-]*(?: [\w./-]+)*|\d+[smhd]|https?://[\w.~/%?&=+@:-]*[\w/-]", re.ASCII
)
_OTHER_THAN_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def as_item(
    entry: Mapping[str, object], *, head: Sequence[str] = (), notes: Mapping[str, str]
) -> str:
    """Return `entry` as one item of a list, not indented, with a line end after the last line.

    Args:
        entry: Plain values by key, in the order to be written.
        head: Comments above it, one a line.
        notes: Comments beside keys, by key.
    """
    lines = [f"# {comment}" for comment in head]
    for number, (key, value) in enumerate(entry.items()):
        first, *others = _lines(key, value)
        note = f"  # {notes[key]}" if key in notes else ""
        lines += [f"{'  ' if number else '- '}{first}{note}", *(f"  {line}" for line in others)]
    return "".join(f"{line}\n" for line in lines)


def _lines(key: str, value: object) -> Iterator[str]:
    """Yield a key and its value: in one line, but for mappings that hold lists of mappings."""
    if not (isinstance(value, Mapping) and any(map(_is_long, value.values()))):
        yield f"{scalar(key)}: {_flow(value)}"
        return
    yield f"{scalar(key)}:"
    for name, part in value.items():
        if _is_long(part):
            yield f"  {scalar(name)}:"
            yield from (f"    - {_flow(item)}" for item in part)
        else:
            yield f"  {scalar(name)}: {_flow(part)}"


def _is_long(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def _flow(value: object) -> str:
    """Return a value in one line."""
    match value:
        case Mapping():
            return (
                f"{{{', '.join(f'{scalar(key)}: {_flow(part)}' for key, part in value.items())}}}"
            )
        case list() | tuple():
            return f"[{', '.join(map(_flow, value))}]"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case _:
            return scalar(str(value))


def scalar(text: str) -> str:
    """Return a text as YAML: bare where it can be taken for nothing else, else in quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _OTHER_THAN_TEXT:
        return text
    return f'"{"".join(map(_mark, text))}"'


def _mark(mark: str) -> str:
    """Return one character as it stands within quotes."""
    if mark in '"\\':
        return f"\\{mark}"
    return mark if mark.isprintable() else f"\\U{ord(mark):08x}"
