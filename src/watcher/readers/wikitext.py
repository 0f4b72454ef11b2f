"""An article's source (wikitext) turned into plain text, line by line.

Only what our readers need: templates other than the infobox, references, pictures and marks go;
links become their words; the infobox becomes a list below the word `Infobox`. Every line keeps its
number, so that the place of a fact is its line in the source.
"""

from __future__ import annotations

import re

from watcher.readers.characters import unescape

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BRACES = re.compile(r"\{\{|\}\}")
_PICTURE = re.compile(
    r"\[\[(?:File|Image|Category)\s*:[^\[\]]*(?:\[\[[^\[\]]*\]\][^\[\]]*)*\]\]", re.IGNORECASE
)
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_OUTER_LINK = re.compile(r"\[https?://[^\s\[\]]++(?: ([^\]\n]{0,500}))?\]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BULLET = re.compile(r"^[*#:;]+ ?", re.MULTILINE)
_INFOBOX = re.compile(r"\{\{\s*(?:infobox|drugbox)\b", re.IGNORECASE)
_NO_NAME = re.compile(r"[|{}]")
_INNER = re.compile(r"\{\{[^{}]*\}\}")
_DEEPEST = 20
"""How deep templates in a value may be nested; what lies deeper stays as it is printed."""
_KEPT = re.compile(r"\{\{\s*(?:nowrap|small|nobr|lang\|\w+)\s*\|([^{}]*)\}\}", re.IGNORECASE)


def plain(source: str) -> str:
    """Return an article's wikitext as plain text with the same number of lines."""
    text = source.replace("\r\n", "\n")
    text = _without_references(_COMMENT.sub(_blank, text))
    text = _KEPT.sub(r"\1", text)
    text = _without_templates(text)
    text = _PICTURE.sub(_blank, text)
    text = _LINK.sub(r"\1", text)
    text = _OUTER_LINK.sub(r"\1", text)
    text = _TAG.sub("", text).replace("'''", "").replace("''", "")
    return unescape(text)


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _without_references(text: str) -> str:
    """Return `text` without `<ref …/>` and `<ref>…</ref>`; one that never ends stays."""
    pieces: list[str] = []
    done = 0
    while (start := text.find("<ref", done)) >= 0:
        tag_end = text.find(">", start)
        closes = tag_end >= 0 and text[tag_end - 1] != "/"
        end = text.find("</ref>", tag_end) + 5 if closes else tag_end
        if end < tag_end or tag_end < 0:
            break
        pieces += (text[done:start], "\n" * text.count("\n", start, end))
        done = end + 1
    return "".join(pieces) + text[done:]


def _without_templates(text: str) -> str:
    """Return `text` without its templates, the infobox turned into a list."""
    pieces: list[str] = []
    opened: list[int] = []
    done = 0
    for brace in _BRACES.finditer(text):
        if brace[0] == "{{":
            opened.append(brace.start())
        elif opened:
            start = opened.pop()
            if not opened:
                pieces += (text[done:start], _template(text[start : brace.end()]))
                done = brace.end()
    return "".join(pieces) + text[done:]


def _template(source: str) -> str:
    """Return what stays of a template: nothing, or the infobox as a list."""
    if not _INFOBOX.match(source):
        return "\n" * source.count("\n")
    return "\n".join(["Infobox", *map(_parameter, _flat(source[2:-2]).split("\n")[1:])])


def _parameter(line: str) -> str:
    """Return `| name = value` as an item of a list; empty where it is something else."""
    printed, equals, value = line.partition("=")
    name = printed.strip().removeprefix("|").strip()
    is_one = equals and printed.lstrip().startswith("|") and 0 < len(name) <= 60
    return f"- {name}: {value.strip()}" if is_one and not _NO_NAME.search(name) else ""


def _flat(source: str) -> str:
    """Return an infobox's source without the templates in its values."""
    for _ in range(_DEEPEST):
        shorter = _INNER.sub(_blank, source)
        if shorter == source:
            break
        source = shorter
    return source
