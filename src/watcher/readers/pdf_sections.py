"""Product information taken apart: the numbered sections of the summary, and the other annexes.

EMA's product information follows one template (QRD): Annex I, the summary of product
characteristics with sections 1 to 12; Annex II; Annex III with labelling and package leaflet, whose
own numbering is another one. A heading is a line that begins with the section's number and its
title. What only looks like one is told apart by the order: of all such lines the longest rising
series counts, so that neither a table of contents nor a line that refers to a section does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from watcher.core.text import fold, squash, tidy
from watcher.readers.pdf_pages import Page

TITLES: Final = {
    "1": "name of the medicinal product",
    "2": "qualitative and quantitative composition",
    "3": "pharmaceutical form",
    "4": "clinical particulars",
    "4.1": "therapeutic indications",
    "4.2": "posology and method of administration",
    "4.3": "contraindications",
    "4.4": "special warnings and precautions for use",
    "4.5": "interaction with other medicinal products and other forms of interaction",
    "4.6": "fertility, pregnancy and lactation",
    "4.7": "effects on ability to drive and use machines",
    "4.8": "undesirable effects",
    "4.9": "overdose",
    "5": "pharmacological properties",
    "5.1": "pharmacodynamic properties",
    "5.2": "pharmacokinetic properties",
    "5.3": "preclinical safety data",
    "6": "pharmaceutical particulars",
    "6.1": "list of excipients",
    "6.2": "incompatibilities",
    "6.3": "shelf life",
    "6.4": "special precautions for storage",
    "6.5": "nature and contents of container",
    "6.6": "special precautions for disposal and other handling",
    "7": "marketing authorisation holder",
    "8": "marketing authorisation numbers",
    "9": "date of first authorisation/renewal of the authorisation",
    "10": "date of revision of the text",
    "11": "dosimetry",
    "12": "instructions for preparation of radiopharmaceuticals",
}
"""The sections of the summary of product characteristics in their order."""

_ORDER: Final = {number: at for at, number in enumerate(TITLES)}
_FORMER_TITLES: Final = {"4.6": ("pregnancy",), "6.6": ("instructions for use",)}
_ALWAYS_THERE: Final = frozenset({"1", "4.1", "4.2", "4.3", "4.4", "5.1", "6.1"})
_LEAST_SECTIONS: Final = 5
"""Fewer sections with a text are a table of contents or something else altogether."""
_LONGEST_TITLE: Final = 120

_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d)?)\.?(?:\s+(\S.*))?")
_PAGE_NUMBER = re.compile(r"(?:page )?[-–]?\s?\d{1,4}\s?[-–]?(?:(?:/| of )\d{1,4})?", re.IGNORECASE)
_REFERS = re.compile(r"\b(?:sections?|see|and|or|to|in)$", re.IGNORECASE)
_PART = re.compile(
    r"(?P<summary>ANNEX I|SUMMARY OF PRODUCT CHARACTERISTICS)|(?P<annex_ii>ANNEX II)|"
    r"(?P<labelling>ANNEX III|A\. LABELLING|PARTICULARS TO APPEAR ON .{1,80})|"
    r"(?P<package_leaflet>B\. PACKAGE LEAFLET|Package leaflet: Information for the .{1,40})|"
    r"(?P<annex_iv>ANNEX IV)"
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011]\s*(?=[^\W\d_])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of product information.

    Attributes:
        key: `4.1`; `4.1#2` in the second summary of a file with several; or `annex_ii`,
            `labelling`, `package_leaflet`, `annex_iv`.
        title: Its title as printed.
        text: Its lines below the title.
        page: The page its title stands on.
    """

    key: str
    title: str
    text: str
    page: int


def same_text(text: str) -> str:
    """Return what a text keeps however its lines are broken.

    White space does not count, nor do hyphens between letters, which may be those of a broken line;
    every other mark does: `0.5 mg` is not `5 mg`.
    """
    return "".join(_HYPHEN.sub("", tidy(text)).split())


def sections(pages: Sequence[Page]) -> list[Section]:
    """Return the sections of product information; none where the pages are no such thing."""
    parts: dict[str, list[Line]] = {}
    key = "summary"
    for line in lines(pages):
        if match := _PART.fullmatch(line.text):
            key = str(match.lastgroup)
        parts.setdefault(key, []).append(line)
    summaries = _summaries(parts.pop("summary", []))
    if not summaries:
        return []
    found = [_numbered(section, run) for run, each in enumerate(summaries, 1) for section in each]
    others = (_section(key, body[0].text, body[0], body[1:]) for key, body in parts.items())
    return [section for section in (*found, *others) if section.text]


