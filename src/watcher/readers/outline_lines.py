"""Outlines of Markdown and of plain text: one line of the source is one line of the outline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from watcher.errors import ReadError
from watcher.readers.blocks import Block, Kind, Link, Outline, absolute, one_line
from watcher.readers.characters import unescape

MAX_LINES = 400_000

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(((?:[^()\s]|\([^()\s]*\))*)\)")
_COMMENT = re.compile(r"<!--[^<>]*-->")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~\"&])")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]*)(?<=\S)\*(?![\w*])")
_MARKS = re.compile("[][*&\\\\<\ue000]")
_ROW = re.compile(r"\s*\|(.*)\|\s*")
_LINE_MARK = "\ue000"
"""What docling since 2.9x leaves of a line break within a list item."""
_BULLET_STARTS = frozenset(" \t-*+•0123456789")
_RULE = re.compile(r"[\s|:=_*-]+")

Inline = Callable[[str], tuple[str, tuple[Link, ...]]]
"""What makes words and links of a piece of source text."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines of one kind of source are marked.

    Attributes:
        inline: Makes words and links of a line's text.
        heading: Returns the level and the text of a heading; None where a line is none.
        bullet: Matches an item: its indent, its text.
        label: Matches an item that is the label of the items below it.
    """

    inline: Inline
    heading: Callable[[str], tuple[int, str] | None]
    bullet: re.Pattern[str]
    label: re.Pattern[str]


def markdown_outline(text: str, url: str = "") -> Outline:
    """Return the outline of Markdown, its front matter put aside.

    Args:
        text: The source, with ordinary line ends.
        url: The page's address; empty: the one the front matter names, if it does.
    """
    lines = text.split("\n")
    start = _front_matter_end(lines)
    meta = _front_matter(lines[:start])
    saved_from = _address(meta.get("document_pathfilename", ""))
    meta = meta | {"canonical": saved_from} if saved_from else meta
    base = url or saved_from
    dialect = Dialect(
        inline=lambda source: _markdown(source, base),
        heading=_marked_heading,
        bullet=re.compile(r"(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(\S.*)"),
        label=re.compile(r"\*\*([^*]+)\*\*(?:\s*:)?\s*"),
    )
    return _outline(lines, start, dialect, meta)


def text_outline(text: str) -> Outline:
    """Return the outline of plain text; `= Title =` and `== Heading ==` are headings."""
    dialect = Dialect(
        inline=lambda source: (one_line(source), ()),
        heading=_framed_heading,
        bullet=re.compile(r"(\s*)[-*•]\s+(\S.*)"),
        label=re.compile(r"(?!)"),
    )
    return _outline(text.split("\n"), 0, dialect, {})


def _marked_heading(line: str) -> tuple[int, str] | None:
    """Return the level and the text of `## Heading` or `## Heading ##`."""
    text = line.lstrip("#")
    level = len(line) - len(text)
    words = text.rstrip().rstrip("#").strip()
    return (level, words) if 0 < level <= 6 and text[:1].isspace() and words else None


def _framed_heading(line: str) -> tuple[int, str] | None:
    """Return the level and the text of `== Heading ==`."""
    framed = line.rstrip()
    level = len(framed) - len(framed.lstrip("="))
    if not 0 < level <= 6 or not framed.endswith("=" * level):
        return None
    words = framed[level:-level].strip()
    return (level, words) if words and not words.startswith("=") else None


def _outline(lines: list[str], start: int, dialect: Dialect, meta: dict[str, str]) -> Outline:
    if len(lines) > MAX_LINES:
        found = f"{len(lines):,} lines"
        raise ReadError(reader="outline", expected=f"at most {MAX_LINES:,} lines", found=found)
    blocks = tuple(_Walk(dialect).blocks(lines, start))
    title = next((block.text for block in blocks if block.kind == "heading"), "")
    return Outline(blocks=blocks, title=title, meta=meta)


def _front_matter_end(lines: list[str]) -> int:
    """Return the index of the first line after the front matter; 0: there is none."""
    if lines[0].strip() != "---":
        return 0
    ends = (at + 1 for at, line in enumerate(lines[1:200], 1) if line.strip() == "---")
    return next(ends, 0)


def _front_matter(lines: list[str]) -> dict[str, str]:
    """Return the keys of the front matter; nested ones by their own name.

    It is not parsed as YAML: nothing in it is worth an alias, a tag or an error.
    """
    pairs = (line.partition(":") for line in lines)
    return {key.strip(): value.strip() for key, colon, value in pairs if colon}


def _address(name: str) -> str:
    """Return the address a saved page's name stands for."""
    return f"https://{name.removesuffix('.html')}" if "/" in name else ""


