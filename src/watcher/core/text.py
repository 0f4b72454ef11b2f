"""Text as sources print it, made comparable without losing what it says."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
"""Soft hyphens, zero-width marks and byte order marks: they carry no meaning and come and go."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def tidy(text: str) -> str:
    """Return `text` in one line: NFC, ordinary single spaces, no control or invisible characters.

    A lone surrogate or a NUL cannot be stored as text; it becomes U+FFFD, so that it stays visible.
    """
    if text.isascii():  # nine texts in ten: there is nothing to compose and nothing invisible
        plain = text if text.isprintable() else _CONTROL.sub("\ufffd", text)
        return " ".join(plain.split())
    text = _CONTROL.sub("\ufffd", _INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return what two spellings of one text share: case and white space do not count."""
    return tidy(text).casefold()


def squash(text: str) -> str:
    """Return only the letters and digits, folded: punctuation and spacing do not count."""
    return _NOT_ALPHANUMERIC.sub("", fold(text))


def without_accents(text: str) -> str:
    """Return `text` folded and without accents, to search by: Panés is found as panes."""
    folded = fold(text)
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFD", folded)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def visible(text: str, *, keep: str = "") -> str:
    r"""Return `text` with every character that steers a screen, and none that prints, written out.

    Escape sequences, carriage returns, marks that turn the direction of writing and NUL become
    `\x1b`, `\u202e` …: a page may put anything into a title, and a title ends up on a terminal.

    Args:
        text: Any text.
        keep: Characters to leave as they are, such as a line break.
    """
    if text.isprintable():
        return text
    return "".join(
        each
        if each.isprintable() or each in keep or unicodedata.category(each) == "Zs"
        else each.encode("unicode_escape").decode("ascii")
        for each in text
    )


def shorten(text: str, limit: int = 80) -> str:
    """Return `text` in at most `limit` characters, with an ellipsis where it was cut."""
    text = tidy(text)
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
