"""What the cells of EMA's tables mean: texts, lists, dates, flags and organisations.

A cell that is empty is not here at all; a cell that does not say what its column says raises
`ValueError` with what was expected, since a table must be read in full or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from watcher.core.facts import Value, in_order
from watcher.core.identity import product_number
from watcher.core.text import squash, tidy
from watcher.readers.characters import unescape
from watcher.readers.dates import edtf, source_day


class Stamp(NamedTuple):
    """A date cell of a workbook: what stands in it and the day it means, as EDTF."""

    printed: date
    day: str


Cell: TypeAlias = "str | Stamp | Mapping[str, str]"
"""What stands in one cell: tidy text as `of_text` makes it, a date, or a list of translations."""


def of_text(words: str) -> str:
    """Return the text of a cell, verbatim but for white space."""
    # Nine cells in ten are plain ASCII, where `tidy` can only change white space.
    return " ".join(words.split()) if words.isascii() and words.isprintable() else tidy(words)


def printed(cell: Cell) -> str:
    """Return the cell's words as printed; a list of translations prints none."""
    if isinstance(cell, str):
        return cell
    return str(cell.printed) if isinstance(cell, Stamp) else ""


def of_number(number: float) -> str:
    """Return a number as a cell's text: a workbook keeps revision 21 as 21.0."""
    return str(int(number)) if number.is_integer() else str(number)


def text(cell: Cell) -> str:
    """Return the cell's text with HTML entities undone and without the commas of empty lines.

    Until 2019 EMA joined the lines of a cell by ", ", the empty ones too: `, ,   02/07/2018, , `.
    """
    words = printed(cell)
    if "&" in words:
        words = tidy(unescape(words))
    return words.strip(" ,")


def one_of(*words: str, also: Mapping[str, str] | None = None) -> Callable[[Cell], Value]:
    """Return a reader of cells that hold one of `words`; `also` maps other spellings to them."""
    known = {squash(word): word for word in words}
    known |= {squash(spelling): word for spelling, word in (also or {}).items()}

    def read(cell: Cell) -> Value:
        word = known.get(squash(text(cell)))
        if word is None:
            message = " or ".join(repr(word) for word in words)
            raise ValueError(message)
        return word

    return read


_FLAGS = {"yes": True, "no": False, "sì": True, "si": True}


def flag(cell: Cell) -> Value:
    """Return whether the cell says Yes; an Italian "Sì" has been seen."""
    answer = _FLAGS.get(text(cell).casefold())
    if answer is None:
        message = "'Yes' or 'No'"
        raise ValueError(message)
    return answer


def whole_number(cell: Cell) -> Value:
    """Return the cell's whole number: `21` and `01`."""
    words = text(cell)
    if not words.isascii() or not words.isdigit() or len(words) > 9:
        message = "a whole number"
        raise ValueError(message)
    return int(words)


def day(cell: Cell) -> Value:
    """Return the cell's date as EDTF: `23/03/2018`, a workbook's date or `2018-03-23T10:00:00Z`.

    The day comes first, always: 03/04/2018 is 3 April.
    """
    if isinstance(cell, Stamp):
        return cell.day
    try:
        return _day(text(cell))
    except ValueError as error:
        message = "a date as dd/mm/yyyy"
        raise ValueError(message) from error


@lru_cache(maxsize=16_384)  # a table prints the same few thousand days again and again
def _day(words: str) -> str:
    return source_day(words) if "T" in words[:11] else edtf(words, order="day_first")


def names(cell: Cell) -> Value:
    """Return the names that the cell separates by semicolons, in one order."""
    return in_order(_parts(text(cell), ";"))


_NO_LIST = re.compile(
    r"[\d:/]|\b(?:adjuvanted|adsorbed|and|anhydrous|antigens?|attenuated|conjugate|culture|human|"
    r"inactivated|isotope|liposomal|live|micronised|mixture|newborn|oral|pegylated|recombinant|"
    r"semen|serotypes?|strains?|swine|toxoid|vaccine|viral|virion|virus|hemiheptahydrate)\b",
    re.IGNORECASE,
)


def names_by_comma(cell: Cell) -> Value:
    """Return the names of a cell from before the end of 2023, when EMA separated them by commas.

    A comma also belongs to names ("insulin, human", "rotavirus vaccine, live"). Where the cell
    holds a word that is part of such a name, it stays in one piece: a name we could not part is
    better than two that do not exist.
    """
    words = text(cell)
    parts = _parts(words, ",")
    if ";" in words or _NO_LIST.search(words) or not all(map(_is_whole, parts)):
        return names(cell)
    return in_order(parts)


def _parts(words: str, separator: str) -> list[str]:
    return [part.strip() for part in words.split(separator) if part.strip()]


def _is_whole(part: str) -> bool:
    return part.count("(") == part.count(")")


def joined(cell: Cell) -> Value:
    """Return what the cell separates by semicolons as one text in one order: `A10; A10B`."""
    parts = in_order(_parts(text(cell), ";"))
    return "; ".join(map(str, parts))


def codes(cell: Cell) -> Value:
    """Return the ATC codes of the cell as one text, in one order: `A10AB01; A10AC01`."""
    return "; ".join(map(str, in_order(_parts(text(cell).replace(",", ";"), ";"))))


def organisation(cell: Cell) -> Value:
    """Return the organisation the cell names, in the shape of a holder without an address."""
    name = text(cell)
    return {"name": name, "text": name}


def number_of_product(cell: Cell) -> Value:
    """Return the product number in its one form; a damaged one stays as printed."""
    words = text(cell)
    return product_number(words) or words


def numbers_of_products(cell: Cell) -> Value:
    """Return the product numbers of the cell in their one form, in one order."""
    return in_order(product_number(part) or part for part in _parts(text(cell), ";"))