def _markdown(source: str, base: str) -> tuple[str, tuple[Link, ...]]:
    """Return the words and links of a piece of Markdown, its marks and entities undone."""
    if not _MARKS.search(source):
        return one_line(source), ()
    links: list[Link] = []

    def link(match: re.Match[str]) -> str:
        if match[1]:
            return ""  # a picture says nothing we read
        words = _plain(match[2])
        links.append(Link(words, absolute(base, unescape(match[3]))))
        return words

    words = _LINK.sub(link, source) if "](" in source else source
    return _plain(words), tuple(links)


def _plain(source: str) -> str:
    if not _MARKS.search(source):
        return one_line(source)
    if "<!--" in source:
        source = _COMMENT.sub("", source)
    if "*" in source:
        source = source.replace("**", "")
        source = _EMPHASIS.sub(r"\1", source) if "*" in source else source
    if "\\" in source:
        source = _ESCAPED.sub(r"\1", source)
    return one_line(unescape(source).replace(_LINE_MARK, " "))


@dataclass(slots=True)
class _Walk:
    """Goes from line to line and remembers which bullets the next one stands below."""

    dialect: Dialect
    indents: list[int] = field(default_factory=list)
    label_indent: int = -1

    def blocks(self, lines: list[str], start: int) -> Iterator[Block]:
        """Yield the block of each line from `start` on that says something."""
        for number in range(start, len(lines)):
            if (line := lines[number]) and (block := self._block(line, f"line {number + 1}")):
                yield block

    def _block(self, line: str, place: str) -> Block | None:
        first = line[0]
        if first in "#=" and (heading := self.dialect.heading(line)):
            self._leave_list()
            words, links = self.dialect.inline(heading[1])
            return Block("heading", words, place, heading[0], links) if words else None
        if (first in _BULLET_STARTS) and (match := self.dialect.bullet.fullmatch(line)):
            return self._item(len(match[1].expandtabs(4)), match[2], place)
        if first in "|- \t=_*" and _RULE.fullmatch(line):
            return None
        if first not in " \t":
            self._leave_list()
        if first in "| " and (match := _ROW.fullmatch(line)):
            return self._row(match[1], place)
        words, links = self.dialect.inline(line)
        kind, level = self._kind(), len(self.indents)
        return Block(kind, words, place, level, links) if words else None

    def _leave_list(self) -> None:
        self.indents.clear()
        self.label_indent = -1

    def _kind(self) -> Kind:
        if not self.indents:
            return "text"
        return "item" if self.label_indent < 0 else "value"

    def _item(self, indent: int, source: str, place: str) -> Block | None:
        while self.indents and self.indents[-1] >= indent:
            self.indents.pop()
        self.indents.append(indent)
        if indent <= self.label_indent:
            self.label_indent = -1
        label = self.dialect.label.fullmatch(source)
        words, links = self.dialect.inline(label[1] if label else source)
        if not words:
            return None
        if label:
            self.label_indent = indent
            return Block("label", words, place, len(self.indents), links)
        kind = self._kind()
        lines = tuple(_plain(line) for line in source.split(_LINE_MARK))
        return Block(kind, words, place, len(self.indents), links, lines if len(lines) > 1 else ())

    def _row(self, source: str, place: str) -> Block | None:
        read = [self.dialect.inline(cell) for cell in re.split(r"(?<!\\)\|", source)]
        cells = tuple(words for words, _ in read)
        links = tuple(link for _, found in read for link in found)
        if not any(cells):
            return None
        if len(cells) == 1:
            return Block("text", cells[0], place, links=links)
        return Block("row", " | ".join(cells), place, links=links, cells=cells)
