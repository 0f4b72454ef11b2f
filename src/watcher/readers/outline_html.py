"""The outline of an HTML page, in one walk over its tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from watcher.readers.blocks import Block, Kind, Link, Outline, absolute, one_line
from watcher.readers.html_bounds import FEW_TAGS, MAX_DEPTH, check_bounds, refuse_depth

_DROPPED = frozenset(
    {"-comment", "audio", "canvas", "iframe", "map", "nav", "noscript", "object"}
    | {"script", "style", "svg", "template", "video"}
)
_HIDDEN = "[hidden], [aria-hidden='true'], [style*='display:none'], [style*='display: none']"
_STATED = "meta[content], link[rel='canonical']"
_INLINE = frozenset(
    {"abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"}
    | {"font", "i", "img", "input", "ins", "kbd", "label", "mark", "nobr", "output", "picture", "q"}
    | {"rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup"}
    | {"time", "tt", "u", "var", "wbr"}
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STICKY: dict[str, Kind] = {"dt": "label", "dd": "value"}
_NAMES = frozenset({"dt", "dd", "li"}) | _HEADINGS.keys()
_LISTS = frozenset({"ul", "ol", "menu"})
_CELLS = frozenset({"td", "th"})

_AHEAD = 50_000
"""How far ahead in the source the words of a block are looked for."""

# The first letter is looked at first: nine tags in ten begin with another.
_FORMATTING = (
    r"(?=[bcefinstu])(?:b(?:ig)?|code|em|font|i|nobr|s(?:mall|trike|trong)?|tt|u)(?=[\s/>])"
)
# apart, so that what is put in their place is the same text each time, and no template
_OPENED, _CLOSED = (re.compile(f"{mark}{_FORMATTING}", re.IGNORECASE) for mark in ("<", "</"))


def without_formatting(text: str) -> str:
    """Return HTML with its formatting marks as spans.

    Unclosed ones make a parser copy them into every paragraph that follows, so that a page of
    30 kB can become a tree of a gigabyte. As spans they are ordinary elements.
    """
    return _CLOSED.sub("</span", _OPENED.sub("<span", text))


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """An HTML page that was parsed once, for its lines and for its elements.

    Attributes:
        text: The source as it came.
        source: What was parsed: `text` without its formatting marks.
        tree: Its elements.
    """

    text: str
    source: str
    tree: LexborHTMLParser

    @classmethod
    def parsed(cls, text: str) -> HtmlPage:
        """Return a page by its source, with ordinary line ends.

        Raises:
            ReadError: It has more elements than a page.
        """
        check_bounds(text)
        source = without_formatting(text)
        return cls(text, source, LexborHTMLParser(source))

    def outline(self, url: str = "") -> Outline:
        """Return its lines; see `html_outline`."""
        tree = self.tree
        meta = _meta(tree)
        base = url or meta.get("canonical", "")
        walk = _Walk(_Places(self.source), base, {node.mem_id for node in tree.css(_HIDDEN)})
        if tree.body is not None:
            walk.over(tree.body)
        title = tree.css_first("title")
        headings = (block.text for block in walk.blocks if block.kind == "heading")
        return Outline(
            blocks=tuple(walk.blocks),
            title=one_line(title.text()) if title else next(headings, ""),
            language=(tree.root.attributes.get("lang") if tree.root else "") or "",
            is_closed="</html>" in self.text[-2000:].casefold(),
            meta=meta,
        )

    def check_depth(self) -> None:
        """Refuse a page whose elements would take selectors too long; `outline` does so by itself.

        A selector may climb from every element to the top. Of few elements, however deep they lie,
        that is less than of many that lie as deep as those of a page may.

        Raises:
            ReadError: It has many elements and is nested more deeply than a page.
        """
        if self.source.count("<") <= FEW_TAGS:
            return
        above: list[LexborNode] = []
        node: LexborNode | None = self.tree.body
        while node is not None:
            if (below := node.child) is not None:
                above.append(node)
                if len(above) > MAX_DEPTH:
                    refuse_depth()
                node = below
                continue
            after = node.next
            while after is None and above:
                after = above.pop().next
            node = after


def html_outline(text: str, url: str = "") -> Outline:
    """Return the outline of an HTML page.

    Args:
        text: The source, with ordinary line ends.
        url: The page's address, to make its links absolute.

    Raises:
        ReadError: It has more elements or is nested more deeply than a page.
    """
    return HtmlPage.parsed(text).outline(url)


def _meta(tree: LexborHTMLParser) -> dict[str, str]:
    """Return what the page's `<meta>` elements state, by name, and its `canonical` address."""
    stated: dict[str, str] = {}
    canonical: str | None = None
    for node in tree.css(_STATED):
        attributes = node.attributes
        if node.tag == "link":
            canonical = canonical if canonical is not None else attributes.get("href") or ""
        elif name := attributes.get("name") or attributes.get("property"):
            stated.setdefault(name, one_line(attributes.get("content") or ""))
    return {**stated, "canonical": canonical} if canonical else stated


@dataclass(slots=True)
class _Places:
    """Finds in which line of the source a piece of text stands, going forwards only."""

    source: str
    at: int = 0
    line: int = 1

    def of(self, words: str) -> str:
        """Return the place of `words`; of the words before where they are not spelled out."""
        found = self.source.find(words, self.at, self.at + _AHEAD)
        if found >= 0:
            start = found + len(words) - len(words.lstrip())
            self.line += self.source.count("\n", self.at, start)
            self.at = start
        return f"line {self.line}"