@dataclass(frozen=True, slots=True)
class Line:
    """A line and the page it stands on."""

    text: str
    page: int


def lines(pages: Sequence[Page]) -> Iterator[Line]:
    """Yield the lines that say something, without the numbers of the pages."""
    for page in pages:
        printed = [line for raw in page.text.split("\n") if (line := tidy(raw))]
        for end in (-1, 0):
            if printed and _PAGE_NUMBER.fullmatch(printed[end]):
                del printed[end]
        yield from (Line(line, page.number) for line in printed)


def _section(key: str, title: str, top: Line, body: Sequence[Line]) -> Section:
    return Section(key=key, title=title, text="\n".join(line.text for line in body), page=top.page)


def _numbered(section: Section, run: int) -> Section:
    return section if run == 1 else replace(section, key=f"{section.key}#{run}")


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line that may be a heading, and the line after it, where its text begins."""

    at: int
    end: int
    number: str
    title: str


def _summaries(body: Sequence[Line]) -> list[list[Section]]:
    """Return the sections of each summary; a file has one for each strength or form."""
    listed = [heading for at in range(len(body)) if (heading := _heading(body, at))]
    known = [heading for heading in listed if _is_known(heading)]
    is_english = any(heading.number == "1" for heading in known)
    starts: list[list[_Heading]] = []
    for heading in known if is_english else listed:
        if heading.number == "1":
            starts.append([])
        if starts:
            starts[-1].append(heading)
    ends = [*(run[0].at for run in starts), len(body)]
    read = (_read_run(body, _rising(run), end) for run, end in zip(starts, ends[1:], strict=True))
    return [found for found in read if _is_summary(found, is_english=is_english)]


def _is_summary(found: Sequence[Section], *, is_english: bool) -> bool:
    with_text = {section.key for section in found if section.text}
    if is_english:
        return len(with_text) >= _LEAST_SECTIONS
    return with_text >= _ALWAYS_THERE


def _heading(body: Sequence[Line], at: int) -> _Heading | None:
    """Return the heading that begins at a line, or None where it cannot be one."""
    match = _NUMBERED.fullmatch(body[at].text)
    if match is None or match[1] not in _ORDER or (at and _REFERS.search(body[at - 1].text)):
        return None
    number, title, end = match[1], match[2] or "", at + 1
    full = squash(TITLES[number])
    while end < len(body) and end - at < 4 and _goes_on(full, title, body[end].text):
        title = f"{title} {body[end].text}".strip()
        end += 1
    is_title = title[:1].isupper() and len(title) <= _LONGEST_TITLE
    if not is_title or title[-1] in ".,;:" or title[-1].isdigit():
        return None  # a sentence, or a line of a table of contents with its page
    return _Heading(at, end, number, title) if title.count("(") == title.count(")") else None


def _goes_on(full: str, title: str, following: str) -> bool:
    """Return whether the title goes on in the next line: it stands alone, or is the first half."""
    if not title:
        return True
    joined = squash(title + following)
    return full.startswith(squash(title)) and full != squash(title) and full.startswith(joined)


def _is_known(heading: _Heading) -> bool:
    """Return whether the title is the English one of its number, in its present or former words."""
    printed = fold(heading.title)
    stem = " ".join(TITLES[heading.number].split()[:2])
    return printed.startswith((stem, *_FORMER_TITLES.get(heading.number, ())))


def _rising(run: Sequence[_Heading]) -> list[_Heading]:
    """Return the longest series of headings whose numbers rise; of equal ones the later counts."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, heading in enumerate(run):
        length = bisect_left(tails, _ORDER[heading.number])
        before.append(ends[length - 1] if length else -1)
        tails[length:] = [_ORDER[heading.number], *tails[length + 1 :]]
        ends[length:] = [index, *ends[length + 1 :]]
    chain: list[_Heading] = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(run[index])
        index = before[index]
    return chain[::-1]


def _read_run(body: Sequence[Line], chain: Sequence[_Heading], end: int) -> list[Section]:
    bounds = [heading.at for heading in chain[1:]] + [end]
    return [
        _section(heading.number, heading.title, body[heading.at], body[heading.end : until])
        for heading, until in zip(chain, bounds, strict=True)
    ]
