"""What a person would see of an HTML page at a glance, found without building its tree.

The judge looks at every answer, also at hostile ones, before any reader does. So this is one pass
over the text, linear in its length whatever stands in it; a parser's tree is not (nested blocks
cost the square of their depth).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from watcher.core.text import tidy
from watcher.readers.characters import unescape

_MOST = 2_000_000
"""Characters looked at: a page's beginning says what it is."""

_APART = frozenset({"script", "style", "template", "svg", "noscript", "title"})
"""Elements whose text is not part of what the page shows."""

_BLOCKS = re.compile(
    r"/?(?:p|div|h[1-6]|li|ul|ol|br|tr|td|th|dt|dd|section|main|nav|body)\b", re.IGNORECASE
)
_TAG = re.compile(r"/?[a-zA-Z][\w:-]*")
_LANGUAGE = re.compile(r"\blang\s*=\s*[\"']?([a-zA-Z]{2,3})\b")
_PASSWORD = re.compile(r"type\s*=\s*[\"']?password\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page at a glance.

    Attributes:
        title: What the browser's tab would show.
        headline: The first main heading.
        text: All text a person would see, in one line, without the title.
        without_scripts: What stands there for browsers without scripts.
        language: The page's language as it states it, `en`; empty: it does not.
        asks_password: Whether it has a field for a password.
        is_html: Whether it is HTML at all; else `text` is the whole text.
    """

    title: str = ""
    headline: str = ""
    text: str = ""
    without_scripts: str = ""
    language: str = ""
    asks_password: bool = False
    is_html: bool = False


_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def looks_like_html(text: str) -> bool:
    """Return whether `text` begins as an HTML document does."""
    return bool(_HTML.match(_without_comments(text[:8_192])))


def look(text: str) -> Look:
    """Return what is to be seen of `text`: an HTML page, or any other text as it stands."""
    text = text[:_MOST]
    if not looks_like_html(text):
        return Look(text=tidy(text))
    parts: dict[str, list[str]] = {"text": [], "title": [], "h1": [], "noscript": []}
    for inside, words in _words(text):
        parts[inside if inside in parts else "text"].append(words)
        if inside == "h1":
            parts["text"].append(words)
    root = re.search(r"<html\b[^>]*>", text, re.IGNORECASE)
    language = _LANGUAGE.search(root[0]) if root else None
    return Look(
        title=_joined(parts["title"]),
        headline=_joined(parts["h1"]),
        text=_joined(parts["text"]),
        without_scripts=_joined(parts["noscript"]),
        language=language[1].casefold() if language else "",
        asks_password=bool(_PASSWORD.search(text)),
        is_html=True,
    )


def _joined(parts: list[str]) -> str:
    return tidy(unescape("".join(parts)))


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each piece of text with the element that matters: title, h1, noscript or none.

    Only the first h1 counts as one. What scripts and styles hold is left out.
    """
    inside, has_headline = "", False
    for chunk in _without_comments(text).split("<"):
        tag, _, words = chunk.partition(">")
        found = _TAG.match(tag)
        name = found[0].casefold() if found else ""
        if inside:
            inside = "" if name == f"/{inside}" else inside
        elif name in _APART or (name == "h1" and not has_headline):
            inside, has_headline = name, has_headline or name == "h1"
        if inside in {"", "title", "h1", "noscript"}:
            yield inside, f" {words}" if _BLOCKS.match(tag) else words


def _without_comments(text: str) -> str:
    """Return `text` without HTML comments; one that never ends hides the rest."""
    first, *rest = text.split("<!--")
    return first + "".join(piece.partition("-->")[2] for piece in rest)
