"""Dates as sources print them, turned into EDTF and never made more precise than they are.

Which language the months are in and whether the day or the month comes first is a property of the
source, so the reader states it; it is not guessed, since `03/04/2018` is a good date either way.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo

from watcher.core.edtf import Edtf, checked
from watcher.core.text import fold, shorten

Order = Literal["unstated", "day_first", "month_first"]
Language = Literal["en", "de", "it", "fr", "es", "ja"]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
"""Where EMA's clocks stand, whatever letter follows its times."""

_YEARS = range(1850, 2200)

_FULL: dict[str, str] = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
}
_SHORT: dict[str, str] = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "de": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
}
_OTHER: dict[str, dict[str, int]] = {
    "en": {"sept": 9},
    "de": {"jänner": 1, "jän": 1, "feber": 2, "mrz": 3, "sept": 9},
    "it": {"sett": 9},
    "fr": {"fevrier": 2, "fév": 2, "aout": 8, "decembre": 12},
    "es": {"setiembre": 9, "sept": 9, "set": 9},
}


def _months(language: str) -> dict[str, int]:
    """Return the number of every month's names in `language`."""
    listed = chain(enumerate(_FULL[language].split(), 1), enumerate(_SHORT[language].split(), 1))
    return {name: number for number, name in listed} | _OTHER[language]


_MONTHS = {language: _months(language) for language in _FULL}

_DAY_FIRST = re.compile(r"([0-3][0-9])/([01][0-9])/([0-9]{4})")
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})")
_JAPANESE = re.compile(r"(\d{4})年(?:\s*(\d{1,2})月(?:\s*(\d{1,2})日)?)?")
_NUMERIC = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{2,4})")
_DAY_MONTH = re.compile(
    r"(?:(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?\s+(?:de\s+)?)?([^\W\d_]+)\.?,?\s+(?:del?\s+)?(\d{4})"
)
_MONTH_DAY = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def edtf(text: str, *, language: Language = "en", order: Order = "unstated") -> str:
    """Return the date that `text` writes, as EDTF and as precise as it stands there.

    `13 December 2024` is `2024-12-13`, `December 2024` is `2024-12`, `2023` is `2023`.

    Args:
        text: The date and nothing else.
        language: The language of month names.
        order: Which number comes first in dates such as `03/04/2018`.

    Raises:
        ValueError: It is no date in that language, the day does not exist, the year has two
            digits, or the numbers are in an order that was not stated.
    """
    if order == "day_first" and (match := _DAY_FIRST.fullmatch(text)):
        return _date(
            text, match[3], match[2], match[1]
        )  # as most dates are written: no need to ask
    words = fold(text)
    if match := _ISO.fullmatch(words) or _COMPACT.fullmatch(words) or _YEAR_FIRST.fullmatch(words):
        return _date(text, *match.groups())
    if match := _JAPANESE.fullmatch(words):
        return _date(text, *match.groups())
    if match := _NUMERIC.fullmatch(words):
        return _numeric(text, match[1], match[3], match[4], order)
    if match := _DAY_MONTH.fullmatch(words):
        return _date(text, match[3], _month(text, match[2], language), match[1])
    if match := _MONTH_DAY.fullmatch(words):
        return _date(text, match[3], _month(text, match[1], language), match[2])
    raise _no_date(text, "a date in a form we know")


@lru_cache(maxsize=8192)
def remembered_edtf(text: str, language: Language = "en", order: Order = "unstated") -> str:
    """Return what `edtf` does: the pages of a site print the same days again and again."""
    return edtf(text, language=language, order=order)


def edtf_or_nothing(text: str) -> str:
    """Return the date that English prose writes, as EDTF; empty where there is no such day."""
    try:
        return edtf(text)
    except ValueError:
        return ""


def source_day(text: str) -> str:
    """Return the day of a timestamp as its source's own calendar has it.

    EMA writes Amsterdam time and ends it with "Z": `2018-03-23T00:00:00Z` is 23 March there and
    would be 22 March for whoever took the letter at its word and went west.

    Raises:
        ValueError: It is no ISO 8601 timestamp.
    """
    return str(Edtf.of(_moment(text).date()))


def amsterdam_instant(text: str) -> str:
    """Return the instant of a timestamp in Amsterdam time that ends with "Z", in UTC.

    Raises:
        ValueError: It is no ISO 8601 timestamp.
    """
    local = _moment(text).replace(tzinfo=AMSTERDAM)
    return local.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def excel_day(moment: datetime) -> str:
    """Return the day a cell of EMA's spreadsheets means.

    Before 2024 its cells held midnight in Amsterdam as UTC, so 23 March 2018 stands there as
    2018-03-22 23:00, and in summer as 22:00; later ones hold plain midnight.
    """
    day = moment.replace(tzinfo=UTC).astimezone(AMSTERDAM).date()
    return str(Edtf.of(day))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.strip())


def _numeric(text: str, first: str, second: str, year: str, order: Order) -> str:
    if order == "unstated":
        raise _no_date(text, "a date whose order of day and month is known")
    day, month = (first, second) if order == "day_first" else (second, first)
    return _date(text, year, month, day)


def _month(text: str, name: str, language: Language) -> str:
    number = _MONTHS.get(language, {}).get(name)
    if number is None:
        raise _no_date(text, f"a month's name ({language})")
    return str(number)


def _date(text: str, year: str, month: str | None = None, day: str | None = None) -> str:
    if len(year) != 4 or int(year) not in _YEARS:
        raise _no_date(text, "a year of four digits")
    written = f"{int(year):04d}"
    for part in (month, day):
        if part is not None:
            written = f"{written}-{int(part):02d}"
    return checked(written)


def _no_date(text: str, expected: str) -> ValueError:
    return ValueError(f"expected {expected}, found {shorten(text)!r}")
