"""Words of the trade: ATC codes, names of products, patterns of event types."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watcher.config.document import Node
from watcher.config.inspection import Inspection
from watcher.config.kinds import Choice, Schema, Text
from watcher.core.identity import is_atc_code, product_number
from watcher.core.taxonomy import TYPES

_FAMILIES = dict.fromkeys(f"{kind.family}.*" for kind in TYPES.values())
EVENTS: Choice[str] = Choice(
    {pattern: pattern for pattern in sorted([*_FAMILIES, *TYPES])},
    what="an event type such as document.added, or a family such as authorisation.*",
)
"""A type of the taxonomy, or a family of them with `.*`."""


@dataclass(frozen=True, slots=True)
class AtcCode:
    """An ATC or ATCvet code of any level: L, L04, L04A, L04AX, L04AX08."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the code in capitals."""
        what = "an ATC code of any level, such as L04 or L04AX08"
        text = Text(what=what).read(node, on)
        if text is not None and not is_atc_code(text.upper()):
            on.expected(node, what)
            return None
        return text and text.upper()

    def schema(self) -> Schema:
        """Return a string."""
        return {"type": "string", "pattern": "^[A-Za-z0-9]{1,8}$"}


@dataclass(frozen=True, slots=True)
class ProductName:
    """A name of a product, or a number of one that is whole."""

    def read(self, node: Node, on: Inspection) -> str | None:
        """Return the name or number."""
        text = Text(what="a product's name or number").read(node, on)
        is_number = text is not None and re.match(r"EMEA\b", text, re.IGNORECASE)
        if text is None or not is_number or product_number(text):
            return text
        on.expected(node, "a product number such as EMEA/H/C/004258")
        return None

    def schema(self) -> Schema:
        """Return a string."""
        return Text().schema()
