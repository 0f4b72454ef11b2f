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

_BEGINNING = 32_768
_PIECE = 2_048
_OF_TEXT = 8
"""So many characters of source are looked at for each that should be shown."""

_APART = re.compile(
    r"<(?=(?-i:[hnstHNST]))(script|style|template|svg|noscript|title|h1)(?![\w:-])", re.IGNORECASE
)
"""Elements whose text is not part of what the page shows, or is more than that."""
_APART_BUT_HEADLINES = re.compile(
    r"<(?=(?-i:[nstNST]))(script|style|template|svg|noscript|title)(?![\w:-])", re.IGNORECASE
)
_END = {
    name: re.compile(rf"</(?=(?-i:[a-zA-Z])){name}(?![\w:-])", re.IGNORECASE)
    for name in ("script", "style", "template", "svg", "noscript", "title", "h1")
}

_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|li|ul|ol|br|tr|td|th|dt|dd|section|main|nav|body)\b[^<>]*>?",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>?")
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
    parts: dict[str, list[str]] = {"": [], "title": [], "h1": [], "noscript": []}
    for inside, source in _parts(_without_comments(text)):
        if inside in parts:
            words = _words(source)
            parts[inside].append(words)
            if inside == "h1":
                parts[""].append(words)
    return Look(
        title=_joined(parts["title"]),
        headline=_joined(parts["h1"]),
        text=_joined(parts[""]),
        without_scripts=_joined(parts["noscript"]),
        language=language(text),
        asks_password="password" in text.casefold() and bool(_PASSWORD.search(text)),
        is_html=True,
    )


def language(text: str) -> str:
    """Return the language an HTML page states, `en`; empty: it states none."""
    if not looks_like_html(text):
        return ""
    root = re.search(r"<html\b[^>]*>", text[:_MOST], re.IGNORECASE)
    stated = _LANGUAGE.search(root[0]) if root else None
    return stated[1].casefold() if stated else ""


def has_text(text: str, least: int) -> bool:
    """Return whether an HTML page plainly shows more than `least` characters of text.

    True is certain, and is found in a page's beginning as a rule; false means nothing.
    """
    return any(_shows_more(text[:most], least) for most in (_BEGINNING, _MOST))


def _shows_more(text: str, least: int) -> bool:
    shown = 0
    for inside, part in _parts(_without_comments(text)):
        if inside in {"", "h1"}:
            # the first and the last word may be one with what stands beyond, or half a reference
            words = _words(part[: max(_PIECE, _OF_TEXT * least)]).split()[1:-1]
            shown += len(_joined([" ".join(words)]))
        if shown > least:
            return True
    return False


def plainly_shows(text: str, words: str) -> bool:
    """Return whether an HTML page shows `words` as they are written here, as far as that is easy.

    True means that they are in what `look` returns, at a tenth of its cost; false means nothing.
    They have to stand alone in the source: between tags or white space, so that no reference and
    no accent before or after them makes them other words.
    """
    source = _without_comments(text[:_MOST])
    at = source.find(words)
    before, after = source[at - 1 : at], source[at + len(words) :][:1]
    if at < 1 or not (before == ">" or before.isspace()) or not (after == "<" or after.isspace()):
        return False
    tag = source.rfind("<", 0, at)
    if not looks_like_html(text) or source.find(">", tag, at) < 0:
        return False  # a tag that has not ended
    end, holding = 0, ""
    for inside, part in _parts(source):
        if end > at:
            break
        holding = inside
        end += len(part)
    return holding in {"", "h1", "title"}


def _joined(parts: list[str]) -> str:
    return tidy(unescape("".join(parts)))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the source in parts, each with the element that matters: title, h1, noscript or none.

    Only the first h1 counts as one.
    """
    at, apart = 0, _APART
    while opened := apart.search(text, at):
        yield "", text[at : opened.start()]
        name = opened[1].casefold()
        if name == "h1":
            apart = _APART_BUT_HEADLINES
        closed = _END[name].search(text, opened.end())
        at = closed.start() if closed else len(text)
        yield name, text[opened.start() : at]
    yield "", text[at:]


def _words(source: str) -> str:
    """Return the text of a piece of source: without its tags, those of blocks as white space.

    Two substitutions over all of it, since a loop over the tags costs three times as much. What
    stands for a block begins as a tag does: an unfinished tag before it ends there.
    """
    return _TAG.sub("", _BLOCK.sub("<> ", source))


def _without_comments(text: str) -> str:
    """Return `text` without HTML comments; one that never ends hides the rest."""
    if "<!--" not in text:
        return text
    first, *rest = text.split("<!--")
    return first + "".join(piece.partition("-->")[2] for piece in rest)
