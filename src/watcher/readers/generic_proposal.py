"""A first entry for a page nobody has described yet: the options its own labels and lists suggest.

A proposal is for a person to prune. What it proposes reads the page it was made from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, get_args

from watcher.core.text import fold, without_accents
from watcher.errors import ReadError
from watcher.readers.blocks import Block, Outline
from watcher.readers.dates import Order, edtf
from watcher.readers.generic import column_names, generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.outline import outline
from watcher.readers.reader import Payload

MOST_FACTS: Final = 40
MOST_LISTS: Final = 10
LEAST_THINGS: Final = 3
"""Fewer items below a heading are hardly a list."""

_LONGEST_LABEL: Final = 60
_LONGEST_VALUE: Final = 500
_MOST_TRIED: Final = 30
"""Trying a list reads the page anew; a page of a thousand headings is not tried in full."""

Entry = dict[str, Any]
"""A part of `options:`, of plain values, as YAML writes them."""


def propose(payload: Payload) -> Entry:
    """Return options that read what stands on the page: its labels, and lists below its headings.

    The entry goes below `options:` of a source with the reader `generic`; `GenericOptions.decode`
    takes it as it is. A page with nothing of the kind gives an empty entry, with which the reader
    reads every label there may ever be.

    Raises:
        ReadError: The page is larger or deeper than a page.
    """
    page = outline(payload)
    facts = list(islice(_facts(page), MOST_FACTS))
    lists = list(islice(_lists(page, payload), MOST_LISTS))
    proposed: Entry = {}
    if facts:
        proposed["facts"] = facts
    if lists:
        proposed["lists"] = _with_own_paths(lists)
    return proposed


def _facts(page: Outline) -> Iterator[Entry]:
    """Yield a rule for each label that stands on the page once, with the kind its value has."""
    pairs = [(label.text.rstrip(": "), values) for label, values in page.pairs()]
    counts = Counter(fold(label) for label, _ in pairs)
    paths: set[str] = set()
    for number, (label, values) in enumerate(pairs, 1):
        text = values[0].text if len(values) == 1 else ""
        is_usable = 0 < len(label) <= _LONGEST_LABEL and 0 < len(text) <= _LONGEST_VALUE
        if not is_usable or counts[fold(label)] > 1:
            continue
        path = f"stated.{_name(label) or f'label_{number}'}"
        if path not in paths:
            paths.add(path)
            yield {"path": path, "label": label, **_kind(text)}


def _kind(text: str) -> Entry:
    """Return the kind of a value; one that could be two is a text."""
    if fold(text) in {"yes", "no"}:
        return {"kind": "flag"}
    if re.fullmatch(r"[0-9]{1,9}", text):
        return {"kind": "number"}
    orders = [order for order in get_args(Order) if _is_date(text, order)]
    if "unstated" in orders:
        return {"kind": "date"}
    if len(orders) == 1:
        return {"kind": "date", "order": orders[0]}
    return {"kind": "list"} if "; " in text else {}


def _is_date(text: str, order: Order) -> bool:
    try:
        return bool(edtf(text, order=order))
    except ValueError:
        return False


def _lists(page: Outline, payload: Payload) -> Iterator[Entry]:
    """Yield a rule for each heading with several items or rows below it that its rule can read."""
    counts = Counter(fold(heading.text) for heading in page.headings())
    tried = 0
    for at, heading in enumerate(page.blocks):
        if heading.kind != "heading" or counts[fold(heading.text)] > 1 or tried >= _MOST_TRIED:
            continue
        things = _things(page.blocks[at + 1 :])
        for key in _keys(things):
            tried += 1
            least = max(1, len(things) // 2)
            entry = {"path": "item", "below": heading.text, "key": key, "least": least}
            if _reads(payload, entry):
                yield entry
                break


def _things(blocks: Sequence[Block]) -> list[Block]:
    """Return the items, or else the rows, before the next heading."""
    end = next((at for at, block in enumerate(blocks) if block.kind == "heading"), len(blocks))
    items = [block for block in blocks[:end] if block.kind == "item"]
    return items or [block for block in blocks[:end] if block.kind == "row"]


def _keys(things: Sequence[Block]) -> list[str]:
    """Return what may tell the things of a list apart; nothing where they are too few."""
    if len(things) < LEAST_THINGS:
        return []
    if things[0].kind == "row":
        return column_names(things[0])[:2]
    return ["url", "title"] if all(len(thing.links) == 1 for thing in things) else ["title"]


def _reads(payload: Payload, entry: Entry) -> bool:
    """Return whether a proposed list reads its page, having tried."""
    options = GenericOptions.decode({"lists": [entry]})
    try:
        generic_reader(options).read(payload)
    except ReadError:
        return False
    return True


def _with_own_paths(lists: list[Entry]) -> list[Entry]:
    """Return the lists, each under a path of its own: the words of its heading, where they do."""
    taken: set[str] = set()
    for entry in lists:
        name = re.sub(r"[0-9]", "", _name(entry["below"])).strip("_")[:40] or entry["path"]
        while name in taken:
            name += "_"
        taken.add(name)
        entry["path"] = name
    return lists


def _name(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", without_accents(words)).strip("_")[:40]