@dataclass(slots=True)
class _Row:
    """The cells of a table row so far, and which of them are headers."""

    cells: list[list[Block]] = field(default_factory=list)
    is_header: list[bool] = field(default_factory=list)


class _Walk:
    """Walks over a tree in document order and writes down its blocks.

    Not recursive: the depth of a page is the page's choice and the stack is ours. Elements within
    a line (`_INLINE`) change nothing, so they stand on it without a name; but for links, all others
    end the line before them and the line within them.
    """

    def __init__(self, places: _Places, base: str, hidden: set[int]) -> None:
        self.blocks: list[Block] = []
        self._places = places
        self._base = base
        self._hidden = hidden
        self._open: list[tuple[LexborNode, str, Kind, int]] = []
        self._kind: Kind = "text"
        self._level = 0
        self._lists = 0
        self._rows: list[_Row] = []
        self._pieces: list[str] = []
        self._links: list[Link] = []
        self._href: str | None = None
        self._link_pieces: list[str] = []

    def over(self, top: LexborNode) -> None:
        """Walk over `top` and everything in it."""
        hidden, opened, pieces = self._hidden, self._open, self._pieces
        say = pieces.append
        node: LexborNode | None = top
        # a page has thousands of nodes: what is done for each stands here, in one loop
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                words = node.text_content or ""
                if not words.isspace():
                    (say if self._href is None else self._say_linked)(words)
                elif pieces:
                    say(" ")
            elif tag not in _DROPPED and not (hidden and node.mem_id in hidden):
                name = "" if tag in _INLINE else tag
                opened.append((node, name, self._kind, self._level))
                if name:
                    self._enter(name, node)
                if (below := node.child) is not None:
                    node = below
                    continue
                self._leave()
            after = node.next
            while after is None and opened:
                after = (self._leave() if opened[-1][1] else opened.pop()[0]).next
                if not opened:
                    return  # the node walked over has neighbours of its own; they are not asked for
            node = after

    def _say_linked(self, words: str) -> None:
        self._pieces.append(words)
        self._link_pieces.append(words)

    def _enter(self, tag: str, node: LexborNode) -> None:
        if tag == "a":
            self._start_link(node)
            return
        if tag == "br" and self._kind in ("heading", "label"):
            self._pieces.append(" ")
            return
        if self._pieces:
            self._flush()
        if len(self._open) > MAX_DEPTH:
            refuse_depth(f"line {self._places.line}")
        if tag in _NAMES:
            self._name(tag)
        elif tag in _LISTS:
            self._lists += 1
        elif tag == "tr":
            self._rows.append(_Row())
        elif tag in _CELLS and self._rows:
            self._rows[-1].cells.append([])
            self._rows[-1].is_header.append(tag == "th")

    def _name(self, tag: str) -> None:
        """Set what the words that follow are; a label and a value stay one whatever is in them."""
        if tag in _STICKY:
            self._kind, self._level = _STICKY[tag], 0
        elif self._kind not in _STICKY.values():
            is_item = tag == "li"
            self._kind = "item" if is_item else "heading"
            self._level = self._lists if is_item else _HEADINGS[tag]

    def _leave(self) -> LexborNode:
        """Close the innermost open element and return it."""
        node, tag, kind, level = self._open.pop()
        if tag == "a":
            self._end_link()
            self._href = None
        elif tag and tag != "br":
            if self._pieces:
                self._flush()
            self._kind, self._level = kind, level
            if tag in _LISTS:
                self._lists -= 1
            elif tag == "tr":
                self._end_row(self._rows.pop())
        return node

    def _start_link(self, node: LexborNode) -> None:
        attributes = node.attributes
        href = attributes.get("href")
        # made absolute once: a link that is never closed is one in every block that follows
        self._href = None if href is None else absolute(self._base, href)
        name = attributes.get("aria-label") or attributes.get("title")
        if self._href is not None and name and not node.text().strip():
            self._say_linked(name)  # an icon: its name stands for it

    def _end_link(self) -> None:
        if self._href is not None and (words := one_line("".join(self._link_pieces))):
            self._links.append(Link(words, self._href))
        self._link_pieces.clear()

    def _flush(self) -> None:
        """Write down the words since the last block as a block of their own."""
        if self._href is not None:
            self._end_link()
        pieces = self._pieces
        if text := one_line(pieces[0] if len(pieces) == 1 else "".join(pieces)):
            first = pieces[0]
            if first.isspace():
                first = next(piece for piece in pieces if not piece.isspace())
            links = tuple(self._links)
            block = Block(self._kind, text, self._places.of(first), self._level, links)
            self._target().append(block)
        pieces.clear()
        self._links.clear()

    def _target(self) -> list[Block]:
        if self._rows and self._rows[-1].cells:
            return self._rows[-1].cells[-1]
        return self.blocks

    def _end_row(self, row: _Row) -> None:
        inner = [block for cell in row.cells for block in cell]
        is_layout = any(block.kind in ("heading", "row", "label") for block in inner)
        if len(row.cells) <= 1 or is_layout:
            self._target().extend(inner)
            return
        texts = tuple(" ".join(block.text for block in cell) for cell in row.cells)
        if row.is_header == [True, False] and texts[0]:
            self._target().append(replace(row.cells[0][0], kind="label", text=texts[0]))
            self._target().extend(replace(block, kind="value") for block in row.cells[1])
        elif inner:
            links = tuple(link for block in inner for link in block.links)
            joined = " | ".join(texts)
            self._target().append(Block("row", joined, inner[0].place, 0, links, texts))
