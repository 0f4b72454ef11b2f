"""A little HTML: everything is escaped unless it says that it is HTML already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TypeAlias
from urllib.parse import urlsplit


class Html(str):
    """A text that is HTML already: made here, never taken from a source."""

    __slots__ = ()


Piece: TypeAlias = "str | Html"

_TRICKY = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters and marks that turn text round: a name may not dress up as another."""


def said(piece: Piece) -> Html:
    """Return a text escaped, with marks that would mislead the eye made visible."""
    if isinstance(piece, Html):
        return piece
    return Html(escape(_TRICKY.sub(lambda found: f"‹U+{ord(found[0]):04X}›", piece)))


def join(pieces: Iterable[Piece], between: Piece = "") -> Html:
    """Return pieces one after the other."""
    return Html(said(between).join(map(said, pieces)))


def element(name: str, *pieces: Piece, **attributes: str) -> Html:
    """Return an element; `class_` and `for_` lose their underscore, `data_x` is `data-x`."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{said(value)}"'
        for key, value in attributes.items()
        if value
    )
    return Html(f"<{name}{named}>{join(pieces)}</{name}>")


def link(url: str, words: str = "") -> Html:
    """Return a link to an address of the web; to anything else, only its words."""
    try:
        is_web = urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        is_web = False
    if not is_web:
        return said(words or url)
    return element("a", words or url, href=url, rel="noopener noreferrer")


def table(columns: Mapping[str, int], rows: Iterable[Sequence[Piece]], *, caption: str) -> Html:
    """Return a table that on a phone becomes one block a row, each cell with its column's name.

    Args:
        columns: Their names, and how much of the width each takes, in parts of a hundred.
        rows: As many cells as there are columns.
        caption: What it shows, for those who hear the page instead of seeing it.
    """
    head = element(
        "tr",
        *(
            element("th", name, scope="col", style=f"width:{width}%")
            for name, width in columns.items()
        ),
    )
    body = [
        element(
            "tr",
            *(
                element("td", element("div", cell), data_label=name)
                for name, cell in zip(columns, cells, strict=True)
            ),
        )
        for cells in rows
    ]
    return element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", Html("\n".join(body))),
    )


def lines(pieces: Iterable[Piece]) -> Html:
    """Return pieces below one another; empty ones are left out."""
    return join((element("div", piece) for piece in pieces if piece), "")
