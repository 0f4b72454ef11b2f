"""Running text taken apart into sentences, each with the place it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.readers.blocks import Block

_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?i:al|approx|ca|cf|co|corp|dr|e\.g|fig|i\.e|inc|ltd|mr|ms|no|prof|resp|st|vs)|\b[A-Z])\.$"
)
_LONGEST_ABBREVIATION = 12
_LONGEST = 3_000
_NOTE_MARK = re.compile(r"\s*\[(?:\d{1,3}|[a-z]|note \d{1,2}|citation needed|edit)\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it stands: `line 29`."""

    text: str
    place: str


def sentences(blocks: Iterable[Block]) -> Iterator[Sentence]:
    """Yield the sentences of `blocks` in order, the marks of footnotes left out.

    What is longer than any sentence is none: patterns are for prose, and their time is bounded.
    """
    for block in blocks:
        for text in split_sentences(_NOTE_MARK.sub("", block.text)):
            if len(text) <= _LONGEST:
                yield Sentence(text, block.place)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of `text`; an abbreviation such as `vs.` ends none."""
    found: list[str] = []
    start = 0
    for gap in _END.finditer(text):
        last_word = text[max(start, gap.start() - _LONGEST_ABBREVIATION) : gap.start()]
        if not _ABBREVIATION.search(last_word):
            found.append(text[start : gap.end()].strip())
            start = gap.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found
