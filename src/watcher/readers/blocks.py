"""The lines an outline is made of: headings, text, items, labels with their values, table rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin, urlsplit

from watcher.core.text import fold, tidy

Kind = Literal["heading", "text", "item", "label", "value", "row"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link as printed.

    Attributes:
        text: Its words.
        url: Its address: absolute where the page's own address is known, else as printed.
    """

    text: str
    url: str


# not frozen, though nobody changes one: a page has hundreds, and to make a frozen one takes eight
# times as long
@dataclass(slots=True, unsafe_hash=True)
class Block:
    """One line of an outline.

    Attributes:
        kind: `label` and `value` come from dt/dd, from th/td and from bullets with bold labels;
            one label may have several values. `row` is a row of any other table.
        text: The words, tidied; a row's cells joined by " | ".
        place: Where it stands in the source text: `line 29`.
        level: A heading's level 1-6, or how deep an item is nested, from 1.
        links: The links within, in order.
        cells: The cells of a row; of a value, the lines its source ran together, if it did.
    """

    kind: Kind
    text: str
    place: str
    level: int = 0
    links: tuple[Link, ...] = ()
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """A page, or a section of one, in order.

    Attributes:
        blocks: The lines.
        title: The page's `<title>`, or its first heading where it has none.
        language: The language code the page states, or empty.
        is_closed: Whether HTML ended with `</html>`; always true for text and Markdown.
        meta: What the page states about itself: `<meta>` names or the front matter's keys, and its
            `canonical` address.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    language: str = ""
    is_closed: bool = True
    meta: Mapping[str, str] = field(default_factory=dict)

    def find(self, *headings: str) -> Outline | None:
        """Return the section below the first heading that reads like one of `headings`.

        It ends before the next heading of the same or a higher level; None: no such heading.
        """
        wanted = {fold(heading) for heading in headings}
        for at, block in enumerate(self.blocks):
            if block.kind == "heading" and fold(block.text) in wanted:
                return self._section(at)
        return None

    def sections(self, level: int) -> Iterator[Outline]:
        """Yield the section below each heading of `level`; its heading is the section's title."""
        for at, block in enumerate(self.blocks):
            if block.kind == "heading" and block.level == level:
                yield self._section(at)

    def headings(self) -> tuple[Block, ...]:
        """Return the headings in order."""
        return tuple(block for block in self.blocks if block.kind == "heading")

    def links(self) -> Iterator[Link]:
        """Yield every link in order."""
        for block in self.blocks:
            yield from block.links

    def pairs(self) -> Iterator[tuple[Block, tuple[Block, ...]]]:
        """Yield each label with its values; a row of two cells counts as a label and a value."""
        label: Block | None = None
        values: list[Block] = []
        for block in self.blocks:
            if block.kind == "value":
                values.append(block)
                continue
            if label is not None:
                yield label, tuple(values)
            label, values = (block if block.kind == "label" else None), []
            if block.kind == "row" and len(block.cells) == 2:
                name, value = (replace(block, text=text, cells=()) for text in block.cells)
                yield replace(name, kind="label", links=()), (replace(value, kind="value"),)
        if label is not None:
            yield label, tuple(values)

    def text(self) -> str:
        """Return the words, one block a line."""
        return "\n".join(block.text for block in self.blocks)

    def _section(self, at: int) -> Outline:
        top = self.blocks[at]
        end = at + 1
        while end < len(self.blocks):
            block = self.blocks[end]
            if block.kind == "heading" and block.level <= top.level:
                break
            end += 1
        return replace(self, blocks=self.blocks[at + 1 : end], title=top.text)


def one_line(text: str) -> str:
    """Return `text` as `core.text.tidy` does, sooner where there is little to do.

    Nine lines in ten are plain ASCII, where only white space can change.
    """
    return " ".join(text.split()) if text.isascii() and text.isprintable() else tidy(text)


_LONGEST_ADDRESS = 4_000
_PLAIN_PATH = re.compile(r"(?:/[\w%~,()+-][\w%~,()+.-]*)+")
_PLAIN_ADDRESS = re.compile(rf"https?://[a-z\d.-]+{_PLAIN_PATH.pattern}")


def absolute(base: str, href: str) -> str:
    """Return where `href` leads from a page at `base`; as printed where that cannot be said."""
    href = href.strip()
    if href.startswith("https://") or len(base) + len(href) > _LONGEST_ADDRESS:
        return href  # no server answers to more, and joining it thousands of times takes minutes
    try:
        if href.startswith("/") and href[1:2] != "/" and "/." not in href:
            return f"{_origin(base)}{href}"
        return urljoin(base, href)
    except ValueError:  # such as an unfinished IPv6 address
        return href


def joined(base: str, address: str) -> str:
    """Return what `urljoin` does, in a tenth of its time for what is plain: most addresses are.

    Raises:
        ValueError: It cannot be said, as of an unfinished IPv6 address.
    """
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    if base.startswith(("https://", "http://")) and _PLAIN_PATH.fullmatch(address):
        return f"{_origin(base)}{address}"
    return urljoin(base, address)


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    """Return scheme and host of an address: what a link from the root is resolved against."""
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
