"""The labelled fields of EMA's medicine pages, however the page or its copy lays them out.

HTML has labels and values, an older design table rows, and Markdown copies either bullets, or one
value a line, or several labels and values run on in one line. All become the same fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from watcher.core.facts import Fact, Value, in_order
from watcher.core.identity import is_atc_code, product_number
from watcher.core.text import fold, shorten
from watcher.readers.blocks import Block
from watcher.readers.dates import edtf
from watcher.readers.ema_page_labels import CAPTIONS, RUN_ON, Label, label_of

_RUN_ON = re.compile(rf"(?:^|(?<=\s))({'|'.join(map(re.escape, RUN_ON))})(?=\s|$)")
_SINGLE = frozenset({"number", "day", "whole", "outcome"})
_LEGAL_FORM = re.compile(
    r"\s(?:A/S|AB|AG|ApS|B\. ?V\.|BV|Corporation|Co\.|DAC|d\.d\.|d\.o\.o\.|E\.?E\.?I\.?G\.?|GmbH"
    r"|Inc\.?|Kft\.?|KG|LLC|Limited|Ltd\.?|N\. ?V\.|NV|Oyj?|plc|PLC|S\.A\.S\.|S\.A\.U?\.?|SAS|SA"
    r"|S\.L\.U?\.?|SL|S\.p\.A\.|S\.r\.l\.|SE|Sp\. z o\.o\.|UC|Unlimited Company)"
    r"(?: & Co\.? (?:KGaA|KG))?(?=,?\s)"
)


@dataclass(slots=True)
class Field:
    """One label and what stands behind it.

    Attributes:
        label: What the label announces; None: a label we do not know.
        words: The label as printed.
        place: Where it stands.
        values: Its lines.
    """

    label: Label | None
    words: str
    place: str
    values: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the value in one line."""
        return " ".join(value.text for value in self.values)

    def takes(self, block: Block) -> bool:
        """Return whether one more line can belong to it.

        A date or a number has but one, an ATC code may have a second; a flag has sentences that
        explain it, and a short line behind them is a label we do not know.
        """
        if self.label is None or not self.values:
            return True
        if self.label.form == "flag":
            return len(block.text) > 60 or block.text.endswith(".")
        if self.label.form == "atc":
            return is_atc_code(block.text)
        return self.label.form not in _SINGLE


def fields(blocks: Iterable[Block]) -> Iterator[Field]:
    """Yield the fields of a section in order, unknown labels too."""
    current: Field | None = None
    for found in _pieces(blocks):
        if isinstance(found, Field):
            if current:
                yield current
            current = found
        elif current is None or not current.takes(found):
            if current:
                yield current
            # A line where none belongs begins something we do not know.
            current = Field(None, found.text, found.place)
        else:
            current.values.append(found)
    if current:
        yield current


def _pieces(blocks: Iterable[Block]) -> Iterator[Field | Block]:
    """Yield the labels and the values of `blocks`, one by one."""
    for block in blocks:
        if block.kind == "label":
            yield Field(label_of(block.text), block.text, block.place)
        elif block.kind == "row" and len(block.cells) == 2:
            yield Field(label_of(block.cells[0]), block.cells[0], block.place)
            yield replace(block, kind="value", text=block.cells[1], cells=())
        elif block.kind == "text" and block.text not in CAPTIONS:
            yield from _of_text(block)
        elif block.kind in ("value", "item"):
            yield block


def _of_text(block: Block) -> Iterator[Field | Block]:
    if label := label_of(block.text):
        yield Field(label, block.text, block.place)
        return
    before, *rest = _RUN_ON.split(block.text)
    if before.strip():
        yield replace(block, text=before.strip())
    for words, value in zip(rest[::2], rest[1::2], strict=True):
        yield Field(label_of(words), words, block.place)
        if value.strip():
            yield replace(block, text=value.strip())


def value_of(found: Field) -> Value:
    """Return the canonical value of a field whose label is known; None: it is printed empty.

    An ATC code that is "Not yet assigned" is empty too.

    Raises:
        ValueError: The value is not what its label announces; the message says what was expected.
    """
    form = found.label.form if found.label else "text"
    if form == "flag":
        return True
    if not found.text:
        return None
    return _FORMS[form](found)


@lru_cache(maxsize=4096)
def _day(words: str) -> str:
    return edtf(words, order="day_first")


def _whole(words: str) -> int:
    if not (words.isascii() and words.isdigit() and len(words) < 7):
        message = f"expected a whole number, found {shorten(words)!r}"
        raise ValueError(message)
    return int(words)


def _outcome(words: str) -> str:
    if fold(words) not in {"positive", "negative"}:
        message = f"expected Positive or Negative, found {shorten(words)!r}"
        raise ValueError(message)
    return words.capitalize()


def _number(words: str) -> str:
    number = product_number(words)
    if number is None:
        message = f"expected an EMA product number, found {shorten(words)!r}"
        raise ValueError(message)
    return number


def _atc(codes: list[Block]) -> str | None:
    """Return the code; a medicine of two kinds has two: `A10AB04; A10AD04`."""
    if fold(codes[0].text) == "not yet assigned":
        return None
    for code in codes:
        if not is_atc_code(code.text):
            message = f"expected an ATC code, found {shorten(code.text)!r}"
            raise ValueError(message)
    return "; ".join(sorted({code.text for code in codes}))


def _organisation(lines: list[Block]) -> Value:
    """Return `{"name", "text"}` of an organisation from the lines it is printed in.

    The first line is the name. Where name and address were run together in it, the name ends with
    its legal form.
    """
    first = lines[0]
    texts = [piece for line in lines for piece in (line.cells or (line.text,))]
    name = texts[0]
    match = _LEGAL_FORM.search(name)
    if match and (first.cells or (len(texts) == 1 and any(map(str.isdigit, name[match.end() :])))):
        rest = name[match.end() :].strip(" ,")
        name = name[: match.end()]
        texts[:1] = [name, rest]
    return {"name": name, "text": ", ".join(texts)}


_FORMS: dict[str, Callable[[Field], Value]] = {
    "text": lambda found: found.text,
    "names": lambda found: in_order(value.text for value in found.values),
    "day": lambda found: _day(found.text),
    "whole": lambda found: _whole(found.text),
    "outcome": lambda found: _outcome(found.text),
    "number": lambda found: _number(found.text),
    "atc": lambda found: _atc(found.values),
    "organisation": lambda found: _organisation(found.values),
}


def fact_of(found: Field, value: Value) -> Fact:
    """Return the fact of a field whose label is known, with the words it was read from."""
    path = found.label.path if found.label else ""
    is_flag = found.label is not None and found.label.form == "flag"
    quote = found.words if is_flag else shorten(f"{found.words} {found.text}", 500)
    return Fact(path, value, quote, found.place)
