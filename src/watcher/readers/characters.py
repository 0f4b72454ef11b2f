r"""Characters a page can write and no store can keep: what readers make of them.

Half a surrogate pair comes out of JSON's `\ud800`; a character reference can have a million digits;
and keys within a value are ASCII, because the log's bytes are hashed.
"""

from __future__ import annotations

import html
import re

from watcher.core.text import without_accents

_SURROGATE = re.compile("[\ud800-\udfff]")
_TOO_LONG = re.compile(r"&#[0-9]{9,};?")
"""A decimal reference beyond every character; the standard library stumbles over its digits."""


def unescape(text: str) -> str:
    """Return `text` with HTML's character references undone; one to no character is U+FFFD."""
    return html.unescape(_TOO_LONG.sub("\ufffd", text))


def without_surrogates(text: str) -> str:
    """Return `text` with U+FFFD for every half of a surrogate pair, which UTF-8 cannot write."""
    return _SURROGATE.sub("\ufffd", text)


def ascii_key(name: str) -> str:
    r"""Return a name as the key of a value: as it is, or in ASCII where it is beyond that.

    Accents go (with them, upper case) and what is left is written as its number: `β-cel` is
    `\u03b2-cel`. The words themselves stand in the fact's quote.
    """
    if name.isascii():
        return name
    return without_accents(name).encode("ascii", "backslashreplace").decode()
